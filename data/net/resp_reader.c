#include "config.h"

#include "data/net/resp.h"

#include "base/xalloc.h"

#include <hiredis/read.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * hiredis makes no objects here, we do: values and texts of one answer lie in
 * blocks that are given back together. What it would allocate by a number
 * that the peer announces is refused first.
 */

#define BLOCK (64u << 10)
#define LINE_MAX_BYTES (64u << 10)

struct block {
    struct block *next;
    size_t used, room;
    char bytes[];
};

struct resp_reader {
    redisReader *codec;
    struct block *blocks;
    struct resp_value root;
    size_t values; /* of the answer that is being read */
    size_t fed;           /* since the last whole answer */
    bool over;
};

static void *take(struct resp_reader *d, size_t n)
{
    struct block *b = d->blocks;
    void *p;

    n = (n + 15) & ~(size_t)15;
    if (b == NULL || b->room - b->used < n) {
        size_t room = n > BLOCK ? n : BLOCK;

        b = xcalloc(1, sizeof *b + room);
        b->room = room;
        b->next = d->blocks;
        d->blocks = b;
    }
    p = b->bytes + b->used;
    b->used += n;
    return p;
}

static void give_back(struct resp_reader *d)
{
    while (d->blocks != NULL) {
        struct block *b = d->blocks;

        d->blocks = b->next;
        free(b);
    }
    d->values = 0;
}

/* Where the value of this task stands; NULL: outside of its array. */
static struct resp_value *place(const redisReadTask *task)
{
    struct resp_reader *d = task->privdata;
    struct resp_value *parent =
        task->parent != NULL ? task->parent->obj : NULL;

    if (parent == NULL)
        return &d->root;
    if (task->idx < 0 || (uint32_t)task->idx >= parent->count)
        return NULL;
    return &parent->items[task->idx];
}

static void *on_string(const redisReadTask *task, char *s, size_t n)
{
    struct resp_reader *d = task->privdata;
    struct resp_value *v = place(task);
    char *copy;

    if (v == NULL)
        return NULL;
    copy = take(d, n + 1);
    memcpy(copy, s, n);
    copy[n] = '\0';
    *v = (struct resp_value){
        .type = task->type == REDIS_REPLY_ERROR    ? RESP_ERROR
                : task->type == REDIS_REPLY_STATUS ? RESP_STATUS
                                                   : RESP_STRING,
        .text = {copy, n}};
    return v;
}

static void *on_array(const redisReadTask *task, int count)
{
    struct resp_reader *d = task->privdata;
    struct resp_value *v = place(task);

    if (v == NULL)
        return NULL;
    /* counted when they are announced: that is when memory is taken */
    if (count < 0 || (size_t)count > RESP_VALUES_MAX - d->values) {
        d->over = true;
        return NULL;
    }
    d->values += (size_t)count;
    *v = (struct resp_value){.type = RESP_ARRAY, .count = (uint32_t)count};
    v->items = take(d, (size_t)(count > 0 ? count : 1) * sizeof *v->items);
    return v;
}

static void *on_integer(const redisReadTask *task, long long n)
{
    struct resp_value *v = place(task);

    if (v != NULL)
        *v = (struct resp_value){.type = RESP_INTEGER, .number = n};
    return v;
}

static void *on_nil(const redisReadTask *task)
{
    struct resp_value *v = place(task);

    if (v != NULL)
        *v = (struct resp_value){.type = RESP_NIL};
    return v;
}

static void on_free(void *v)
{
    (void)v; /* with its block */
}

static redisReplyObjectFunctions makers = {on_string, on_array, on_integer,
                                           on_nil, on_free};

struct resp_reader *resp_reader_create(void)
{
    struct resp_reader *d = xcalloc(1, sizeof *d);

    d->codec = redisReaderCreateWithFunctions(&makers);
    if (d->codec == NULL)
        abort();
    d->codec->privdata = d;
    return d;
}

void resp_reader_destroy(struct resp_reader *d)
{
    if (d == NULL)
        return;
    redisReaderFree(d->codec);
    give_back(d);
    free(d);
}

static bool too_large(struct error *err)
{
    error_set(err, ERR_LIMIT, "an answer is larger than %u MiB or %u values",
              RESP_BYTES_MAX >> 20, RESP_VALUES_MAX);
    return false;
}

bool resp_reader_feed(struct resp_reader *d, const char *p, size_t n,
                      struct error *err)
{
    if (n > RESP_BYTES_MAX || d->fed > RESP_BYTES_MAX - n)
        return too_large(err);
    d->fed += n;
    if (redisReaderFeed(d->codec, p, n) != 0) {
        error_set(err, ERR_SYNTAX, "not the answer of a Redis: %.100s",
                  d->codec->errstr);
        return false;
    }
    return true;
}

/*
 * What waits for more bytes: a text says how many there will be, a line ends
 * soon; else it is not waited for.
 */
static bool announced_too_much(const struct resp_reader *d)
{
    const redisReader *c = d->codec;
    const char *p = c->buf + c->pos; /* behind the '$' */
    size_t n = c->len - c->pos, i, length = 0;

    if (c->ridx < 0)
        return false;
    if (c->rstack[c->ridx].type != REDIS_REPLY_STRING)
        return n > LINE_MAX_BYTES;
    for (i = 0; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
        length = length * 10 + (size_t)(p[i] - '0');
        if (length > RESP_BYTES_MAX || i > 20)
            return true;
    }
    return false;
}

const struct resp_value *resp_reader_next(struct resp_reader *d,
                                          struct error *err)
{
    void *reply = NULL;

    error_clear(err);
    if (d->codec->reply == NULL)
        give_back(d); /* the one before */
    if (redisReaderGetReply(d->codec, &reply) != 0) {
        if (d->over)
            too_large(err);
        else
            error_set(err, ERR_SYNTAX, "not the answer of a Redis: %.100s",
                      d->codec->errstr);
        return NULL;
    }
    if (reply == NULL) {
        if (announced_too_much(d))
            too_large(err);
        return NULL;
    }
    d->fed = d->codec->len - d->codec->pos;
    return reply;
}
