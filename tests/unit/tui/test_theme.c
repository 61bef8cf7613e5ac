#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/cm.h"
#include "tui/paint.h"
#include "tui/theme.h"

/* A whole theme with one line more or another value for a role. */
static int parse(const char *role, const char *value, const char *more,
                 struct theme *ret, struct error *err)
{
    struct buf text;
    int rc;

    buf_init(&text, 1 << 16);
    buf_str(&text, "name = t\n");
    for (int i = 0; i < ROLE_COUNT; i++) {
        const char *name = role_name((enum role)i);
        bool this = role != NULL && strcmp(name, role) == 0;

        if (!this || value != NULL)
            buf_fmt(&text, "%s = %s\n", name, this ? value : "#102030");
    }
    buf_str(&text, more);
    rc = theme_parse("t.theme", buf_text(&text), text.len, ret, err);
    buf_finish(&text);
    return rc;
}

static void built_in_themes_load(void **state)
{
    struct theme t;
    struct error err;

    (void)state;
    assert_int_equal(theme_load("moss", &t, &err), 0);
    assert_string_equal(t.name, "moss");
    assert_int_equal(t.styles[ROLE_TEXT].rgb, 0xc9d4c5);
    assert_int_equal(t.styles[ROLE_RAMP_9].rgb, 0xf4493f);
    assert_int_equal(theme_load("mono", &t, &err), 0);
    for (int i = 0; i < ROLE_COUNT; i++)
        assert_int_equal(t.styles[i].rgb, THEME_DEFAULT);
    assert_memory_equal(&t, theme_mono(), sizeof t);
}

static void mono_tells_states_apart(void **state)
{
    const struct theme *m = theme_mono();
    const struct style *s = m->styles;

    (void)state;
    assert_int_not_equal(s[ROLE_GOOD].attrs, s[ROLE_WAIT].attrs);
    assert_int_not_equal(s[ROLE_GOOD].attrs, s[ROLE_BAD].attrs);
    assert_int_not_equal(s[ROLE_WAIT].attrs, s[ROLE_BAD].attrs);
    assert_int_not_equal(s[ROLE_DIM].attrs, s[ROLE_TEXT].attrs);
    assert_int_not_equal(s[ROLE_SELECT].attrs, s[ROLE_BACK].attrs);
    assert_int_not_equal(s[ROLE_RAMP_0].attrs, s[ROLE_RAMP_9].attrs);
}

static void styles_are_read(void **state)
{
    struct theme t;
    struct error err;

    (void)state;
    assert_int_equal(parse("wait", "#E8b45A  bold|underline reverse dim  # no",
                           "\r\n# end\n", &t, &err),
                     0);
    assert_int_equal(t.styles[ROLE_WAIT].rgb, 0xe8b45a);
    assert_int_equal(t.styles[ROLE_WAIT].attrs,
                     STYLE_BOLD | STYLE_UNDERLINE | STYLE_REVERSE | STYLE_DIM);
    assert_int_equal(parse("good", "default", "", &t, &err), 0);
    assert_int_equal(t.styles[ROLE_GOOD].rgb, THEME_DEFAULT);
}

static void errors_say_where(void **state)
{
    static const struct {
        const char *role, *value, *more, *message;
    } cases[] = {
        {"text", "#12345", "", "t.theme:2: bad colour '#12345'"},
        {"text", "#12345g", "", "t.theme:2: bad colour '#12345g'"},
        {"text", "", "", "t.theme:2: bad colour ''"},
        {"dim", "#102030 loud", "", "t.theme:3: bad attribute 'loud'"},
        {"dim", NULL, "", "t.theme: role 'dim' is missing"},
        {NULL, NULL, "dim = default\n", "repeated role 'dim'"},
        {NULL, NULL, "what = default\n", "unknown role 'what'"},
        {NULL, NULL, "what\n", "bad line 'what'"},
        {NULL, NULL, "name = u\n", "repeated 'name'"},
    };
    struct theme t, before;
    struct error err;

    (void)state;
    memset(&before, 7, sizeof before);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        t = before;
        assert_int_equal(
            parse(cases[i].role, cases[i].value, cases[i].more, &t, &err),
            ERR_CONFIG);
        if (strstr(err.msg, cases[i].message) == NULL)
            fail_msg("'%s' is not in '%s'", cases[i].message, err.msg);
        assert_memory_equal(&t, &before, sizeof t);
    }
    assert_int_equal(theme_parse("x", "name = a b\n", 11, &t, NULL),
                     ERR_CONFIG);
    assert_int_equal(theme_parse("x", "", 0, &t, NULL), ERR_CONFIG);
    assert_int_equal(theme_parse("x", "a\0b = #112233", 13, &t, NULL),
                     ERR_CONFIG);
}

