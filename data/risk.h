/*
 * The risk of a proposal and its factors.
 *
 *   impact     lines added + lines removed + 10 × files
 *   magnitude  1 if impact ≤ 0, else 1 + 0.1 × log2(impact + 1)
 *   net tests  added − removed
 *   tests      net > 0: max(0.5, 1 − 0.05 × log2(net + 1))
 *              net < 0: min(1.5, 1 + 0.1 × log2(−net + 1)); else 1
 *   velocity   Σ over the namespace's proposals younger than 1 h at that
 *              moment, itself included, of 0.1 × (1 − age / 1 h)
 *   total      base × (1 + velocity) × magnitude × tests, clamped to 0…1
 *   level      ≤ 0.2 low, ≤ 0.5 medium, ≤ 0.8 high, else critical
 *
 * base by the kind of change; unknown kinds 0.5. This is what the operator
 * runs, once, at creation; `by_operator` says whose numbers these are.
 */
#ifndef DATA_RISK_H
#define DATA_RISK_H

#include "base/span.h"

#include <stdint.h>

#define RISK_WINDOW_MS (3600 * 1000)

enum risk_level { RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_CRITICAL };

struct risk_input {
    int32_t lines_added, lines_removed, files, tests_added, tests_removed;
};

struct risk {
    float base, velocity, magnitude, tests, total;
    bool by_operator;
};

double risk_base(struct span change);
double risk_magnitude(const struct risk_input *in);
double risk_tests(const struct risk_input *in);
/* All factors for this kind of change, size and velocity. */
void risk_compute(struct span change, const struct risk_input *in,
                  double velocity, struct risk *ret);
enum risk_level risk_level(double total);
const char *risk_level_name(enum risk_level level);
/* Where the level ends, for a bar's threshold mark. */
double risk_level_top(enum risk_level level);

/*
 * Creation times of one namespace's proposals, for the velocity. Added and
 * removed as proposals come and go; 8 bytes each.
 */
struct velocity {
    int64_t *at_ms; /* ascending */
    uint32_t count, room;
};

void velocity_finish(struct velocity *v);
void velocity_add(struct velocity *v, int64_t at_ms);
void velocity_remove(struct velocity *v, int64_t at_ms);
/* The penalty at the moment now_ms. */
double velocity_at(const struct velocity *v, int64_t now_ms);

#endif
