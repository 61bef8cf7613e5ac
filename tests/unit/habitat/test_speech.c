#include "config.h"

#include "habitat/speech.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/cm.h"

/* What one line says: "kind tool|text|tokens|cost|error|report". */
struct want {
    int line; /* of the fixture, from 1 */
    const char *kind, *tool, *text;
    int64_t tokens;
    double cost; /* below 0: not said */
    bool error;
    const char *report;
};

static struct speech_reader *reader;
static struct speech_memory memory;

static int setup(void **state)
{
    (void)state;
    reader = speech_create();
    speech_memory_init(&memory);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    speech_memory_finish(&memory);
    speech_destroy(reader);
    speech_destroy(NULL);
    return 0;
}

static bool is(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check(const struct want *w, const struct speech *s)
{
    bool cost = w->cost < 0 ? isnan(s->cost)
                            : fabs(s->cost - w->cost) < 1e-9;

    if (is(w->kind, s->kind) && span_same(s->text, span_of(w->text)) &&
        (w->tool == NULL ? s->tool.n == 0 : span_is(s->tool, w->tool)) &&
        w->tokens == s->tokens && cost && w->error == s->error &&
        is(w->report, s->report))
        return;
    fail_msg("line %d: %s tool '%.*s' text '%.*s' tokens %lld cost %g error "
             "%d report %s",
             w->line, s->kind, (int)s->tool.n, s->tool.p ? s->tool.p : "",
             (int)s->text.n, s->text.p ? s->text.p : "",
             (long long)s->tokens, s->cost, s->error, s->report);
}

/* Every line of the fixture says just what is wanted, in order. */
static void play(const char *name, const struct want *w)
{
    char path[600], *line = NULL;
    struct speech said[SPEECH_MAX];
    size_t room = 0;
    int at = 0;
    ssize_t n;
    FILE *f;

    snprintf(path, sizeof path, "%s/agents/%s", FIXTURES, name);
    f = fopen(path, "re");
    assert_non_null(f);
    while ((n = getline(&line, &room, f)) > 0) {
        int count = speech_read(reader, &memory,
                                (struct span){line, (size_t)n - 1}, said);

        at++;
        for (int i = 0; i < count; i++, w++) {
            if (w->line != at)
                fail_msg("line %d: '%.*s' was not wanted", at,
                         (int)said[i].text.n, said[i].text.p);
            check(w, &said[i]);
        }
        if (w->line == at)
            fail_msg("line %d: '%s' was not said", at, w->text);
    }
    assert_int_equal(w->line, 0);
    free(line);
    fclose(f);
}

#define QUIET(line, report) {line, NULL, NULL, "", 0, -1, false, report}

static void test_claude(void **state)
{
    static const struct want wants[] = {
        QUIET(2, "working"),
        {3, "thought", NULL, "a file is wanted", 0, -1, false, "working"},
        {5, "said", NULL, "I will make the file.", 0, -1, false, "working"},
        {6, "call", "Bash", "Bash touch made.txt", 0, -1, false, "working"},
        {7, "decision", "Bash", "asks: Bash touch made.txt", 0, -1, false,
         "blocked"},
        QUIET(8, "working"),
        {9, "result", NULL, "done", 0, -1, false, "working"},
        {10, "result", NULL, "No such file", 0, -1, true, "working"},
        {11, "decision", "Bash", "denied: Bash: not now", 0, -1, false, NULL},
        {12, "error", NULL, "the model does not answer: overloaded: try 2", 0,
         -1, false, NULL},
        {18, "result", NULL, "done: 2 turns, 4.1 s", 1234, 0.25, false,
         "done"},
        {19, "result", NULL, "done: 1 turn, 1.0 s", 15, 0.125, false, "done"},
        {20, "result", NULL, "done: 1 turn, 1.0 s", 10, 0.125, false, "done"},
        {21, "error", NULL, "more than 3 turns", 2, 0.5, true, "error"},
        QUIET(22, "blocked"),
        {.line = 0}};

    (void)state;
    play("claude.jsonl", wants);
}

static void test_codex(void **state)
{
    static const struct want wants[] = {
        QUIET(1, "idle"),
        QUIET(2, "working"),
        {3, "error", NULL, "a setting is not known", 0, -1, false, "working"},
        {4, "thought", NULL, "**Looking around**", 0, -1, false, "working"},
        {5, "call", "Bash", "Bash /bin/bash -lc ls", 0, -1, false, "working"},
        {7, "result", "Bash", "a.c\nb.c", 0, -1, false, "working"},
        {8, "result", "Bash", "exit 1", 0, -1, true, "working"},
        {9, "result", "Edit", "update /srv/made/a.c, add /srv/made/c.c", 0, -1,
         false, "working"},
        {10, "call", "look_up", "look_up sockets", 0, -1, false, "working"},
        {11, "result", "look_up", "two pages", 0, -1, false, "working"},
        {12, "result", "look_up", "no answer", 0, -1, true, "working"},
        {13, "thought", NULL, "1 of 2 done; next: write", 0, -1, false,
         "working"},
        {14, "call", "WebSearch", "WebSearch libuv", 0, -1, false, "working"},
        {15, "said", NULL, "All done.", 0, -1, false, "working"},
        {17, NULL, NULL, "", 3300, -1, false, "done"},
        {18, "error", NULL, "the model is gone", 0, -1, true, "error"},
        {19, "error", NULL, "stream disconnected", 0, -1, true, "error"},
        {.line = 0}};

    (void)state;
    play("codex.jsonl", wants);
}

static void test_opencode(void **state)
{
    static const struct want wants[] = {
        QUIET(1, "working"),
        {2, "thought", NULL, "a file", 0, -1, false, "working"},
        {3, "call", "bash", "bash ls", 0, -1, false, NULL},
        {3, "result", "bash", "a.c", 0, -1, false, "working"},
        {4, "call", "bash", "bash touch made.txt", 0, -1, false, NULL},
        {4, "result", "bash",
         "The user rejected permission to use this specific tool call.", 0, -1,
         true, "working"},
        {5, NULL, NULL, "", 135, 0.125, false, "working"},
        {6, "said", NULL, "It may not be made.", 0, -1, false, "working"},
        {7, NULL, NULL, "", 3, 0.25, false, "done"},
        {9, "error", NULL, "no such model", 0, -1, true, "error"},
        {.line = 0}};

    (void)state;
    play("opencode.jsonl", wants);
}

static void test_gemini(void **state)
{
    static const struct want wants[] = {
        QUIET(1, "working"),
        QUIET(3, "working"),
        QUIET(4, "working"),
        {5, "said", NULL, "I look around.", 0, -1, false, NULL},
        {5, "call", "run_shell_command", "run_shell_command ls", 0, -1, false,
         "working"},
        {6, "result", NULL, "a.c", 0, -1, false, "working"},
        {7, "result", NULL, "no right", 0, -1, true, "working"},
        {8, "error", NULL, "a loop was seen", 0, -1, false, "working"},
        QUIET(9, "working"),
        {10, "said", NULL, "One file.", 0, -1, false, NULL},
        {10, "result", NULL, "done: 2.0 s", 500, -1, false, "done"},
        {11, "error", NULL, "turn limit", 0, -1, true, "error"},
        {.line = 0}};

    (void)state;
    play("gemini.jsonl", wants);
}

static int say(const char *line, struct speech *ret)
{
    return speech_read(reader, &memory, span_of(line), ret);
}

static void test_others(void **state)
{
    struct speech s[SPEECH_MAX];

    (void)state;
    assert_int_equal(say("plain text", s), 1);
    assert_string_equal(s[0].kind, "said");
    assert_string_equal(s[0].action, "command.output");
    assert_null(s[0].report);
    assert_int_equal(say("ERROR it broke", s), 1);
    assert_true(s[0].error);
    assert_int_equal(
        say("{\"level\":\"error\",\"msg\":\"no disk\",\"type\":\"x\"}", s), 1);
    assert_true(s[0].error);
    assert_true(span_is(s[0].text, "no disk"));
    /* one that only looks like a stream's */
    assert_int_equal(say("{\"type\":\"message\",\"message\":\"hello\"}", s), 1);
    assert_true(span_is(s[0].text, "hello"));
    assert_int_equal(say("{\"type\":\"assistant\",\"message\":{", s), 1);
    assert_true(span_is(s[0].text, "{\"type\":\"assistant\",\"message\":{"));
    assert_int_equal(say("", s), 0);
}

/* Where `type` stands, and what a message's numbers say, changes nothing. */
static void test_order_and_counts(void **state)
{
    struct speech s[SPEECH_MAX];

    (void)state;
    assert_int_equal(
        say("{\"session_id\":\"s\",\"message\":{\"usage\":{\"input_tokens\":5,"
            "\"output_tokens\":7},\"content\":[{\"input\":{\"a\":{\"command\":"
            "\"no\"},\"file_path\":\"/x\"},\"name\":\"Edit\",\"type\":"
            "\"tool_use\"},{\"text\":\"hi\",\"type\":\"text\"}]},\"type\":"
            "\"assistant\"}",
            s),
        2);
    assert_true(span_is(s[0].text, "Edit /x"));
    assert_true(span_is(s[1].text, "hi"));
    assert_int_equal(s[0].tokens + s[1].tokens, 0);
    assert_true(isnan(s[0].cost) && isnan(s[1].cost));
}

static void test_many_blocks(void **state)
{
    struct speech s[SPEECH_MAX];
    char line[4096] = "{\"type\":\"assistant\",\"message\":{\"content\":[";

    (void)state;
    for (int i = 0; i < 20; i++)
        strcat(line, i ? ",{\"type\":\"text\",\"text\":\"x\"}"
                       : "{\"type\":\"text\",\"text\":\"x\"}");
    strcat(line, "]}}");
    assert_int_equal(say(line, s), SPEECH_MAX);
}

/* A message of pieces is whole when the program ends. */
static void test_end(void **state)
{
    struct speech s[SPEECH_MAX];

    (void)state;
    assert_int_equal(say("{\"type\":\"message\",\"timestamp\":\"t\",\"role\":"
                         "\"assistant\",\"content\":\"cut\",\"delta\":true}",
                         s),
                     1);
    assert_int_equal(speech_end(reader, &memory, s), 1);
    assert_true(span_is(s[0].text, "cut"));
    assert_int_equal(speech_end(reader, &memory, s), 0);
}

static void test_long_pieces(void **state)
{
    struct speech s[SPEECH_MAX];
    char line[1200];
    size_t got = 0;
    int n;

    (void)state;
    snprintf(line, sizeof line,
             "{\"type\":\"message\",\"timestamp\":\"t\",\"role\":\"assistant\","
             "\"delta\":true,\"content\":\"%0999d.\"}",
             7);
    for (int i = 0; i < 10; i++) {
        n = say(line, s);
        assert_int_equal(n, 1);
        got += s[0].text.n;
    }
    n = speech_end(reader, &memory, s);
    assert_int_equal(n, 1);
    assert_int_equal(got + s[0].text.n, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_claude, setup, teardown),
        cmocka_unit_test_setup_teardown(test_codex, setup, teardown),
        cmocka_unit_test_setup_teardown(test_opencode, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gemini, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_and_counts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_many_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(test_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_pieces, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
