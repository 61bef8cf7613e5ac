#include "config.h"

#include "app/options.h"

#include "base/when.h"
#include "data/act/plan.h"
#include "data/check.h"
#include "data/kube/forward.h"
#include "front/front.h"
#include "tui/glyphs.h"
#include "tui/term.h"
#include "widgets/ui.h"

#include <stdlib.h>
#include <string.h>

#define OPTION_ROW(id, name, letter, arg, verbs, help)                         \
    {name, letter, arg, verbs, help},

static const struct option_row rows[OPTION_COUNT] = {OPTION_MAP(OPTION_ROW)};

static const struct verb_row verbs[VERB_COUNT] = {
    [VERB_CONSOLE] = {"", "the console (the default)"},
    [VERB_WALL] = {"wall", "the same fleet to be looked at: no keys, "
                           "read-only, for months"},
    [VERB_SNAPSHOT] = {"snapshot", "one frame as text, ANSI, SVG or JSON, and "
                                   "an exit status"},
    [VERB_DOCTOR] = {"doctor", "which source answers, what is missing, and "
                               "what to do about it"},
    [VERB_TETHER] = {"tether", "an agent's own terminal: tether NAME; Ctrl-] "
                               "detaches; with --context, -n or -A a shell "
                               "in an agent of that cluster"},
    [VERB_FORWARD] = {"port-forward",
                      "ports of this machine that lead to an agent's pod: "
                      "port-forward AGENT LOCAL:REMOTE...; LOCAL empty or 0: "
                      "one that is free"},
    [VERB_CONFIG] = {"config", "config check [FILE]: is the configuration "
                               "well; config show [FILE]: what is set and "
                               "where it was said"},
    [VERB_HELP] = {"help", "this text"},
    [VERB_VERSION] = {"version", "print the version"},
};

const struct option_row *option_row(enum option o)
{
    return &rows[o];
}

const struct verb_row *verb_row(enum verb v)
{
    return &verbs[v];
}

static int choose(const char *value, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], value) == 0)
            return i;
    return -1;
}

static int bad(struct error *err, enum option o, const char *expected,
               const char *value)
{
    return error_set(err, ERR_SYNTAX, "--%s: expected %s, not '%.60s'",
                     rows[o].name, expected, value);
}

static int read_size(struct options *ret, const char *value,
                     struct error *err)
{
    char *end;
    long w = strtol(value, &end, 10), h = 0;

    if (*end == 'x')
        h = strtol(end + 1, &end, 10);
    if (*end != '\0' || w < 60 || w > CANVAS_W_MAX || h < 16 ||
        h > CANVAS_H_MAX)
        return bad(err, OPTION_SIZE, "WxH from 60x16 to 500x150", value);
    ret->w = (int)w;
    ret->h = (int)h;
    return 0;
}

static int read_choices(struct options *ret, struct error *err)
{
    static const char *const formats[] = {"text", "ansi", "svg", "json", NULL};
    static const char *const sets[] = {"full", "plain", "ascii", NULL};
    static const char *const colours[] = {"mono", "16", "256", "true", NULL};
    static const char *const views[] = {"all",       "agents", "pheromones",
                                        "proposals", "thoughts", "wall", NULL};
    const char *v;

    ret->glyphs = ret->colours = -1;
    if ((v = ret->values[OPTION_FORMAT]) != NULL) {
        int i = choose(v, formats);

        if (i < 0)
            return bad(err, OPTION_FORMAT, "text, ansi, svg or json", v);
        ret->format = (unsigned)i;
    }
    if ((v = ret->values[OPTION_GLYPHS]) != NULL &&
        (ret->glyphs = choose(v, sets)) < 0)
        return bad(err, OPTION_GLYPHS, "full, plain or ascii", v);
    if ((v = ret->values[OPTION_COLOURS]) != NULL &&
        (ret->colours = choose(v, colours)) < 0)
        return bad(err, OPTION_COLOURS, "true, 256, 16 or mono", v);
    if ((v = ret->values[OPTION_VIEW]) != NULL) {
        ret->view = choose(v, views);
        if (ret->view < 0)
            return bad(err, OPTION_VIEW,
                       "all, agents, pheromones, proposals, thoughts or wall",
                       v);
        if (ret->view == 5)
            ret->view = -1;
    }
    return 0;
}

