#include "config.h"

#include "data/risk.h"

#include "base/xalloc.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *change;
    double base;
} bases[] = {
    {"CODE_PATCH", 0.1},      {"CODE_FEATURE", 0.3},   {"CODE_REFACTOR", 0.4},
    {"CODE_DELETE", 0.5},     {"CONFIG_UPDATE", 0.2},  {"CONFIG_SECRET", 0.6},
    {"AGENT_DEPLOY", 0.3},    {"AGENT_SCALE", 0.1},    {"AGENT_DELETE", 0.7},
    {"AGENT_UPGRADE", 0.4},   {"MEMORY_MIGRATE", 0.6}, {"MEMORY_COMPACT", 0.3},
    {"MEMORY_DELETE", 0.8},   {"POLICY_UPDATE", 0.5},  {"RISK_OVERRIDE", 0.9},
};

double risk_base(struct span change)
{
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (span_is(change, bases[i].change))
            return bases[i].base;
    return 0.5;
}

double risk_magnitude(const struct risk_input *in)
{
    double impact = (double)in->lines_added + in->lines_removed +
                    10.0 * in->files;

    return impact <= 0 ? 1 : 1 + 0.1 * log2(impact + 1);
}

double risk_tests(const struct risk_input *in)
{
    double net = (double)in->tests_added - in->tests_removed;

    if (net > 0)
        return fmax(0.5, 1 - 0.05 * log2(net + 1));
    if (net < 0)
        return fmin(1.5, 1 + 0.1 * log2(-net + 1));
    return 1;
}

void risk_compute(struct span change, const struct risk_input *in,
                  double velocity, struct risk *ret)
{
    double base = risk_base(change), magnitude = risk_magnitude(in);
    double tests = risk_tests(in);
    double total = base * (1 + velocity) * magnitude * tests;

    *ret = (struct risk){
        .base = (float)base,
        .velocity = (float)velocity,
        .magnitude = (float)magnitude,
        .tests = (float)tests,
        .total = (float)(total > 1 ? 1 : total < 0 ? 0 : total),
    };
}

enum risk_level risk_level(double total)
{
    float t = (float)total; /* rows hold it so: 0.2f is more than 0.2 */

    return t <= 0.2f   ? RISK_LOW
           : t <= 0.5f ? RISK_MEDIUM
           : t <= 0.8f ? RISK_HIGH
                       : RISK_CRITICAL;
}

const char *risk_level_name(enum risk_level level)
{
    static const char *const names[] = {"low", "medium", "high", "critical"};

    return names[level];
}

double risk_level_top(enum risk_level level)
{
    static const double tops[] = {0.2, 0.5, 0.8, 1.0};

    return tops[level];
}

void velocity_finish(struct velocity *v)
{
    free(v->at_ms);
    *v = (struct velocity){0};
}

/* First place whose time is not before at_ms. */
static uint32_t lower(const struct velocity *v, int64_t at_ms)
{
    uint32_t lo = 0, hi = v->count;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (v->at_ms[mid] < at_ms)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

void velocity_add(struct velocity *v, int64_t at_ms)
{
    uint32_t at = lower(v, at_ms);

    if (v->count == v->room) {
        v->room = v->room ? v->room * 2 : 16;
        v->at_ms = xrealloc(v->at_ms, v->room, sizeof *v->at_ms);
    }
    memmove(v->at_ms + at + 1, v->at_ms + at,
            (v->count - at) * sizeof *v->at_ms);
    v->at_ms[at] = at_ms;
    v->count++;
}

void velocity_remove(struct velocity *v, int64_t at_ms)
{
    uint32_t at = lower(v, at_ms);

    if (at == v->count || v->at_ms[at] != at_ms)
        return;
    v->count--;
    memmove(v->at_ms + at, v->at_ms + at + 1,
            (v->count - at) * sizeof *v->at_ms);
}

double velocity_at(const struct velocity *v, int64_t now_ms)
{
    double sum = 0;

    for (uint32_t i = lower(v, now_ms - RISK_WINDOW_MS + 1);
         i < v->count && v->at_ms[i] <= now_ms; i++)
        sum += 0.1 * (1 - (double)(now_ms - v->at_ms[i]) / RISK_WINDOW_MS);
    return sum;
}
