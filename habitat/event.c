#include "config.h"

#include "habitat/event.h"

#include "base/clock.h"
#include "base/when.h"
#include "habitat/agent.h"
#include "habitat/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PRUNE_EVERY 5000
#define PRUNE_MOST 20000 /* by age or size, at a time */
#define DAY_MS 86400000LL

void event_id(char ret[37])
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != sizeof b)
        abort();
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(ret, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
             b[10], b[11], b[12], b[13], b[14], b[15]);
}

static struct span or_empty(struct span s)
{
    return s.p != NULL ? s : (struct span){"", 0};
}

static struct span cut(struct span s, size_t max)
{
    if (s.n <= max)
        return s;
    while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
        max--;
    return (struct span){s.p, max};
}

int event_add(struct habitat *hb, const struct event *e)
{
    struct event full = *e;
    char id[37];
    int n;

    if (full.id.p == NULL) {
        event_id(id);
        full.id = span_of(id);
    }
    if (full.at_ms == 0)
        full.at_ms = clock_wall_ms();
    full.detail = cut(or_empty(full.detail), LIMIT_TEXT);
    if (full.severity.p == NULL || full.severity.n == 0)
        full.severity = span_of("info");
    if (full.attrs.p == NULL || full.attrs.n == 0)
        full.attrs = span_of("{}");
    n = db_run(&hb->db,
               "INSERT OR IGNORE INTO events(id, at, agent, component, "
               "category, resource, action, outcome, severity, detail, attrs) "
               "VALUES(?,?,?,?,?,?,?,?,?,?,?)",
               "sisssssssss", full.id, full.at_ms, or_empty(full.agent),
               or_empty(full.component), or_empty(full.category),
               or_empty(full.resource), or_empty(full.action),
               or_empty(full.outcome), full.severity, full.detail, full.attrs);
    if (n <= 0)
        return n;
    hb->events++;
    if (++hb->since_prune >= PRUNE_EVERY)
        event_prune(hb);
    agents_note(hb, &full);
    return 1;
}

void event_note(struct habitat *hb, const char *agent, const char *category,
                const char *action, const char *severity, const char *kind,
                const char *detail)
{
    struct buf attrs;
    struct json j;
    struct event e = {.agent = span_of(agent),
                      .component = span_of("habitat"),
                      .category = span_of(category),
                      .action = span_of(action),
                      .severity = span_of(severity),
                      .detail = span_of(detail)};

    buf_init(&attrs, 256);
    json_begin(&j, &attrs);
    json_map(&j, NULL);
    if (kind != NULL)
        json_text(&j, "kind", kind);
    json_map_end(&j);
    json_end(&j);
    e.attrs = (struct span){buf_text(&attrs), attrs.len};
    event_add(hb, &e);
    buf_finish(&attrs);
}

void event_json(struct json *j, const char *key, const struct event *e,
                enum event_style style)
{
    json_map(j, key);
    if (style == EVENT_PASCAL) {
        json_span(j, "ID", e->id);
        json_when(j, "Time", e->at_ms);
        json_span(j, "Component", e->component);
        json_span(j, "Category", e->category);
        json_span(j, "Resource", e->resource);
        json_span(j, "Action", e->action);
        json_span(j, "Outcome", e->outcome);
        json_span(j, "Severity", e->severity);
        json_span(j, "Task", e->agent);
        json_int(j, "MissionID", 0);
        json_text(j, "ObjectiveID", "");
        json_span(j, "Detail", e->detail);
        json_raw(j, "Attrs", e->attrs.p, e->attrs.n);
        json_int(j, "Seq", e->seq);
    } else {
        json_span(j, "id", e->id);
        json_when(j, "time", e->at_ms);
        json_span(j, "component", e->component);
        json_span(j, "category", e->category);
        json_span(j, "action", e->action);
        if (e->outcome.n > 0)
            json_span(j, "outcome", e->outcome);
        json_span(j, "severity", e->severity);
        if (e->detail.n > 0)
            json_span(j, "detail", e->detail);
        json_raw(j, "attrs", e->attrs.p, e->attrs.n);
        json_span(j, "task", e->agent);
        json_int(j, "seq", e->seq);
    }
    json_map_end(j);
}

#define COLUMNS                                                                \
    "seq, id, at, agent, component, category, resource, action, outcome, "     \
    "severity, detail, attrs"

