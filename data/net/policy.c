#include "config.h"

#include "data/net/policy.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/*
 * A path is read as the API server reads it:
 *
 *   [prefix…] api VERSION | apis GROUP VERSION
 *             [namespaces NAMESPACE] RESOURCE NAME SUBRESOURCE …
 *
 * so that an object may be named exec, and a subresource may not.
 */

#define SEGMENTS 32

struct segment {
    const char *p;
    size_t n;
};

struct route {
    struct segment at[SEGMENTS];
    int count;
    int root; /* of "api" or "apis"; count: there is none */
    int rest; /* after the version */
};

static bool is(struct segment s, const char *word)
{
    return s.n == strlen(word) && memcmp(s.p, word, s.n) == 0;
}

static bool is_channel(struct segment s)
{
    return is(s, "exec") || is(s, "attach") || is(s, "portforward") ||
           is(s, "proxy");
}

static bool is_version(struct segment s)
{
    return s.n >= 2 && s.p[0] == 'v' && isdigit((unsigned char)s.p[1]);
}

/*
 * False for what could be read in two ways: escapes, which the server undoes
 * before it looks; dots, which clients resolve; empty segments.
 */
static bool split(const char *path, size_t n, struct route *ret)
{
    size_t from = 1;

    *ret = (struct route){.count = 0};
    if (n == 0 || path[0] != '/' || memchr(path, '%', n) != NULL)
        return false;
    while (n > 1 && path[n - 1] == '/')
        n--; /* the server does not see them either */
    for (size_t i = 1; i <= n; i++) {
        struct segment s = {path + from, i - from};

        if (i < n && path[i] != '/')
            continue;
        from = i + 1;
        if (n == 1)
            break; /* "/" alone */
        if (s.n == 0 || is(s, ".") || is(s, "..") || ret->count == SEGMENTS)
            return false;
        ret->at[ret->count++] = s;
    }
    return true;
}

static void find_root(struct route *r)
{
    for (r->root = 0; r->root < r->count; r->root++) {
        bool core = is(r->at[r->root], "api");

        if (!core && !is(r->at[r->root], "apis"))
            continue;
        r->rest = r->root + (core ? 2 : 3);
        if (r->rest <= r->count && is_version(r->at[r->rest - 1]))
            return;
    }
    r->rest = r->count;
}

/* Anything that could be a subresource, or hide one behind it. */
static bool opens_channel(const struct route *r)
{
    int name = r->rest + 1;

    if (r->rest + 2 < r->count && is(r->at[r->rest], "namespaces"))
        name += 2;
    for (int i = 0; i < r->count; i++) {
        bool a_name = r->rest < r->count &&
                      (i == name || (i == r->rest + 1 &&
                                     is(r->at[r->rest], "namespaces")));

        if (!a_name && is_channel(r->at[i]))
            return true;
    }
    return false;
}

static bool is_review(const struct route *r)
{
    static const char *const reviews[][2] = {
        {"authorization.k8s.io", "selfsubjectaccessreviews"},
        {"authorization.k8s.io", "selfsubjectrulesreviews"},
        {"authentication.k8s.io", "selfsubjectreviews"},
    };

    if (r->rest != r->root + 3 || r->rest + 1 != r->count ||
        !is(r->at[r->root + 2], "v1"))
        return false;
    for (size_t i = 0; i < sizeof reviews / sizeof *reviews; i++)
        if (is(r->at[r->root + 1], reviews[i][0]) &&
            is(r->at[r->rest], reviews[i][1]))
            return true;
    return false;
}

bool policy_allows_reading(const char *method, const char *path)
{
    struct route r;

    if (!split(path, strcspn(path, "?#"), &r))
        return false;
    find_root(&r);
    if (opens_channel(&r))
        return false;
    if (strcmp(method, "GET") == 0)
        return true;
    return strcmp(method, "POST") == 0 && is_review(&r);
}
