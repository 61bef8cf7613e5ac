#include "config.h"

#include "data/act/before.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "data/json/pick.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
    char *ns, *name;
    uint8_t uid[16];
    int replicas;
    int takers; /* actions that meant to take it, and did not fail */
};

struct before {
    uv_loop_t *loop;
    uv_work_t work;
    char *path;
    struct entry *at;
    int count, room;
    struct entry *read; /* by the pool */
    int read_count, read_room;
    bool busy, closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void free_all(struct entry *at, int count)
{
    for (int i = 0; i < count; i++) {
        free(at[i].ns);
        free(at[i].name);
    }
    free(at);
}

static int find(const struct entry *at, int count, const char *ns,
                const char *name, const uint8_t uid[16])
{
    for (int i = count - 1; i >= 0; i--)
        if (memcmp(at[i].uid, uid, 16) == 0 && strcmp(at[i].name, name) == 0 &&
            strcmp(at[i].ns, ns) == 0)
            return i;
    return -1;
}

static void drop(struct entry *at, int *count, int i)
{
    free(at[i].ns);
    free(at[i].name);
    memmove(at + i, at + i + 1, (size_t)(--*count - i) * sizeof *at);
}

static void put(struct entry **at, int *count, int *room, const char *ns,
                const char *name, const uint8_t uid[16], int replicas)
{
    int i = find(*at, *count, ns, name, uid);

    if (i >= 0) {
        (*at)[i].replicas = replicas;
        (*at)[i].takers++;
        return;
    }
    if (*count == BEFORE_MAX)
        drop(*at, count, 0);
    if (*count == *room) {
        *room = *room ? 2 * *room : 64;
        *at = xrealloc(*at, (size_t)*room, sizeof **at);
    }
    (*at)[*count] = (struct entry){xstrdup(ns), xstrdup(name), {0}, replicas, 1};
    memcpy((*at)[(*count)++].uid, uid, 16);
}

enum { STEP, ACT, NS, NAME, OBJECT, BEFORE, CELLS };

static const struct pick_rule rules[] = {
    {"step", STEP}, {"act", ACT},       {"ns", NS},
    {"name", NAME}, {"object", OBJECT}, {"before", BEFORE},
    {NULL, 0}};

struct line {
    char cells[CELLS][ACT_NAME];
};

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct line *l = arg;

    if ((v->type == PICK_STRING || v->type == PICK_NUMBER) &&
        v->text.n < ACT_NAME)
        snprintf(l->cells[field], ACT_NAME, "%.*s", (int)v->text.n, v->text.p);
}

static void read_uid(const char *text, uint8_t ret[16])
{
    unsigned byte;

    memset(ret, 0, 16);
    for (int i = 0; i < 16 && sscanf(text + 2 * i, "%2x", &byte) == 1; i++)
        ret[i] = (uint8_t)byte;
}

/* A pause that came to nothing. */
static bool failed(const char *act, const char *step)
{
    static const char *const nothing[] = {"refused", "superseded", "not done",
                                          "cancelled"};

    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcmp(act, "pause") == 0 && strcmp(step, nothing[i]) == 0)
            return true;
    return false;
}

/* One taker less; the last takes the entry with it. */
static void undo(struct entry *at, int *count, int i)
{
    if (i >= 0 && --at[i].takers <= 0)
        drop(at, count, i);
}

static void take_line(struct before *b, const struct line *l)
{
    uint8_t uid[16];
    int i;

    if (l->cells[NAME][0] == '\0')
        return;
    read_uid(l->cells[OBJECT], uid);
    if (strcmp(l->cells[STEP], "intent") == 0 && l->cells[BEFORE][0] != '\0') {
        put(&b->read, &b->read_count, &b->read_room, l->cells[NS],
            l->cells[NAME], uid, atoi(l->cells[BEFORE]));
    } else if (failed(l->cells[ACT], l->cells[STEP])) {
        undo(b->read, &b->read_count,
             find(b->read, b->read_count, l->cells[NS], l->cells[NAME], uid));
    } else if (strcmp(l->cells[ACT], "resume") == 0 &&
               strcmp(l->cells[STEP], "observed") == 0) {
        i = find(b->read, b->read_count, l->cells[NS], l->cells[NAME], uid);
        if (i >= 0)
            drop(b->read, &b->read_count, i);
    }
}

