/*
 * A canvas against files: text in NAME.screen, roles in NAME.roles, both in
 * GOLDEN_DIR. UPDATE=1 writes the files anew; look at them before they are
 * kept.
 */
#ifndef TESTS_GOLDEN_GOLDEN_H
#define TESTS_GOLDEN_GOLDEN_H

#include "base/buf.h"
#include "tests/support/cm.h"
#include "tui/render.h"

#include <stdio.h>
#include <stdlib.h>

static inline void read_all(const char *path, struct buf *ret)
{
    char chunk[4096];
    FILE *f = fopen(path, "r");
    size_t n;

    if (f == NULL) {
        print_error("cannot open %s; UPDATE=1 makes it\n", path);
        return;
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(ret, chunk, n);
    fclose(f);
}

static inline void write_all(const char *path, const struct buf *b)
{
    FILE *f = fopen(path, "w");

    if (f == NULL)
        fail_msg("cannot write %s", path);
    assert_int_equal(fwrite(buf_text(b), 1, b->len, f), b->len);
    assert_int_equal(fclose(f), 0);
}

/* Both texts' lines that are not the same; returns how many. */
static inline int differing(const char *name, const char *a, const char *b)
{
    int bad = 0;

    for (int line = 1; *a != '\0' || *b != '\0'; line++) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

        if (n != m || memcmp(a, b, n) != 0) {
            bad++;
            print_error("%s:%d\n- %.*s\n+ %.*s\n", name, line, (int)n, a,
                        (int)m, b);
        }
        a += n + (a[n] != '\0');
        b += m + (b[m] != '\0');
    }
    return bad;
}

static inline int compare(const char *name, const char *ext,
                   const struct buf *now)
{
    const char *update = getenv("UPDATE");
    char path[1024];
    struct buf kept;
    int bad;

    snprintf(path, sizeof path, "%s/%s.%s", GOLDEN_DIR, name, ext);
    if (update != NULL && strcmp(update, "1") == 0) {
        write_all(path, now);
        return 0;
    }
    buf_init(&kept, 4u << 20);
    read_all(path, &kept);
    bad = differing(path, buf_text(&kept), buf_text(now));
    buf_finish(&kept);
    return bad;
}

static inline void golden_check(const struct canvas *c, const char *name)
{
    struct buf text, roles;
    int bad;

    buf_init(&text, 1u << 20);
    buf_init(&roles, 1u << 20);
    render_text(c, &text);
    render_roles(c, &roles);
    bad = compare(name, "screen", &text);
    bad += compare(name, "roles", &roles);
    buf_finish(&text);
    buf_finish(&roles);
    assert_int_equal(bad, 0);
}

#endif
