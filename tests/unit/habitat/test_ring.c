#include "config.h"

#include "habitat/holder/ring.h"

#include <stdlib.h>

#include "base/wire.h"
#include "tests/support/cm.h"

static char byte_at(uint64_t offset)
{
    return (char)(offset * 31 + (offset >> 12));
}

static void add(struct ring *r, size_t n)
{
    char *p = malloc(n + 1);

    for (size_t i = 0; i < n; i++)
        p[i] = byte_at(r->next + i);
    assert_true(ring_add(r, p, n));
    free(p);
}

static void check(const struct ring *r)
{
    uint64_t at = r->first;
    const char *p;
    size_t n;

    while ((n = ring_peek(r, at, &p)) > 0)
        for (size_t i = 0; i < n; i++, at++)
            if (p[i] != byte_at(at))
                fail_msg("byte %llu", (unsigned long long)at);
    assert_int_equal(at, r->next);
}

static void test_empty(void **state)
{
    struct ring r = {0};
    const char *p;

    (void)state;
    assert_int_equal(ring_peek(&r, 0, &p), 0);
    add(&r, 0);
    add(&r, 5);
    assert_int_equal(ring_peek(&r, 5, &p), 0);
    assert_int_equal(ring_peek(&r, 2, &p), 3);
    assert_int_equal(r.room, 4096);
    ring_finish(&r);
    assert_int_equal(r.next, 0);
}

static void test_grows_and_gives_way(void **state)
{
    struct ring r = {0};

    (void)state;
    for (int i = 0; i < 3000; i++)
        add(&r, 997);
    assert_int_equal(r.room, WIRE_RING);
    assert_int_equal(r.next - r.first, WIRE_RING);
    check(&r);
    add(&r, 3 * WIRE_RING + 17); /* more at once than it holds */
    assert_int_equal(r.next - r.first, WIRE_RING);
    check(&r);
    ring_finish(&r);
}

static void test_property(void **state)
{
    uint32_t seed = 9;

    (void)state;
    for (int round = 0; round < 20; round++) {
        struct ring r = {0};

        for (int i = 0; i < 60; i++) {
            add(&r, cm_random(&seed) % (i % 7 ? 3000 : 300000));
            check(&r);
        }
        ring_finish(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_grows_and_gives_way),
        cmocka_unit_test(test_property),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
