/* Plans that create: their bodies, what they refuse, what a dry run says. */
#include "config.h"

#include "data/kube/act_create.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/act/created.h"
#include "data/json/pick.h"
#include "data/kube/dry_run.h"
#include "tests/support/cm.h"
#include "tests/support/stored.h"

#define T0 1795257094000 /* 2026-11-21T10:31:34Z */
#define QUERY "?fieldManager=terrarium&fieldValidation=Strict"

static struct store *st;
static struct plan p;
static struct error err;
static char dir[64], file[100];

static void put(enum kind kind, const char *text)
{
    stored(st, kind, text, T0);
}

static int setup(void **state)
{
    (void)state;
    st = store_create();
    strcpy(dir, "/tmp/test_create.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof file, "%s/agent.yaml", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plan_finish(&p);
    store_destroy(st);
    unlink(file);
    rmdir(dir);
    return 0;
}

static void write_file(const char *text)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* key, text, …, NULL */
static int plan(enum act act, ...)
{
    va_list ap;
    const char *key;

    plan_finish(&p);
    p = (struct plan){.want = {.act = act, .kind = act == ACT_DEPOSIT
                                                       ? KIND_PHEROMONE
                                                   : act == ACT_PROPOSE
                                                       ? KIND_PROPOSAL
                                                       : KIND_AGENT}};
    va_start(ap, act);
    while ((key = va_arg(ap, const char *)) != NULL)
        assert_true(want_put(&p.want, key, va_arg(ap, const char *)));
    va_end(ap);
    error_clear(&err);
    return kube_plan_create(st, "alice", T0, &p, &err);
}

static void assert_line(const char *part)
{
    for (int i = 0; i < p.line_count; i++)
        if (strstr(p.lines[i], part) != NULL)
            return;
    for (int i = 0; i < p.line_count; i++)
        print_message("  %s\n", p.lines[i]);
    fail_msg("no line has '%s'", part);
}

static void test_agent(void **state)
{
    (void)state;
    assert_int_equal(plan(ACT_SPAWN, "name", "alpha", "ns", "team", "genus",
                          "B", NULL), 0);
    assert_string_equal(p.method, "POST");
    assert_string_equal(p.path, "/apis/kgents.io/v1/namespaces/team/agents"
                                QUERY);
    assert_string_equal(
        p.body, "{\"apiVersion\":\"kgents.io/v1\",\"kind\":\"Agent\","
                "\"metadata\":{\"name\":\"alpha\",\"namespace\":\"team\"},"
                "\"spec\":{\"genus\":\"B\"}}");
    assert_true(p.tries);
    assert_int_equal(p.friction, RISK_MEDIUM);
    assert_int_equal(
        plan(ACT_SPAWN, "name", "alpha", "ns", "team", "genus", "PSI", "image",
             "reg/x:1", "replicas", "3", "mode", "FULL", "entrypoint", "a.b",
             "cpu", "1", "memory", "1Gi", "sidecar", "no", NULL), 0);
    assert_string_equal(
        p.body,
        "{\"apiVersion\":\"kgents.io/v1\",\"kind\":\"Agent\",\"metadata\":"
        "{\"name\":\"alpha\",\"namespace\":\"team\"},\"spec\":{\"genus\":"
        "\"PSI\",\"image\":\"reg/x:1\",\"replicas\":3,\"deployMode\":\"FULL\","
        "\"entrypoint\":\"a.b\",\"resources\":{\"limits\":{\"cpu\":\"1\","
        "\"memory\":\"1Gi\"}},\"symbiont\":{\"memory\":{\"enabled\":false}}}}");
    assert_line("Deployment and Service psi-gent, 3 pods of reg/x:1");
}

static void test_agent_says_who_shares(void **state)
{
    (void)state;
    put(KIND_AGENT, "{\"metadata\":{\"name\":\"old\",\"namespace\":\"team\"},"
                    "\"spec\":{\"genus\":\"B\"}}");
    put(KIND_AGENT, "{\"metadata\":{\"name\":\"far\",\"namespace\":\"else\"},"
                    "\"spec\":{\"genus\":\"B\"}}");
    assert_int_equal(plan(ACT_SPAWN, "name", "alpha", "ns", "team", "genus",
                          "B", NULL), 0);
    assert_line("b-gent is shared with old: one Deployment");
    assert_line("runs a module that does not exist");
    assert_int_equal(plan(ACT_SPAWN, "name", "alpha", "ns", "team", "genus",
                          "N", "mode", "DRY_RUN", NULL), 0);
    assert_line("makes nothing of it");
}

static void refused(const char *field, const char *what)
{
    assert_int_not_equal(err.code, 0);
    assert_string_equal(p.field, field);
    if (strstr(err.msg, what) == NULL)
        fail_msg("'%s' says no '%s'", err.msg, what);
    assert_null(strchr(err.msg, '\n'));
}

static void test_names_that_cannot_be(void **state)
{
    static const char *const bad[] = {
        "", "Alpha", "-a", "a-", ".a", "a.", "a..b", "a/b", "a b", "../x",
        "a%2f", "a?x=1", "a\nb", "\xc3\xa4", "a_b", "a-.b", "a.-b", "a#",
        "{}", "\"", "\x1b[31m"};
    char longest[300];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        plan(ACT_SPAWN, "name", bad[i], "ns", "team", "genus", "B", NULL);
        refused("name", "a");
        plan(ACT_SPAWN, "name", "a", "ns", bad[i], "genus", "B", NULL);
        refused("ns", "");
    }
    memset(longest, 'a', sizeof longest);
    longest[254] = '\0';
    plan(ACT_SPAWN, "name", longest, "ns", "team", "genus", "B", NULL);
    refused("name", "at most 253");
    plan(ACT_SPAWN, "name", "a", "ns", "a.b", "genus", "B", NULL);
    refused("ns", "");
    plan(ACT_SPAWN, "name", "a.b-c", "ns", "team", NULL);
    refused("genus", "genus is missing");
    plan(ACT_SPAWN, "name", "a", "ns", "team", "genus", "B", "replicas", "2x",
         NULL);
    refused("replicas", "a whole number");
    plan(ACT_SPAWN, "name", "a", "ns", "team", "genus", "B", "sidecar",
         "perhaps", NULL);
    refused("sidecar", "yes or no");
    plan(ACT_SPAWN, "name", "a", "ns", "team", "genus", "B", "image", "a b",
         NULL);
    refused("image", "no blanks");
}

