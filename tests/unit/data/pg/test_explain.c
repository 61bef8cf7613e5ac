#include "config.h"

#include "data/pg/explain.h"
#include "tests/support/cm.h"

static void check(const char *message, int code, const char *text)
{
    static const char *const secrets[] = {"hunter2", NULL};
    struct error err = {0, ""};

    assert_int_equal(pg_explain_connect(message, secrets, &err), code);
    assert_string_equal(err.msg, text);
}

static void test_connect(void **state)
{
    (void)state;
    check("connection to server at \"127.0.0.1\", port 1 failed: Connection "
          "refused\n\tIs the server running on that host?\n",
          ERR_CONNECT,
          "connection to server at \"127.0.0.1\", port 1 failed: Connection "
          "refused");
    check("connection to server on socket \"/s/.s.PGSQL.5\" failed: FATAL:  "
          "28P01: password authentication failed for user \"fracta\"\n"
          "LOCATION:  auth_failed, auth.c:323\n",
          ERR_AUTH, "password authentication failed for user \"fracta\"");
    check("connection failed: FATAL:  57P03: the database system is starting "
          "up\n",
          ERR_BUSY, "the database system is starting up");
    check("connection failed: FATAL:  3D000: database \"x\" does not exist\n",
          ERR_ABSENT, "database \"x\" does not exist");
    check("connection failed: FATAL:  53300: too many clients already\n",
          ERR_BUSY, "too many clients already");
    check("connection to server at \"h\" failed: SSL error: certificate "
          "verify failed\n",
          ERR_TLS,
          "connection to server at \"h\" failed: SSL error: certificate "
          "verify failed");
    check("connection to server at \"h\" failed: timeout expired\n",
          ERR_SILENT, "connection to server at \"h\" failed: timeout expired");
    check("", ERR_CONNECT, "the connection was not made");
}

static void test_secrets(void **state)
{
    (void)state;
    check("could not translate host name \"hunter2@hunter2\": no\n",
          ERR_CONNECT, "could not translate host name \"*@*\": no");
}

static void test_states(void **state)
{
    (void)state;
    assert_int_equal(pg_explain_state("42501"), ERR_RIGHT);
    assert_int_equal(pg_explain_state("42P01"), ERR_ABSENT);
    assert_int_equal(pg_explain_state("57014"), ERR_SILENT);
    assert_int_equal(pg_explain_state("57P01"), ERR_CONNECT);
    assert_int_equal(pg_explain_state("25006"), ERR_REFUSED);
    assert_int_equal(pg_explain_state("XX000"), ERR_SERVER);
    assert_int_equal(pg_explain_state(NULL), ERR_SERVER);
    assert_int_equal(pg_explain_state(""), ERR_SERVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect),
        cmocka_unit_test(test_secrets),
        cmocka_unit_test(test_states),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