/* On the pool. */
static void on_work(uv_work_t *work)
{
    struct before *b = work->data;
    struct pick *p;
    struct stat st;
    FILE *f = fopen(b->path, "re");
    char *text = NULL;
    size_t room = 0;
    ssize_t n;

    if (f == NULL)
        return;
    p = pick_create(rules);
    if (fstat(fileno(f), &st) == 0 && st.st_size > (off_t)BEFORE_TAIL) {
        fseeko(f, -(off_t)BEFORE_TAIL, SEEK_END);
        n = getline(&text, &room, f); /* the rest of a line */
    }
    while ((n = getline(&text, &room, f)) > 0) {
        struct line l = {0};

        if ((strstr(text, "\"pause\"") != NULL ||
             strstr(text, "\"resume\"") != NULL) &&
            pick_run(p, text, (size_t)n, on_value, &l, NULL) == 0)
            take_line(b, &l);
    }
    free(text);
    pick_destroy(p);
    fclose(f);
}

static void destroy(struct before *b)
{
    void (*closed)(void *arg) = b->closed;
    void *arg = b->closed_arg;

    free_all(b->at, b->count);
    free_all(b->read, b->read_count);
    free(b->path);
    free(b);
    if (closed != NULL)
        closed(arg);
}

/* What was put meanwhile is newer. */
static void on_done(uv_work_t *work, int status)
{
    struct before *b = work->data;

    (void)status;
    b->busy = false;
    if (b->closing) {
        destroy(b);
        return;
    }
    for (int i = 0; i < b->count; i++)
        put(&b->read, &b->read_count, &b->read_room, b->at[i].ns,
            b->at[i].name, b->at[i].uid, b->at[i].replicas);
    free_all(b->at, b->count);
    b->at = b->read;
    b->count = b->read_count;
    b->room = b->read_room;
    b->read = NULL;
    b->read_count = b->read_room = 0;
}

struct before *before_create(uv_loop_t *loop, const char *path)
{
    struct before *b = xcalloc(1, sizeof *b);

    b->loop = loop;
    b->work.data = b;
    if (path != NULL) {
        b->path = xstrdup(path);
        b->busy = uv_queue_work(loop, &b->work, on_work, on_done) == 0;
    }
    return b;
}

void before_close(struct before *b, void (*cb)(void *arg), void *arg)
{
    b->closing = true;
    b->closed = cb;
    b->closed_arg = arg;
    if (!b->busy)
        destroy(b);
}

void before_put(struct before *b, const struct act_want *w, int replicas)
{
    put(&b->at, &b->count, &b->room, w->ns, w->name, w->uid, replicas);
}

void before_undo(struct before *b, const struct act_want *w)
{
    undo(b->at, &b->count,
         find(b->at, b->count, w->ns, w->name, w->uid));
}

void before_drop(struct before *b, const struct act_want *w)
{
    int i = find(b->at, b->count, w->ns, w->name, w->uid);

    if (i >= 0)
        drop(b->at, &b->count, i);
}

int before_find(const struct before *b, const struct act_want *w)
{
    int i = find(b->at, b->count, w->ns, w->name, w->uid);

    return i >= 0 ? b->at[i].replicas : 0;
}

bool before_at(const struct before *b, int n, struct before_row *ret)
{
    if (n >= b->count)
        return false;
    snprintf(ret->ns, sizeof ret->ns, "%s", b->at[n].ns);
    snprintf(ret->name, sizeof ret->name, "%s", b->at[n].name);
    memcpy(ret->uid, b->at[n].uid, 16);
    ret->replicas = b->at[n].replicas;
    return true;
}
