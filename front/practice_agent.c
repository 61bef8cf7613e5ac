/*
 * practice-agent INDEX GAP_MS FAULT: what one made-up agent does.
 *
 * Plausible steps, plain or as a coding agent's JSON stream, now and then a
 * pheromone, a report, a question to a person. Ends when the practice that
 * started it (pid in $TERRARIUM_PRACTICE) is gone.
 */
#include "config.h"

#include "front/client.h"
#include "front/front.h"

#include "data/json/write.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum fault { FAILS, LOOPS, FLOODS, SILENT, HOSTILE, DIES, NONE };

struct acting {
    const char *name;
    int index, step;
    double gap_ms;
    enum fault fault;
    uint32_t seed;
    pid_t owner;
};

static uint32_t dice(struct acting *a, uint32_t n)
{
    a->seed ^= a->seed << 13;
    a->seed ^= a->seed >> 17;
    a->seed ^= a->seed << 5;
    return a->seed % n;
}

static void leave_with_owner(const struct acting *a)
{
    if (a->owner > 1 && kill(a->owner, 0) != 0)
        exit(0);
}

/* Sleeps about a gap, in pieces, so that its owner's end is noticed. */
static void rest(struct acting *a, double gaps)
{
    double left = a->gap_ms * gaps * (0.5 + dice(a, 1000) / 1000.0);

    do {
        double ms = left > 1000 ? 1000 : left;
        const struct timespec t = {(time_t)(ms / 1000),
                                   (long)(fmod(ms, 1000) * 1e6)};

        nanosleep(&t, NULL);
        leave_with_owner(a);
        left -= ms;
    } while (left > 0);
}

static void ask(struct acting *a, const char *method, const char *path,
                void (*put)(struct json *j, struct acting *a),
                struct client_answer *ret)
{
    struct client_answer answer;
    struct client c;
    struct error err;
    struct buf body;
    struct json j;

    buf_init(&body, 8192);
    if (put != NULL) {
        json_begin(&j, &body);
        json_map(&j, NULL);
        put(&j, a);
        json_map_end(&j);
        json_end(&j);
    }
    if (client_open(&c, &err) == 0) {
        c.no_start = true;
        client_want(&c, method, path, put ? &body : NULL, -1, &answer, &err);
        if (ret != NULL)
            *ret = answer;
        else
            client_answer_finish(&answer);
        client_close(&c);
    } else if (ret != NULL) {
        buf_init(&ret->body, 0);
    }
    buf_finish(&body);
}

static void put_signal(struct json *j, struct acting *a)
{
    static const char *const types[] = {"WARNING", "OPPORTUNITY", "SCARCITY",
                                        "INTENT",  "STATE",       "TEST",
                                        "DREAM"};
    static const char *const targets[] = {"api", "tests", "docs", "build"};

    json_text(j, "agent", a->name);
    json_text(j, "type", types[dice(a, 7)]);
    json_text(j, "target", targets[dice(a, 4)]);
    json_text(j, "payload", "practice: felt, not measured");
    json_double(j, "intensity", 0.2 + dice(a, 80) / 100.0);
    json_int(j, "half_life_s", 60 + dice(a, 600));
}

static void put_question(struct json *j, struct acting *a)
{
    static const char *const titles[] = {"push the branch", "delete build/",
                                         "run the migration",
                                         "add a dependency"};
    static const char *const commands[] = {
        "git push origin practice", "rm -rf build",
        "psql -f migrations/7.sql", "npm install left-pad"};
    uint32_t which = dice(a, 4);

    json_text(j, "agent", a->name);
    json_text(j, "title", titles[which]);
    json_text(j, "tool", "Bash");
    json_text(j, "command", commands[which]);
    json_text(j, "text", "practice: whatever you decide, nothing is done");
    json_int(j, "expires_in", 600);
}

static void put_blocked(struct json *j, struct acting *a)
{
    (void)a;
    json_array(j, "events");
    json_array_end(j);
    json_map(j, "report");
    json_text(j, "state", "blocked");
    json_text(j, "kind", "question");
    json_text(j, "text", "practice: which of the two?");
    json_map_end(j);
}

static void put_working(struct json *j, struct acting *a)
{
    json_array(j, "events");
    json_array_end(j);
    json_map(j, "report");
    json_text(j, "state", "working");
    json_map_end(j);
    json_int(j, "tokens", 1000 + 170 * a->step);
    json_double(j, "cost", 0.01 + 0.0021 * a->step);
}

/* Waits for the answer as a real one would. */
static void question(struct acting *a)
{
    struct client_answer answer;
    char id[80], status[20], path[120];
    bool there;

    ask(a, "POST", "/api/v1/proposals", put_question, &answer);
    there = client_text(&answer.body, "proposal.id", id, sizeof id);
    client_answer_finish(&answer);
    snprintf(path, sizeof path, "/api/v1/proposals/%s?wait=5", id);
    for (snprintf(status, sizeof status, "pending");
         there && strcmp(status, "pending") == 0;) {
        ask(a, "GET", path, NULL, &answer);
        there = client_text(&answer.body, "proposal.status", status,
                            sizeof status);
        client_answer_finish(&answer);
        leave_with_owner(a);
    }
    if (there)
        printf("told: %s\n", status);
}

