/* say, deposit, propose: what an agent tells and asks. */
#include "config.h"

#include "front/client.h"
#include "front/front.h"

#include "base/when.h"
#include "data/json/write.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/random.h>

#define BODY_MAX (1u << 20)
#define AGAIN_NS 300000000
#define WAIT_S 3000 /* one held question; asked again after */

/* POSTs the body; prints what went wrong. Exit status. */
static int post(const struct front_verb *v, const char *path,
                const struct buf *body)
{
    struct client c;
    struct client_answer a;
    struct error err;

    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    client_want(&c, "POST", path, body, 0, &a, &err);
    client_answer_finish(&a);
    client_close(&c);
    return err.code != 0 ? front_fail(v, err.code == 400 ? 2 : 1, "%s",
                                      err.msg)
                         : 0;
}

static bool known_kind(const char *kind)
{
    static const char *const kinds[] = {"said",   "thought",  "call",
                                        "result", "decision", "error"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

int front_say(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0}, *who, *kind;
    int i = front_read(v, argc, argv, values), r;
    char path[200], *text;
    struct buf body;
    struct json j;

    if (i < 0 || (who = front_who(v, values[0])) == NULL)
        return 2;
    kind = values[1] ? values[1] : "said";
    if (!known_kind(kind))
        return front_fail(v, 2, "--kind: '%.40s' is none", kind);
    if (i >= argc)
        return front_fail(v, 2, "what? give the text");
    text = front_join(argc, argv, i);
    buf_init(&body, BODY_MAX);
    json_begin(&j, &body);
    json_map(&j, NULL);
    json_array(&j, "events");
    json_map(&j, NULL);
    json_text(&j, "component", "say");
    json_text(&j, "category", "agent_activity");
    json_text(&j, "action", "message.completed");
    json_text(&j, "severity", strcmp(kind, "error") ? "info" : "error");
    json_text(&j, "detail", text);
    json_map(&j, "attrs");
    json_text(&j, "kind", kind);
    json_map_end(&j);
    json_map_end(&j);
    json_array_end(&j);
    json_map_end(&j);
    r = json_end(&j) ? 0 : front_fail(v, 1, "the text is too long");
    free(text);
    snprintf(path, sizeof path, "/api/v1/agents/%.64s/events", who);
    if (r == 0)
        r = post(v, path, &body);
    buf_finish(&body);
    return r;
}

/* Seconds of "10m"; -1 after having said what is wrong. */
static int64_t seconds(const struct front_verb *v, const char *option,
                       const char *text)
{
    int64_t ms;

    if (when_parse_span(text, strlen(text), &ms) && ms >= 1000)
        return ms / 1000;
    return front_fail(v, -1, "--%s: a time such as 10m was expected, not "
                             "'%.40s'",
                      option, text);
}

int front_deposit(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0}, *who, *type;
    int i = front_read(v, argc, argv, values), r = 0;
    double intensity = 1;
    int64_t half = 600, ttl = 86400;
    char *end, *text;
    struct buf body;
    struct json j;

    if (i < 0 || (who = front_who(v, values[0])) == NULL)
        return 2;
    if (i >= argc)
        return front_fail(v, 2, "which? give a type, such as WARNING");
    type = argv[i++];
    if (i < argc) {
        double d = strtod(argv[i], &end);

        if (end != argv[i] && *end == '\0') {
            intensity = d;
            i++;
        }
    }
    if (values[1] && (half = seconds(v, "half-life", values[1])) < 0)
        return 2;
    if (values[2] && (ttl = seconds(v, "ttl", values[2])) < 0)
        return 2;
    text = front_join(argc, argv, i);
    buf_init(&body, BODY_MAX);
    json_begin(&j, &body);
    json_map(&j, NULL);
    json_text(&j, "agent", who);
    json_text(&j, "type", type);
    json_double(&j, "intensity", intensity);
    json_int(&j, "half_life_s", half);
    json_int(&j, "ttl_s", ttl);
    if (values[3])
        json_text(&j, "target", values[3]);
    if (text[0] != '\0')
        json_text(&j, "payload", text);
    json_map_end(&j);
    r = json_end(&j) ? post(v, "/api/v1/pheromones", &body)
                     : front_fail(v, 1, "the text is too long");
    free(text);
    buf_finish(&body);
    return r;
}

static int read_file(const struct front_verb *v, const char *name,
                     struct buf *ret)
{
    FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    char bytes[16384];
    size_t n;

    if (f == NULL)
        return front_fail(v, 2, "--diff: '%.100s': %s", name,
                          strerror(errno));
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0 &&
           buf_add(ret, bytes, n))
        ;
    if (f != stdin)
        fclose(f);
    return ret->over ? front_fail(v, 1, "--diff: larger than %u bytes",
                                  (unsigned)ret->cap)
                     : 0;
}

