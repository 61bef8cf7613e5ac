#include "config.h"

#include "base/buf.h"

#include "tests/support/cm.h"

static void test_empty(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    assert_string_equal(buf_text(&b), "");
    assert_null(b.ptr);
    buf_drop(&b, 0);
    buf_drop(&b, 5);
    buf_clear(&b);
    buf_shrink(&b, 0);
    assert_int_equal(b.len, 0);
    assert_true(buf_add(&b, NULL, 0));
    assert_string_equal(buf_text(&b), "");
    buf_finish(&b);
    buf_finish(&b);
}

static void test_append(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1000);
    assert_true(buf_str(&b, "ab"));
    assert_true(buf_char(&b, 'c'));
    assert_true(buf_fmt(&b, "%d-%s", 12, "x"));
    assert_true(buf_add(&b, "\0z", 2));
    assert_int_equal(b.len, 9);
    assert_memory_equal(b.ptr, "abc12-x\0z", 10);
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_string_equal(buf_text(&b), "");
    buf_finish(&b);
}

static void test_cap(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 5);
    assert_true(buf_str(&b, "12345"));
    assert_false(b.over);
    assert_false(buf_char(&b, '6'));
    assert_true(b.over);
    assert_string_equal(buf_text(&b), "12345");
    assert_false(buf_fmt(&b, "%d", 7));
    assert_false(buf_add(&b, "x", SIZE_MAX));
    assert_string_equal(buf_text(&b), "12345");
    buf_clear(&b);
    assert_false(b.over);
    assert_false(buf_str(&b, "123456"));
    assert_int_equal(b.len, 0);
    assert_true(buf_str(&b, "1234"));
    assert_string_equal(buf_text(&b), "1234");
    buf_finish(&b);
    assert_int_equal(b.cap, 5);
    buf_init(&b, 0);
    assert_false(buf_char(&b, 'x'));
    assert_true(buf_str(&b, ""));
    buf_finish(&b);
}

/* Longer than the formatter's own small buffer, to the byte. */
static void test_long_format(void **state)
{
    struct buf b;

    (void)state;
    for (int n = 254; n <= 258; n++) {
        buf_init(&b, 4096);
        buf_char(&b, '<');
        assert_true(buf_fmt(&b, "%*d>", n - 1, 7));
        assert_int_equal(b.len, (size_t)n + 1);
        assert_int_equal(b.ptr[0], '<');
        assert_int_equal(b.ptr[b.len - 2], '7');
        assert_int_equal(b.ptr[b.len - 1], '>');
        assert_int_equal(b.ptr[b.len], '\0');
        buf_finish(&b);
        buf_init(&b, (size_t)n - 1);
        assert_false(buf_fmt(&b, "%*d>", n - 1, 7));
        assert_true(b.over);
        assert_int_equal(b.len, 0);
        buf_finish(&b);
    }
}

static void test_drop(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    buf_str(&b, "abcdef");
    buf_drop(&b, 2);
    assert_string_equal(buf_text(&b), "cdef");
    buf_drop(&b, 0);
    assert_string_equal(buf_text(&b), "cdef");
    buf_str(&b, "gh");
    assert_string_equal(buf_text(&b), "cdefgh");
    buf_drop(&b, 6);
    assert_int_equal(b.len, 0);
    buf_str(&b, "xy");
    buf_drop(&b, 99);
    assert_string_equal(buf_text(&b), "");
    buf_finish(&b);
}

static void test_shrink(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 5000; i++)
        assert_true(buf_str(&b, "0123456789"));
    assert_int_equal(b.len, 50000);
    assert_memory_equal(b.ptr + 49990, "0123456789", 11);
    buf_shrink(&b, b.room);
    assert_non_null(b.ptr);
    assert_int_equal(b.len, 0);
    buf_shrink(&b, 100);
    assert_null(b.ptr);
    assert_int_equal(b.room, 0);
    buf_str(&b, "again");
    assert_string_equal(buf_text(&b), "again");
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),       cmocka_unit_test(test_append),
        cmocka_unit_test(test_cap),         cmocka_unit_test(test_drop),
        cmocka_unit_test(test_long_format), cmocka_unit_test(test_shrink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
