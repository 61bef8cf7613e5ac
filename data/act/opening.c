#include "config.h"

#include "data/act/opening.h"

#include "base/clock.h"
#include "base/xalloc.h"
#include "data/json/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct opening {
    struct journal *journal;
    char *act, *ns, *name, *title, *who, *path;
    uint8_t uid[16];
    char key[40];
    int64_t begun_ms;
    journal_cb go;
    void *arg;
    bool pending, ended;
};

static void destroy(struct opening *o)
{
    free(o->act);
    free(o->ns);
    free(o->name);
    free(o->title);
    free(o->who);
    free(o->path);
    free(o);
}

static void on_written(const struct error *err, void *arg)
{
    struct opening *o = arg;

    o->pending = false;
    if (o->ended)
        destroy(o);
    else
        o->go(err, o->arg);
}

static void write_step(struct opening *o, const char *step, const char *note,
                       journal_cb cb)
{
    const struct journal_about about = {o->act, "agents", o->ns, o->name,
                                        o->uid};
    struct buf line;
    struct json j;

    buf_init(&line, 64u << 10);
    journal_head(&j, &line, o->key, step, &about);
    if (cb != NULL) {
        journal_who(&j, "");
        if (o->who != NULL)
            json_text(&j, "as", o->who);
        json_text(&j, "title", o->title);
        json_text(&j, "request", "GET");
        json_text(&j, "path", o->path);
    } else {
        json_int(&j, "after_ms", clock_wall_ms() - o->begun_ms);
    }
    if (note != NULL && note[0] != '\0')
        json_text(&j, "note", note);
    json_map_end(&j);
    if (json_end(&j))
        journal_write(o->journal, &line, cb, o);
    buf_finish(&line);
}

struct opening *opening_begin(struct journal *j,
                              const struct opening_want *want, journal_cb go,
                              void *arg)
{
    struct opening *o = xcalloc(1, sizeof *o);
    uint64_t random[2] = {0};
    struct error err;

    o->journal = j;
    o->act = xstrdup(want->act);
    o->ns = xstrdup(want->ns);
    o->name = xstrdup(want->name);
    if (want->uid != NULL)
        memcpy(o->uid, want->uid, sizeof o->uid);
    o->title = xstrdup(want->title);
    o->who = want->who != NULL ? xstrdup(want->who) : NULL;
    o->path = xstrdup(want->path);
    o->begun_ms = clock_wall_ms();
    o->go = go;
    o->arg = arg;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        random[0] = (uint64_t)o->begun_ms;
    snprintf(o->key, sizeof o->key, "%016llx%016llx",
             (unsigned long long)random[0], (unsigned long long)random[1]);
    if (j == NULL) {
        error_set(&err, ERR_CONFIG,
                  "there is no place for the journal: set HOME");
        go(&err, arg);
        return o;
    }
    o->pending = true;
    write_step(o, "intent", NULL, on_written);
    return o;
}

void opening_step(struct opening *o, const char *step, const char *note)
{
    if (o->journal != NULL)
        write_step(o, step, note, NULL);
}

void opening_end(struct opening *o)
{
    if (o == NULL)
        return;
    o->ended = true;
    if (!o->pending)
        destroy(o);
}
