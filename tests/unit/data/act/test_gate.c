#include "config.h"

#include "data/act/gate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "data/fracta/act.h"
#include "data/fracta/read.h"
#include "data/source_impl.h"
#include "tests/support/cm.h"

/* A source that sends nothing and answers when it is told to. */
struct fake {
    struct source base;
    source_sent_cb cb;
    void *arg;
    char key[48], body[2048], path[700];
    int sends;
    bool refuses;
};

static struct {
    uv_loop_t loop;
    struct store *st;
    struct gate *gate;
    struct fake source;
    struct fracta_reader *reader;
    char dir[64], journal[100];
    int changes, closed;
} t;

static int fake_plan(struct source *s, struct plan *p, struct error *err)
{
    return fracta_plan(s->store, s->plane, p, err);
}

static int fake_send(struct source *s, const struct plan *p, const char *key,
                     source_sent_cb cb, void *arg, struct error *err)
{
    struct fake *f = (struct fake *)s;

    if (f->refuses)
        return error_set(err, ERR_REFUSED, "not built");
    f->sends++;
    f->cb = cb;
    f->arg = arg;
    snprintf(f->key, sizeof f->key, "%s", key);
    snprintf(f->body, sizeof f->body, "%s", p->body ? p->body : "");
    snprintf(f->path, sizeof f->path, "%s", p->path);
    return 0;
}

static void fake_close(struct source *s)
{
    source_finish(s);
}

static const struct source_impl fake_impl = {.name = "fake",
                                             .plan = fake_plan,
                                             .send = fake_send,
                                             .close = fake_close};

static void changed(void *arg)
{
    (void)arg;
    t.changes++;
}



static void put_proposal(const char *status, const char *digest)
{
    const struct origin o = {.plane = t.source.base.plane,
                             .stream = 1,
                             .epoch = 1,
                             .now_ms = 1795271527000};
    struct proposal_facts p;
    struct asked_facts a;
    struct error err;
    char json[400];

    snprintf(json, sizeof json,
             "{\"id\":\"p1\",\"agent\":\"coder\",\"title\":\"push\","
             "\"status\":\"%s\",\"digest\":\"%s\",\"risk\":0.4,"
             "\"created_at\":\"2026-11-21T14:32:07Z\"}",
             status, digest);
    assert_int_equal(
        fracta_read_proposal(t.reader, span_of(json), &p, &a, &err), 0);
    store_put_proposal(t.st, &p, &o);
    store_settle(t.st, o.now_ms);
}

static void put_agent(const char *more)
{
    const struct origin o = {.plane = t.source.base.plane,
                             .stream = 1,
                             .epoch = 1,
                             .now_ms = 1795271527000};
    struct run_facts f;
    struct error err;
    char json[400];

    snprintf(json, sizeof json,
             "{\"name\":\"coder\",\"mode\":\"pty\",\"argv\":[\"x\"]%s}", more);
    assert_int_equal(fracta_read_agent(t.reader, span_of(json), &f, &err), 0);
    store_put_run(t.st, &f, &o);
    store_settle(t.st, o.now_ms);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    strcpy(t.dir, "/tmp/test_gate.XXXXXX");
    assert_non_null(mkdtemp(t.dir));
    snprintf(t.journal, sizeof t.journal, "%s/a/journal.jsonl", t.dir);
    uv_loop_init(&t.loop);
    t.st = store_create();
    t.reader = fracta_reader_create();
    source_init(&t.source.base, &fake_impl, &t.loop, t.st);
    t.source.base.plane->state = PLANE_LIVE;
    t.gate = gate_create(&t.loop, t.st, t.journal, changed, NULL);
    gate_use(t.gate, &t.source.base);
    return 0;
}

static void on_closed(void *arg)
{
    (void)arg;
    t.closed++;
}

static int teardown(void **state)
{
    char folder[100];

    (void)state;
    if (t.gate != NULL)
        gate_close(t.gate, on_closed, NULL);
    source_close(&t.source.base, on_closed, NULL);
    uv_run(&t.loop, UV_RUN_DEFAULT);
    assert_int_equal(t.closed, 2);
    assert_int_equal(uv_loop_close(&t.loop), 0);
    if (t.source.cb != NULL) { /* an answer after the end says nothing */
        t.source.cb(200, &(struct error){0}, t.source.arg);
    }
    store_destroy(t.st);
    fracta_reader_destroy(t.reader);
    unlink(t.journal);
    snprintf(folder, sizeof folder, "%s/a", t.dir);
    if (rmdir(folder) != 0)
        unlink(folder);
    rmdir(t.dir);
    return 0;
}