static void files_are_found(void **state)
{
    char dir[] = "/tmp/theme-XXXXXX", path[200], command[200];
    struct theme t;
    struct error err;
    FILE *f;

    (void)state;
    assert_non_null(mkdtemp(dir));
    setenv("XDG_CONFIG_HOME", dir, 1);
    snprintf(path, sizeof path, "%s/terrarium", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/terrarium/themes", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/terrarium/themes/dusk.theme", dir);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("name = dusk\n", f);
    for (int i = 0; i < ROLE_COUNT; i++)
        fprintf(f, "%s = #000001\n", role_name((enum role)i));
    fclose(f);
    assert_int_equal(theme_load("dusk", &t, &err), 0);
    assert_string_equal(t.name, "dusk");
    assert_int_equal(theme_load(path, &t, &err), 0);
    assert_int_equal(theme_load("dawn", &t, &err), ERR_ABSENT);
    assert_non_null(strstr(err.msg, "moss"));
    assert_non_null(strstr(err.msg, "dusk"));
    assert_int_equal(theme_load("", &t, &err), ERR_ABSENT);
    assert_int_equal(theme_load("/no/such", &t, &err), ERR_ABSENT);
    assert_int_equal(theme_load("/", &t, &err), ERR_CONFIG);
    assert_int_not_equal(theme_load("/dev/zero", &t, &err), 0);
    f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 70000; i++)
        fputc('\n', f);
    fclose(f);
    assert_int_equal(theme_load("dusk", &t, &err), ERR_LIMIT);
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    assert_int_equal(system(command), 0);
}

static void colours_are_reduced_to_what_looks_alike(void **state)
{
    (void)state;
    assert_int_equal(theme_256(0xff0000), 196);
    assert_int_equal(theme_256(0xffffff), 231);
    assert_int_equal(theme_256(0x000000), 16);
    assert_int_equal(theme_256(0x808080), 244);
    assert_int_equal(theme_256(0x5f8700), 64);
    assert_int_equal(theme_16(0x000000), 0);
    assert_int_equal(theme_16(0xffffff), 15);
    assert_int_equal(theme_16(0xff1010), 9);
    assert_int_equal(theme_16(0x00c800), 2);
    assert_int_equal(theme_16(0x808080), 8);
    assert_int_equal(theme_16(0x7fd18b), 2);  /* soft green */
    assert_int_equal(theme_16(0xe8b45a), 3);  /* amber */
    assert_int_equal(theme_16(0xb59ade), 13); /* lilac */
    assert_int_equal(theme_16(0xc9d4c5), 7);
    /* the 256 themselves */
    for (int i = 0; i < 24; i++) {
        uint32_t v = 8 + 10 * (uint32_t)i;
        int got = theme_256(v << 16 | v << 8 | v);

        assert_true(got == 232 + i || got < 232);
    }
}

static void reduced_text_stays_readable(void **state)
{
    static const enum term_colours all[] = {TERM_16, TERM_256, TERM_TRUE};
    struct theme t;
    struct palette p;

    (void)state;
    assert_int_equal(theme_load("moss", &t, NULL), 0);
    for (int i = 0; i < 3; i++) {
        palette_init(&p, &t, all[i]);
        for (int fg = 0; fg < ROLE_BAR; fg++) {
            for (int bg = ROLE_BAR; bg < ROLE_HUE_0; bg++) {
                struct paint paint =
                    palette_paint(&p, (enum role)fg, (enum role)bg, 0);

                if (t.styles[fg].rgb != t.styles[bg].rgb)
                    assert_int_not_equal(paint.fg, paint.bg);
            }
        }
        assert_int_not_equal(p.reduced[ROLE_SELECT], p.reduced[ROLE_BACK]);
    }
    palette_init(&p, &t, TERM_MONO);
    assert_int_equal(palette_paint(&p, ROLE_BAD, ROLE_BAR, 0).fg,
                     PAINT_DEFAULT);
}

static void reverse_twice_is_straight(void **state)
{
    const struct theme *m = theme_mono();

    (void)state;
    assert_true(theme_look(m, ROLE_TEXT, ROLE_SELECT, 0).attrs & STYLE_REVERSE);
    assert_false(theme_look(m, ROLE_TEXT, ROLE_SELECT, STYLE_REVERSE).attrs &
                 STYLE_REVERSE);
    assert_false(theme_look(m, ROLE_RAMP_9, ROLE_BACK, 0).attrs &
                 STYLE_REVERSE);
    assert_true(theme_look(m, ROLE_INK, ROLE_RAMP_9, 0).attrs & STYLE_REVERSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_themes_load),
        cmocka_unit_test(mono_tells_states_apart),
        cmocka_unit_test(styles_are_read),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(files_are_found),
        cmocka_unit_test(colours_are_reduced_to_what_looks_alike),
        cmocka_unit_test(reduced_text_stays_readable),
        cmocka_unit_test(reverse_twice_is_straight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
