/* Fields and the tables of forms. */
#include "config.h"

#include "widgets/field.h"

#include <stdlib.h>

#include "tests/support/cm.h"
#include "tui/keys.h"

#define CTRL(c) ((c) & 0x1f)

static struct field f;

static void open_field(const struct form_field *of, const char *text)
{
    field_init(&f, of, text, "");
    field_enter(&f);
}

static void typed(const char *s)
{
    for (; *s != '\0'; s++)
        field_key(&f, (unsigned char)*s, false);
}

static const struct form_field plain = {"image", "image", "", true, NULL};
static const char *const three[] = {"ONE", "TWO", "THREE", NULL};
static const struct form_field choice = {"type", "type", "", false, three};

static void test_cursor(void **state)
{
    (void)state;
    open_field(&plain, "");
    typed("abd");
    field_key(&f, TERM_KEY_LEFT, false);
    assert_true(field_key(&f, 'c', false));
    assert_string_equal(f.text, "abcd");
    assert_int_equal(f.at, 3);
    field_key(&f, TERM_KEY_HOME, false);
    assert_false(field_key(&f, TERM_KEY_BACKSPACE, false));
    assert_false(field_key(&f, TERM_KEY_LEFT, false));
    typed("x");
    assert_string_equal(f.text, "xabcd");
    assert_true(field_key(&f, TERM_KEY_DELETE, false));
    assert_string_equal(f.text, "xbcd");
    field_key(&f, TERM_KEY_END, false);
    assert_false(field_key(&f, TERM_KEY_DELETE, false));
    assert_false(field_key(&f, TERM_KEY_RIGHT, false));
    assert_true(field_key(&f, TERM_KEY_BACKSPACE, false));
    assert_string_equal(f.text, "xbc");
    assert_true(field_key(&f, CTRL('u'), false));
    assert_string_equal(f.text, "");
    assert_true(f.touched);
}

static void test_words(void **state)
{
    (void)state;
    open_field(&plain, "");
    typed("one two  three ");
    field_key(&f, CTRL('w'), false);
    assert_string_equal(f.text, "one two  ");
    field_key(&f, CTRL('w'), false);
    assert_string_equal(f.text, "one ");
    field_key(&f, CTRL('w'), false);
    assert_string_equal(f.text, "");
    assert_false(field_key(&f, CTRL('w'), false));
    typed("left right");
    for (int i = 0; i < 6; i++)
        field_key(&f, TERM_KEY_LEFT, false);
    field_key(&f, CTRL('w'), false);
    assert_string_equal(f.text, " right");
}

static void test_whole_code_points(void **state)
{
    (void)state;
    open_field(&plain, "");
    field_key(&f, 0xe4, false);
    field_key(&f, 0x1f331, true);
    field_key(&f, 'z', false);
    field_key(&f, TERM_KEY_LEFT, false);
    field_key(&f, TERM_KEY_LEFT, false);
    assert_int_equal(f.at, 2);
    field_key(&f, TERM_KEY_DELETE, false);
    assert_string_equal(f.text, "\xc3\xa4z");
    field_key(&f, TERM_KEY_BACKSPACE, false);
    assert_string_equal(f.text, "z");
}

static void test_choices(void **state)
{
    (void)state;
    open_field(&choice, "");
    assert_true(field_key(&f, TERM_KEY_RIGHT, false));
    assert_string_equal(f.text, "ONE");
    field_key(&f, TERM_KEY_LEFT, false);
    assert_string_equal(f.text, "THREE");
    field_key(&f, TERM_KEY_RIGHT, false);
    field_key(&f, TERM_KEY_RIGHT, false);
    assert_string_equal(f.text, "TWO");
    typed("x"); /* anything else can be typed, and begins anew */
    assert_string_equal(f.text, "x");
    typed("y");
    assert_string_equal(f.text, "xy");
    field_key(&f, TERM_KEY_LEFT, false); /* of no choice: the last */
    assert_string_equal(f.text, "THREE");
    field_key(&f, TERM_KEY_BACKSPACE, false);
    assert_string_equal(f.text, "");
}