void event_walk(struct habitat *hb, const char *agent, int64_t after,
                int64_t limit, bool newest, event_fn fn, void *arg)
{
    sqlite3_stmt *s;

    if (agent != NULL && newest)
        s = db_read(&hb->db,
                    "SELECT * FROM (SELECT " COLUMNS " FROM events WHERE "
                    "agent=? AND seq>? ORDER BY seq DESC LIMIT ?) "
                    "ORDER BY seq",
                    "tii", agent, after, limit);
    else if (agent != NULL)
        s = db_read(&hb->db,
                    "SELECT " COLUMNS " FROM events WHERE agent=? AND seq>? "
                    "ORDER BY seq LIMIT ?",
                    "tii", agent, after, limit);
    else if (newest)
        s = db_read(&hb->db,
                    "SELECT * FROM (SELECT " COLUMNS " FROM events WHERE "
                    "seq>? ORDER BY seq DESC LIMIT ?) ORDER BY seq",
                    "ii", after, limit);
    else
        s = db_read(&hb->db,
                    "SELECT " COLUMNS " FROM events WHERE seq>? "
                    "ORDER BY seq LIMIT ?",
                    "ii", after, limit);
    while (db_row(&hb->db, s)) {
        const struct event e = {
            .seq = db_int(s, 0),        .id = db_span(s, 1),
            .at_ms = db_int(s, 2),      .agent = db_span(s, 3),
            .component = db_span(s, 4), .category = db_span(s, 5),
            .resource = db_span(s, 6),  .action = db_span(s, 7),
            .outcome = db_span(s, 8),   .severity = db_span(s, 9),
            .detail = db_span(s, 10),   .attrs = db_span(s, 11)};

        fn(&e, arg);
    }
}

int64_t event_seq(struct habitat *hb, const char *id)
{
    int64_t seq = -1;
    sqlite3_stmt *s;
    char *end;

    if (id[0] != '\0' && strspn(id, "0123456789") == strlen(id) &&
        strlen(id) < 19) {
        seq = strtoll(id, &end, 10);
        return seq;
    }
    s = db_read(&hb->db, "SELECT seq FROM events WHERE id=?", "t", id);
    if (db_row(&hb->db, s))
        seq = db_int(s, 0);
    db_done(s);
    return seq;
}

int64_t event_last_seq(struct habitat *hb)
{
    sqlite3_stmt *s =
        db_read(&hb->db, "SELECT coalesce(max(seq), 0) FROM events", "");
    int64_t seq = db_row(&hb->db, s) ? db_int(s, 0) : 0;

    db_done(s);
    return seq;
}

/* Bytes in use: pages without those that are free again. */
static int64_t bytes_used(struct habitat *hb)
{
    sqlite3_stmt *s = db_read(
        &hb->db,
        "SELECT (page_count - freelist_count) * page_size FROM "
        "pragma_page_count, pragma_freelist_count, pragma_page_size",
        "");
    int64_t n = db_row(&hb->db, s) ? db_int(s, 0) : 0;

    db_done(s);
    return n;
}

/* Rows come in the order of time, so the first young one ends the search. */
void event_prune(struct habitat *hb)
{
    int64_t now = clock_wall_ms(), old = now - LIMIT_DAYS_KEPT * DAY_MS;

    hb->since_prune = 0;
    db_run(&hb->db,
           "DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?",
           "i", (int64_t)LIMIT_EVENTS_KEPT);
    db_run(&hb->db,
           "DELETE FROM events WHERE seq < coalesce((SELECT seq FROM events "
           "WHERE at >= ? ORDER BY seq LIMIT 1), 0) AND seq <= "
           "(SELECT min(seq) FROM events) + ?",
           "ii", old, (int64_t)PRUNE_MOST);
    if (bytes_used(hb) > LIMIT_BYTES_KEPT) /* large ones first */
        db_run(&hb->db,
               "DELETE FROM proposals WHERE status != 'pending' AND seq <= "
               "(SELECT max(seq) FROM proposals) - 100",
               "");
    if (bytes_used(hb) > LIMIT_BYTES_KEPT)
        db_run(&hb->db,
               "DELETE FROM events WHERE seq <= "
               "(SELECT min(seq) FROM events) + ?",
               "i", (int64_t)PRUNE_MOST);
    db_run(&hb->db,
           "DELETE FROM requests WHERE rowid <= "
           "(SELECT max(rowid) FROM requests) - ?",
           "i", (int64_t)LIMIT_REQUESTS_KEPT);
    db_run(&hb->db,
           "DELETE FROM proposals WHERE status != 'pending' AND created < ?",
           "i", old);
    db_run(&hb->db, "DELETE FROM pheromones WHERE ttl > 0 AND "
                    "emitted + ttl * 1000 < ?",
           "i", now);
}
