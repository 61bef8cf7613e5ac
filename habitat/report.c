#include "config.h"

#include "habitat/report.h"

#include "base/clock.h"
#include "habitat/status_record.h"

#include <stdio.h>
#include <string.h>

#define BY_STATUS "OSC 7501"
#define BY_TITLE "its title"

void report_set(struct agent *a, const char *state, struct span kind,
                struct span text, const char *by)
{
    bool changed = agent_set(&a->report, span_of(state));

    changed |= agent_set(&a->report_kind, kind);
    changed |= agent_set(&a->report_text, text);
    changed |= agent_set(&a->report_by, span_of(state ? by : NULL));
    if (!changed)
        return;
    a->report_ms = clock_wall_ms();
    agent_changed(a);
}

static void status(struct agent *a, struct span text)
{
    const struct span none = {NULL, 0};
    struct status_record r;

    if (span_is(text, "?")) { /* does this terminal understand it? */
        agent_type(a, span_of("\033]7501;?\033\\"));
        return;
    }
    if (!status_record_parse(text, &r))
        return;
    if (span_is(r.state, "clear"))
        report_set(a, NULL, none, none, NULL);
    else
        report_set(a, status_record_state(r.state), r.kind,
                   r.msg[0] ? span_of(r.msg) : none, BY_STATUS);
}

static bool starts(struct span s, const char *with)
{
    size_t n = strlen(with);

    return s.n >= n && memcmp(s.p, with, n) == 0;
}

/* What the titles of known agents mean; NULL: nothing. */
static const char *title_state(struct span t)
{
    if (starts(t, "[ ! ] Action Required") ||
        starts(t, "[ . ] Action Required") || starts(t, "✋"))
        return "blocked";
    if (starts(t, "⏲") || starts(t, "◐") ||
        (t.n >= 3 && (unsigned char)t.p[0] == 0xe2 &&
         ((unsigned char)t.p[1] & 0xfc) == 0xa0)) /* braille: a spinner */
        return "working";
    if (starts(t, "◇"))
        return "idle";
    return NULL;
}

static void title(struct agent *a, struct span text)
{
    const struct span none = {NULL, 0};
    const char *state = title_state(text);

    if (a->report != NULL && a->report_by != NULL &&
        strcmp(a->report_by, BY_TITLE) != 0)
        state = NULL; /* something better spoke */
    if (state != NULL)
        report_set(a, state, none, none, BY_TITLE);
    else if (a->report_by != NULL && strcmp(a->report_by, BY_TITLE) == 0)
        report_set(a, NULL, none, none, NULL);
    /* a spinner in a title must not write the database ten times a second */
    while (text.n > 0 && !(text.p[0] >= ' ' && text.p[0] <= '~')) {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && text.p[0] == ' ') {
        text.p++;
        text.n--;
    }
    if (agent_set(&a->title, text))
        agent_changed(a);
}

static void notification(struct agent *a, struct span text)
{
    const struct event e = {.agent = span_of(a->name),
                            .component = span_of("habitat"),
                            .category = span_of("agent_activity"),
                            .action = span_of("message.completed"),
                            .detail = text,
                            .attrs = span_of("{\"kind\":\"said\"}")};

    event_add(a->hb, &e);
}

void report_osc(struct agent *a, int number, struct span text)
{
    if (number == 7501)
        status(a, text);
    else if (number == 0 || number == 2)
        title(a, text);
    else if (number == 9 && !starts(text, "4;"))
        notification(a, text);
}
