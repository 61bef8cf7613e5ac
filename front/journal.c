/* journal: what was done from this user's consoles. */
#include "config.h"

#include "front/front.h"

#include "base/when.h"
#include "data/act/journal.h"
#include "data/json/pick.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_BYTES (1u << 20)

enum { AT, STEP, ACT, NAME, TITLE, WHO, REASON, NOTE, AFTER, CELLS };

static const struct pick_rule rules[] = {
    {"at", AT},         {"step", STEP},     {"act", ACT},
    {"name", NAME},     {"title", TITLE},   {"who", WHO},
    {"reason", REASON}, {"note", NOTE},     {"after_ms", AFTER},
    {NULL, 0}};

struct line {
    char cells[CELLS][300];
};

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct line *l = arg;
    size_t n = v->text.n < 299 ? v->text.n : 299;

    if (v->type != PICK_STRING && v->type != PICK_NUMBER)
        return;
    for (size_t i = 0; i < n; i++)
        l->cells[field][i] =
            (unsigned char)v->text.p[i] < 0x20 || v->text.p[i] == 0x7f
                ? '?'
                : v->text.p[i];
}

static void show(const struct line *l, int64_t at)
{
    char day[24], clock[9];

    when_format(at, day);
    when_clock(at, clock);
    printf("%.10s %s  %-10s %-8s %s", day, clock, l->cells[STEP],
           l->cells[ACT],
           l->cells[TITLE][0] ? l->cells[TITLE] : l->cells[NAME]);
    if (l->cells[WHO][0] != '\0')
        printf("  by %s", l->cells[WHO]);
    if (l->cells[REASON][0] != '\0')
        printf("  reason: %s", l->cells[REASON]);
    if (l->cells[AFTER][0] != '\0')
        printf("  after %s ms", l->cells[AFTER]);
    if (l->cells[NOTE][0] != '\0')
        printf("  (%s)", l->cells[NOTE]);
    putchar('\n');
}

static int read_all(const struct front_verb *v, FILE *f, int64_t since,
                    bool json)
{
    struct pick *p = pick_create(rules);
    char *text = NULL;
    size_t room = 0;
    ssize_t n;
    int number = 0, bad = 0;

    while ((n = getline(&text, &room, f)) > 0) {
        static struct line l;
        struct error err;
        int64_t at = 0;

        number++;
        memset(&l, 0, sizeof l);
        if ((size_t)n > LINE_MAX_BYTES ||
            pick_run(p, text, (size_t)n, on_value, &l, &err) != 0 ||
            !when_parse(l.cells[AT], strlen(l.cells[AT]), &at)) {
            bad++;
            front_fail(v, 0, "line %d cannot be read; it is passed over",
                       number);
            continue;
        }
        if (at < since)
            continue;
        if (json)
            fputs(text, stdout);
        else
            show(&l, at);
    }
    free(text);
    pick_destroy(p);
    return bad > 0;
}

int front_journal(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0};
    int i = front_read(v, argc, argv, values), r;
    struct timespec now;
    int64_t since = 0, span;
    char *path;
    FILE *f;

    if (i < 0)
        return 2;
    if (i < argc)
        return front_fail(v, 2, "unexpected '%.60s'", argv[i]);
    if (values[0] != NULL) {
        clock_gettime(CLOCK_REALTIME, &now);
        if (when_parse_span(values[0], strlen(values[0]), &span))
            since = (int64_t)now.tv_sec * 1000 - span;
        else if (!when_parse(values[0], strlen(values[0]), &since))
            return front_fail(v, 2, "--since: a time such as 2h, or "
                                    "2026-11-21T10:00:00Z, was expected, not "
                                    "'%.40s'",
                              values[0]);
    }
    path = journal_path();
    if (path == NULL)
        return front_fail(v, 1, "neither HOME nor XDG_STATE_HOME is set");
    f = fopen(path, "re");
    if (f == NULL && errno == ENOENT) {
        free(path);
        puts("nothing was done yet");
        return 0;
    }
    if (f == NULL) {
        r = front_fail(v, 1, "%s: %s", path, strerror(errno));
        free(path);
        return r;
    }
    free(path);
    r = read_all(v, f, since, values[1] != NULL);
    fclose(f);
    return r;
}
