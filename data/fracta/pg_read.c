#include "config.h"

#include "data/fracta/pg_read.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/pg/quote.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX 253402300799.0 /* the year 9999 */
#define SQL_CAP 8192

#define EPOCH(c) "extract(epoch from " c ")"

static const struct {
    const char *name;
    const char *sql; /* %s: a table, with its schema */
    const char *tables[4];
} reads[PG_TABLES] = {
    [PG_AGENTS] = {"agents",
                   "SELECT left(task, 256), host_type, left(branch_name, "
                   "256), left(base_branch, 256), status, "
                   "left(last_output, 512), " EPOCH("start_time") ", mode, "
                   "left(current_intent, 512), mission_id, "
                   "left(objective_id, 256) FROM %s LIMIT 100000",
                   {"agents"}},
#define MISSION                                                                \
    "SELECT id, status, left(agent_task, 256), left(claimed_by, 128), " EPOCH( \
        "claimed_at") ", " EPOCH("created_at") ", " EPOCH(                     \
        "completed_at") ", left(error, 512), priority, left(objective_id, "    \
                        "256), parent_id, depth, left(dedupe_key, 256), "      \
                        "left(proposed_by, 256), left(payload->>'task', 256)"  \
                        ", payload->>'host_type', payload->>'model' FROM %s "
    /* each part has an index: ended ones are kept for ever */
    [PG_MISSIONS] = {"missions",
                     "(" MISSION "WHERE status = 'pending' ORDER BY priority "
                     "DESC, created_at LIMIT 5000) UNION ALL (" MISSION
                     "WHERE status = 'claimed' ORDER BY claimed_at LIMIT "
                     "5000) UNION ALL (" MISSION "WHERE status NOT IN "
                     "('pending', 'claimed') ORDER BY id DESC LIMIT 1000)",
                     {"missions", "missions", "missions"}},
    [PG_OBJECTIVES] = {"objectives",
                       "SELECT left(id, 256), left(description, 1024), "
                       "status, " EPOCH("created_at") ", " EPOCH(
                           "updated_at") ", left(created_by, 256), "
                       "max_missions, max_depth, max_runtime, max_branching, "
                       "max_tokens, max_graph_writes, mission_count, "
                       "finding_count, left(outcome, 1024) FROM %s ORDER BY "
                       "created_at DESC LIMIT 2000",
                       {"objectives"}},
#define PROPOSAL                                                               \
    "SELECT id, left(objective_id, 256), parent_mission, left(proposed_by, "   \
    "256), left(task, 256), left(contract, 4096), priority, "                  \
    "left(rationale, 4096), status, " EPOCH("created_at") ", " EPOCH(          \
        "reviewed_at") ", left(rejection_note, 1024) FROM %s "
    [PG_PROPOSALS] = {"proposals",
                      "(" PROPOSAL "WHERE status = 'pending' ORDER BY "
                      "priority DESC, created_at LIMIT 5000) UNION ALL ("
                      PROPOSAL "WHERE status <> 'pending' ORDER BY id DESC "
                      "LIMIT 1000)",
                      {"proposals", "proposals"}},
    [PG_UNREAD] = {"messages",
                   "SELECT left(m.to_task, 256), count(*) FROM %s m LEFT "
                   "JOIN %s c ON c.task = m.to_task WHERE m.id > "
                   "coalesce(c.last_id, 0) GROUP BY m.to_task LIMIT 100000",
                   {"messages", "cursors"}},
};

const char *pg_table_name(enum pg_table t)
{
    return reads[t].name;
}

char *pg_read_sql(enum pg_table t, const char *schema)
{
    const char *p = reads[t].sql, *at;
    char table[200], *sql;
    struct buf b;

    buf_init(&b, SQL_CAP);
    for (int i = 0; (at = strstr(p, "%s")) != NULL; i++) {
        if (!pg_quote(schema, reads[t].tables[i], table, sizeof table)) {
            buf_finish(&b);
            return NULL;
        }
        buf_add(&b, p, (size_t)(at - p));
        buf_str(&b, table);
        p = at + 2;
    }
    buf_str(&b, p);
    sql = b.over ? NULL : xstrdup(buf_text(&b));
    buf_finish(&b);
    return sql;
}

static bool text(struct span v, char *ret, size_t size)
{
    if (v.p == NULL || v.n >= size)
        return false;
    memcpy(ret, v.p, v.n);
    ret[v.n] = '\0';
    return true;
}

int64_t pg_read_time(struct span v)
{
    char s[40];
    double t;

    if (!text(v, s, sizeof s))
        return 0;
    t = strtod(s, NULL);
    /* Go writes its zero time as the year 1; infinity is no moment either */
    return t > 0 && t < TIME_MAX ? (int64_t)(t * 1000) : 0;
}

int64_t pg_read_int(struct span v)
{
    char s[24], *end;
    int64_t n;

    if (!text(v, s, sizeof s) || s[0] == '\0')
        return FACT_NONE;
    errno = 0;
    n = strtoll(s, &end, 10);
    return errno != 0 || *end != '\0' || n < 0 ? FACT_NONE : n;
}

/* Columns that are never NULL say nothing with "". */
static struct span said(struct span v)
{
    return v.n == 0 ? (struct span){NULL, 0} : v;
}

static struct span first_line(struct span v)
{
    const char *end = v.n > 0 ? memchr(v.p, '\n', v.n) : NULL;

