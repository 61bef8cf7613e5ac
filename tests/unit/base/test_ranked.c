#include "config.h"

#include "base/ranked.h"

#include "base/index.h"

#include <stdlib.h>

#include "tests/support/cm.h"

#define ROWS 600

/* The list under test and a sorted array beside it. */
struct pair {
    struct ranked r;
    int key[ROWS];
    uint32_t sorted[ROWS], count;
    uint8_t in[ROWS];
};

static int by_key(const void *ctx, uint32_t a, uint32_t b)
{
    const struct pair *p = ctx;

    return (p->key[a] > p->key[b]) - (p->key[a] < p->key[b]);
}

static const struct pair *sorting;

static int by_key_and_slot(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int c = by_key(sorting, a, b);

    return c != 0 ? c : (a > b) - (a < b);
}

static void sort(struct pair *p)
{
    p->count = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        if (p->in[i])
            p->sorted[p->count++] = i;
    sorting = p;
    qsort(p->sorted, p->count, sizeof *p->sorted, by_key_and_slot);
}

static void compare(struct pair *p)
{
    uint32_t walk;

    sort(p);
    assert_int_equal(ranked_count(&p->r), p->count);
    walk = ranked_at(&p->r, 0);
    for (uint32_t i = 0; i < p->count; i++) {
        assert_int_equal(ranked_at(&p->r, i), p->sorted[i]);
        assert_int_equal(ranked_rank(&p->r, p->sorted[i]), i);
        assert_int_equal(walk, p->sorted[i]);
        walk = ranked_next(&p->r, walk);
    }
    assert_int_equal(walk, SLOT_NONE);
    assert_int_equal(ranked_at(&p->r, p->count), SLOT_NONE);
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_int_equal(ranked_has(&p->r, i), p->in[i]);
        if (!p->in[i]) {
            assert_int_equal(ranked_rank(&p->r, i), SLOT_NONE);
            assert_int_equal(ranked_next(&p->r, i), SLOT_NONE);
            assert_false(ranked_remove(&p->r, i));
        }
    }
}

/* Height and sizes, from below; asserts the links on the way. */
static uint32_t height(const struct ranked *r, uint32_t ref, uint32_t up,
                       uint32_t *ret_size)
{
    uint32_t left, right, a, b;

    *ret_size = 0;
    if (ref == 0)
        return 0;
    assert_int_equal(r->nodes[ref - 1].up, up);
    a = height(r, r->nodes[ref - 1].left, ref, &left);
    b = height(r, r->nodes[ref - 1].right, ref, &right);
    *ret_size = left + right + 1;
    assert_int_equal(r->nodes[ref - 1].size, *ret_size);
    return 1 + (a > b ? a : b);
}

static void test_empty(void **state)
{
    struct pair p = {0};

    (void)state;
    ranked_init(&p.r, by_key, &p);
    ranked_clear(&p.r);
    compare(&p);
    assert_false(ranked_remove(&p.r, 0));
    assert_int_equal(ranked_at(&p.r, UINT32_MAX), SLOT_NONE);
    ranked_build(&p.r, NULL, 0);
    compare(&p);
    ranked_finish(&p.r);
    ranked_finish(&p.r);
}

static void test_ties_go_by_slot(void **state)
{
    struct pair p = {0};
    const uint32_t order[] = {5, 1, 9, 0, 3};

    (void)state;
    ranked_init(&p.r, by_key, &p);
    for (int i = 0; i < 5; i++) {
        p.in[order[i]] = 1;
        ranked_insert(&p.r, order[i]);
    }
    compare(&p);
    assert_int_equal(ranked_at(&p.r, 0), 0);
    assert_int_equal(ranked_at(&p.r, 4), 9);
    ranked_finish(&p.r);
}

static void rebuild(struct pair *p)
{
    sort(p);
    ranked_clear(&p->r);
    ranked_build(&p->r, p->sorted, p->count);
}

/* Keys change for some rows: all of them out, then in. */
static void move_some(struct pair *p, uint32_t *seed)
{
    uint32_t moved[8], n = 0;

    for (int i = 0; i < 8; i++) {
        uint32_t slot = cm_random(seed) % ROWS;

        if (!p->in[slot])
            continue;
        p->key[slot] = (int)(cm_random(seed) % 100);
        if (ranked_remove(&p->r, slot))
            moved[n++] = slot;
    }
    for (uint32_t i = 0; i < n; i++)
        ranked_insert(&p->r, moved[i]);
}

static void test_against_sorted_array(void **state)
{
    struct pair p = {0};
    uint32_t seed = 12345, size;

    (void)state;
    ranked_init(&p.r, by_key, &p);
    for (int i = 0; i < 3000; i++) {
        uint32_t slot = cm_random(&seed) % ROWS;

        if (p.in[slot]) {
            assert_true(ranked_remove(&p.r, slot));
            p.in[slot] = 0;
        } else {
            p.key[slot] = (int)(cm_random(&seed) % 100);
            ranked_insert(&p.r, slot);
            p.in[slot] = 1;
        }
        if (cm_random(&seed) % 10 == 0)
            move_some(&p, &seed);
        if (cm_random(&seed) % 200 == 0)
            rebuild(&p);
        if (cm_random(&seed) % 16 == 0)
            compare(&p);
    }
    compare(&p);
    height(&p.r, p.r.root, 0, &size);
    assert_int_equal(size, p.count);
    for (uint32_t i = 0; i < ROWS; i++)
        if (p.in[i]) {
            assert_true(ranked_remove(&p.r, i));
            p.in[i] = 0;
        }
    compare(&p);
    ranked_finish(&p.r);
}

/* Rows in order are the worst case for a tree that is not balanced. */
static void test_height(void **state)
{
    enum { MANY = 20000 };
    struct ranked r;
    struct pair p = {0};
    uint32_t *slots = calloc(MANY, sizeof *slots), size;

    (void)state;
    ranked_init(&r, by_key, &p);
    r.cmp = by_key;
    for (uint32_t i = 0; i < MANY; i++)
        slots[i] = i;
    ranked_build(&r, slots, MANY);
    assert_true(height(&r, r.root, 0, &size) <= 16);
    assert_int_equal(size, MANY);
    for (uint32_t i = 0; i < MANY; i += 2)
        assert_true(ranked_remove(&r, i));
    assert_int_equal(ranked_count(&r), MANY / 2);
    assert_int_equal(ranked_at(&r, 100), 201);
    assert_true(height(&r, r.root, 0, &size) < 60);
    free(slots);
    ranked_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_ties_go_by_slot),
        cmocka_unit_test(test_against_sorted_array),
        cmocka_unit_test(test_height),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
