#include "config.h"

#include "widgets/dialog.h"

#include <stdio.h>

#include "base/xalloc.h"
#include "tests/support/cm.h"
#include "tui/keys.h"

#define SHOWN 1000
#define LATER (SHOWN + DIALOG_CALM_MS)

static struct dialog d;

static int setup(void **state)
{
    (void)state;
    dialog_init(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    dialog_finish(&d);
    assert_null(d.plan.body);
    return 0;
}

static void plan_of(enum risk_level friction)
{
    struct plan p = {.want = d.wants[0], .friction = friction};
    struct error none = {0};

    p.body = xstrdup("{}");
    strcpy(p.type, "coder");
    dialog_planned(&d, &p, &none);
    assert_null(p.body); /* taken over */
}

static void open_for(enum act act, enum risk_level friction)
{
    d.wants[0] = (struct act_want){.act = act, .name = "coder"};
    d.count = 1;
    dialog_open(&d);
    plan_of(friction);
    d.shown_ms = SHOWN;
}

static enum dialog_answer typed(const char *s, bool pasted)
{
    enum dialog_answer a = DIALOG_STAY;

    for (; *s != '\0'; s++)
        a = dialog_key(&d, (unsigned char)*s, pasted, LATER);
    return a;
}

static enum dialog_answer key(uint32_t k)
{
    return dialog_key(&d, k, false, LATER);
}

static void test_low(void **state)
{
    (void)state;
    open_for(ACT_PAUSE, RISK_LOW);
    assert_true(dialog_needless(&d));
    d.count = 2; /* several are always asked for */
    assert_false(dialog_needless(&d));
}

static void test_medium(void **state)
{
    (void)state;
    open_for(ACT_KILL, RISK_MEDIUM);
    assert_false(dialog_needless(&d));
    assert_int_equal(d.field_count, 0);
    assert_int_equal(key('x'), DIALOG_STAY);
    assert_int_equal(key('n'), DIALOG_CANCEL);
    assert_int_equal(key(TERM_KEY_ESCAPE), DIALOG_CANCEL);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CANCEL); /* N stands first */
    assert_int_equal(key('c' & 0x1f), DIALOG_CANCEL);
    assert_int_equal(key('y'), DIALOG_CONFIRM);
    assert_int_equal(key('Y'), DIALOG_CONFIRM);
}

static void test_calm(void **state)
{
    (void)state;
    open_for(ACT_KILL, RISK_MEDIUM);
    d.shown_ms = 0; /* not yet on the screen */
    assert_int_equal(dialog_key(&d, 'y', false, 99999), DIALOG_STAY);
    assert_true(d.dropped);
    d.shown_ms = SHOWN;
    assert_int_equal(dialog_key(&d, 'y', false, LATER - 1), DIALOG_STAY);
    assert_true(d.dropped);
    assert_int_equal(dialog_key(&d, TERM_KEY_ENTER, false, SHOWN),
                     DIALOG_STAY);
    /* leaving is always possible */
    assert_int_equal(dialog_key(&d, TERM_KEY_ESCAPE, false, SHOWN),
                     DIALOG_CANCEL);
    assert_false(d.dropped);
    assert_int_equal(dialog_key(&d, 'y', false, LATER), DIALOG_CONFIRM);
}

static void test_paste_only_types(void **state)
{
    (void)state;
    open_for(ACT_KILL, RISK_MEDIUM);
    assert_int_equal(typed("yYn", true), DIALOG_STAY);
    dialog_close(&d);
    dialog_finish(&d);
    dialog_init(&d);
    open_for(ACT_APPROVE, RISK_HIGH);
    typed("coder", true);
    assert_string_equal(d.fields[0].text, "coder");
    assert_int_equal(dialog_key(&d, TERM_KEY_ENTER, true, LATER), DIALOG_STAY);
    assert_int_equal(dialog_key(&d, '\r', true, LATER), DIALOG_STAY);
    assert_int_equal(dialog_key(&d, '\n', true, LATER), DIALOG_STAY);
    assert_int_equal(dialog_key(&d, TERM_KEY_ESCAPE, true, LATER),
                     DIALOG_STAY);
    assert_string_equal(d.fields[0].text, "coder");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
}