    if (end != NULL)
        v.n = (size_t)(end - v.p);
    return said(v);
}

bool pg_read_agent(const struct span *v, int count, struct run_facts *ret)
{
    int64_t mission;

    if (count != 11 || v[0].n == 0)
        return false;
    mission = pg_read_int(v[9]);
    *ret = (struct run_facts){.name = v[0],
                              .runtime = said(v[1]),
                              .branch = said(v[2]),
                              .base = said(v[3]),
                              .status = said(v[4]),
                              .output = said(v[5]),
                              .started_ms = pg_read_time(v[6]),
                              .mode = said(v[7]),
                              .intent = said(v[8]),
                              .objective = said(v[10]),
                              RUN_FACTS_NONE};
    if (mission > 0)
        ret->mission = mission;
    if (span_is(ret->status, "Failed"))
        ret->reason = first_line(v[5]);
    return true;
}

bool pg_read_mission(const struct span *v, int count,
                     struct mission_facts *ret)
{
    if (count != 17 || v[0].n == 0)
        return false;
    *ret = (struct mission_facts){
        .meta = {.name = v[0], .created_ms = pg_read_time(v[5])},
        .status = said(v[1]),
        .task = v[2].n > 0 ? v[2] : said(v[14]),
        .claimed_by = said(v[3]),
        .claimed_ms = pg_read_time(v[4]),
        .completed_ms = pg_read_time(v[6]),
        .error = said(v[7]),
        .priority = pg_read_int(v[8]),
        .objective = said(v[9]),
        .parent = pg_read_int(v[10]),
        .depth = pg_read_int(v[11]),
        .dedupe_key = said(v[12]),
        .proposed_by = said(v[13]),
        .runtime = said(v[15]),
        .model = said(v[16])};
    if (span_is(v[1], "claimed") && ret->claimed_ms > 0)
        ret->lease_ms = ret->claimed_ms + PG_LEASE_MS;
    return true;
}

/* 0 is "no bound" in these columns. */
static int64_t bound(struct span v)
{
    int64_t n = pg_read_int(v);

    return n > 0 ? n : FACT_NONE;
}

bool pg_read_objective(const struct span *v, int count,
                       struct objective_facts *ret)
{
    int64_t runtime;

    if (count != 15 || v[0].n == 0)
        return false;
    runtime = bound(v[8]); /* nanoseconds */
    *ret = (struct objective_facts){
        .meta = {.name = v[0], .created_ms = pg_read_time(v[3])},
        .description = said(v[1]),
        .status = said(v[2]),
        .updated_ms = pg_read_time(v[4]),
        .created_by = said(v[5]),
        .max_missions = bound(v[6]),
        .max_depth = bound(v[7]),
        .max_runtime_ms = runtime > 0 ? runtime / 1000000 : FACT_NONE,
        .max_branching = bound(v[9]),
        .max_tokens = bound(v[10]),
        .max_writes = bound(v[11]),
        .missions = pg_read_int(v[12]),
        .findings = pg_read_int(v[13]),
        .tokens = FACT_NONE, /* reserved columns: never written */
        .writes = FACT_NONE,
        .outcome = said(v[14])};
    return true;
}

/*
 * fracta's words in those of the store. "pending" is none of them on purpose:
 * it waits two seconds for its control plane, and for no person; as Pending
 * it would be counted, and rung for, as something to decide.
 */
static struct span phase_of(struct span status)
{
    static const char *const words[][2] = {{"approved", "Approved"},
                                           {"rejected", "Rejected"},
                                           {"dedupe_hit", "Superseded"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(status, words[i][0]))
            return span_of(words[i][1]);
    return status;
}

bool pg_read_proposal(const struct span *v, int count,
                      struct proposal_facts *ret, struct asked_facts *asked)
{
    if (count != 12 || v[0].n == 0)
        return false;
    /* nobody has judged its risk, and it is none of kgents' changes */
    *asked = (struct asked_facts){.risk = (double)NAN, .text = said(v[5])};
    *ret = (struct proposal_facts){
        .meta = {.name = v[0], .created_ms = pg_read_time(v[9])},
        .change = {"MISSION", 7},
        .target_kind = {"Mission", 7},
        .target_name = said(v[4]),
        .proposer = said(v[3]),
        .objective = said(v[1]),
        .description = said(v[5]),
        .rationale = said(v[7]),
        .phase = phase_of(v[8]),
        .decided_ms = pg_read_time(v[10]),
        .decider_text = said(v[11]),
        .lines_added = FACT_NONE,
        .lines_removed = FACT_NONE,
        .files = FACT_NONE,
        .tests_added = FACT_NONE,
        .tests_removed = FACT_NONE,
        .tests_passed = FACT_NONE,
        .tests_failed = FACT_NONE,
        .required = FACT_NONE,
        .ttl_s = FACT_NONE,
        .asked = asked,
        .auto_merge = true, /* its control plane decides, nobody is asked */
        .risk = {.base = (double)NAN,
                 .velocity = (double)NAN,
                 .magnitude = (double)NAN,
                 .tests = (double)NAN,
                 .total = (double)NAN}};
    return true;
}

bool pg_read_unread(const struct span *v, int count, struct span *ret_task,
                    int64_t *ret_unread)
{
    if (count != 2 || v[0].n == 0)
        return false;
    *ret_task = v[0];
    *ret_unread = pg_read_int(v[1]);
    return *ret_unread != FACT_NONE;
}
