/* The command line, and the manual made from the same tables. */

#include "config.h"

#include "app/options.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tests/support/cm.h"
#include "tui/glyphs.h"
#include "tui/term.h"
#include "widgets/keymap.h"

#define ARGS_MAX 12

/* "snapshot -f json" as argv; the words stay in `line`. */
static int split(char *line, char **argv)
{
    int n = 0;

    for (char *s = strtok(line, " "); s != NULL && n < ARGS_MAX;
         s = strtok(NULL, " "))
        argv[n++] = s;
    return n;
}

static char line[600];

static int parse(const char *args, struct options *o, struct error *err)
{
    char *argv[ARGS_MAX + 1] = {NULL};

    snprintf(line, sizeof line, "terrarium %s", args);
    return options_read(split(line, argv), argv, o, err);
}

static struct options good(const char *args)
{
    struct options o;
    struct error err = {0};

    if (parse(args, &o, &err) != 0)
        fail_msg("'%s': %s", args, err.msg);
    return o;
}

static void bad(const char *args, const char *msg)
{
    struct options o;
    struct error err = {0};

    if (parse(args, &o, &err) == 0)
        fail_msg("'%s' is taken", args);
    if (strcmp(err.msg, msg) != 0)
        fail_msg("'%s': '%s', expected '%s'", args, err.msg, msg);
    assert_int_equal(err.code, ERR_SYNTAX);
    assert_int_not_equal(parse(args, &o, NULL), 0);
}

static void test_verbs(void **state)
{
    (void)state;
    assert_int_equal(good("").verb, VERB_CONSOLE);
    assert_int_equal(good("wall").verb, VERB_WALL);
    assert_int_equal(good("snapshot").verb, VERB_SNAPSHOT);
    assert_int_equal(good("doctor").verb, VERB_DOCTOR);
    assert_int_equal(good("help").verb, VERB_HELP);
    assert_int_equal(good("version").verb, VERB_VERSION);
    assert_int_equal(good("--help").verb, VERB_HELP);
    assert_int_equal(good("snapshot -h").verb, VERB_HELP);
    assert_int_equal(good("wall --version").verb, VERB_VERSION);
    for (int v = 0; v < VERB_COUNT; v++)
        assert_true(strlen(verb_row((enum verb)v)->help) > 0);
}

static void test_defaults(void **state)
{
    struct options o = good("");

    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++)
        assert_null(o.values[i]);
    assert_int_equal(o.w, 140);
    assert_int_equal(o.h, 40);
    assert_int_equal(o.wait_ms, 10000);
    assert_int_equal(o.glyphs, -1);
    assert_int_equal(o.colours, -1);
    assert_int_equal(o.format, FORMAT_TEXT);
    assert_int_equal(o.view, 0);
}

static void test_values(void **state)
{
    struct options o = good("--kubeconfig=a --context b -n c --read-only");

    (void)state;
    assert_string_equal(o.values[OPTION_KUBECONFIG], "a");
    assert_string_equal(o.values[OPTION_CONTEXT], "b");
    assert_string_equal(o.values[OPTION_NAMESPACE], "c");
    assert_string_equal(o.values[OPTION_READ_ONLY], "");
    assert_string_equal(good("-nc").values[OPTION_NAMESPACE], "c");
    assert_string_equal(good("--context=").values[OPTION_CONTEXT], "");
    assert_string_equal(good("--context=a=b").values[OPTION_CONTEXT], "a=b");
    assert_non_null(good("-A").values[OPTION_ALL]);
    assert_non_null(good("wall --no-clock").values[OPTION_NO_CLOCK]);
    o = good("snapshot --size=60x16 --wait 90s -f svg --view thoughts");
    assert_int_equal(o.w, 60);
    assert_int_equal(o.h, 16);
    assert_int_equal(o.wait_ms, 90000);
    assert_int_equal(o.format, FORMAT_SVG);
    assert_int_equal(o.view, PANE_THOUGHTS);
    assert_int_equal(good("snapshot --view=all").view, 0);
    assert_int_equal(good("snapshot --view=wall").view, -1);
    assert_int_equal(good("snapshot -fjson").format, FORMAT_JSON);
    assert_int_equal(good("snapshot --format ansi").format, FORMAT_ANSI);
    assert_int_equal(good("--glyphs=plain").glyphs, GLYPHS_PLAIN);
    assert_int_equal(good("--glyphs=ascii").glyphs, GLYPHS_ASCII);
    assert_int_equal(good("--colours=true").colours, TERM_TRUE);
    assert_int_equal(good("--colours=mono").colours, TERM_MONO);
    assert_string_equal(good("snapshot --check waiting<3").values[OPTION_CHECK],
                        "waiting<3");
}