static void test_template(void **state)
{
    (void)state;
    write_file("apiVersion: kgents.io/v1\nkind: Agent\nmetadata:\n"
               "  name: from-file\n  namespace: theirs\n  uid: x\n"
               "  labels: {a.b/c: d}\nspec:\n  genus: C\n  replicas: 2\n"
               "  config: {deep: [1, {x: null}], \"1\": \"two\"}\n"
               "status: {phase: Running}\n");
    assert_int_equal(plan(ACT_SPAWN, "template", file, NULL), 0);
    assert_string_equal(
        p.body,
        "{\"apiVersion\":\"kgents.io/v1\",\"kind\":\"Agent\",\"metadata\":"
        "{\"name\":\"from-file\",\"namespace\":\"theirs\",\"labels\":"
        "{\"a.b/c\":\"d\"}},\"spec\":{\"genus\":\"C\",\"replicas\":2,\"config\":"
        "{\"deep\":[1,{\"x\":null}],\"1\":\"two\"}}}");
    assert_string_equal(p.path, "/apis/kgents.io/v1/namespaces/theirs/agents"
                                QUERY);
    assert_line("is left out");
    /* fields say otherwise; where the file names none, where one looks */
    assert_int_equal(plan(ACT_SPAWN, "template", file, "name", "mine", "ns",
                          "ours", "replicas", "5", "cpu", "2", NULL), 0);
    assert_non_null(strstr(p.body, "\"name\":\"mine\",\"namespace\":\"ours\""));
    assert_non_null(strstr(p.body, "\"replicas\":5"));
    assert_non_null(strstr(p.body, "\"limits\":{\"cpu\":\"2\"}"));
    assert_null(strstr(p.body, "\"replicas\":2"));
    write_file("kind: Agent\nspec: {genus: D}\n");
    assert_int_equal(plan(ACT_SPAWN, "template", file, "name", "x", "here",
                          "team", NULL), 0);
    assert_non_null(strstr(p.path, "/namespaces/team/"));
}

