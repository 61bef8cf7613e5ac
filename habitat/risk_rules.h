/*
 * The risk of a local proposal, from what it would do.
 *
 * Each rule that matches is a factor between 0 and 1; together they are
 * 1 − Π(1 − factor), at most 1. Rules are built in (risk_rules.c) and may be
 * added in $XDG_CONFIG_HOME/terrarium/risk.rules, one a line:
 *
 *     command  GLOB  SCORE  WORDS      command  git push*  0.5  publishes
 *     path     GLOB  SCORE  WORDS      path     *.env      0.6  secrets
 *
 * A diff counts by its size: 0.1 at 50 changed lines, 0.3 at 500.
 */
#ifndef HABITAT_RISK_RULES_H
#define HABITAT_RISK_RULES_H

#include "base/error.h"
#include "base/span.h"
#include "data/json/write.h"

#define RISK_FACTORS_MAX 12

struct risk_asked {
    struct span tool, command, path, diff;
};

struct risk_factor {
    char name[24];
    double score;
    char why[96];
};

struct risk_rules;

/* Built-in rules and the file's; file NULL or absent: only those. A bad line
   is named in err (file:line) and passed over. */
struct risk_rules *risk_rules_load(const char *file, struct error *err);
void risk_rules_free(struct risk_rules *r);
/* Factors that hold, at most RISK_FACTORS_MAX; returns how many. */
int risk_factors(const struct risk_rules *r, const struct risk_asked *asked,
                 struct risk_factor *ret);
double risk_together(const struct risk_factor *f, int count);

#endif
