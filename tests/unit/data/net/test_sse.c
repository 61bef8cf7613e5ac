#include "config.h"

#include "data/net/sse.h"

#include <stdlib.h>

#include "tests/support/cm.h"

/* What came, as one text: "id|event|data\x1e" of each. */
static struct buf told;
static struct sse s;

static void on_event(const struct sse_event *e, void *arg)
{
    assert_ptr_equal(arg, &told);
    buf_add(&told, e->id.p, e->id.n);
    buf_char(&told, '|');
    buf_add(&told, e->event.p, e->event.n);
    buf_char(&told, '|');
    buf_add(&told, e->data.p, e->data.n);
    buf_char(&told, '\x1e');
}

static int setup(void **state)
{
    (void)state;
    buf_init(&told, 8u << 20);
    sse_init(&s, on_event, &told);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sse_finish(&s);
    buf_finish(&told);
    return 0;
}

static void feed(const char *text)
{
    sse_feed(&s, text, strlen(text));
}

static void test_fields(void **state)
{
    (void)state;
    feed("id: 7\nevent: row\ndata: a\ndata:b\ndata:  c\ndata\n\n"
         "data: d\n\n");
    assert_string_equal(buf_text(&told), "7|row|a\nb\n c\n\x1e"
                                         "7||d\x1e");
    assert_int_equal(s.events, 2);
}

static void test_line_ends(void **state)
{
    (void)state;
    feed("data: a\r\rdata: b\r\n\r\ndata: c\n\n\r\n\r");
    assert_string_equal(buf_text(&told), "||a\x1e||b\x1e||c\x1e");
    /* CR at the end of a chunk, its LF in the next */
    feed("data: d\r");
    feed("\n");
    assert_int_equal(s.events, 3);
    feed("\r");
    assert_int_equal(s.events, 4);
    feed("\n\n\n");
    assert_int_equal(s.events, 4);
}

static void test_what_is_no_event(void **state)
{
    (void)state;
    feed(": alive\n\n:\n\nevent: x\n\nretry: 5\n\nnonsense\n\nid: 3\n\n"
         "data:\n\n");
    assert_string_equal(buf_text(&told), "3||\x1e");
    assert_int_equal(s.comments, 2);
}

static void test_nul_in_id(void **state)
{
    (void)state;
    feed("id: 1\ndata: a\n\n");
    sse_feed(&s, "id: 2\0x\ndata: b\0c\n\n", 19);
    assert_int_equal(told.len, 12);
    assert_memory_equal(told.ptr, "1||a\x1e" "1||b\0c\x1e", 12);
    feed("id\ndata: c\n\n"); /* an empty id is one */
    assert_memory_equal(told.ptr + 12, "||c\x1e", 4);
}

static void test_reset(void **state)
{
    (void)state;
    feed("id: 9\ndata: whole\n\nevent: x\ndata: half");
    sse_reset(&s);
    feed("data: b\n\n");
    assert_string_equal(buf_text(&told), "9||whole\x1e" "9||b\x1e");
}

/* Too much in one line or in many: that event is dropped, the next is not. */
static void test_huge(void **state)
{
    size_t n = SSE_DATA_MAX + 100;
    char *big = malloc(n);

    (void)state;
    memset(big, 'x', n);
    feed("data: ");
    for (size_t i = 0; i < n; i += 4096)
        sse_feed(&s, big + i, n - i < 4096 ? n - i : 4096);
    feed("\n\ndata: a\n\n");
    assert_string_equal(buf_text(&told), "||a\x1e");
    assert_int_equal(s.dropped, 1);
    for (int i = 0; i < 1100; i++) {
        feed("data: ");
        sse_feed(&s, big, 1000);
        feed("\n");
    }
    feed("\ndata: b\n\n");
    assert_int_equal(s.dropped, 2);
    /* exactly as much as may be */
    buf_clear(&told);
    feed("data: ");
    sse_feed(&s, big, SSE_DATA_MAX);
    feed("\n\n");
    assert_int_equal(s.dropped, 2);
    assert_int_equal(told.len, SSE_DATA_MAX + 3);
    free(big);
}

/* However the bytes are cut, the events are the same. */
static void test_property_cuts(void **state)
{
    static const char *const pieces[] = {
        "data: a", "data:", "data", "id: 4", "id", "event: e", ": c", ":",
        "\n", "\n", "\n\n", "\r", "\r\r", "\r\n", "\r\n\r\n", "x", " ", "\0",
        "\xe2\x82\xac", "retry: 1"};
    uint32_t seed = 42;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct buf text, first;
        uint64_t events, comments;

        buf_init(&text, 4096);
        buf_init(&first, 65536);
        for (int i = 0; i < 30; i++) {
            const char *p = pieces[cm_random(&seed) % 20];

            buf_add(&text, p, p[0] ? strlen(p) : 1);
        }
        sse_finish(&s);
        sse_init(&s, on_event, &told);
        buf_clear(&told);
        sse_feed(&s, text.ptr, text.len);
        buf_add(&first, told.ptr ? told.ptr : "", told.len);
        events = s.events;
        comments = s.comments;

        sse_finish(&s);
        sse_init(&s, on_event, &told);
        buf_clear(&told);
        for (size_t i = 0; i < text.len;) {
            size_t n = 1 + cm_random(&seed) % (round % 2 ? 1 : 5);

            n = n > text.len - i ? text.len - i : n;
            sse_feed(&s, text.ptr + i, n);
            i += n;
        }
        assert_int_equal(s.events, events);
        assert_int_equal(s.comments, comments);
        assert_int_equal(told.len, first.len);
        assert_memory_equal(buf_text(&told), buf_text(&first), told.len);
        buf_finish(&text);
        buf_finish(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_fields),    T(test_line_ends), T(test_what_is_no_event),
        T(test_nul_in_id), T(test_reset),     T(test_huge),
        T(test_property_cuts),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