static void test_template_that_is_none(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "empty"},
        {"kind: Agent\nspec: [\n", ":3:"},
        {"kind: Pod\n", ":1: kind: is \"Pod\", expected \"Agent\""},
        {"kind: Agent\napiVersion: v1\n", ":2: apiVersion"},
        {"kind: Agent\n---\nkind: Agent\n", "more than one"},
        {"- kind: Agent\n", "expected a mapping"},
        {"kind: Agent\nspec: no\n", ":2: spec"},
        {"kind: Agent\nspec:\n  resources: [x]\n", ":3: spec.resources"},
        {"kind: Agent\nspec:\n  <<: {genus: B}\n", "merge keys"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(bad[i].text);
        plan(ACT_SPAWN, "template", file, "name", "a", "ns", "team", "genus",
             "B", "cpu", "1", NULL);
        refused("template", bad[i].says);
        assert_null(p.body);
    }
    plan(ACT_SPAWN, "template", "/nowhere/x.yaml", NULL);
    refused("template", "/nowhere/x.yaml");
    plan(ACT_SPAWN, "template", "/dev/zero", NULL);
    refused("template", "/dev/zero");
}

static void test_signal(void **state)
{
    char want[600];

    (void)state;
    assert_int_equal(
        plan(ACT_DEPOSIT, "ns", "team", "type", "WARNING", "source", "coder",
             "target", "b-gent", "intensity", "0.8", "half", "5", "ttl", "60",
             "command", "look \"here\"", NULL), 0);
    assert_memory_equal(p.want.name, "warning-", 8);
    snprintf(want, sizeof want,
             "{\"apiVersion\":\"kgents.io/v1\",\"kind\":\"Pheromone\","
             "\"metadata\":{\"name\":\"%s\",\"namespace\":\"team\"},\"spec\":"
             "{\"type\":\"WARNING\",\"source\":\"coder\",\"target\":\"b-gent\","
             "\"initialIntensity\":0.8,\"halfLifeMinutes\":5,\"ttl_seconds\":60,"
             "\"payload\":\"look \\\"here\\\"\",\"emittedAt\":"
             "\"2026-11-21T10:31:34Z\"}}", p.want.name);
    assert_string_equal(p.body, want);
    assert_int_equal(p.friction, RISK_MEDIUM);
    assert_line("0.80 now, half of it every 5 min");
    plan(ACT_DEPOSIT, "ns", "team", "type", "STATE", "source", "c",
         "intensity", "strong", NULL);
    refused("intensity", "a number");
    plan(ACT_DEPOSIT, "ns", "team", NULL);
    refused("type", "type");
    /* nobody named: it is who is asked */
    assert_int_equal(plan(ACT_DEPOSIT, "ns", "team", "type", "STATE", NULL),
                     0);
    assert_non_null(strstr(p.body, "\"source\":\"alice\""));
}

static void test_chaos_is_critical(void **state)
{
    (void)state;
    assert_int_equal(
        plan(ACT_DEPOSIT, "ns", "team", "type", "CHAOS", "source", "me",
             "command", "{\"action\":\"terminate_random_pod\",\"namespace\":"
             "\"prod\"}", NULL), 0);
    assert_int_equal(p.friction, RISK_CRITICAL);
    assert_string_equal(p.type, "prod"); /* what it strikes */
    assert_line("deletes one random pod of kgents in prod");
    assert_int_equal(plan(ACT_DEPOSIT, "ns", "team", "type", "CHAOS",
                          "source", "me", "command", "boo", NULL), 0);
    assert_int_equal(p.friction, RISK_CRITICAL);
    assert_string_equal(p.type, "team");
    assert_null(strstr(p.body, "because"));
}