static void test_high(void **state)
{
    (void)state;
    open_for(ACT_APPROVE, RISK_HIGH);
    assert_int_equal(d.field_count, 1);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    typed("Coder", false);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    key('u' & 0x1f);
    assert_string_equal(d.fields[0].text, "");
    typed("code", false);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    assert_int_equal(key('y'), DIALOG_REPLAN); /* a letter like any other */
    key(TERM_KEY_BACKSPACE);
    typed("r", false);
    assert_int_equal(dialog_key(&d, TERM_KEY_ENTER, false, LATER - 1),
                     DIALOG_STAY);
    assert_true(d.dropped);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
}

static void test_critical(void **state)
{
    struct act_want w;

    (void)state;
    open_for(ACT_APPROVE, RISK_CRITICAL);
    assert_int_equal(d.field_count, 2);
    typed("coder", false);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* to the reason */
    assert_int_equal(d.at, 1);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    typed("looked at it", false);
    plan_of(RISK_CRITICAL); /* planned anew: fields stay */
    assert_int_equal(d.field_count, 2);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
    dialog_want(&d, 0, &w);
    assert_string_equal(w.reason, "looked at it");
    key(TERM_KEY_BACKTAB);
    assert_int_equal(d.at, 0);
    key(TERM_KEY_BACKSPACE);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* the name again */
    key(TERM_KEY_UP);
    key(TERM_KEY_DOWN);
}

static void test_what_changed_is_confirmed_anew(void **state)
{
    struct plan was = {.title = "approve it"}, is = was;
    struct error none = {0}, gone = {ERR_ABSENT, "it has gone"};
    bool changed[3] = {true, false, true};

    (void)state;
    open_for(ACT_APPROVE, RISK_CRITICAL);
    typed("coder", false);
    key(TERM_KEY_TAB);
    typed("looked at it", false);
    plan_line(&was, "one");
    plan_line(&was, "two");
    plan_line(&is, "two"); /* moved is not new */
    plan_line(&is, "three");
    strcpy(is.type, "coder");
    is.friction = RISK_CRITICAL;
    dialog_planned(&d, &is, &none);
    dialog_again(&d, &was, changed);
    assert_true(d.again);
    assert_false(d.lit_title);
    assert_int_equal(d.lit, 1u << 1);
    assert_true(d.lit_rows[0]);
    /* the name is typed again, once it was seen; the reason stands */
    assert_string_equal(d.fields[d.form_count].text, "");
    assert_string_equal(d.fields[d.form_count + 1].text, "looked at it");
    d.at = d.form_count;
    typed("coder", false);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* not shown yet */
    d.shown_ms = SHOWN;
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);

    d.count = 3;
    strcpy(d.wants[1].name, "b");
    strcpy(d.wants[2].name, "c");
    dialog_leave_out(&d, 1, &gone);
    assert_int_equal(d.count, 2);
    assert_string_equal(d.wants[1].name, "c");
    assert_string_equal(d.left_why, "b: it has gone");
    plan_of(RISK_CRITICAL);
    assert_false(d.again); /* that was then */
    assert_int_equal(d.lit, 0);
}

static void test_reject_has_a_reason(void **state)
{
    struct act_want w;

    (void)state;
    open_for(ACT_REJECT, RISK_LOW);
    assert_false(dialog_needless(&d));
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM); /* may be empty */
    typed("n\xc3", false);
    key(0xe4);
    key(TERM_KEY_BACKSPACE);
    key(TERM_KEY_BACKSPACE);
    typed("ot now", false);
    dialog_want(&d, 0, &w);
    assert_string_equal(w.reason, "not now");
    assert_int_equal(w.act, ACT_REJECT);
}

static void test_spawn_form(void **state)
{
    struct act_want w;
    struct plan p = {0};
    struct error bad = {ERR_SYNTAX, "a quote is not closed"};

    (void)state;
    d.wants[0] = (struct act_want){.act = ACT_SPAWN, .dir = "/src"};
    d.count = 1;
    dialog_open(&d);
    d.shown_ms = SHOWN;
    assert_int_equal(d.field_count, 3);
    typed("make 'x", false);
    dialog_planned(&d, &p, &bad);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    typed("coder", false);
    assert_int_equal(key(TERM_KEY_TAB), DIALOG_STAY);
    assert_string_equal(d.fields[2].text, "/src");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* no plan yet */
    plan_of(RISK_MEDIUM);
    assert_int_equal(d.field_count, 3);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
    dialog_want(&d, 0, &w);
    assert_string_equal(w.command, "make 'x");
    assert_string_equal(w.name, "coder");
    assert_string_equal(w.dir, "/src");
}

