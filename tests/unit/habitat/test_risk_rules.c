#include "config.h"

#include "habitat/risk_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/cm.h"

static struct risk_rules *r;
static struct risk_factor f[RISK_FACTORS_MAX];

static int setup(void **state)
{
    struct error err;

    (void)state;
    r = risk_rules_load(NULL, &err);
    assert_int_equal(err.code, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    risk_rules_free(r);
    return 0;
}

static int command(const char *text)
{
    const struct risk_asked asked = {.command = span_of(text)};

    return risk_factors(r, &asked, f);
}

static int path(const char *text)
{
    const struct risk_asked asked = {.path = span_of(text)};

    return risk_factors(r, &asked, f);
}

static void test_commands(void **state)
{
    (void)state;
    assert_int_equal(command("git push origin main"), 1);
    assert_string_equal(f[0].why, "publishes");
    assert_int_equal(command("git push --force origin"), 1); /* the closest */
    assert_string_equal(f[0].why, "rewrites a published branch");
    assert_int_equal(command("cd x && rm -rf build; git push"), 2);
    assert_near(risk_together(f, 2), 1 - (1 - 0.7) * (1 - 0.45), 1e-9);
    assert_int_equal(command("sudo rm -rf /"), 2);
    assert_int_equal(command("(terraform destroy)"), 1);
    assert_int_equal(command("echo git pushed by term"), 1);
    assert_string_equal(f[0].why, "no rule knows it");
    assert_int_equal(command(""), 1);
    assert_near(risk_together(f, 0), 0, 0);
}

static void test_paths_and_diffs(void **state)
{
    const char *diff = "--- a\n+++ b\n@@\n-x\n+y\n same\n";
    struct risk_asked asked = {.diff = span_of(diff)};
    char big[4096];

    (void)state;
    assert_int_equal(path("/home/u/.ssh/id"), 1);
    assert_near(f[0].score, 0.9, 1e-9);
    assert_int_equal(path("src/main.c"), 1);
    assert_string_equal(f[0].why, "no rule knows it");
    assert_int_equal(risk_factors(r, &asked, f), 1);
    assert_string_equal(f[0].why, "2 changed lines");
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = i % 2 ? '\n' : '+';
    asked.diff = (struct span){big, 1000};
    assert_int_equal(risk_factors(r, &asked, f), 1);
    assert_near(f[0].score, 0.3, 1e-9); /* 500 lines */
    asked = (struct risk_asked){.command = span_of("rm x"),
                                .path = span_of("/etc/passwd"),
                                .diff = span_of("+a\n")};
    assert_int_equal(risk_factors(r, &asked, f), 3);
    asked = (struct risk_asked){0};
    assert_int_equal(risk_factors(r, &asked, f), 0);
}

static void test_file(void **state)
{
    char name[] = "/tmp/test_risk.XXXXXX", want[80];
    struct error err;
    FILE *file = fdopen(mkstemp(name), "w");

    (void)state;
    fputs("# mine\n\ncommand  deploy now*  0.9  ships it\n"
          "path *.sql 0.33\n"
          "command git push* 0.1 every day\n"
          "command broken\n",
          file);
    fclose(file);
    risk_rules_free(r);
    r = risk_rules_load(name, &err);
    assert_int_equal(err.code, ERR_CONFIG);
    snprintf(want, sizeof want, "%s:6:", name);
    assert_non_null(strstr(err.msg, want)); /* empty lines count */
    assert_int_equal(command("deploy now or never"), 1);
    assert_string_equal(f[0].why, "ships it");
    assert_near(f[0].score, 0.9, 1e-9);
    assert_int_equal(path("a.sql"), 1);
    assert_string_equal(f[0].why, "a rule of yours");
    assert_true(command("git push") >= 1);
    assert_string_equal(f[0].why, "every day"); /* one's own come first */
    unlink(name);
    risk_rules_free(r);
    r = risk_rules_load(name, &err); /* none is no error */
    assert_int_equal(err.code, 0);
    risk_rules_free(r);
    r = risk_rules_load("/", &err);
    command("git push");
}

static void test_bad_lines(void **state)
{
    static const char *const lines[] = {
        "file x 0.5", "command", "command 0.5", "command x", "path x 1.5 y",
        "command x -1", "path x high"};
    char name[] = "/tmp/test_risk.XXXXXX";
    int fd = mkstemp(name);

    (void)state;
    close(fd);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        FILE *file = fopen(name, "we");
        struct error err;
        struct risk_rules *bad;

        fprintf(file, "%s\n", lines[i]);
        fclose(file);
        bad = risk_rules_load(name, &err);
        if (err.code != ERR_CONFIG)
            fail_msg("%s was taken", lines[i]);
        risk_rules_free(bad);
    }
    unlink(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_commands),
        T(test_paths_and_diffs),
        T(test_file),
        T(test_bad_lines),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