static void test_same_words_same_digest(void **state)
{
    char before[80];

    (void)state;
    assert_int_equal(plan(ACT_DEPOSIT, "ns", "team", "type", "STATE",
                          "source", "a", NULL), 0);
    memcpy(before, p.digest, sizeof before);
    assert_int_equal(plan(ACT_DEPOSIT, "ns", "team", "type", "STATE",
                          "source", "a", NULL), 0);
    assert_string_equal(p.digest, before); /* though its name is another */
    assert_int_equal(plan(ACT_DEPOSIT, "ns", "team", "type", "STATE",
                          "source", "b", NULL), 0);
    assert_string_not_equal(p.digest, before);
    write_file("kind: Agent\nspec: {genus: D}\n");
    assert_int_equal(plan(ACT_SPAWN, "template", file, "name", "x", "ns",
                          "team", NULL), 0);
    memcpy(before, p.digest, sizeof before);
    write_file("kind: Agent\nspec: {genus: E}\n");
    assert_int_equal(plan(ACT_SPAWN, "template", file, "name", "x", "ns",
                          "team", NULL), 0);
    assert_string_not_equal(p.digest, before);
}

static void test_proposal(void **state)
{
    (void)state;
    assert_int_equal(
        plan(ACT_PROPOSE, "ns", "team", "name", "one", "title", "grow it",
             "change", "CODE_PATCH", "kind", "File", "target", "a/b.c",
             "reason", "since", "added", "10", "merge", "no", "tgent", "no",
             "approvers", "2", NULL), 0);
    assert_string_equal(
        p.body,
        "{\"apiVersion\":\"kgents.io/v1\",\"kind\":\"Proposal\",\"metadata\":"
        "{\"name\":\"one\",\"namespace\":\"team\"},\"spec\":{\"description\":"
        "\"grow it\",\"changeType\":\"CODE_PATCH\",\"rationale\":\"since\","
        "\"proposer\":\"alice\",\"target\":{\"kind\":\"File\",\"name\":"
        "\"a/b.c\"},\"magnitude\":{\"linesAdded\":10},\"reviewRequirements\":"
        "{\"requiredApprovers\":2,\"autoMerge\":false,\"tGentValidation\":"
        "false}}}");
    assert_line("2 approvers; the T-gent is not asked");
    assert_line("about 0.15, low");
    plan(ACT_PROPOSE, "ns", "team", NULL);
    refused("title", "what is proposed?");
    assert_non_null(strstr(p.body, "\"description\":\"\"")); /* to edit */
    assert_int_equal(plan(ACT_PROPOSE, "ns", "team", "title",
                          "  Größe & more!", "change", "CODE_PATCH", "kind",
                          "File", "target", "x", NULL), 0);
    assert_non_null(strstr(p.want.name, "gr"));
    assert_int_equal(plan(ACT_PROPOSE, "ns", "team", "title", "\xe4\xb8\xad",
                          "change", "CODE_PATCH", "kind", "File", "target",
                          "x", "merge", "yes", "tgent", "no", NULL), 0);
    assert_line("the operator approves it at once");
}

static void test_wipe(void **state)
{
    struct act_want w = {.act = ACT_WIPE, .kind = KIND_PHEROMONE,
                         .ns = "team", .name = "review-x"};
    char progress[80];

    (void)state;
    put(KIND_PHEROMONE,
        "{\"metadata\":{\"name\":\"review-x\",\"namespace\":\"team\",\"uid\":"
        "\"0f8fad5b-d9cb-469f-a165-70867728950e\"},\"spec\":{\"type\":"
        "\"INTENT\",\"source\":\"proposal-operator\"}}");
    memcpy(w.uid, store_pheromone(st, 0)->uid, 16);
    plan_finish(&p);
    p = (struct plan){.want = w};
    assert_int_equal(kube_plan_create(st, "alice", T0, &p, &err), 0);
    assert_string_equal(p.method, "DELETE");
    assert_string_equal(
        p.path, "/apis/kgents.io/v1/namespaces/team/pheromones/review-x");
    assert_string_equal(
        p.body, "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\","
                "\"preconditions\":{\"uid\":"
                "\"0f8fad5b-d9cb-469f-a165-70867728950e\"}}");
    assert_line("review of proposal x");
    assert_false(created_done(st, &w, progress, sizeof progress));
    store_gone(st, KIND_PHEROMONE, span_of("team"), span_of("review-x"));
    assert_true(created_done(st, &w, progress, sizeof progress));
    plan_finish(&p);
    p = (struct plan){.want = w};
    assert_int_equal(kube_plan_create(st, "alice", T0, &p, &err), ERR_ABSENT);
}

