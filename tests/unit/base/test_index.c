#include "config.h"

#include "base/index.h"

#include <stdlib.h>

#include "tests/support/cm.h"

/* Rows are numbers; their key is the number itself. */
static bool same(const void *ctx, uint32_t slot, const void *key)
{
    const uint32_t *rows = ctx, *k = key;

    return rows[slot] == *k;
}

static uint32_t look(const struct index *ix, const uint32_t *rows,
                     uint32_t hash, uint32_t key)
{
    return index_find(ix, hash, &key, same, rows);
}

static void test_empty(void **state)
{
    struct index ix;
    uint32_t rows[] = {1};

    (void)state;
    index_init(&ix);
    assert_int_equal(look(&ix, rows, 0, 1), SLOT_NONE);
    assert_int_equal(look(&ix, rows, UINT32_MAX, 1), SLOT_NONE);
    assert_true(index_bytes(&ix) > 0);
    index_finish(&ix);
}

/* All keys with one hash: the chain must survive removal in its middle. */
static void test_collisions(void **state)
{
    struct index ix;
    uint32_t rows[20];

    (void)state;
    index_init(&ix);
    for (uint32_t i = 0; i < 20; i++) {
        rows[i] = 100 + i;
        index_add(&ix, 62, i);
    }
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(look(&ix, rows, 62, 100 + i), i);
    for (uint32_t i = 0; i < 20; i += 2)
        index_remove(&ix, 62, i);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(look(&ix, rows, 62, 100 + i), i % 2 ? i : SLOT_NONE);
    /* the hash decides before the owner is asked */
    assert_int_equal(look(&ix, rows, 63, 101), SLOT_NONE);
    index_finish(&ix);
}

static void test_against_array(void **state)
{
    enum { KEYS = 4000, STEPS = 100000 };
    struct index ix;
    uint32_t *rows = calloc(KEYS, sizeof *rows), seed = 99, live = 0;
    uint8_t *in = calloc(KEYS, 1);

    (void)state;
    index_init(&ix);
    for (uint32_t i = 0; i < KEYS; i++)
        rows[i] = i * 7;
    for (int i = 0; i < STEPS; i++) {
        uint32_t n = cm_random(&seed) % KEYS, hash = n * 2654435761u >> 22;

        assert_int_equal(look(&ix, rows, hash, n * 7), in[n] ? n : SLOT_NONE);
        if (in[n])
            index_remove(&ix, hash, n);
        else
            index_add(&ix, hash, n);
        in[n] ^= 1;
        live += in[n] ? 1 : -1u;
        assert_int_equal(ix.used, live);
        assert_true(ix.filled * 10 <= (ix.mask + 1) * 7 + 10);
    }
    free(rows);
    free(in);
    index_finish(&ix);
}

/* Adding and removing for ever must not let it grow for ever. */
static void test_churn_is_bounded(void **state)
{
    struct index ix;

    (void)state;
    index_init(&ix);
    for (uint32_t i = 0; i < 200000; i++) {
        index_add(&ix, i * 2654435761u, i % 1000);
        index_remove(&ix, i * 2654435761u, i % 1000);
    }
    assert_true(index_bytes(&ix) <= 4096);
    index_finish(&ix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_collisions),
        cmocka_unit_test(test_against_array),
        cmocka_unit_test(test_churn_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