static int read_values(struct options *ret, struct error *err)
{
    const char *v;
    struct error e;
    int code;

    ret->w = 140;
    ret->h = 40;
    ret->wait_ms = 10000;
    if ((v = ret->values[OPTION_SIZE]) != NULL &&
        (code = read_size(ret, v, err)) != 0)
        return code;
    if ((v = ret->values[OPTION_WAIT]) != NULL &&
        !when_parse_span(v, strlen(v), &ret->wait_ms))
        return bad(err, OPTION_WAIT, "a time like 10s", v);
    if ((v = ret->values[OPTION_NOTIFY]) != NULL) {
        struct words words;

        if (words_split(v, &words, &e) != 0)
            return error_set(err, ERR_SYNTAX, "--notify: %.150s", e.msg);
        code = words.count;
        words_finish(&words);
        if (code == 0)
            return error_set(err, ERR_SYNTAX, "--notify: a command was "
                                              "expected");
    }
    if ((v = ret->values[OPTION_CHECK]) != NULL && check_parse(v, &e) != 0)
        return error_set(err, ERR_SYNTAX, "--check: %s", e.msg);
    return read_choices(ret, err);
}

static int find_long(const char *name, size_t len)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strlen(rows[i].name) == len &&
            strncmp(rows[i].name, name, len) == 0)
            return i;
    return -1;
}

static int take(struct options *ret, int o, const char *value, int argc,
                char *const *argv, int *i, struct error *err)
{
    if (!(rows[o].verbs & (1u << ret->verb)))
        return error_set(err, ERR_SYNTAX, "--%s is not for '%s'",
                         rows[o].name,
                         ret->verb ? verbs[ret->verb].name : "the console");
    if (rows[o].arg == NULL && value != NULL)
        return error_set(err, ERR_SYNTAX, "--%s takes no value",
                         rows[o].name);
    if (rows[o].arg != NULL && value == NULL) {
        if (*i + 1 >= argc)
            return error_set(err, ERR_SYNTAX, "--%s wants %s", rows[o].name,
                             rows[o].arg);
        value = argv[++*i];
    }
    ret->values[o] = value ? value : "";
    return 0;
}

static int read_one(struct options *ret, int argc, char *const *argv, int *i,
                    struct error *err)
{
    const char *arg = argv[*i];

    if (arg[1] == '-') {
        size_t len = strcspn(arg + 2, "=");
        int o = find_long(arg + 2, len);

        if (o < 0)
            return error_set(err, ERR_SYNTAX,
                             "no option '%.40s'; --help lists them", arg);
        return take(ret, o, arg[2 + len] == '=' ? arg + 3 + len : NULL, argc,
                    argv, i, err);
    }
    for (int o = 0; o < OPTION_COUNT; o++)
        if (rows[o].letter != '\0' && rows[o].letter == arg[1])
            return take(ret, o, arg[2] != '\0' ? arg + 2 : NULL, argc, argv, i,
                        err);
    return error_set(err, ERR_SYNTAX, "no option '%.40s'; --help lists them",
                     arg);
}

static int read_ports(const struct options *ret, struct error *err)
{
    uint16_t local, remote;
    int code;

    if (ret->name == NULL || ret->port_count == 0)
        return error_set(err, ERR_SYNTAX,
                         "port-forward: an agent and LOCAL:REMOTE were "
                         "expected");
    for (int i = 0; i < ret->port_count; i++)
        if ((code = kube_forward_ports(ret->ports[i], &local, &remote,
                                       err)) != 0)
            return code;
    return 0;
}

