#include "config.h"

#include "front/front.h"

#include "base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct front_option say_options[] = {
    {"as", "NAME", "who says it; inside an agent that agent"},
    {"kind", "KIND", "said (default), thought, call, result, decision, error"},
    {NULL}};
static const struct front_option deposit_options[] = {
    {"as", "NAME", "who lays it; inside an agent that agent"},
    {"half-life", "TIME", "until it is half as strong; default 10m"},
    {"ttl", "TIME", "until it is gone; default 1d"},
    {"target", "TEXT", "what it is about"},
    {NULL}};
static const struct front_option propose_options[] = {
    {"as", "NAME", "who asks; inside an agent that agent"},
    {"text", "TEXT", "more about it"},
    {"diff", "FILE", "the change, as a diff; - is standard input"},
    {"command", "TEXT", "the command it is about: rules judge its risk"},
    {"path", "FILE", "the file it is about: rules judge its risk"},
    {"target", "TEXT", "what it acts on"},
    {"risk", "NUMBER", "0 to 1, instead of the rules"},
    {"expires", "TIME", "after that nobody can decide any more"},
    {"wait", NULL, "until somebody decided: 0 approved, 3 rejected, 4 "
                   "expired, 5 withdrawn; the reason is printed"},
    {NULL}};
static const struct front_option spawn_options[] = {
    {"name", "NAME", "default: the command's name and a number"},
    {"genus", "LETTER", "its kind, as the fleet counts kinds"},
    {"dir", "DIR", "where it runs; default: here"},
    {"env", "K=V", "added to this environment; may be repeated"},
    {"restart", "WHEN", "never (default) or on-failure"},
    {"budget", "TOKENS", "what it may use; shown, not enforced"},
    {"contract", "TEXT", "what it is for; it finds it in "
                         "TERRARIUM_CONTRACT"},
    {NULL}};
static const struct front_option status_options[] = {
    {"json", NULL, "as the habitat tells it"}, {NULL}};
static const struct front_option observe_options[] = {
    {"json", NULL, "each change as a JSON object"},
    {"last", "N", "begin with the last N events; default 0"},
    {NULL}};
static const struct front_option logs_options[] = {
    {"lines", "N", "how many; default 100"}, {NULL}};
static const struct front_option kill_options[] = {
    {"grace", "TIME", "between TERM and KILL; default 5s"}, {NULL}};
static const struct front_option journal_options[] = {
    {"since", "TIME", "2h, or a date: what is older is left out"},
    {"json", NULL, "the lines as they are"},
    {NULL}};
static const struct front_option hook_options[] = {
    {"as", "NAME", "who asks; inside an agent that agent, else AGENT-FOLDER"},
    {"timeout", "TIME", "how long a question waits for a person; default 9m, "
                        "codex 2m"},
    {"url", "URL", "of opencode's server"},
    {"dir", "DIR", "of opencode's sessions; default: here"},
    {NULL}};
static const struct front_option postgres_options[] = {
    {"url", "URL", "postgresql://USER@HOST:PORT/DATABASE or key=value words; "
                   "default: PG* variables. No password in it"},
    {"service", "NAME", "of ~/.pg_service.conf"},
    {"schema", "NAME", "where the tables are; default: public"},
    {"tls", "MODE", "libpq's sslmode: disable, require, verify-full, …"},
    {"password-file", "FILE", "its first line; default: PGPASSWORD, "
                              "~/.pgpass"},
    {"yes", NULL, "send without asking, after showing it"},
    {NULL}};
static const struct front_option practice_options[] = {
    {"agents", "N", "how many, 1 to 200; default 12"},
    {"rate", "R", "lines a second, all agents; default 6"},
    {"faults", NULL, "some fail, loop, flood, fall silent or mean harm"},
    {"seconds", "S", "end after so long"},
    {NULL}};
static const struct front_option no_options[] = {{NULL}};

static const struct front_verb verbs[] = {
    {"spawn", "[OPTION...] -- COMMAND [ARGUMENT...]",
     "start a process as an agent of this machine", spawn_options,
     front_spawn},
    {"say", "[OPTION...] TEXT...", "one thought on everybody's screen",
     say_options, front_say},
    {"deposit", "[OPTION...] TYPE [INTENSITY] [TEXT...]",
     "lay a pheromone: WARNING 0.8 --target api 'p95 9 s'", deposit_options,
     front_deposit},
    {"propose", "[OPTION...] TITLE...", "ask a person to approve something",
     propose_options, front_propose},
    {"status", "[--json]", "agents and what waits, once", status_options,
     front_status},
    {"observe", "[OPTION...]", "a line for each change, until interrupted",
     observe_options, front_observe},
    {"logs", "[--lines N] NAME", "what an agent said last", logs_options,
     front_logs},
    {"kill", "[--grace TIME] NAME",
     "TERM, then KILL, to an agent and all it started; one that ended is "
     "forgotten",
     kill_options, front_kill},
    {"pause", "NAME", "stop an agent and all it started, until resumed",
     no_options, front_pause},
    {"resume", "NAME", "let a paused agent go on", no_options, front_pause},
    {"journal", "[--since TIME] [--json]",
     "what was done from your consoles, and what became of it",
     journal_options, front_journal},
    {"hook", "claude|codex|opencode [OPTION...]",
     "a coding agent's hook: its questions wait for you here, what it does is "
     "told; docs/agents.md has its settings",
     hook_options, front_hook},
    {"habitat", "start|stop|restart|status|run",
     "the daemon that keeps this machine's agents", no_options,
     front_habitat},
    {"postgres", "install-notify|remove-notify|status [OPTION...]",
     "triggers on a fleet's tables that ring when something changed: shown as "
     "SQL first, taken away without a trace",
     postgres_options, front_postgres},
    {"practice", "[OPTION...]",
     "a made-up fleet in a habitat of its own, gone at the end; without a "
     "terminal it says where and stays until interrupted",
     practice_options, front_practice},
    {NULL}};