static void test_how_far_it_is(void **state)
{
    const struct act_want w = {.act = ACT_SPAWN, .kind = KIND_AGENT,
                               .ns = "team", .name = "alpha"};
    char progress[120];

    (void)state;
    assert_true(created_knows(st, &w));
    assert_false(created_done(st, &w, progress, sizeof progress));
    assert_string_equal(progress, "not seen yet");
    put(KIND_AGENT, "{\"metadata\":{\"name\":\"alpha\",\"namespace\":\"team\"},"
                    "\"spec\":{\"genus\":\"B\",\"replicas\":2}}");
    assert_true(created_there(st, &w));
    assert_false(created_done(st, &w, progress, sizeof progress));
    assert_string_equal(progress,
                        "the operator has not seen it: is it there?");
    put(KIND_AGENT, "{\"metadata\":{\"name\":\"alpha\",\"namespace\":\"team\"},"
                    "\"spec\":{\"genus\":\"B\",\"replicas\":2},\"status\":"
                    "{\"phase\":\"Pending\"}}");
    assert_false(created_done(st, &w, progress, sizeof progress));
    assert_string_equal(progress, "no Deployment yet: is the operator there?");
    put(KIND_DEPLOYMENT,
        "{\"metadata\":{\"name\":\"b-gent\",\"namespace\":\"team\",\"labels\":"
        "{\"kgents.io/genus\":\"B\",\"app.kubernetes.io/part-of\":\"kgents\"}},"
        "\"spec\":{\"replicas\":2},\"status\":{\"readyReplicas\":1}}");
    assert_false(created_done(st, &w, progress, sizeof progress));
    assert_string_equal(progress, "1 of 2 pods ready");
    put(KIND_DEPLOYMENT,
        "{\"metadata\":{\"name\":\"b-gent\",\"namespace\":\"team\",\"labels\":"
        "{\"kgents.io/genus\":\"B\",\"app.kubernetes.io/part-of\":\"kgents\"}},"
        "\"spec\":{\"replicas\":2},\"status\":{\"readyReplicas\":2}}");
    assert_true(created_done(st, &w, progress, sizeof progress));
}

/* Nothing typed gets out of its string, or into the path. */
static void on_seen(void *arg, int field, const struct pick_value *v)
{
    if (field == 0 && v->type == PICK_STRING)
        snprintf(arg, 300, "%.*s", (int)v->text.n, v->text.p);
}

static void test_typed_text_stays_text(void **state)
{
    static const char *const pieces[] = {
        "\"", "\\", "{", "}", ",", ":", "\n", "\t", "\x1b", "null", "true",
        "1e9", "\xc3\xa4", "\xf0\x9f\x8c\xb1", "/", "?", "&", "#", "%00", "'",
        "[", "]", " ", "a", "\x7f", "\xe2\x80\xae", "<", ">"};
    static const char *const keys[] = {"type",  "source", "target",
                                       "command", "intensity", "ttl", "half"};
    static const struct pick_rule payload[] = {{"spec.payload", 0}, {NULL, 0}};

    (void)state;
    srand(11);
    for (int round = 0; round < 3000; round++) {
        char text[200] = "", seen[300] = "";
        const char *key = keys[rand() % 7];

        for (int i = rand() % 12; i >= 0; i--)
            strcat(text, pieces[rand() % (int)(sizeof pieces /
                                               sizeof *pieces)]);
        if (plan(ACT_DEPOSIT, "ns", "team", "type", "STATE", "source", "me",
                 key, text, NULL) != 0) {
            assert_string_equal(p.field, key);
            continue;
        }
        struct pick *pick = pick_create(payload);

        assert_int_equal(pick_run(pick, p.body, strlen(p.body), on_seen, seen,
                                  &err), 0);
        pick_destroy(pick);
        if (strcmp(key, "command") == 0)
            assert_string_equal(seen, text);
        assert_string_equal(p.path, "/apis/kgents.io/v1/namespaces/team/"
                                    "pheromones" QUERY);
        for (const char *c = p.want.name; *c != '\0'; c++)
            assert_non_null(strchr("abcdefghijklmnopqrstuvwxyz0123456789-",
                                   *c));
    }
}