int options_read(int argc, char *const *argv, struct options *ret,
                 struct error *err)
{
    int i = 1, code;

    *ret = (struct options){.verb = VERB_CONSOLE};
    if (argc > 1 && argv[1][0] != '-') {
        for (int v = 1; v < VERB_COUNT; v++)
            if (strcmp(argv[1], verbs[v].name) == 0)
                ret->verb = (enum verb)v;
        if (ret->verb == VERB_CONSOLE)
            return error_set(err, ERR_SYNTAX,
                             "no command '%.40s'; --help lists them",
                             argv[1]);
        i = 2;
    }
    for (; i < argc; i++) {
        if ((ret->verb == VERB_TETHER || ret->verb == VERB_FORWARD) &&
            ret->name == NULL && argv[i][0] != '-') {
            ret->name = argv[i];
            continue;
        }
        if (ret->verb == VERB_CONFIG && argv[i][0] != '-' &&
            (ret->name == NULL || ret->file == NULL)) {
            *(ret->name == NULL ? &ret->name : &ret->file) = argv[i];
            continue;
        }
        if (ret->verb == VERB_FORWARD && argv[i][0] != '-' &&
            ret->port_count < FORWARDS_MAX) {
            ret->ports[ret->port_count++] = argv[i];
            continue;
        }
        if (argv[i][0] != '-' || argv[i][1] == '\0')
            return error_set(err, ERR_SYNTAX, "unexpected '%.40s'", argv[i]);
        if ((code = read_one(ret, argc, argv, &i, err)) != 0)
            return code;
    }
    if (ret->values[OPTION_HELP] != NULL)
        ret->verb = VERB_HELP;
    if (ret->values[OPTION_VERSION] != NULL)
        ret->verb = VERB_VERSION;
    if (ret->verb == VERB_TETHER && ret->name == NULL)
        return error_set(err, ERR_SYNTAX, "tether: which agent? give its name");
    if (ret->verb == VERB_CONFIG &&
        (ret->name == NULL || (strcmp(ret->name, "check") != 0 &&
                               strcmp(ret->name, "show") != 0)))
        return error_set(err, ERR_SYNTAX, "config: expected check or show");
    if (ret->verb == VERB_FORWARD && (code = read_ports(ret, err)) != 0)
        return code;
    return read_values(ret, err);
}

int options_default(struct options *o, enum option option, const char *value,
                    struct error *err)
{
    bool flag = rows[option].arg == NULL;

    if (value == NULL || o->values[option] != NULL ||
        !(rows[option].verbs & (1u << o->verb)) ||
        (flag && strcmp(value, "true") != 0))
        return 0;
    o->values[option] = flag ? "" : value;
    return read_values(o, err);
}

void options_help(FILE *out)
{
    fputs("terrarium - the console for fleets of AI agents\n\n"
          "  terrarium [COMMAND] [OPTIONS]\n\nCommands\n",
          out);
    for (int v = 0; v < VERB_COUNT; v++)
        fprintf(out, "  %-12s %s\n", verbs[v].name[0] ? verbs[v].name : "-",
                verbs[v].help);
    fputs("\nOptions\n", out);
    for (int o = 0; o < OPTION_COUNT; o++) {
        char left[48];

        snprintf(left, sizeof left, "%s%c%s--%s%s%s",
                 rows[o].letter ? "-" : "", rows[o].letter ? rows[o].letter
                                                           : ' ',
                 rows[o].letter ? ", " : "   ", rows[o].name,
                 rows[o].arg ? "=" : "", rows[o].arg ? rows[o].arg : "");
        fprintf(out, "  %-26s %s\n", left, rows[o].help);
    }
    fputs("\nExit status of snapshot: 0 all well, 1 something waits or is in "
          "trouble\n(or --check does not hold), 2 usage, 3 no source could "
          "be read.\n",
          out);
}