static void test_fields_are_bounded(void **state)
{
    (void)state;
    d.wants[0].act = ACT_SAY;
    d.count = 1;
    dialog_open(&d);
    for (int i = 0; i < 3 * ACT_TEXT; i++)
        dialog_key(&d, i % 2 ? 0x1f331 : 'a', i % 3 == 0, LATER);
    assert_true(strlen(d.fields[0].text) < ACT_TEXT);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* no plan */
    assert_int_equal(key(0x1b), DIALOG_STAY);  /* controls are no text */
    assert_int_equal(key(0x9b), DIALOG_STAY);
    assert_int_equal(key(0xd800), DIALOG_STAY);
    assert_int_equal(key(0x110000), DIALOG_STAY);
    for (int i = 0; i < ACT_TEXT; i++)
        key(TERM_KEY_BACKSPACE);
    assert_string_equal(d.fields[0].text, "");
    plan_of(RISK_MEDIUM);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* nothing to say */
}

/* ---- a form on a cluster, and the question before ------------------------ */

static struct field *field_at(const char *label)
{
    for (int i = 0; i < d.field_count; i++)
        if (strcmp(d.fields[i].of->label, label) == 0)
            return &d.fields[i];
    fail_msg("no field %s", label);
    return NULL;
}

static void open_spawn(void)
{
    d.cluster = true;
    d.wants[0] = (struct act_want){.act = ACT_SPAWN, .ns = "team"};
    want_set(&d.wants[0], "genus", "B");
    d.count = 1;
    dialog_open(&d);
    d.shown_ms = SHOWN;
}

static void refuse(const char *key, const char *text)
{
    struct plan p = {.want = d.wants[0]};
    struct error err = {ERR_SYNTAX, ""};

    snprintf(p.field, sizeof p.field, "%s", key);
    snprintf(err.msg, sizeof err.msg, "%s", text);
    dialog_planned(&d, &p, &err);
}

static void test_errors_stand_at_their_field(void **state)
{
    (void)state;
    open_spawn();
    refuse("name", "a name is missing");
    assert_int_equal(d.error.code, 0);
    assert_string_equal(field_at("name")->error, "a name is missing");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    assert_true(d.pressed);
    assert_int_equal(d.at, 0); /* what is wrong has the keys */
    typed("a", false);
    plan_of(RISK_MEDIUM);
    assert_string_equal(field_at("name")->error, "");
    refuse("unknown", "all of it");
    assert_string_equal(d.error.msg, "all of it");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
}

static void test_tried(void **state)
{
    struct tried t = {.status = 422};
    struct act_want w;

    (void)state;
    open_spawn();
    typed("alpha", false);
    plan_of(RISK_MEDIUM);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
    dialog_try(&d);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* only taking back */
    assert_int_equal(key('x'), DIALOG_STAY);
    assert_int_equal(dialog_key(&d, TERM_KEY_ESCAPE, true, LATER),
                     DIALOG_STAY);
    assert_int_equal(key(TERM_KEY_ESCAPE), DIALOG_UNTRY);
    assert_string_equal(field_at("name")->text, "alpha");
    strcpy(t.causes[0].key, "replicas");
    strcpy(t.causes[0].text, "at most 10");
    strcpy(t.causes[1].text, "spec.other: no");
    t.cause_count = 2;
    error_set(&t.error, ERR_OTHER, "422: all at once");
    assert_false(dialog_tried(&d, &t));
    assert_true(d.open);
    assert_false(d.trying);
    assert_string_equal(field_at("replicas")->error, "at most 10");
    assert_string_equal(d.fields[d.at].of->key, "replicas");
    assert_string_equal(d.error.msg, "spec.other: no");
    dialog_want(&d, 0, &w);
    assert_string_equal(w.name, "alpha");
    assert_string_equal(w.ns, "team");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM); /* once more */
    t = (struct tried){.status = 0};
    error_set(&t.error, ERR_CUT, "connection closed");
    dialog_try(&d);
    assert_false(dialog_tried(&d, &t));
    assert_non_null(strstr(d.error.msg, "nothing was stored"));
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
    t = (struct tried){.status = 201};
    dialog_try(&d);
    assert_true(dialog_tried(&d, &t));
}

