#include "config.h"

#include "app/doctor.h"

#include "app/fleet.h"
#include "front/client.h"
#include "habitat/protocol.h"
#include "tui/text.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct doctor {
    struct fleet fleet;
    uv_timer_t tick;
    int64_t until_ms;
    int bad;
};

static void line(enum finding f, const char *what, const char *found,
                 const char *todo, void *arg)
{
    struct doctor *d = arg;
    static const char *const words[] = {"ok  ", "warn", "BAD "};

    d->bad += f == FINDING_BAD;
    printf("%s  %-34s ", words[f], what);
    text_print(stdout, found);
    if (todo != NULL && f != FINDING_OK) {
        printf("\n      %-34s → ", "");
        text_print(stdout, todo);
    }
    putchar('\n');
}

static void on_tick(uv_timer_t *t)
{
    struct doctor *d = t->data;

    if ((fleet_answered(&d->fleet) &&
         d->fleet.store->planes[0].latency_ms >= 0) ||
        (int64_t)uv_now(&d->fleet.loop) >= d->until_ms)
        uv_stop(&d->fleet.loop);
}

static void sources(struct doctor *d, const struct options *o)
{
    struct error err = {0};

    if (fleet_open(&d->fleet, o, &err) != 0) {
        line(FINDING_BAD, "kubeconfig", err.msg,
             err.code == ERR_ABSENT
                 ? "set KUBECONFIG or give --kubeconfig=FILE"
                 : "mend the file; nothing was sent",
             d);
        return;
    }
    if (d->fleet.read_only)
        line(FINDING_OK, "read-only",
             "as the configuration says of this context", NULL, d);
    uv_timer_init(&d->fleet.loop, &d->tick);
    d->tick.data = d;
    d->until_ms = (int64_t)uv_now(&d->fleet.loop) + o->wait_ms;
    uv_timer_start(&d->tick, on_tick, 10, 10);
    fleet_start(&d->fleet);
    uv_run(&d->fleet.loop, UV_RUN_DEFAULT);
    uv_close((uv_handle_t *)&d->tick, NULL);
    fleet_doctor(&d->fleet, line, d);
}

/* What the daemon says of itself, and whether its database is whole. */
static void habitat(struct doctor *d)
{
    struct client c;
    struct client_answer a;
    struct error err;
    char text[300], words[600], program[300];

    if (client_open(&c, &err) != 0) {
        line(FINDING_BAD, "habitat", err.msg, "set HOME", d);
        return;
    }
    client_program("terrarium-holder", program, sizeof program);
    line(access(program, X_OK) == 0 ? FINDING_OK : FINDING_BAD,
         "agents' holder", program, "install terrarium again", d);
    c.no_start = true;
    if (client_want(&c, "GET", "/api/v1/habitat?check=1", NULL, 60000, &a,
                    &err) != 0) {
        line(FINDING_WARN, "habitat", err.msg, "terrarium habitat start", d);
    } else {
        client_text(&a.body, "integrity", text, sizeof text);
        line(strcmp(text, "ok") == 0 ? FINDING_OK : FINDING_BAD, "database",
             text, "stop the habitat and move its database away", d);
        client_text(&a.body, "protocol", text, sizeof text);
        snprintf(words, sizeof words, "protocol %s", text);
        line(atoi(text) == HABITAT_PROTOCOL ? FINDING_OK : FINDING_BAD,
             "habitat's version", words, "terrarium habitat restart", d);
        client_text(&a.body, "events", text, sizeof text);
        snprintf(words, sizeof words, "%s events kept", text);
        client_text(&a.body, "oldest_event_at", text, sizeof text);
        snprintf(words + strlen(words), sizeof words - strlen(words),
                 ", since %s", text[0] ? text : "never");
        client_text(&a.body, "database_bytes", text, sizeof text);
        snprintf(words + strlen(words), sizeof words - strlen(words),
                 ", %s bytes; at most ", text);
        client_text(&a.body, "limits.events_kept", text, sizeof text);
        snprintf(words + strlen(words), sizeof words - strlen(words),
                 "%s and ", text);
        client_text(&a.body, "limits.days_kept", text, sizeof text);
        snprintf(words + strlen(words), sizeof words - strlen(words),
                 "%s days", text);
        line(FINDING_OK, "what it keeps", words, NULL, d);
        client_text(&a.body, "failed_commits", text, sizeof text);
        line(atoi(text) == 0 ? FINDING_OK : FINDING_WARN,
             "commits that failed", text, "is the disk full?", d);
    }
    client_answer_finish(&a);
    client_close(&c);
}

static void terminal(struct doctor *d)
{
    const char *term = getenv("TERM"), *colour = getenv("COLORTERM");
    const char *codeset = nl_langinfo(CODESET);
    char found[200];

    snprintf(found, sizeof found, "TERM %s, COLORTERM %s, %s",
             term ? term : "unset", colour ? colour : "unset", codeset);
    line(term == NULL || strcmp(term, "dumb") == 0 ? FINDING_WARN : FINDING_OK,
         "terminal", found, "set TERM to what your terminal is", d);
    if (strcmp(codeset, "UTF-8") != 0)
        line(FINDING_WARN, "locale", "not UTF-8: signs are drawn in ASCII",
             "set LANG=C.UTF-8", d);
    if (getenv("NO_COLOR") != NULL && getenv("NO_COLOR")[0] != '\0')
        line(FINDING_OK, "colour", "off by NO_COLOR", NULL, d);
}

static void one_buffer(struct doctor *d, const char *what, uint64_t used,
                       uint64_t cap, uint64_t drops)
{
    char found[160];

    snprintf(found, sizeof found, "%llu of %llu, %llu dropped",
             (unsigned long long)used, (unsigned long long)cap,
             (unsigned long long)drops);
    line(drops > 0 ? FINDING_WARN : FINDING_OK, what, found,
         "older ones went, as bounded", d);
}

static void buffers(struct doctor *d)
{
    const struct store *st = d->fleet.store;
    struct rusage usage;
    char found[120];

    one_buffer(d, "agents", st->agents.live, STORE_ROWS_MAX,
               st->agents.refused);
    one_buffer(d, "pheromones", st->pheromones.live, STORE_ROWS_MAX,
               st->pheromones.refused);
    one_buffer(d, "proposals", st->proposals.live, STORE_ROWS_MAX,
               st->proposals.refused);
    one_buffer(d, "workloads", st->workloads.live, STORE_ROWS_MAX,
               st->workloads.refused);
    one_buffer(d, "thoughts", thoughts_count(&st->thoughts), THOUGHTS_MAX,
               st->thoughts.dropped);
    one_buffer(d, "thoughts, bytes", st->thoughts.bytes, THOUGHTS_BYTES, 0);
    getrusage(RUSAGE_SELF, &usage);
    snprintf(found, sizeof found, "rows %zu kB, resident at most %ld kB",
             store_bytes(st) / 1024, usage.ru_maxrss);
    line(FINDING_OK, "memory", found, NULL, d);
}

int doctor_run(const struct options *o)
{
    struct doctor d = {.bad = 0};
    bool read;

    fleet_init(&d.fleet);
    printf("%s\n", PACKAGE_STRING);
    sources(&d, o);
    if (!d.fleet.cluster && d.fleet.source != NULL)
        habitat(&d);
    terminal(&d);
    buffers(&d);
    read = d.fleet.store->plane_count > 0 &&
           d.fleet.store->planes[0].proof_ms > 0;
    fleet_finish(&d.fleet);
    return !read ? 3 : d.bad > 0 ? 1 : 0;
}
