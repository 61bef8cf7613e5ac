#include "config.h"

#include "data/net/policy.h"

#include "tests/support/cm.h"

#define POD "/api/v1/namespaces/a/pods/p"

static void test_reading_is_allowed(void **state)
{
    static const char *const paths[] = {
        "/", "/version", "/readyz", "/apis/kgents.io/v1/agents?watch=true",
        "/apis/kgents.io/v1/namespaces/kgents-agents/proposals/fix-it",
        POD, POD "/log?follow=true&container=logic",
        /* in the query it is no path */
        POD "?x=/exec", POD "/log?x=/proxy/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (!policy_allows_reading("GET", paths[i]))
            fail_msg("refused: %s", paths[i]);
}

/* Each * of the pattern becomes the word. */
static void put_word(char *ret, size_t size, const char *pattern,
                     const char *word)
{
    size_t n = 0;

    for (; *pattern != '\0'; pattern++) {
        size_t len = *pattern == '*' ? strlen(word) : 1;

        assert_true(n + len < size);
        memcpy(ret + n, *pattern == '*' ? word : pattern, len);
        n += len;
    }
    ret[n] = '\0';
}

/* Named as a channel, yet none: the name's place, not a subresource's. */
static void test_names_are_allowed(void **state)
{
    static const char *const words[] = {"exec", "attach", "portforward",
                                        "proxy"};
    static const char *const allowed[] = {
        "/api/v1/namespaces/a/pods/*", "/api/v1/namespaces/a/pods/*/log",
        "/api/v1/namespaces/a/pods/*/log?follow=true",
        "/api/v1/namespaces/*/pods/p", "/api/v1/namespaces/*/pods/p/log",
        "/api/v1/namespaces/*/pods", "/api/v1/namespaces/*",
        "/api/v1/nodes/*", "/apis/kgents.io/v1/namespaces/a/agents/*",
        "/apis/kgents.io/v1/namespaces/*/agents?watch=true",
        "/k8s/clusters/c-1/api/v1/namespaces/a/pods/*",
        "/api/v1/namespaces/*/pods/exec/log", "/api/v1/pods?x=/*",
    };
    static const char *const refused[] = {
        "/api/v1/namespaces/a/pods/*/exec", "/api/v1/namespaces/a/pods/p/*",
        "/api/v1/namespaces/*/pods/p/proxy/*",
        "/api/v1/namespaces/a/pods/p/*/", "/api/v1/nodes/n/*",
        "/api/v1/nodes/n/*/metrics", "/api/v1/namespaces/a/*",
        "/api/v1/*/nodes/n", "/api/v1/*", "/*", "/*/api/v1/pods/p",
        "/apis/kgents.io/v1/namespaces/a/agents/x/*",
        "/apis/kgents.io/*", "/api/v1/namespaces/a/pods/p/log/*",
        "/k8s/clusters/c-1/api/v1/namespaces/a/pods/p/*",
        "/api/v1/namespaces/a/pods/p/*?container=c",
        "/api/v1/watch/namespaces/a/pods/p/*",
        /* what another reader might take for another path */
        "/api/v1/namespaces/a/pods//*", "/api/v1//namespaces/a/pods/*",
        "/api/v1/namespaces/a/pods/./*", "/api/v1/namespaces/a/pods/x/../*",
        "/api/v1/namespaces/a/pods%2Fp/*",
        "/api/v1/namespaces/a/pods/p%2F*",
    };
    char path[200];

    (void)state;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
            put_word(path, sizeof path, allowed[i], words[w]);
            if (!policy_allows_reading("GET", path))
                fail_msg("refused: %s", path);
        }
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
            put_word(path, sizeof path, refused[i], words[w]);
            if (policy_allows_reading("GET", path))
                fail_msg("allowed: %s", path);
        }
    }
    assert_false(policy_allows_reading(
        "GET", "/api/v1/namespaces/a/pods/p/%65xec"));
}

static void test_channels_are_refused(void **state)
{
    static const char *const paths[] = {
        POD "/exec", POD "/exec?command=sh&stdin=true", POD "/attach",
        POD "/portforward", POD "/proxy", POD "/proxy/", POD "/proxy/metrics",
        POD "/exec/", POD "/attach//", POD "/exec#x",
        "/api/v1/nodes/n/proxy/exec", "/api/v1/namespaces/a/services/s/proxy",
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (policy_allows_reading("GET", paths[i]))
            fail_msg("allowed: %s", paths[i]);
}

static void test_reviews(void **state)
{
#define AUTHZ "/apis/authorization.k8s.io/v1/"
    (void)state;
    assert_true(policy_allows_reading("POST", AUTHZ "selfsubjectaccessreviews"));
    assert_true(policy_allows_reading("POST", AUTHZ "selfsubjectrulesreviews"));
    assert_true(policy_allows_reading(
        "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"));
    /* a server below a path of its host */
    assert_true(policy_allows_reading(
        "POST", "/k8s/clusters/c-1" AUTHZ "selfsubjectaccessreviews"));
    assert_false(policy_allows_reading("POST", AUTHZ "subjectaccessreviews"));
    assert_false(policy_allows_reading(
        "POST", "/apis/authentication.k8s.io/v1/tokenreviews"));
    assert_false(policy_allows_reading("POST", "/api/v1/namespaces/a/pods"));
    /* creates nothing, and is a POST all the same */
    assert_false(policy_allows_reading("POST", "/api/v1/agents/dry-run"));
    assert_false(policy_allows_reading("POST", POD "/exec"));
    assert_false(policy_allows_reading(
        "POST", "/api/v1/namespaces/a/pods?x=" AUTHZ
                "selfsubjectaccessreviews"));
    /* through a service's proxy it would reach anything */
    assert_false(policy_allows_reading(
        "POST", "/api/v1/namespaces/a/services/s/proxy" AUTHZ
                "selfsubjectaccessreviews"));
}

static void test_writing_is_refused(void **state)
{
    static const char *const methods[] = {"PUT",     "PATCH", "DELETE",
                                          "CONNECT", "HEAD",  "get",
                                          "OPTIONS", "",      "GET "};

    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        assert_false(policy_allows_reading(methods[i], "/version"));
        assert_false(policy_allows_reading(
            methods[i], AUTHZ "selfsubjectaccessreviews"));
    }
    assert_false(policy_allows_reading("GET", ""));
    assert_false(policy_allows_reading("GET", "version"));
    assert_false(policy_allows_reading("GET", "http://h/version"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading_is_allowed),
        cmocka_unit_test(test_names_are_allowed),
        cmocka_unit_test(test_channels_are_refused),
        cmocka_unit_test(test_reviews),
        cmocka_unit_test(test_writing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