static void test_a_warning_is_seen_first(void **state)
{
    struct tried t = {.status = 201, .warning_count = 1};

    (void)state;
    open_spawn();
    typed("alpha", false);
    plan_of(RISK_MEDIUM);
    dialog_try(&d);
    strcpy(t.warnings[0], "unknown field");
    assert_false(dialog_tried(&d, &t));
    assert_int_equal(d.warning_count, 1);
    assert_true(d.warned);
    assert_string_equal(d.warnings[0], "unknown field");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY); /* not seen yet */
    assert_true(d.dropped);
    d.shown_ms = LATER - DIALOG_CALM_MS;
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
    plan_of(RISK_MEDIUM); /* something was typed: it is another plan */
    assert_int_equal(d.warning_count, 0);
    assert_false(d.warned);
    /* refused and warned of: the next Enter asks again, and does not send */
    error_set(&t.error, ERR_OTHER, "no");
    t.status = 400;
    dialog_try(&d);
    assert_false(dialog_tried(&d, &t));
    assert_int_equal(d.warning_count, 1);
    assert_false(d.warned);
}

/* What it says would come of it is shown, too, before anything is sent. */
static void test_what_comes_of_it_is_seen_first(void **state)
{
    struct tried t = {.status = 200, .line_count = 1};

    (void)state;
    open_spawn();
    typed("alpha", false);
    plan_of(RISK_MEDIUM);
    dialog_try(&d);
    strcpy(t.lines[0], "it would run x");
    assert_false(dialog_tried(&d, &t));
    assert_true(d.warned);
    assert_string_equal(d.told[0], "it would run x");
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    d.shown_ms = LATER - DIALOG_CALM_MS;
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
    typed("x", false);
    plan_of(RISK_MEDIUM); /* another plan: nothing is known of it */
    assert_int_equal(d.told_count, 0);
    assert_false(d.warned);
    /* refused: nothing of it is sent by the next Enter */
    dialog_try(&d);
    error_set(&t.error, ERR_OTHER, "no");
    assert_false(dialog_tried(&d, &t));
    assert_false(d.warned);
}

/* What nobody touched the file says; what was typed says otherwise. */
static void test_a_file_behind_the_fields(void **state)
{
    struct act_want w;

    (void)state;
    open_spawn();
    while (strcmp(d.fields[d.at].of->key, "template") != 0)
        key(TERM_KEY_TAB);
    typed("/tmp/x.yaml", false);
    key(TERM_KEY_TAB); /* round, to the name */
    typed("alpha", false);
    dialog_want(&d, 0, &w);
    assert_string_equal(w.name, "alpha");
    assert_string_equal(w.ns, "");
    assert_string_equal(want_more(&w, "here"), "team");
    assert_string_equal(want_more(&w, "genus"), "");
    assert_string_equal(want_more(&w, "template"), "/tmp/x.yaml");
    key(TERM_KEY_TAB);
    key('u' & 0x1f);
    typed("other", false);
    dialog_want(&d, 0, &w);
    assert_string_equal(w.ns, "other");
}

/* The friction of a form comes and goes with what is chosen. */
static void test_friction_of_a_form(void **state)
{
    int fields;

    (void)state;
    d.cluster = true;
    d.wants[0] = (struct act_want){.act = ACT_DEPOSIT, .ns = "team"};
    d.count = 1;
    dialog_open(&d);
    d.shown_ms = SHOWN;
    fields = d.field_count;
    typed("CHAOS", false);
    plan_of(RISK_CRITICAL);
    assert_int_equal(d.field_count, fields + 2);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_STAY);
    assert_int_equal(d.at, fields); /* type it to confirm */
    plan_of(RISK_MEDIUM);
    assert_int_equal(d.field_count, fields);
    assert_true(d.at < fields);
    plan_of(RISK_CRITICAL);
    d.at = fields;
    typed("coder", false);
    key(TERM_KEY_TAB);
    typed("because", false);
    assert_int_equal(key(TERM_KEY_ENTER), DIALOG_CONFIRM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_low),
        T(test_medium),
        T(test_calm),
        T(test_paste_only_types),
        T(test_high),
        T(test_critical),
        T(test_what_changed_is_confirmed_anew),
        T(test_reject_has_a_reason),
        T(test_spawn_form),
        T(test_fields_are_bounded),
        T(test_errors_stand_at_their_field),
        T(test_tried),
        T(test_a_warning_is_seen_first),
        T(test_what_comes_of_it_is_seen_first),
        T(test_a_file_behind_the_fields),
        T(test_friction_of_a_form),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
