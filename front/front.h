/*
 * The commands that speak to the habitat: `terrarium say`, `spawn`, …
 *
 * One table (FRONT_MAP in verbs.c) for the dispatcher, --help and the
 * manual. Exit status: 0 done, 1 it could not be done (one line on standard
 * error), 2 usage; `propose --wait` says more.
 */
#ifndef FRONT_FRONT_H
#define FRONT_FRONT_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct front_option {
    const char *name;
    const char *arg; /* NULL: a flag */
    const char *help;
};

struct front_verb {
    const char *name;
    const char *usage; /* what follows the name */
    const char *help;
    const struct front_option *options; /* ends with name NULL */
    int (*run)(const struct front_verb *v, int argc, char **argv);
};

const struct front_verb *front_verbs(void); /* ends with name NULL */
/* A line of each, for the program's own help. */
void front_list(FILE *out);
/* NULL: no such command here. */
const struct front_verb *front_find(const char *name);
int front_run(const struct front_verb *v, int argc, char **argv);

/*
 * Reads the options of v; values[i] is the value (flags: "") of option i.
 * Stops at the first other argument, or after "--". Returns its index in
 * argv, or -1 after having said what is wrong.
 */
#define FRONT_OPTIONS_MAX 16
int front_read(const struct front_verb *v, int argc, char **argv,
               const char *values[FRONT_OPTIONS_MAX]);
/* "terrarium say: …" on standard error; returns status. */
int front_fail(const struct front_verb *v, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Who speaks: --as, or the agent one runs in; NULL after saying so. */
const char *front_who(const struct front_verb *v, const char *as);
/* The arguments from i on, joined by blanks; to be freed. */
char *front_join(int argc, char **argv, int i);

/* The commands. */
int front_say(const struct front_verb *v, int argc, char **argv);
int front_deposit(const struct front_verb *v, int argc, char **argv);
int front_propose(const struct front_verb *v, int argc, char **argv);
int front_spawn(const struct front_verb *v, int argc, char **argv);
int front_status(const struct front_verb *v, int argc, char **argv);
int front_observe(const struct front_verb *v, int argc, char **argv);
int front_logs(const struct front_verb *v, int argc, char **argv);
int front_kill(const struct front_verb *v, int argc, char **argv);
int front_pause(const struct front_verb *v, int argc, char **argv);
int front_journal(const struct front_verb *v, int argc, char **argv);
int front_hook(const struct front_verb *v, int argc, char **argv);
int front_habitat(const struct front_verb *v, int argc, char **argv);
int front_postgres(const struct front_verb *v, int argc, char **argv);
int front_practice(const struct front_verb *v, int argc, char **argv);
/* A made-up agent, as practice starts them; in no list of commands. */
int practice_agent(const struct front_verb *v, int argc, char **argv);

#endif
