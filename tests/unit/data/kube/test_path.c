#include "config.h"

#include "data/kube/path.h"

#include "tests/support/cm.h"

static void a_name_is_letters_digits_and_what_is_allowed(void **state)
{
    (void)state;
    assert_true(kube_path_safe("a-1.B", KUBE_PATH_NAME));
    assert_false(kube_path_safe("a_1", KUBE_PATH_NAME));
    assert_true(kube_path_safe("a_1", KUBE_PATH_POD));
    assert_false(kube_path_safe("system:node", KUBE_PATH_POD));
    assert_true(kube_path_safe("system:node", KUBE_PATH_ANY));
    assert_false(kube_path_safe(NULL, KUBE_PATH_ANY));
    assert_false(kube_path_safe("", KUBE_PATH_ANY));
}

static void nothing_leads_out_of_a_path(void **state)
{
    static const char *const bad[] = {"a/b", "a?b", "a#b", "a%2fb", "a b",
                                      "a\nb", "a&b", "\xc3\xa9", "/", "a;b"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (kube_path_safe(bad[i], KUBE_PATH_ANY))
            fail_msg("taken: %s", bad[i]);
}

static void a_query_is_percent_encoded(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 200);
    kube_path_query(&b, "aZ0-._~");
    assert_string_equal(buf_text(&b), "aZ0-._~");
    buf_clear(&b);
    kube_path_query(&b, "a=b,c in (d)&/?%\xc3\xa9");
    assert_string_equal(buf_text(&b),
                        "a%3Db%2Cc%20in%20%28d%29%26%2F%3F%25%C3%A9");
    buf_clear(&b);
    kube_path_query(&b, "");
    assert_string_equal(buf_text(&b), "");
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_letters_digits_and_what_is_allowed),
        cmocka_unit_test(nothing_leads_out_of_a_path),
        cmocka_unit_test(a_query_is_percent_encoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
