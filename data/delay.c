#include "config.h"

#include "data/delay.h"

#include "base/moments.h"

static const struct {
    int64_t within_ms;
    double urgency;
} deadlines[] = {{5 * 60000, 3}, {30 * 60000, 2}, {120 * 60000, 1}};

static const struct {
    int64_t from_ms;
    double points;
} ages[] = {{86400000, 2}, {3600000, 1.5}, {600000, 1}};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static double urgency(const struct proposal *p, int64_t now_ms)
{
    int64_t left = proposal_deadline(p);

    if (left == MOMENT_NEVER || left <= now_ms)
        return 0;
    left -= now_ms;
    for (size_t i = 0; i < COUNT(deadlines); i++)
        if (left <= deadlines[i].within_ms)
            return deadlines[i].urgency;
    return 0;
}

double delay_cost(const struct proposal *p, int64_t now_ms)
{
    double blocked = p->blocked > 8 ? 8 : p->blocked, age = 0;

    if (!proposal_open(p))
        return 0;
    for (size_t i = COUNT(ages); i-- > 0;)
        if (now_ms - p->created_ms >= ages[i].from_ms)
            age = ages[i].points;
    return 8 * urgency(p, now_ms) + 4 * blocked / 2 +
           3 * (double)p->risk.total + age;
}

int64_t delay_flips(const struct proposal *p, int64_t now_ms)
{
    int64_t end = proposal_deadline(p), next = MOMENT_NEVER, at;

    if (!proposal_open(p))
        return MOMENT_NEVER;
    if (end != MOMENT_NEVER) {
        if (end > now_ms)
            next = end;
        for (size_t i = 0; i < COUNT(deadlines); i++) {
            at = end - deadlines[i].within_ms;
            if (at > now_ms && at < next)
                next = at;
        }
    }
    for (size_t i = 0; i < COUNT(ages); i++) {
        at = p->created_ms + ages[i].from_ms;
        if (at > now_ms && at < next)
            next = at;
    }
    return next;
}