static void test_errors(void **state)
{
    (void)state;
    bad("nosuch", "no command 'nosuch'; --help lists them");
    bad("tether", "tether: which agent? give its name");
    bad("tether a b", "unexpected 'b'");
    bad("port-forward", "port-forward: an agent and LOCAL:REMOTE were "
                        "expected");
    bad("port-forward a", "port-forward: an agent and LOCAL:REMOTE were "
                          "expected");
    bad("port-forward a 80:x", "LOCAL:REMOTE was expected, two ports such as "
                               "8080:80, not '80:x'");
    bad("wall more", "unexpected 'more'");
    bad("wall -", "unexpected '-'");
    bad("--nosuch", "no option '--nosuch'; --help lists them");
    bad("--name", "no option '--name'; --help lists them");
    bad("-x", "no option '-x'; --help lists them");
    bad("--", "no option '--'; --help lists them");
    bad("--context", "--context wants NAME");
    bad("-n", "--namespace wants NAME");
    bad("--read-only=yes", "--read-only takes no value");
    bad("-Ax", "--all-namespaces takes no value");
    bad("--format json", "--format is not for 'the console'");
    bad("wall --size=80x24", "--size is not for 'wall'");
    bad("snapshot --no-clock", "--no-clock is not for 'snapshot'");
    bad("doctor --theme moss", "--theme is not for 'doctor'");
    bad("snapshot --format=png",
        "--format: expected text, ansi, svg or json, not 'png'");
    bad("--glyphs=big", "--glyphs: expected full, plain or ascii, not 'big'");
    bad("--colours=8", "--colours: expected true, 256, 16 or mono, not '8'");
    bad("snapshot --view=x", "--view: expected all, agents, pheromones, "
                             "proposals, thoughts or wall, not 'x'");
    bad("snapshot --wait=soon", "--wait: expected a time like 10s, not 'soon'");
    bad("snapshot --check=nosuch<1",
        "--check: at 0: no such name, found 'nosuch<1'");
}

static void test_sizes(void **state)
{
    static const char *const sizes[] = {
        "59x16",  "60x15",  "501x40", "80x151", "80",     "80x",
        "x24",    "80x24x", "80*24",  "",       "80x-24", "-80x24",
        "99999999999999999999x24", "80x99999999999999999999"};
    char args[100], msg[200];

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        snprintf(args, sizeof args, "snapshot --size=%s", sizes[i]);
        snprintf(msg, sizeof msg,
                 "--size: expected WxH from 60x16 to 500x150, not '%s'",
                 sizes[i]);
        bad(args, msg);
    }
    assert_int_equal(good("snapshot --size=500x150").h, 150);
}

static void test_table(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *r = option_row((enum option)i);

        assert_true(strlen(r->name) > 1);
        assert_true(strlen(r->help) > 5);
        assert_true(r->verbs != 0);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(r->name, option_row((enum option)k)->name);
            assert_true(r->letter == '\0' ||
                        r->letter != option_row((enum option)k)->letter);
        }
    }
}

static void read_file(const char *path, struct buf *ret)
{
    FILE *f = fopen(path, "r");
    char chunk[4096];
    size_t n;

    if (f == NULL)
        return;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(ret, chunk, n);
    fclose(f);
}

static void test_help(void **state)
{
    struct buf b;
    FILE *f = tmpfile();
    char chunk[512];
    size_t n;

    (void)state;
    assert_non_null(f);
    options_help(f);
    rewind(f);
    buf_init(&b, 1u << 20);
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    fclose(f);
    for (int i = 0; i < OPTION_COUNT; i++) {
        char name[60];

        snprintf(name, sizeof name, "--%s", option_row((enum option)i)->name);
        assert_non_null(strstr(buf_text(&b), name));
        assert_non_null(
            strstr(buf_text(&b), option_row((enum option)i)->help));
    }
    buf_finish(&b);
}

/* The manual's text without what troff wants escaped. */
static void plain(const struct buf *man, struct buf *ret)
{
    const char *s = buf_text(man);

    while (*s != '\0') {
        if (strncmp(s, "\\(aq", 4) == 0) {
            buf_char(ret, '\'');
            s += 4;
        } else if (strncmp(s, "\\f", 2) == 0 && s[2] != '\0') {
            s += 3;
        } else if (s[0] == '\\' && s[1] != '\0') {
            buf_char(ret, s[1] == 'e' ? '\\' : s[1]);
            s += 2;
        } else {
            buf_char(ret, *s++);
        }
    }
}

static void has(const struct buf *b, const char *text)
{
    if (strstr(buf_text(b), text) == NULL)
        fail_msg("the manual lacks '%s'", text);
}

/* $TERRARIUM_MAN or the one in the build folder. */
static void test_manual(void **state)
{
    const char *path = getenv("TERRARIUM_MAN");
    struct buf man, b;

    (void)state;
    buf_init(&man, 1u << 20);
    buf_init(&b, 1u << 20);
    read_file(path != NULL ? path : "man/terrarium.1", &man);
    plain(&man, &b);
    if (man.len > 0) {
        for (int i = 0; i < OPTION_COUNT; i++) {
            const struct option_row *r = option_row((enum option)i);
            char name[60];

            snprintf(name, sizeof name, "--%s%s%s\n", r->name,
                     r->arg ? "=" : "", r->arg ? r->arg : "");
            has(&b, name);
            has(&b, r->help);
        }
        for (int a = 1; a < ACTION_COUNT; a++) {
            has(&b, action_row((enum action)a)->keys);
            has(&b, action_row((enum action)a)->help);
        }
        for (int v = 1; v < VERB_COUNT; v++)
            has(&b, verb_row((enum verb)v)->help);
    }
    if (man.len == 0)
        print_message("no manual built: not looked at\n");
    buf_finish(&man);
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verbs),  cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values), cmocka_unit_test(test_errors),
        cmocka_unit_test(test_sizes),  cmocka_unit_test(test_table),
        cmocka_unit_test(test_help),   cmocka_unit_test(test_manual),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
