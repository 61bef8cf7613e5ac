#include "data/fracta/dry_run.h"

#include "tests/support/cm.h"

#include <stdio.h>
#include <string.h>

static struct tried t;

static void read_it(int status, const char *type, const char *body)
{
    struct http_answer answer = {.status = status};
    const struct error none = {0};
    struct span text = {body, strlen(body)};

    snprintf(answer.type, sizeof answer.type, "%s", type);
    if (status != 200)
        answer.body = text;
    fracta_dry_run_read(&answer, text, &none, &t);
}

static bool told(const char *what)
{
    for (int i = 0; i < t.line_count; i++)
        if (strstr(t.lines[i], what) != NULL)
            return true;
    return false;
}

static void test_what_would_run(void **state)
{
    (void)state;
    read_it(200, "application/json",
            "{\"resolved_spec\":{\"resolution\":{\"host_type\":\"codex\","
            "\"model\":\"m1\",\"mode\":\"stream\",\"allowed_tools\":[\"A\","
            "\"B\"]},\"topology\":{\"backend\":\"local\"}},"
            "\"command_spec\":{\"Command\":\"codex\",\"Args\":[\"exec\","
            "\"do it\\nnow\"]},\"mcp_servers\":{\"one\":{},\"two\":{}}}");
    assert_int_equal(t.error.code, 0);
    assert_int_equal(t.warning_count, 0);
    assert_string_equal(t.lines[0], "it would run codex exec 'do it now'");
    assert_string_equal(t.lines[1],
                        "codex, model m1, stream, backend local");
    assert_string_equal(t.lines[2], "it may use A, B");
    assert_string_equal(t.lines[3], "MCP servers: one, two");
    assert_int_equal(t.line_count, 4);
}

static void nothing_told(void)
{
    for (int i = 0; i < t.line_count; i++)
        assert_null(strstr(t.lines[i], "hush"));
}

/* In each place where one may stand. */
static void test_no_secret(void **state)
{
    (void)state;
    read_it(200, "application/json",
            "{\"command_spec\":{\"Command\":\"x\",\"Args\":[\"--token\","
            "\"hush1\",\"--api-key=hush2\",\"-k\",\"OPENAI_API_KEY=hush3\","
            "\"--secret-file\",\"hush4\",\"--password\"],"
            "\"Env\":[\"A_KEY=hush5\",\"hush6\",\"B=hush=7\"]},"
            "\"staged_credential_refs\":{\"git\":\"hush8\"},"
            "\"mcp_servers\":{\"m\":{\"env\":{\"K\":\"hush9\"}}},"
            "\"payload_preview\":{\"contract\":\"hush10\",\"mcp_servers\":"
            "[{\"name\":\"hush11\"}],\"staged_credential_refs\":"
            "{\"npm\":\"hush12\"}},\"workspace_config\":{\"Env\":\"hush13\"}}");
    nothing_told();
    assert_true(told("--token … --api-key=… -k OPENAI_API_KEY=… "
                     "--secret-file … --password"));
    assert_true(told("environment: A_KEY, B; values"));
    assert_true(told("staged secrets: git, npm"));
    /* as a mapping */
    read_it(200, "application/json",
            "{\"command_spec\":{\"Env\":{\"HOME\":\"hush\",\"T\":null,"
            "\"a b\":\"hush\"}}}");
    assert_int_equal(t.line_count, 1);
    assert_string_equal(t.lines[0],
                        "environment: HOME, T; values are not shown");
}

/* In words that are not called so themselves. */
static void test_no_secret_inside(void **state)
{
    (void)state;
    read_it(200, "application/json",
            "{\"command_spec\":{\"Command\":\"x\",\"Args\":[\"-H\","
            "\"Authorization: Bearer hush1\","
            "\"--url=https://me:hush2@host/\",\"DB=postgres://u:hush3@h/d\","
            "\"--with\",\"{\\\"API_KEY\\\":\\\"hush4\\\"}\","
            "\"export X_TOKEN=hush5; go\",\"GITHUB_PAT=hush6\","
            "\"--header=Authorization:hush7\",\"PGPWD=hush8\",\"-e\","
            "\"hush9\",\"PATH=/bin\",\"a@b\"]}}");
    nothing_told();
    assert_true(told("x -H … --url=https://… DB=postgres://… --with {… "
                     "'export X_TOKEN=…' GITHUB_PAT=…"));
    read_it(200, "application/json",
            "{\"command_spec\":{\"Command\":\"x\",\"Args\":[\"PATH=/bin\","
            "\"a@b\",\"see https://h/x, me@h\"]}}");
    assert_string_equal(t.lines[0],
                        "it would run x PATH=/bin a@b 'see https://h/x, me@h'");
}

static void test_much(void **state)
{
    static char body[200000];
    char *p = body;

    (void)state;
    p += sprintf(p, "{\"command_spec\":{\"Command\":\"c\",\"Args\":[\"");
    memset(p, 'x', 5000);
    p += 5000;
    p += sprintf(p, "\"]},\"settings\":{\"permissions\":{\"allow\":[\"t\"");
    for (int i = 0; i < 5000; i++)
        p += sprintf(p, ",\"tool%d\"", i);
    sprintf(p, "]}}}");
    read_it(200, "application/json", body);
    assert_string_equal(t.lines[0], "it would run c …");
    assert_true(told("it may use t, tool0, tool1, "));
    assert_true(told(" more"));
    for (int i = 0; i < t.line_count; i++)
        assert_in_range(strlen(t.lines[i]), 1, sizeof t.lines[0] - 1);
}

static void test_not_asked_there(void **state)
{
    (void)state;
    read_it(405, "text/plain; charset=utf-8", "Method Not Allowed\n");
    assert_int_equal(t.error.code, 0);
    assert_string_equal(t.warnings[0], "it cannot be asked first what would "
                                       "run (answered 405: Method Not "
                                       "Allowed)");
    read_it(404, "text/plain", "404 page not found\n");
    assert_int_equal(t.error.code, 0);
    assert_int_equal(t.warning_count, 1);
    read_it(500, "application/json", "{\"error\":\"no such profile\"}");
    assert_int_equal(t.error.code, 0);
    assert_non_null(strstr(t.warnings[0], "no such profile"));
    read_it(200, "application/json", "{\"resolved_spec\":null}");
    assert_non_null(strstr(t.warnings[0], "did not say"));
    read_it(200, "application/json", "nonsense");
    assert_non_null(strstr(t.warnings[0], "cannot be read"));
}

static void test_refused(void **state)
{
    const struct error cut = {ERR_CUT, "connection closed"};
    const struct http_answer none = {0};

    (void)state;
    read_it(400, "application/json",
            "{\"error\":\"argv: the command is missing\"}");
    assert_int_not_equal(t.error.code, 0);
    assert_string_equal(t.causes[0].key, "command");
    assert_string_equal(t.causes[0].text, "the command is missing");
    read_it(403, "application/json", "{\"error\":\"an agent may not\"}");
    assert_int_not_equal(t.error.code, 0);
    assert_int_equal(t.cause_count, 0);
    fracta_dry_run_read(&none, (struct span){NULL, 0}, &cut, &t);
    assert_int_equal(t.status, 0);
    assert_int_equal(t.error.code, ERR_CUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_would_run),
        cmocka_unit_test(test_no_secret),
        cmocka_unit_test(test_no_secret_inside),
        cmocka_unit_test(test_much),
        cmocka_unit_test(test_not_asked_there),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
