/*
 * What a proposal carries beyond kgents: who asks over a control plane says
 * more, and its risk has other factors.
 *
 * Texts are owned by the proposal's row, NULL = not said; they may be long
 * (a diff), so they are not interned.
 */
#ifndef DATA_ASKED_H
#define DATA_ASKED_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define ASKED_FACTORS_MAX 12

struct asked_factor {
    char name[24], why[96];
    double score; /* 0…1; together 1 − Π(1 − score) */
};

struct asked {
    char *digest; /* of what is shown: a decision names it */
    char *diff, *tool, *input, *text;
    struct asked_factor factors[ASKED_FACTORS_MAX];
    int count;
    bool given;          /* the asker named the risk itself */
    bool known;          /* there is a risk at all */
    int64_t deadline_ms; /* 0 none */
};

struct asked_facts {
    struct span digest, diff, tool, input, text;
    struct asked_factor factors[ASKED_FACTORS_MAX];
    int count;
    bool given;
    double risk; /* NAN: not known */
    int64_t deadline_ms;
};

#endif