static void answer(struct tried *t, int status, const char *body,
                   const char *warning)
{
    struct http_answer a = {.status = status, .body = span_of(body)};
    const struct error none = {0};

    snprintf(a.warning, sizeof a.warning, "%s", warning);
    kube_dry_run_read(&p.want, &a, &none, t);
}

static void test_what_a_dry_run_says(void **state)
{
    const struct http_answer none = {.status = 0};
    const struct error cut = {ERR_CUT, "cut"};
    struct tried t;

    (void)state;
    plan(ACT_SPAWN, "name", "a", "ns", "team", "genus", "B", NULL);
    answer(&t, 201, "", "");
    assert_int_equal(t.error.code, 0);
    answer(&t, 201, "", "299 - \"one \\\"x\\\"\"\n299 - \"two\"\n299 - "
                        "\"two\"\nodd");
    assert_int_equal(t.warning_count, 3);
    assert_string_equal(t.warnings[0], "one \"x\"");
    assert_string_equal(t.warnings[1], "two");
    assert_string_equal(t.warnings[2], "odd");
    answer(&t, 422,
           "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"message\":\"all\","
           "\"details\":{\"causes\":[{\"reason\":\"FieldValueInvalid\","
           "\"message\":\"too many\",\"field\":\"spec.replicas\"},{\"message\":"
           "\"odd\",\"field\":\"spec.else\"},{\"message\":\"bare\"}]}}", "");
    assert_int_equal(t.cause_count, 3);
    assert_string_equal(t.causes[0].key, "replicas");
    assert_string_equal(t.causes[0].text, "too many");
    assert_string_equal(t.causes[1].key, "");
    assert_string_equal(t.causes[1].text, "spec.else: odd");
    assert_string_equal(t.causes[2].text, "bare");
    answer(&t, 409, "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\","
                    "\"message\":\"x\"}", "");
    assert_string_equal(t.causes[0].key, "name");
    answer(&t, 404, "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"details\":"
                    "{\"kind\":\"namespaces\"},\"message\":\"x\"}", "");
    assert_string_equal(t.causes[0].key, "ns");
    answer(&t, 403, "{\"kind\":\"Status\",\"reason\":\"Forbidden\",\"message\":"
                    "\"exceeded quota: q\"}", "");
    assert_int_equal(t.cause_count, 0);
    assert_int_equal(t.error.code, ERR_RIGHT);
    assert_non_null(strstr(t.error.msg, "exceeded quota"));
    answer(&t, 502, "<html>\n", "");
    assert_int_not_equal(t.error.code, 0);
    answer(&t, 500, "{\"details\":{\"causes\":[[[", "");
    assert_int_not_equal(t.error.code, 0);
    kube_dry_run_read(&p.want, &none, &cut, &t);
    assert_int_equal(t.status, 0);
    assert_int_equal(t.error.code, ERR_CUT);
    /* of a file the line is told */
    write_file("kind: Agent\nspec:\n  genus: B\n  replicas: 11\n");
    plan(ACT_SPAWN, "template", file, "name", "a", "ns", "team", NULL);
    answer(&t, 422,
           "{\"kind\":\"Status\",\"details\":{\"causes\":[{\"message\":\"no\","
           "\"field\":\"spec.replicas\"}]}}", "");
    assert_string_equal(t.causes[0].text, "line 4: no");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_agent),
        T(test_agent_says_who_shares),
        T(test_names_that_cannot_be),
        T(test_template),
        T(test_template_that_is_none),
        T(test_signal),
        T(test_chaos_is_critical),
        T(test_same_words_same_digest),
        T(test_proposal),
        T(test_wipe),
        T(test_how_far_it_is),
        T(test_typed_text_stays_text),
        T(test_what_a_dry_run_says),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