static void turn(void)
{
    const struct timespec ms = {0, 1000000};

    uv_run(&t.loop, UV_RUN_NOWAIT);
    nanosleep(&ms, NULL);
}

static const struct action_receipt *receipt(void)
{
    const struct action_receipt *a = gate_receipt(t.gate, 0);

    assert_non_null(a);
    return a;
}

static void wait_state(enum action_state s, int ms)
{
    for (int i = 0; i < ms && receipt()->state != s; i++)
        turn();
    if (receipt()->state != s)
        fail_msg("%s, not %s: %s", action_state_name(receipt()->state),
                 action_state_name(s), receipt()->error.msg);
}

static void wait_sent(void)
{
    for (int i = 0; i < 5000 && t.source.cb == NULL; i++)
        turn();
    assert_non_null(t.source.cb);
}

static void answer(int status, int code)
{
    source_sent_cb cb = t.source.cb;
    struct error err = {code, "so it is"};

    t.source.cb = NULL;
    cb(status, &err, t.source.arg);
}

static void commit(enum act act, bool hold)
{
    struct act_want want = {.act = act, .kind = KIND_AGENT, .name = "coder"};
    struct plan p;
    struct error err;

    if (act == ACT_APPROVE || act == ACT_REJECT) {
        want.kind = KIND_PROPOSAL;
        strcpy(want.name, "p1");
    }
    if (gate_plan(t.gate, &want, &p, &err) != 0)
        fail_msg("%s", err.msg);
    assert_int_not_equal(gate_commit(t.gate, &p, hold), 0);
    plan_finish(&p);
}

/* Steps of the journal, joined by blanks. */
static const char *steps(void)
{
    static char text[400];
    char line[4096], *at;
    FILE *f;

    for (int i = 0; i < 20; i++) /* nobody waits for the later ones */
        turn();
    f = fopen(t.journal, "re");
    text[0] = '\0';
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        assert_int_equal(line[0], '{');
        at = strstr(line, "\"step\":\"");
        assert_non_null(at);
        at += 8;
        *strchr(at, '"') = '\0';
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                 text[0] ? " " : "", at);
    }
    if (f != NULL)
        fclose(f);
    return text;
}

static void test_accepted_then_observed(void **state)
{
    struct stat st;

    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, false);
    assert_int_equal(receipt()->state, ACTION_SENT);
    assert_int_equal(t.source.sends, 0); /* the intent comes first */
    wait_sent();
    assert_string_equal(t.source.key, receipt()->key);
    assert_int_equal(strlen(t.source.key), 32);
    assert_string_equal(t.source.path, "/api/v1/proposals/p1/decision");
    assert_string_equal(t.source.body,
                        "{\"decision\":\"approve\",\"digest\":\"d1\"}");
    assert_string_equal(steps(), "intent");
    assert_int_equal(stat(t.journal, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    answer(200, 0);
    assert_int_equal(receipt()->state, ACTION_ACCEPTED);
    put_proposal("approved", "d1");
    gate_look(t.gate);
    assert_int_equal(receipt()->state, ACTION_OBSERVED);
    assert_true(receipt()->ended_ms > 0);
    assert_string_equal(steps(), "intent accepted observed");
    assert_true(t.changes > 2);
    assert_ptr_equal(gate_about(t.gate, KIND_PROPOSAL, "", "p1"), receipt());
    assert_null(gate_about(t.gate, KIND_PROPOSAL, "", "p2"));
}

static void test_held_cancelled(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, true);
    assert_int_equal(receipt()->state, ACTION_HELD);
    assert_int_equal(gate_held(t.gate), 1);
    assert_int_equal(receipt()->held_until_ms - receipt()->begun_ms,
                     GATE_HELD_MS);
    assert_true(gate_cancel(t.gate));
    assert_false(gate_cancel(t.gate));
    assert_int_equal(receipt()->state, ACTION_CANCELLED);
    for (int i = 0; i < 50; i++)
        turn();
    assert_int_equal(t.source.sends, 0);
    assert_string_equal(steps(), "cancelled");
}

static void test_held_released(void **state)
{
    (void)state;
    put_agent(",\"status\":\"Running\"");
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, true);
    commit(ACT_PAUSE, true);
    assert_int_equal(gate_held(t.gate), 2);
    assert_true(gate_release(t.gate)); /* the latest */
    wait_sent();
    assert_string_equal(t.source.path, "/api/v1/agents/coder/pause");
    answer(200, 0);
    put_agent(",\"status\":\"Running\",\"paused\":true");
    gate_look(t.gate);
    assert_int_equal(receipt()->state, ACTION_OBSERVED);
    assert_int_equal(gate_receipt(t.gate, 1)->state, ACTION_HELD);
    assert_null(gate_receipt(t.gate, 2));
}

