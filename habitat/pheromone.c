#include "config.h"

#include "habitat/pheromone.h"

#include "base/clock.h"
#include "habitat/agent.h"
#include "habitat/body.h"
#include "habitat/limits.h"
#include "habitat/stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                \
    "id, agent, type, target, payload, initial, half_life, ttl, emitted"
#define ROW_MAX (64u << 10)
#define HALF_LIFE_S 600
#define TTL_S 86400

static void put_row(struct json *j, const char *key, sqlite3_stmt *s)
{
    json_map(j, key);
    json_span(j, "id", db_span(s, 0));
    json_span(j, "agent", db_span(s, 1));
    json_span(j, "type", db_span(s, 2));
    if (db_text(s, 3) != NULL)
        json_span(j, "target", db_span(s, 3));
    if (db_text(s, 4) != NULL)
        json_span(j, "payload", db_span(s, 4));
    json_double(j, "intensity", db_double(s, 5));
    json_int(j, "half_life_s", db_int(s, 6));
    json_int(j, "ttl_s", db_int(s, 7));
    json_when(j, "emitted_at", db_int(s, 8));
    json_map_end(j);
}

static bool row(struct habitat *hb, const char *id, struct buf *out)
{
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT " COLUMNS " FROM pheromones WHERE id=?", "t", id);
    bool there = db_row(&hb->db, s);
    struct json j;

    if (there) {
        json_begin(&j, out);
        put_row(&j, NULL, s);
        json_end(&j);
    }
    db_done(s);
    return there;
}

static int64_t count(struct habitat *hb)
{
    sqlite3_stmt *s = db_read(&hb->db, "SELECT count(*) FROM pheromones", "");
    int64_t n = db_row(&hb->db, s) ? db_int(s, 0) : 0;

    db_done(s);
    return n;
}

static bool type_ok(struct span t)
{
    for (size_t i = 0; i < t.n; i++)
        if (!(t.p[i] >= 'A' && t.p[i] <= 'Z') && t.p[i] != '_')
            return false;
    return t.n > 0 && t.n <= 32;
}

void pheromone_deposit(struct request *r)
{
    struct habitat *hb = request_habitat(r);
    struct span id = {NULL, 0}, agent = id, type = id, target = id,
                payload = id;
    double intensity = 1;
    int64_t half_life = HALF_LIFE_S, ttl = TTL_S;
    const struct body_want wants[] = {
        {"id", BODY_TEXT, &id},
        {"agent", BODY_TEXT, &agent},
        {"type", BODY_TEXT, &type},
        {"target", BODY_TEXT, &target},
        {"payload", BODY_TEXT, &payload},
        {"intensity", BODY_DOUBLE, &intensity},
        {"half_life_s", BODY_INT, &half_life},
        {"ttl_s", BODY_INT, &ttl}};
    char key[65], name[65], words[400];
    struct error err;
    struct buf out;

    if (body_read(r, wants, sizeof wants / sizeof *wants, &err) != 0)
        request_fail(r, 400, "%s", err.msg);
    else if (!agent_name_ok(agent))
        request_fail(r, 400, "agent: a name was expected");
    else if (!type_ok(type))
        request_fail(r, 400, "type: capital letters were expected, such as "
                             "WARNING");
    else if (!(intensity > 0 && intensity <= 1))
        request_fail(r, 400, "intensity: more than 0 and at most 1");
    else if (half_life < 1 || half_life > 366 * 86400 || ttl < 1 ||
             ttl > 366 * 86400)
        request_fail(r, 400, "half_life_s and ttl_s: 1 second to a year");
    else if (payload.n > LIMIT_TEXT || target.n > 256 || id.n > 64)
        request_fail(r, 413, "payload: at most %d bytes, target 256, id 64",
                     LIMIT_TEXT);
    else if (count(hb) >= LIMIT_PHEROMONES)
        request_fail(r, 429, "%d pheromones are there already",
                     LIMIT_PHEROMONES);
    else {
        if (id.n > 0)
            snprintf(key, sizeof key, "%.*s", (int)id.n, id.p);
        else
            event_id(key);
        snprintf(name, sizeof name, "%.*s", (int)agent.n, agent.p);
        agent_external(hb, agent);
        if (db_run(&hb->db,
                   "INSERT OR IGNORE INTO pheromones(" COLUMNS
                   ") VALUES(?,?,?,?,?,?,?,?,?)",
                   "tssssdiii", key, agent, type, target, payload, intensity,
                   half_life, ttl, clock_wall_ms()) == 1) {
            snprintf(words, sizeof words, "%.*s %.2f%s%.*s%s%.*s", (int)type.n,
                     type.p, intensity, target.n ? " → " : "", (int)target.n,
                     target.p ? target.p : "", payload.n ? ": " : "",
                     (int)(payload.n > 200 ? 200 : payload.n),
                     payload.p ? payload.p : "");
            event_note(hb, name, "pheromone", "deposited", "info", "signal",
                       words);
        }
        buf_init(&out, ROW_MAX);
        if (row(hb, key, &out)) {
            request_reply(r, 201, &out);
            stream_tell_later(hb, "pheromone", &out);
        } else {
            request_fail(r, 500, "%s", hb->db.failed.msg);
        }
        buf_finish(&out);
    }
}

void pheromone_list(struct request *r)
{
    struct habitat *hb = request_habitat(r);
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT " COLUMNS " FROM pheromones ORDER BY emitted, id",
        "");
    struct buf out;
    struct json j;

    buf_init(&out, 64u << 20);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_array(&j, "pheromones");
    while (db_row(&hb->db, s))
        put_row(&j, NULL, s);
    json_array_end(&j);
    json_map_end(&j);
    json_end(&j);
    request_reply(r, 200, &out);
    buf_finish(&out);
}

void pheromone_remove(struct request *r, const char *id)
{
    struct habitat *hb = request_habitat(r);
    struct buf out;
    int n = db_run(&hb->db, "DELETE FROM pheromones WHERE id=?", "t", id);
    struct json j;

    if (n == 0) {
        request_fail(r, 404, "there is no pheromone '%.70s'", id);
        return;
    }
    buf_init(&out, 256);
    json_begin(&j, &out);
    json_map(&j, NULL);
    json_text(&j, "id", id);
    json_map_end(&j);
    json_end(&j);
    stream_tell_later(hb, "pheromone.gone", &out);
    request_reply(r, 200, &out);
    buf_finish(&out);
}

void pheromones_put(struct habitat *hb, struct buf *out)
{
    sqlite3_stmt *s = db_read(
        &hb->db, "SELECT " COLUMNS " FROM pheromones ORDER BY emitted, id",
        "");
    struct buf one;
    struct json j;

    while (db_row(&hb->db, s)) {
        buf_init(&one, ROW_MAX);
        json_begin(&j, &one);
        put_row(&j, NULL, s);
        json_end(&j);
        stream_row(out, "pheromone", &one);
        buf_finish(&one);
    }
}
