#include "config.h"

#include "habitat/objective.h"

#include "base/clock.h"
#include "base/when.h"
#include "habitat/body.h"
#include "habitat/event.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                \
    "id, description, status, created, max_missions, max_depth, "              \
    "max_branching, outcome"

static const char *const statuses[] = {
    "open",     "answered", "disproven", "exhausted", "budget_exhausted",
    "timed_out", "frozen"};

static void put_row(struct json *j, const char *key, sqlite3_stmt *s)
{
    json_map(j, key);
    json_span(j, "id", db_span(s, 0));
    json_span(j, "description", db_span(s, 1));
    json_span(j, "status", db_span(s, 2));
    json_when(j, "created_at", db_int(s, 3));
    json_int(j, "mission_count", 0);
    json_int(j, "finding_count", 0);
    json_int(j, "max_missions", db_int(s, 4));
    json_int(j, "max_depth", db_int(s, 5));
    json_int(j, "max_branching", db_int(s, 6));
    if (db_text(s, 7) != NULL)
        json_span(j, "outcome", db_span(s, 7));
    json_map_end(j);
}

static void answer(struct request *r, const char *id, int status)
{
    struct habitat *hb = request_habitat(r);
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT " COLUMNS " FROM objectives WHERE id=?", "t", id);
    struct buf out;
    struct json j;
    bool there = db_row(&hb->db, s);

    buf_init(&out, 1u << 20);
    if (there) {
        json_begin(&j, &out);
        json_map(&j, NULL);
        put_row(&j, "objective", s);
        json_map_end(&j);
        json_end(&j);
    }
    db_done(s);
    if (there)
        request_reply(r, status, &out);
    else if (hb->db.failed.code != 0)
        request_fail(r, 500, "%s", hb->db.failed.msg);
    else
        request_fail(r, 404, "there is no objective '%.70s'", id);
    buf_finish(&out);
}

void objective_create(struct request *r)
{
    struct habitat *hb = request_habitat(r);
    struct span id = {NULL, 0}, description = id, runtime = id;
    int64_t missions = 100, depth = 5, branching = 5, runtime_ms = 4 * 3600000;
    const struct body_want wants[] = {
        {"id", BODY_TEXT, &id},
        {"description", BODY_TEXT, &description},
        {"max_missions", BODY_INT, &missions},
        {"max_depth", BODY_INT, &depth},
        {"max_branching", BODY_INT, &branching},
        {"max_runtime", BODY_TEXT, &runtime}};
    struct error err;
    char key[65];

    if (body_read(r, wants, sizeof wants / sizeof *wants, &err) != 0) {
        request_fail(r, 400, "%s", err.msg);
    } else if (description.n == 0) {
        request_fail(r, 400, "description: it is missing");
    } else if (id.n > 64 || description.n > 16384) {
        request_fail(r, 413, "id: at most 64 bytes, description 16384");
    } else if (runtime.n > 0 &&
               !when_parse_span(runtime.p, runtime.n, &runtime_ms)) {
        request_fail(r, 400, "max_runtime: a time such as 4h was expected");
    } else {
        if (id.n > 0)
            snprintf(key, sizeof key, "%.*s", (int)id.n, id.p);
        else
            event_id(key);
        if (id.n == 0)
            key[8] = '\0';
        if (db_run(&hb->db,
                   "INSERT OR IGNORE INTO objectives(id, description, status, "
                   "created, max_missions, max_depth, max_branching, "
                   "max_runtime) VALUES(?,?,'open',?,?,?,?,?)",
                   "tsiiiii", key, description, clock_wall_ms(), missions, depth,
                   branching, runtime_ms) == 0)
            request_fail(r, 409, "there is an objective '%s' already", key);
        else
            answer(r, key, 201);
    }
}

void objective_list(struct request *r)
{
    struct habitat *hb = request_habitat(r);
    const char *status = request_query(r, "status");
    bool known = status == NULL || status[0] == '\0';
    struct buf out;
    struct json j;
    sqlite3_stmt *s;

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses && !known; i++)
        known = strcmp(status, statuses[i]) == 0;
    if (!known) {
        request_fail(r, 400, "status: '%.40s' is none", status);
        return;
    }
    s = db_read(&hb->db,
                "SELECT " COLUMNS " FROM objectives WHERE ?='' OR status=? "
                "ORDER BY created, id",
                "tt", status ? status : "", status ? status : "");
    buf_init(&out, 64u << 20);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_array(&j, "objectives");
    while (db_row(&hb->db, s))
        put_row(&j, NULL, s);
    json_array_end(&j);
    json_map_end(&j);
    json_end(&j);
    request_reply(r, 200, &out);
    buf_finish(&out);
}

void objective_show(struct request *r, const char *id)
{
    answer(r, id, 200);
}

void objective_unfreeze(struct request *r, const char *id)
{
    struct habitat *hb = request_habitat(r);

    if (db_run(&hb->db,
               "UPDATE objectives SET status='open' WHERE id=? AND "
               "status='frozen'",
               "t", id) == 0) {
        sqlite3_stmt *s = db_read(
            &hb->db, "SELECT 1 FROM objectives WHERE id=?", "t", id);
        bool there = db_row(&hb->db, s);

        db_done(s);
        if (there) {
            request_fail(r, 409, "the objective '%.70s' is not frozen", id);
            return;
        }
    }
    answer(r, id, 200);
}
