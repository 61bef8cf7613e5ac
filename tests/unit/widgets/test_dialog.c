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
        T(test_reject_has_a_reason),
        T(test_spawn_form),
        T(test_fields_are_bounded),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
