#include "config.h"

#include "data/activity.h"

#include "base/hash.h"
#include "base/moments.h"
#include "base/xalloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void activity_init(struct activity *a)
{
    *a = (struct activity){.score = -INFINITY, .cost = NAN};
}

void activity_finish(struct activity *a)
{
    free(a->step);
    a->step = NULL;
}

/* Moves the spark so that its last cell is this minute. */
static void roll(struct activity *a, int64_t minute)
{
    int64_t by = minute - a->spark_minute;

    if (by <= 0)
        return;
    if (by >= ACTIVITY_SPARK) {
        memset(a->spark, 0, sizeof a->spark);
    } else {
        memmove(a->spark, a->spark + by,
                (size_t)(ACTIVITY_SPARK - by) * sizeof *a->spark);
        memset(a->spark + ACTIVITY_SPARK - by, 0,
               (size_t)by * sizeof *a->spark);
    }
    a->spark_minute = minute;
}

/* log2(2^a + 2^b) */
static double log2_sum(double a, double b)
{
    double hi = a > b ? a : b, lo = a > b ? b : a;

    if (isinf(lo) || hi - lo > 60)
        return hi;
    return hi + log2(1 + exp2(lo - hi));
}

void activity_event(struct activity *a, int64_t at_ms, double weight)
{
    int64_t cell;

    a->score = log2_sum(a->score, log2(weight) + (double)at_ms /
                                                     ACTIVITY_HALF_LIFE_MS);
    roll(a, at_ms / 60000);
    cell = ACTIVITY_SPARK - 1 - (a->spark_minute - at_ms / 60000);
    if (cell >= 0 && a->spark[cell] < UINT16_MAX - 1000)
        a->spark[cell] += (uint16_t)(weight * 10 + 0.5);
    if (a->last_ms > 0 && at_ms > a->last_ms) {
        float gap = (float)(at_ms - a->last_ms);

        a->gap_ms += (gap - a->gap_ms) / (a->events < 8 ? 2.0f : 8.0f);
    }
    if (at_ms > a->last_ms)
        a->last_ms = at_ms;
    a->events++;
}

/* Digits count as one mark: "try 13" and "try 14" are the same step. */
static uint32_t step_hash(const char *s, size_t len)
{
    char plain[ACTIVITY_STEP];
    size_t n = 0;

    for (size_t i = 0; i < len && n < sizeof plain; i++) {
        char c = s[i];

        if (c >= '0' && c <= '9') {
            if (n > 0 && plain[n - 1] == '#')
                continue;
            c = '#';
        }
        plain[n++] = c;
    }
    return hash_bytes(plain, n) | 1;
}

void activity_step(struct activity *a, int64_t at_ms, enum thought_kind kind,
                   const char *text, size_t len)
{
    uint32_t h;

    if (len > ACTIVITY_STEP) {
        len = ACTIVITY_STEP;
        while (len > ACTIVITY_STEP - 4 &&
               ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    h = step_hash(text, len);
    if (h == a->hashes[0] || h == a->hashes[1]) {
        a->repeats++;
    } else {
        a->repeats = 1;
        a->repeat_ms = at_ms;
    }
    if (h != a->hashes[0]) {
        /* an alternating pair still counts; a third step ends the row */
        a->hashes[1] = a->hashes[0];
        a->hashes[0] = h;
    }
    if (a->step == NULL || strlen(a->step) != len ||
        memcmp(a->step, text, len) != 0) {
        free(a->step);
        a->step = xstrndup(text, len);
    }
    a->step_kind = (uint8_t)kind;
}

double activity_now(const struct activity *a, int64_t now_ms)
{
    return exp2(a->score - (double)now_ms / ACTIVITY_HALF_LIFE_MS);
}

double activity_meter(const struct activity *a, int64_t now_ms)
{
    return 1 - 1 / (1 + activity_now(a, now_ms) / 4);
}

double activity_spark(const struct activity *a, int64_t now_ms, int back)
{
    int64_t cell =
        ACTIVITY_SPARK - 1 - (a->spark_minute - (now_ms / 60000 - back));

    if (cell < 0 || cell >= ACTIVITY_SPARK)
        return 0;
    return a->spark[cell] / 10.0;
}

double activity_silence(const struct activity *a, int64_t now_ms)
{
    if (a->events < ACTIVITY_HABIT_MIN || a->gap_ms < 1 || a->last_ms == 0)
        return 0;
    return (double)(now_ms - a->last_ms) / (double)a->gap_ms;
}

int64_t activity_flips(const struct activity *a, int64_t now_ms)
{
    int64_t next = MOMENT_NEVER, at[3];

    if (a->last_ms == 0)
        return MOMENT_NEVER;
    at[0] = a->last_ms + ACTIVITY_WORK_MS;
    at[1] = a->last_ms +
            (int64_t)ceil(ACTIVITY_QUIET_FACTOR * (double)a->gap_ms);
    if (at[1] < a->last_ms + ACTIVITY_QUIET_MIN_MS)
        at[1] = a->last_ms + ACTIVITY_QUIET_MIN_MS;
    at[2] = a->last_ms + ACTIVITY_QUIET_MAX_MS;
    for (int i = 0; i < 3; i++)
        if (at[i] > now_ms && at[i] < next)
            next = at[i];
    return next;
}