/* A letter replaces what was only proposed; a cursor keeps it. */
static void test_proposed(void **state)
{
    (void)state;
    open_field(&plain, "python:3.12");
    typed("n");
    assert_string_equal(f.text, "n");
    field_enter(&f);
    typed("m");
    assert_string_equal(f.text, "nm");
    open_field(&plain, "python:3.12");
    field_key(&f, TERM_KEY_END, false);
    typed("x");
    assert_string_equal(f.text, "python:3.12x");
    open_field(&plain, "python:3.12");
    field_key(&f, TERM_KEY_BACKSPACE, false);
    assert_string_equal(f.text, "python:3.1");
}

static void test_pasted_controls_are_no_keys(void **state)
{
    (void)state;
    open_field(&plain, "");
    typed("ab");
    assert_false(field_key(&f, CTRL('u'), true));
    assert_false(field_key(&f, 0x1b, true));
    assert_false(field_key(&f, TERM_KEY_BACKSPACE, true));
    assert_false(field_key(&f, 0x9b, true));
    assert_false(field_key(&f, 0xd800, false));
    assert_false(field_key(&f, 0x110000, false));
    assert_string_equal(f.text, "ab");
}

/* Any keys: valid UTF-8, in bounds, the cursor before a code point. */
static void test_any_keys(void **state)
{
    static const uint32_t keys[] = {
        TERM_KEY_LEFT, TERM_KEY_RIGHT, TERM_KEY_HOME, TERM_KEY_END,
        TERM_KEY_BACKSPACE, TERM_KEY_DELETE, CTRL('w'), CTRL('u'), ' ', 'a',
        0xe4, 0x4e2d, 0x1f331, 0x7f, 0xfffd, TERM_KEY_F1, 0};

    (void)state;
    srand(7);
    for (int round = 0; round < 20; round++) {
        open_field(round % 2 ? &choice : &plain, round % 3 ? "" : "ONE");
        for (int i = 0; i < 4000; i++) {
            int k = rand() % (int)(sizeof keys / sizeof *keys);

            if (k >= 4 && k < 8 && rand() % 8 != 0)
                k = 10 + rand() % 3;
            field_key(&f, keys[k], rand() % 5 == 0);
            assert_true(strlen(f.text) < f.room);
            assert_true(f.at <= strlen(f.text));
            assert_true(((unsigned char)f.text[f.at] & 0xc0) != 0x80);
        }
        for (const unsigned char *p = (const unsigned char *)f.text; *p;) {
            int n = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;

            for (int i = 1; i < n; i++)
                assert_int_equal(p[i] & 0xc0, 0x80);
            p += n;
        }
    }
}

static void test_tables(void **state)
{
    (void)state;
    for (int a = 0; a < ACT_COUNT; a++)
        for (int at = FORM_HERE; at <= FORM_PLANE; at++) {
            const struct form *form = form_of((enum act)a, (enum form_at)at);
            struct act_want w = {.act = (enum act)a};
            bool file = form == NULL || form->file == NULL;

            for (int i = 0; form != NULL && i < form->count; i++) {
                const struct form_field *k = &form->at[i];

                assert_true(strlen(k->key) < sizeof w.more[0].key);
                assert_non_null(k->hint);
                for (int j = 0; j < i; j++)
                    assert_string_not_equal(k->key, form->at[j].key);
                assert_true(want_put(&w, k->key, "x"));
                assert_string_equal(want_get(&w, k->key), "x");
                file |= form->file && strcmp(form->file, k->key) == 0;
            }
            assert_true(file);
            assert_true(want_set(&w, "here", "x"));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_whole_code_points),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_proposed),
        cmocka_unit_test(test_pasted_controls_are_no_keys),
        cmocka_unit_test(test_any_keys),
        cmocka_unit_test(test_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