static void report(struct acting *a, void (*put)(struct json *j,
                                                 struct acting *a))
{
    char path[120];

    snprintf(path, sizeof path, "/api/v1/agents/%s/events", a->name);
    ask(a, "POST", path, put, NULL);
}

static const char *const files[] = {"src/api.c", "src/store.c",
                                    "tests/test_api.c", "docs/usage.md",
                                    "Makefile"};

static void plain(struct acting *a)
{
    const char *file = files[dice(a, 5)];

    switch (dice(a, 5)) {
    case 0:
        printf("reading %s\n", file);
        break;
    case 1:
        printf("%s: %u lines changed\n", file, 1 + dice(a, 80));
        break;
    case 2:
        printf("tests: %u passed, %u failed\n", 20 + dice(a, 60), dice(a, 3));
        break;
    case 3:
        for (int k = 20; k <= 100; k += 20)
            printf("\rbuilding %d%%", k);
        printf("\n");
        break;
    default:
        printf("looking for callers of parse_%u()\n", dice(a, 40));
    }
}

static void json_step(struct acting *a)
{
    const char *file = files[dice(a, 5)];
    uint32_t tokens = 20 + dice(a, 400);

    switch (dice(a, 4)) {
    case 0:
        printf("{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":"
               "\"text\",\"text\":\"Next I look at %s.\"}],\"usage\":{"
               "\"input_tokens\":%u,\"output_tokens\":%u}}}\n",
               file, 4 * tokens, tokens);
        break;
    case 1:
        printf("{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":"
               "\"tool_use\",\"name\":\"Read\",\"input\":{\"file_path\":"
               "\"%s\"}}]}}\n",
               file);
        break;
    case 2:
        printf("{\"type\":\"user\",\"message\":{\"content\":[{\"type\":"
               "\"tool_result\",\"content\":\"%u lines\"}]}}\n",
               tokens);
        break;
    default:
        printf("{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":"
               "\"thinking\",\"thinking\":\"%s may be the cause\"}]}}\n",
               file);
    }
}

/* False: there is nothing more to do in this step. */
static bool fault(struct acting *a)
{
    switch (a->fault) {
    case FAILS:
        if (a->step < 15)
            return true;
        printf("error: no space left on practice device\n");
        fflush(stdout);
        exit(3);
    case LOOPS:
        printf("running the same test again\n");
        return false;
    case FLOODS:
        if (a->step % 10 == 5)
            for (int i = 0; i < 20000; i++)
                printf("debug: practice floods, line %d\n", i);
        return true;
    case SILENT:
        while (a->step > 12)
            rest(a, 10);
        return true;
    case HOSTILE:
        printf("\x1b]0;PRACTICE\a\x1b]52;c;cHJhY3RpY2U=\a\x1b[31mred "
               "\xff\xfe\xc0 \xe2\x80\xae" "abc\xe2\x80\xac \x1b[5n\n");
        return true;
    case DIES:
        if (a->step > 20)
            abort();
        return true;
    default:
        return true;
    }
}

static void turn(struct acting *a)
{
    uint32_t luck = dice(a, 100);

    if (!fault(a))
        return;
    if (a->index % 3 == 0)
        json_step(a);
    else
        plain(a);
    fflush(stdout);
    if (luck < 3) {
        ask(a, "POST", "/api/v1/pheromones", put_signal, NULL);
    } else if (luck < 5 && a->index % 2 == 0) {
        question(a);
    } else if (luck < 6 && a->index % 4 == 2) {
        report(a, put_blocked);
        rest(a, 8);
        report(a, put_working);
    } else if (luck < 10) {
        report(a, put_working);
    }
}

int practice_agent(const struct front_verb *v, int argc, char **argv)
{
    const char *owner = getenv("TERRARIUM_PRACTICE");
    struct acting a = {.name = getenv("TERRARIUM_AGENT"), .fault = NONE};

    if (argc != 4 || a.name == NULL || owner == NULL)
        return front_fail(v, 2, "only 'terrarium practice' starts it");
    a.index = atoi(argv[1]);
    a.gap_ms = atof(argv[2]);
    if (strcmp(argv[3], "none") != 0)
        a.fault = (enum fault)(atoi(argv[3]) % NONE);
    a.owner = (pid_t)atoi(owner);
    a.seed = 2463534242u + 7919u * (uint32_t)a.index;
    signal(SIGPIPE, SIG_IGN);
    rest(&a, 0.5);
    for (a.step = 0;; a.step++) {
        turn(&a);
        fflush(stdout);
        rest(&a, 1);
    }
}