/*
 * Asks until somebody decided. A daemon that is gone is waited for, not
 * started: who stopped it meant it, and who would decide starts it.
 */
static int wait_for(const struct front_verb *v, struct client *c,
                    const char *id)
{
    static const struct {
        const char *status;
        int exit;
    } ends[] = {{"approved", 0}, {"rejected", 3}, {"expired", 4},
                {"withdrawn", 5}};
    char path[200], status[32], reason[600];
    struct client_answer a;
    struct error err;
    bool told = false;

    snprintf(path, sizeof path, "/api/v1/proposals/%s?wait=%d&bind=1", id,
             WAIT_S);
    c->no_start = true;
    for (;;) {
        if (client_want(c, "GET", path, NULL, -1, &a, &err) != 0) {
            client_answer_finish(&a);
            if (err.code != ERR_CONNECT)
                return front_fail(v, 1, "%s", err.msg);
            if (!told)
                fprintf(stderr, "terrarium propose: the habitat is down; "
                                "waiting for it, the proposal is kept\n");
            told = true;
            nanosleep(&(struct timespec){.tv_nsec = AGAIN_NS}, NULL);
            continue;
        }
        client_text(&a.body, "proposal.status", status, sizeof status);
        client_text(&a.body, "proposal.reason", reason, sizeof reason);
        client_answer_finish(&a);
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            if (strcmp(status, ends[i].status) == 0) {
                printf("%s%s%s\n", status, reason[0] ? ": " : "", reason);
                return ends[i].exit;
            }
    }
}

static void event_key(char ret[33])
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != sizeof b)
        abort();
    for (int i = 0; i < 16; i++)
        snprintf(ret + 2 * i, 3, "%02x", b[i]);
}

static void put_proposal(struct json *j, const char *const *values,
                         const char *who, const char *title,
                         const struct buf *diff, double risk, int64_t expires)
{
    char id[33];

    json_map(j, NULL);
    event_key(id); /* a retry after a lost answer finds the same one */
    json_text(j, "id", id);
    json_text(j, "agent", who);
    json_text(j, "title", title);
    json_text(j, "origin", "propose");
    if (values[1])
        json_text(j, "text", values[1]);
    if (values[2])
        json_span(j, "diff", (struct span){buf_text(diff), diff->len});
    if (values[3])
        json_text(j, "command", values[3]);
    if (values[3])
        json_text(j, "input", values[3]);
    if (values[4])
        json_text(j, "path", values[4]);
    if (values[5] || values[4])
        json_text(j, "target", values[5] ? values[5] : values[4]);
    if (!isnan(risk))
        json_double(j, "risk", risk);
    if (expires > 0)
        json_int(j, "expires_in", expires);
    json_map_end(j);
}

static int send_proposal(const struct front_verb *v, const struct buf *body,
                         bool wait)
{
    struct client c;
    struct client_answer a;
    struct error err;
    char id[80] = "";
    int r;

    if (client_open(&c, &err) != 0)
        return front_fail(v, 1, "%s", err.msg);
    r = client_want(&c, "POST", "/api/v1/proposals", body, 0, &a, &err);
    if (r == 0)
        client_text(&a.body, "proposal.id", id, sizeof id);
    client_answer_finish(&a);
    if (r != 0)
        r = front_fail(v, err.code == 400 ? 2 : 1, "%s", err.msg);
    else if (wait)
        r = wait_for(v, &c, id);
    else
        puts(id);
    client_close(&c);
    return r;
}

int front_propose(const struct front_verb *v, int argc, char **argv)
{
    const char *values[FRONT_OPTIONS_MAX] = {0}, *who;
    int i = front_read(v, argc, argv, values), r;
    double risk = (double)NAN;
    int64_t expires = 0;
    struct buf body, diff;
    struct json j;
    char *end, *title;

    if (i < 0 || (who = front_who(v, values[0])) == NULL)
        return 2;
    if (i >= argc)
        return front_fail(v, 2, "what? give a title");
    if (values[6] != NULL) {
        risk = strtod(values[6], &end);
        if (end == values[6] || *end != '\0' || !(risk >= 0 && risk <= 1))
            return front_fail(v, 2, "--risk: a number from 0 to 1 was "
                                    "expected, not '%.40s'",
                              values[6]);
    }
    if (values[7] && (expires = seconds(v, "expires", values[7])) < 0)
        return 2;
    buf_init(&diff, 256u << 10);
    if (values[2] && (r = read_file(v, values[2], &diff)) != 0) {
        buf_finish(&diff);
        return r;
    }
    title = front_join(argc, argv, i);
    buf_init(&body, BODY_MAX);
    json_begin(&j, &body);
    put_proposal(&j, values, who, title, &diff, risk, expires);
    r = json_end(&j) ? send_proposal(v, &body, values[8] != NULL)
                     : front_fail(v, 1, "it is too long");
    free(title);
    buf_finish(&diff);
    buf_finish(&body);
    return r;
}