static const struct front_verb hidden = {
    "practice-agent", "INDEX GAP_MS FAULTS", "one made-up agent", no_options,
    practice_agent};

const struct front_verb *front_verbs(void)
{
    return verbs;
}

void front_list(FILE *out)
{
    fputs("\nCommands of this machine (terrarium COMMAND --help says more)\n",
          out);
    for (const struct front_verb *v = verbs; v->name != NULL; v++)
        fprintf(out, "  %-12s %s\n", v->name, v->help);
}

const struct front_verb *front_find(const char *name)
{
    for (const struct front_verb *v = verbs; v->name != NULL; v++)
        if (strcmp(v->name, name) == 0)
            return v;
    return strcmp(name, hidden.name) == 0 ? &hidden : NULL;
}

int front_fail(const struct front_verb *v, int status, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "terrarium %s: ", v->name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return status;
}

static void help(const struct front_verb *v)
{
    printf("usage: terrarium %s %s\n%s\n", v->name, v->usage, v->help);
    for (const struct front_option *o = v->options; o->name != NULL; o++)
        printf("  --%s%s%s\n        %s\n", o->name, o->arg ? " " : "",
               o->arg ? o->arg : "", o->help);
}

int front_run(const struct front_verb *v, int argc, char **argv)
{
    if (argc > 2 && (strcmp(argv[2], "--help") == 0 ||
                     strcmp(argv[2], "-h") == 0)) {
        help(v);
        return 0;
    }
    return v->run(v, argc - 1, argv + 1);
}

static int find_option(const struct front_verb *v, const char *arg, size_t n)
{
    for (int i = 0; v->options[i].name != NULL; i++)
        if (strlen(v->options[i].name) == n &&
            strncmp(v->options[i].name, arg, n) == 0)
            return i;
    return -1;
}

int front_read(const struct front_verb *v, int argc, char **argv,
               const char *values[FRONT_OPTIONS_MAX])
{
    int i = 1, out = 1;

    /* options may stand anywhere before "--"; others keep their order */
    for (; i < argc; i++) {
        const char *arg = argv[i];
        size_t n;
        int o;

        if (strcmp(arg, "--") == 0) {
            i++;
            break;
        }
        if (arg[0] != '-' || arg[1] == '\0' || (arg[1] >= '0' && arg[1] <= '9')) {
            argv[out++] = argv[i];
            continue;
        }
        n = strcspn(arg, "=");
        o = arg[1] == '-' ? find_option(v, arg + 2, n - 2) : -1;
        if (o < 0)
            return front_fail(v, -1, "no option '%.60s'; --help lists them",
                              arg);
        if (v->options[o].arg == NULL) {
            if (arg[n] == '=')
                return front_fail(v, -1, "--%s takes no value",
                                  v->options[o].name);
            values[o] = "";
        } else if (arg[n] == '=') {
            values[o] = arg + n + 1;
        } else if (i + 1 < argc) {
            values[o] = argv[++i];
        } else {
            return front_fail(v, -1, "--%s wants %s", v->options[o].name,
                              v->options[o].arg);
        }
    }
    /* what was kept moves to the end, beside what followed "--" */
    {
        int kept = out - 1;

        memmove(argv + i - kept, argv + 1, (size_t)kept * sizeof *argv);
        return i - kept;
    }
}

const char *front_who(const struct front_verb *v, const char *as)
{
    const char *agent = getenv("TERRARIUM_AGENT");

    if (as == NULL)
        as = agent;
    if (as == NULL)
        front_fail(v, 2, "who speaks? outside an agent give --as NAME");
    return as;
}

char *front_join(int argc, char **argv, int i)
{
    size_t n = 1;
    char *all;

    for (int k = i; k < argc; k++)
        n += strlen(argv[k]) + 1;
    all = xcalloc(1, n);
    for (; i < argc; i++) {
        strcat(all, argv[i]);
        if (i + 1 < argc)
            strcat(all, " ");
    }
    return all;
}