static void test_held_is_sent_by_itself(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, true);
    for (int i = 0; i < GATE_HELD_MS - 500; i++)
        turn();
    while (receipt()->state == ACTION_HELD)
        turn();
    wait_sent();
    assert_true(receipt()->sent_ms >= receipt()->held_until_ms);
}

static void test_refused(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, false);
    wait_sent();
    answer(403, ERR_RIGHT);
    assert_int_equal(receipt()->state, ACTION_REFUSED);
    assert_string_equal(receipt()->error.msg, "so it is");
    commit(ACT_APPROVE, false);
    t.source.refuses = true; /* never built */
    wait_state(ACTION_REFUSED, 5000);
    t.source.refuses = false;
    commit(ACT_APPROVE, false);
    wait_sent();
    answer(0, ERR_CONNECT); /* nobody there: it did not arrive */
    assert_int_equal(receipt()->state, ACTION_REFUSED);
    assert_string_equal(steps(), "intent refused intent refused intent "
                                 "refused");
}

static void test_conflict(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, false);
    wait_sent();
    answer(409, ERR_SERVER);
    assert_int_equal(receipt()->state, ACTION_SUPERSEDED);
    commit(ACT_APPROVE, false);
    wait_sent();
    put_proposal("approved", "d1"); /* decided as we wanted */
    answer(409, ERR_SERVER);
    assert_int_equal(receipt()->state, ACTION_OBSERVED);
}

static void test_lost_but_done(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_REJECT, false);
    wait_sent();
    answer(0, ERR_CUT);
    assert_int_equal(receipt()->state, ACTION_UNKNOWN);
    put_proposal("rejected", "d1");
    gate_look(t.gate);
    assert_int_equal(receipt()->state, ACTION_OBSERVED);
    assert_string_equal(steps(), "intent unknown, looking observed");
}

static void test_lost_and_not_done(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_REJECT, false);
    wait_sent();
    t.source.base.plane->state = PLANE_STALE;
    answer(0, ERR_SILENT);
    for (int i = 0; i < GATE_LOST_MS; i++)
        turn();
    /* while the source is away nobody can tell */
    assert_int_equal(receipt()->state, ACTION_UNKNOWN);
    t.source.base.plane->state = PLANE_LIVE;
    wait_state(ACTION_LOST, 3 * GATE_LOST_MS);
}

static void test_changed_before_it_was_sent(void **state)
{
    (void)state;
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, true);
    put_proposal("pending", "d2");
    gate_release(t.gate);
    wait_state(ACTION_SUPERSEDED, 5000);
    assert_int_equal(t.source.sends, 0);
    /* decided by another meanwhile */
    commit(ACT_APPROVE, true);
    put_proposal("rejected", "d2");
    gate_release(t.gate);
    wait_state(ACTION_SUPERSEDED, 5000);
    /* gone */
    put_agent(",\"status\":\"Running\"");
    commit(ACT_KILL, true);
    store_run_gone(t.st, t.source.base.plane, span_of(""), span_of("coder"));
    gate_release(t.gate);
    wait_state(ACTION_SUPERSEDED, 5000);
    assert_int_equal(t.source.sends, 0);
}

static void on_other_closed(void *arg)
{
    *(bool *)arg = true;
}

/* Who knows the row plans it and is sent it; who ends takes nobody along. */
static void test_two_sources(void **state)
{
    struct fake other = {.sends = 0};
    bool closed = false;

    (void)state;
    source_init(&other.base, &fake_impl, &t.loop, t.st);
    other.base.plane->state = PLANE_LIVE;
    gate_use(t.gate, &other.base);
    put_agent(",\"status\":\"Running\"");
    commit(ACT_KILL, false);
    for (int i = 0; i < 5000 && t.source.sends == 0; i++)
        turn();
    assert_int_equal(t.source.sends, 1);
    /* only the other tells of it now */
    store_run_gone(t.st, t.source.base.plane, span_of(""), span_of("coder"));
    {
        struct source was = t.source.base;

        t.source.base.plane = other.base.plane;
        put_agent(",\"status\":\"Running\"");
        t.source.base.plane = was.plane;
    }
    commit(ACT_KILL, false);
    for (int i = 0; i < 5000 && other.sends == 0; i++)
        turn();
    assert_int_equal(t.source.sends, 1);
    assert_int_equal(other.sends, 1);
    assert_ptr_equal(receipt()->plan.by, &other.base);
    /* it ends: what was sent is unknown, what is held is cancelled */
    commit(ACT_KILL, true);
    gate_leave(t.gate, &other.base);
    assert_int_equal(receipt()->state, ACTION_CANCELLED);
    assert_null(gate_receipt(t.gate, 1)->plan.by);
    other.cb(0, &(struct error){ERR_CUT, "it ends"}, other.arg);
    gate_look(t.gate);
    assert_int_equal(gate_receipt(t.gate, 1)->state, ACTION_UNKNOWN);
    source_close(&other.base, on_other_closed, &closed);
    assert_true(closed);
}

