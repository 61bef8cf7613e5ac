#include "config.h"

#include "data/fracta/plain_http.h"

#include "tests/support/cm.h"

#include <string.h>

static void test_loopback(void **state)
{
    static const char *const here[] = {
        "http://localhost", "http://localhost:9090/x", "http://127.0.0.1",
        "http://127.8.9.10:80", "http://[::1]:9090", "http://[::1]",
        "http://u:p@localhost:1", "localhost:9090"};
    static const char *const far[] = {
        "http://localhost.example", "http://127.0.0.1.example",
        "http://[::1].example", "http://[::2]", "http://10.0.0.1",
        "http://localhost@example", "http://example/localhost",
        "http://example?@127.0.0.1", "http://"};

    (void)state;
    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        if (!plain_http_is_loopback(here[i]))
            fail_msg("%s is here", here[i]);
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        if (plain_http_is_loopback(far[i]))
            fail_msg("%s is not here", far[i]);
}

static void test_check(void **state)
{
    struct plane p = {0};
    struct error err = {0};

    (void)state;
    assert_int_equal(plain_http_check("https://far", false, &p, &err), 0);
    assert_int_equal(plain_http_check("http://localhost", false, &p, &err), 0);
    assert_false(p.insecure);
    assert_int_equal(plain_http_check("http://far", true, &p, &err), 0);
    assert_true(p.insecure);
    p.insecure = false;
    assert_int_equal(plain_http_check("http://far", false, &p, &err),
                     ERR_REFUSED);
    assert_int_equal(p.state, PLANE_REFUSED);
    assert_non_null(strstr(p.error.msg, "plain-http: true"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_loopback),
                                       cmocka_unit_test(test_check)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
