#include "config.h"

#include "data/decay.h"

#include "base/moments.h"

#include <math.h>

static double pick_first(double a, double b, double c)
{
    return !isnan(a) ? a : !isnan(b) ? b : c;
}

static double clamp01(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

void decay_read(const struct pheromone_facts *f, struct pheromone *p)
{
    double initial = pick_first(f->initial, f->constant, 1);
    double half = f->half_life_min;

    p->old_schema = !isnan(f->current) && isnan(f->initial);
    p->emitted_bad = f->emitted_bad;
    p->emitted_ms = f->emitted_given && !f->emitted_bad ? f->emitted_ms : 0;
    if (isnan(half) || half <= 0)
        half = !isnan(f->decay_rate) && f->decay_rate > 0
                   ? 0.693 / f->decay_rate
                   : DECAY_HALF_LIFE_MIN;
    if (p->old_schema) {
        initial = f->current;
        half = 0;
    } else if (f->emitted_bad) {
        initial = pick_first(f->initial, 1, 1);
        half = 0;
    } else if (!f->emitted_given) {
        initial = pick_first(f->constant, f->initial, 1);
        half = 0;
    }
    p->initial = (float)clamp01(initial);
    p->half_life_min = (float)half;
    p->ttl_s = f->ttl_s == FACT_NONE || f->ttl_s > INT32_MAX
                   ? FACT_NONE
                   : (int32_t)f->ttl_s;
}

double decay_half_life_ms(const struct pheromone *p)
{
    return (double)p->half_life_min * 60000 *
           (p->type == SIGNAL_DREAM ? 2 : 1);
}

double decay_now(const struct pheromone *p, int64_t now_ms)
{
    double half = decay_half_life_ms(p), age;

    if (p->ttl_s != FACT_NONE && p->created_ms > 0 &&
        now_ms - p->created_ms >= (int64_t)p->ttl_s * 1000)
        return 0;
    if (half <= 0)
        return (double)p->initial;
    age = (double)(now_ms - p->emitted_ms);
    return clamp01((double)p->initial * exp2(-(age > 0 ? age : 0) / half));
}

int64_t decay_ends(const struct pheromone *p)
{
    double half = decay_half_life_ms(p);
    int64_t end = MOMENT_NEVER;

    if (half > 0) {
        double lives = log2((double)p->initial / DECAY_FLOOR);
        double ms = lives > 0 ? lives * half : 0;

        if (ms < 9e15)
            end = p->emitted_ms + (int64_t)ms;
    }
    if (p->ttl_s != FACT_NONE && p->created_ms > 0 &&
        p->created_ms + (int64_t)p->ttl_s * 1000 < end)
        end = p->created_ms + (int64_t)p->ttl_s * 1000;
    return end;
}
