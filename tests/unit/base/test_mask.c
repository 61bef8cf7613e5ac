/* What may be shown of text that could hold a secret. */
#include "config.h"

#include "base/mask.h"

#include "tests/support/cm.h"

static void urls(void **state)
{
    static const char *const table[][2] = {
        {"postgres://u:hush@h/d", "postgres://u:***@h/d"},
        {"postgres://u:a@b@h/d", "postgres://u:***@h/d"},
        {"postgres://u:@h/d", "postgres://u:***@h/d"},
        {"postgres://u@h/d", "postgres://u@h/d"},
        {"postgres://h:5432/d", "postgres://h:5432/d"},
        {"redis://:hush@h", "redis://:***@h"},
        /* where a token may stand alone */
        {"https://u:hush@h:1/x@y", "https://***@h:1/x@y"},
        {"http://hush@h", "http://***@h"},
        {"HTTPS://hush@h", "HTTPS://***@h"},
        {"http://h/a:b@c", "http://h/a:b@c"},
        {"http://h?x=a@b", "http://h?x=a@b"},
        /* each field, not only the first */
        {"postgres://h/d?password=hush&x=1", "postgres://h/d?password=***&x=1"},
        {"postgres://h/d?a=b&sslpassword=hush&password=hush",
         "postgres://h/d?a=b&sslpassword=***&password=***"},
        {"https://h/?access_token=hush", "https://h/?access_token=***"},
        {"postgres://h/d?pass%77ord=hush", "postgres://h/d?pass%77ord=***"},
        {"postgres://h/d?password=a=b&x", "postgres://h/d?password=***&x"},
        {"postgres://h/d?", "postgres://h/d?"},
        {"postgres://h/d?&&=", "postgres://h/d?&&="},
        {"no url", "no url"},
        {"", ""},
    };
    char shown[200];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        mask_url(table[i][0], shown, sizeof shown);
        assert_string_equal(shown, table[i][1]);
        assert_null(strstr(shown, "hush"));
    }
}

static void what_does_not_fit_is_cut(void **state)
{
    const char *url = "postgres://u:hush@host/d?password=hush&x=1";
    char whole[100], some[100];

    (void)state;
    mask_url(url, whole, sizeof whole);
    for (size_t n = 1; n <= strlen(whole) + 1; n++) {
        memset(some, 'x', sizeof some);
        mask_url(url, some, n);
        assert_int_equal(strlen(some), n - 1);
        assert_memory_equal(some, whole, n - 1);
        assert_int_equal(some[n], 'x');
    }
    mask_url(url, NULL, 0);
}

static void names(void **state)
{
    static const char *const secret[] = {"API_TOKEN", "db-password", "apikey",
                                         "GH_PAT", "PGPASS", "Authorization",
                                         "a%20b"},
                      *const open[] = {"model", "path", "pattern", "", "user"};

    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        assert_true(mask_is_secret(span_of(secret[i])));
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        assert_false(mask_is_secret(span_of(open[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