static void test_no_journal_no_action(void **state)
{
    char folder[100];
    int fd;

    (void)state;
    snprintf(folder, sizeof folder, "%s/a", t.dir);
    fd = open(folder, O_CREAT | O_WRONLY | O_CLOEXEC, 0600); /* no folder */
    close(fd);
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, false);
    wait_state(ACTION_REFUSED, 5000);
    assert_int_equal(t.source.sends, 0);
    assert_non_null(strstr(receipt()->error.msg, "the journal"));
    /* and none at all */
    gate_close(t.gate, NULL, NULL);
    t.gate = gate_create(&t.loop, t.st, NULL, changed, NULL);
    gate_use(t.gate, &t.source.base);
    commit(ACT_APPROVE, false);
    assert_int_equal(receipt()->state, ACTION_REFUSED);
    assert_int_equal(t.source.sends, 0);
}

static void test_closing_with_things_under_way(void **state)
{
    (void)state;
    put_agent(",\"status\":\"Running\"");
    put_proposal("pending", "d1");
    commit(ACT_APPROVE, false);
    wait_sent(); /* the source has one */
    commit(ACT_PAUSE, true);  /* one is held */
    commit(ACT_KILL, false);  /* one waits for the journal */
    gate_close(t.gate, on_closed, NULL);
    t.gate = NULL;
    uv_run(&t.loop, UV_RUN_DEFAULT);
    assert_int_equal(t.source.sends, 1);
    assert_string_equal(steps(), "intent intent cancelled");
}

static void test_full(void **state)
{
    struct act_want want = {.act = ACT_PAUSE,
                            .kind = KIND_AGENT,
                            .name = "coder"};
    struct plan p;
    struct error err;

    (void)state;
    put_agent(",\"status\":\"Running\"");
    for (int i = 0; i < GATE_ACTIONS; i++)
        commit(ACT_PAUSE, true);
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), 0);
    assert_int_equal(gate_commit(t.gate, &p, true), 0);
    plan_finish(&p);
    gate_cancel(t.gate); /* what is over gives way */
    commit(ACT_PAUSE, true);
    gate_leave(t.gate, &t.source.base);
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), ERR_ABSENT);
}

static void test_what_cannot_be_planned(void **state)
{
    struct act_want want = {.act = ACT_PAUSE,
                            .kind = KIND_AGENT,
                            .name = "coder"};
    struct plan p;
    struct error err;

    (void)state;
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), ERR_ABSENT);
    put_agent(",\"status\":\"Failed\"");
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), ERR_ABSENT);
    want.act = ACT_KILL; /* forgets it */
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), 0);
    assert_int_equal(p.friction, RISK_LOW);
    plan_finish(&p);
    want = (struct act_want){.act = ACT_SPAWN,
                             .kind = KIND_AGENT,
                             .name = "new",
                             .command = "make | tee",
                             .dir = "/"};
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), ERR_SYNTAX);
    plan_finish(&p);
    strcpy(want.command, "");
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), ERR_SYNTAX);
    plan_finish(&p);
    want = (struct act_want){
        .act = ACT_APPROVE, .kind = KIND_PROPOSAL, .name = "p1"};
    put_proposal("approved", "d1");
    assert_int_equal(gate_plan(t.gate, &want, &p, &err), ERR_EXPIRED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        T(test_accepted_then_observed),
        T(test_held_cancelled),
        T(test_held_released),
        T(test_held_is_sent_by_itself),
        T(test_refused),
        T(test_conflict),
        T(test_lost_but_done),
        T(test_lost_and_not_done),
        T(test_changed_before_it_was_sent),
        T(test_two_sources),
        T(test_no_journal_no_action),
        T(test_closing_with_things_under_way),
        T(test_full),
        T(test_what_cannot_be_planned),
#undef T
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
