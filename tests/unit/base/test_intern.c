#include "config.h"

#include "base/intern.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/cm.h"

static void test_same_text_same_pointer(void **state)
{
    struct intern *pool = intern_create();
    char copy[] = "kgents";
    const char *a, *b, *c;

    (void)state;
    a = intern_get(pool, "kgents", 6);
    b = intern_get(pool, copy, 6);
    c = intern_get(pool, "kgents-agents", 6);
    assert_ptr_equal(a, b);
    assert_ptr_equal(a, c);
    assert_string_equal(a, "kgents");
    assert_int_equal(intern_count(pool), 1);
    assert_ptr_not_equal(a, intern_get(pool, "kgent", 5));
    assert_int_equal(intern_count(pool), 2);
    intern_destroy(pool);
}

static void test_counting(void **state)
{
    struct intern *pool = intern_create();
    size_t bytes = intern_bytes(pool);
    const char *a = intern_get(pool, "x", 1);

    (void)state;
    assert_true(intern_bytes(pool) > bytes);
    assert_ptr_equal(intern_ref(pool, a), a);
    intern_put(pool, a);
    assert_int_equal(intern_count(pool), 1);
    intern_put(pool, a);
    assert_int_equal(intern_count(pool), 0);
    assert_int_equal(intern_bytes(pool), bytes);
    assert_null(intern_get(pool, NULL, 0));
    assert_null(intern_ref(pool, NULL));
    intern_put(pool, NULL);
    intern_destroy(pool);
    intern_destroy(NULL);
}

static void test_set(void **state)
{
    struct intern *pool = intern_create();
    const char *slot = NULL;

    (void)state;
    assert_false(intern_set(pool, &slot, NULL, 0));
    assert_true(intern_set(pool, &slot, "", 0));
    assert_string_equal(slot, "");
    assert_true(intern_set(pool, &slot, "one", 3));
    assert_false(intern_set(pool, &slot, "one", 3));
    assert_int_equal(intern_count(pool), 1);
    assert_true(intern_set(pool, &slot, NULL, 0));
    assert_null(slot);
    assert_int_equal(intern_count(pool), 0);
    intern_destroy(pool);
}

static void test_cut(void **state)
{
    struct intern *pool = intern_create();
    char big[INTERN_MAX + 100];
    const char *s;

    (void)state;
    s = intern_get(pool, "ab\0cd", 5);
    assert_string_equal(s, "ab");
    assert_int_equal(intern_length("ab\0cd", 5), 2);
    assert_int_equal(intern_length(NULL, 0), 0);
    memset(big, 'x', sizeof big);
    s = intern_get(pool, big, INTERN_MAX);
    assert_int_equal(strlen(s), INTERN_MAX);
    assert_ptr_equal(s, intern_get(pool, big, sizeof big));
    /* a wide character across the border goes out whole */
    for (int before = 1; before <= 3; before++) {
        memset(big, 'x', sizeof big);
        memcpy(big + INTERN_MAX - before, "\xf0\x9f\x8c\xb1", 4);
        s = intern_get(pool, big, sizeof big);
        assert_int_equal(strlen(s), INTERN_MAX - before);
        assert_int_equal(intern_length(big, sizeof big), INTERN_MAX - before);
    }
    /* bytes that are no UTF-8 at all still end */
    memset(big, 0x80, sizeof big);
    s = intern_get(pool, big, sizeof big);
    assert_in_range(strlen(s), INTERN_MAX - 4, INTERN_MAX);
    intern_destroy(pool);
}

/* Random gets and puts against plain counts; the table grows and tombs. */
static void test_many(void **state)
{
    enum { NAMES = 3000, STEPS = 60000 };
    struct intern *pool = intern_create();
    uint32_t *count = calloc(NAMES, sizeof *count), seed = 7, live = 0;
    const char **held = calloc(NAMES, sizeof *held);
    char name[32];

    (void)state;
    for (int i = 0; i < STEPS; i++) {
        uint32_t n = cm_random(&seed) % NAMES;

        snprintf(name, sizeof name, "name-%u", n);
        if (cm_random(&seed) % 2 || count[n] == 0) {
            const char *s = intern_get(pool, name, strlen(name));

            assert_string_equal(s, name);
            if (count[n]++ == 0)
                live++;
            else
                assert_ptr_equal(s, held[n]);
            held[n] = s;
        } else {
            intern_put(pool, held[n]);
            live -= --count[n] == 0;
        }
        assert_int_equal(intern_count(pool), live);
    }
    for (uint32_t n = 0; n < NAMES; n++)
        while (count[n] > 0) {
            intern_put(pool, held[n]);
            count[n]--;
        }
    assert_int_equal(intern_count(pool), 0);
    free(count);
    free(held);
    intern_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_text_same_pointer),
        cmocka_unit_test(test_counting),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
