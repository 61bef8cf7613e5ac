#include "config.h"

#include "data/ghost/read.h"

#include "base/buf.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/pick.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * Every JSON file is read as the one key of an object, so that one that is an
 * array is read like the others, and each field at each depth of envelope.
 */

enum {
    ITEM,
    I_NAME, I_GENUS, I_STATUS, I_PHASE, I_TEXT, /* as in `texts` */
    I_TYPE, I_LEVEL,
    LEVEL,
    T_STAMP, T_TTL, T_LABEL,
    W_HEALTH, W_PRESSURE, W_LINE, W_RESULT, W_STATE, W_ERROR, W_RENDERED,
    W_LEVEL, W_HIGH, W_LANDMARK,
    O_NAME, O_GENUS, O_STATUS, O_PHASE, O_TEXT, /* likewise */
};

#define EACH(path, name, field)                                                \
    {"r." path name, field}, {"r.data." path name, field},                     \
    {                                                                          \
        "r.data.data." path name, field                                        \
    }
#define LIST(path)                                                             \
    {path "[]", ITEM}, {path "[].name", I_NAME}, {path "[].genus", I_GENUS},   \
        {path "[].status", I_STATUS}, {path "[].phase", I_PHASE},              \
        {path "[].title", I_TEXT}, {path "[].intensity", I_LEVEL},             \
    {                                                                          \
        path "[].type", I_TYPE                                                 \
    }
#define ITEMS(name)                                                            \
    LIST("r." name), LIST("r.data." name), LIST("r.data.data." name)

static const struct pick_rule rules[] = {
    ITEMS("agents"),
    ITEMS("pheromones"),
    ITEMS("proposals"),
    LIST("r"),
    EACH("pheromone_levels", ".*", LEVEL),
    {"r.timestamp", T_STAMP},
    {"r.collected_at", T_STAMP},
    EACH("", "ttl_seconds", T_TTL),
    {"r.data.human_label", T_LABEL},
    EACH("", "health", W_HEALTH),
    EACH("", "metabolic_pressure", W_PRESSURE),
    EACH("", "health_line", W_LINE),
    EACH("", "result_json", W_RESULT),
    EACH("", "result", W_RESULT),
    EACH("", "rendered", W_RENDERED),
    EACH("", "landmarks[]", W_LANDMARK),
    {"r.level", W_LEVEL},
    {"r.infra_health.status", W_STATE},
    {"r.cluster_status", W_STATE},
    {"r.error", W_ERROR},
    {"r.summary.high", W_HIGH},
    {"r.last_updated", T_STAMP},
    EACH("", "name", O_NAME),
    EACH("", "genus", O_GENUS),
    EACH("", "status", O_STATUS),
    EACH("", "phase", O_PHASE),
    EACH("", "title", O_TEXT),
    {NULL, 0},
};

struct reading {
    struct ghost_page *page;
    struct ghost_item item, own;
    char health_text[48], result[240], state[48];
    int landmarks;
    double pressure;
    int64_t high;
    bool stamped;
};

static void copy(char *to, size_t size, const struct pick_value *v)
{
    size_t n = v->type == PICK_STRING ? v->text.n : 0;

    if (n == 0)
        return;
    if (n >= size) {
        n = size - 1;
        while (n > 0 && ((unsigned char)v->text.p[n] & 0xc0) == 0x80)
            n--;
    }
    memcpy(to, v->text.p, n);
    to[n] = '\0';
}

/* The moment of a time without a zone, which is this machine's. */
bool ghost_time(struct span s, int64_t *ret_ms)
{
    char text[24];
    struct tm tm = {.tm_isdst = -1};
    time_t at;
    int used = 0;

    if (s.p != NULL && when_parse(s.p, s.n, ret_ms))
        return true;
    if (s.n < 19 || s.n > 32)
        return false;
    memcpy(text, s.p, 19);
    text[19] = '\0';
    if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &tm.tm_year,
               &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
               &used) != 6 ||
        used != 19 || tm.tm_year < 1970 || tm.tm_year > 2200 ||
        tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 ||
        tm.tm_mday > 31 || tm.tm_hour < 0 || tm.tm_hour > 23 ||
        tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    at = mktime(&tm);
    if (at == (time_t)-1)
        return false;
    *ret_ms = (int64_t)at * 1000;
    return true;
}

static void keep(struct ghost_item **at, int *count,
                 const struct ghost_item *item)
{
    if (item->name[0] == '\0' || *count == GHOST_ITEMS_MAX)
        return;
    if ((*count & (*count - 1)) == 0) /* room for twice as many */
        *at = xrealloc(*at, (size_t)(*count > 0 ? *count * 2 : 1),
                       sizeof **at);
    (*at)[(*count)++] = *item;
}

/* Texts of an item, in the order of its fields. */
enum { NAME, GENUS, STATUS, PHASE, TEXT };
static const struct {
    size_t offset, size;
} texts[] = {
#define SLOT(field)                                                            \
    {offsetof(struct ghost_item, field), sizeof((struct ghost_item *)0)->field}
    [NAME] = SLOT(name),   [GENUS] = SLOT(genus), [STATUS] = SLOT(status),
    [PHASE] = SLOT(phase), [TEXT] = SLOT(text),
#undef SLOT
};

static void put(struct ghost_item *item, int text, const struct pick_value *v)
{
    copy((char *)item + texts[text].offset, texts[text].size, v);
}

static void item_value(struct reading *r, int field,
                       const struct pick_value *v)
{
    if (field == ITEM && v->type == PICK_END)
        keep(&r->page->items, &r->page->count, &r->item);
    else if (field == ITEM)
        r->item = (struct ghost_item){.level = NAN};
    else if (field == I_LEVEL)
        pick_double(v, 0, 1e9, &r->item.level);
    else /* what a signal is of stands where the genus does */
        put(&r->item, field == I_TYPE ? GENUS : NAME + field - I_NAME, v);
}

static void level_value(struct reading *r, const struct pick_value *v)
{
    struct ghost_item i = {.level = NAN};
    const struct pick_value key = {.type = PICK_STRING, .text = v->key};

    if (!pick_double(v, 0, 1e9, &i.level))
        return;
    copy(i.name, sizeof i.name, &key);
    keep(&r->page->levels, &r->page->level_count, &i);
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct reading *r = arg;
    struct ghost_page *p = r->page;
    int64_t n = 0;

    if (field <= I_LEVEL) {
        item_value(r, field, v);
        return;
    }
    switch (field) {
    case LEVEL:
        level_value(r, v);
        break;
    case T_STAMP:
        if (v->type == PICK_STRING && !r->stamped)
            r->stamped = ghost_time(v->text, &p->taken_ms);
        break;
    case T_TTL:
        if (pick_int(v, 1, 100000000, &n))
            p->ttl_ms = n * 1000;
        break;
    case T_LABEL:
        copy(p->label, sizeof p->label, v);
        break;
    case W_HEALTH:
        copy(r->health_text, sizeof r->health_text, v);
        break;
    case W_PRESSURE:
        pick_double(v, 0, 1e9, &r->pressure);
        break;
    case W_LINE:
        copy(p->words, sizeof p->words, v);
        break;
    case W_RESULT:
    case W_RENDERED:
        copy(r->result, sizeof r->result, v);
        break;
    case W_LEVEL:
    case W_STATE:
    case W_ERROR:
        copy(r->state, sizeof r->state, v);
        break;
    case W_HIGH:
        pick_int(v, 0, INT32_MAX, &r->high);
        break;
    case W_LANDMARK:
        r->landmarks += v->type == PICK_BEGIN;
        break;
    case O_NAME:
    case O_GENUS:
    case O_STATUS:
    case O_PHASE:
    case O_TEXT:
        put(&r->own, NAME + field - O_NAME, v);
        break;
    default:
        break;
    }
}

/* agents/NAME/status.json: its folder is its name, whatever it says. */
static void keep_own(struct reading *r, const char *path)
{
    const char *name = strchr(path, '/') + 1;

    snprintf(r->own.name, sizeof r->own.name, "%.*s",
             (int)strcspn(name, "/"), name);
    if (r->own.status[0] != '\0' || r->own.phase[0] != '\0')
        keep(&r->page->items, &r->page->count, &r->own);
}

static void say(struct reading *r)
{
    struct ghost_page *p = r->page;

    switch (p->role) {
    case GHOST_STATUS:
        snprintf(p->words, sizeof p->words, "%s, %d agents",
                 r->health_text[0] != '\0' ? r->health_text : "no health",
                 p->count);
        break;
    case GHOST_MAP:
        snprintf(p->words, sizeof p->words, "%d landmarks", r->landmarks);
        break;
    case GHOST_INVOKE:
        snprintf(p->words, sizeof p->words, "%.110s", r->result);
        break;
    case GHOST_CONTEXT:
    case GHOST_CLUSTER:
        snprintf(p->words, sizeof p->words, "%s",
                 r->state[0] != '\0' ? r->state : r->own.status);
        break;
    default:
        if (p->words[0] == '\0' && r->state[0] != '\0')
            snprintf(p->words, sizeof p->words, "%s", r->state);
        else if (p->words[0] == '\0' && r->high >= 0)
            snprintf(p->words, sizeof p->words, "%lld high tensions",
                     (long long)r->high);
        break;
    }
}

static int read_json(const struct ghost_file *f, struct ghost_page *p,
                     ghost_line_fn line, void *arg, struct error *err)
{
    struct reading r = {.page = p, .pressure = NAN, .high = -1,
                        .own = {.level = NAN}};
    struct pick *pick;
    struct buf whole;

    buf_init(&whole, GHOST_FILE_MAX + 16);
    buf_str(&whole, "{\"r\":");
    buf_add(&whole, f->text, f->len);
    buf_char(&whole, '}');
    pick = pick_create(rules);
    pick_run(pick, whole.ptr, whole.len, on_value, &r, err);
    pick_destroy(pick);
    buf_finish(&whole);
    if (err->code != 0)
        return err->code;
    if (f->role == GHOST_AGENT)
        keep_own(&r, f->path);
    say(&r);
    /* what answers without its daemon, and is written over what was good */
    if (f->role == GHOST_STATUS && p->count == 0 &&
        strcmp(r.health_text, "starting") == 0)
        return error_set(err, ERR_ABSENT, "a status without its daemon");
    if (f->role == GHOST_INVOKE && r.result[0] != '\0')
        line(p->taken_ms, span_of(f->path), span_of(r.result), arg);
    return 0;
}

/* "- *HH:MM:SS* [source] text `tag`"; the file's own day, or the one before. */
static void read_stream_line(const char *s, size_t n, int64_t mtime_ms,
                             ghost_line_fn line, void *arg)
{
    time_t day = (time_t)(mtime_ms / 1000);
    const char *end = s + n, *close;
    struct tm tm;
    int h, m, sec;
    int64_t at;

    if (n < 14 || memcmp(s, "- *", 3) != 0 || s[11] != '*' ||
        sscanf(s + 3, "%2d:%2d:%2d", &h, &m, &sec) != 3 || h > 23 ||
        m > 59 || sec > 60 || h < 0 || m < 0 || sec < 0)
        return;
    localtime_r(&day, &tm);
    tm.tm_hour = h;
    tm.tm_min = m;
    tm.tm_sec = sec;
    tm.tm_isdst = -1;
    at = (int64_t)mktime(&tm) * 1000;
    if (at > mtime_ms + 1000) {
        tm.tm_mday--;
        tm.tm_isdst = -1;
        at = (int64_t)mktime(&tm) * 1000;
    }
    s += 12;
    while (s < end && *s == ' ')
        s++;
    close = s < end && *s == '[' ? memchr(s, ']', (size_t)(end - s)) : NULL;
    if (close != NULL) {
        struct span source = {s + 1, (size_t)(close - s - 1)};

        s = close + 1;
        while (s < end && *s == ' ')
            s++;
        line(at, source, (struct span){s, (size_t)(end - s)}, arg);
    } else if (s < end) {
        line(at, (struct span){NULL, 0}, (struct span){s, (size_t)(end - s)},
             arg);
    }
}

/* The last ones only: one layout's file grows without a limit. */
#define STREAM_LINES 50

static void read_stream(const struct ghost_file *f, ghost_line_fn line,
                        void *arg)
{
    const char *end = f->text + f->len, *p = end;
    int lines = 0;

    while (p > f->text && lines <= STREAM_LINES * 2)
        lines += *--p == '\n';
    for (; p < end; p++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        if (nl == NULL)
            break; /* half a line is none yet */
        read_stream_line(p, (size_t)(nl - p), f->mtime_ns / 1000000, line,
                         arg);
        p = nl;
    }
}

static int count_lines(const struct ghost_file *f)
{
    int n = 0;

    for (size_t i = 0; i < f->len; i++)
        n += f->text[i] == '\n';
    return n;
}

int ghost_read(const struct ghost_file *f, struct ghost_page *ret,
               ghost_line_fn line, void *arg, struct error *err)
{
    struct ghost_page p = {.role = f->role,
                           .taken_ms = f->mtime_ns / 1000000};
    int code = 0;

    error_clear(err);
    switch (f->role) {
    case GHOST_HEALTH:
        if (f->len == 0)
            code = error_set(err, ERR_SYNTAX, "it is empty");
        snprintf(p.words, sizeof p.words, "%.*s",
                 (int)strcspn(f->text, "\r\n"), f->text);
        break;
    case GHOST_STREAM:
        read_stream(f, line, arg);
        break;
    case GHOST_FLINCHES:
        snprintf(p.words, sizeof p.words, "%d failed tests", count_lines(f));
        break;
    default:
        code = read_json(f, &p, line, arg, err);
        break;
    }
    if (code != 0)
        ghost_page_finish(&p);
    else
        *ret = p;
    return code;
}

void ghost_page_finish(struct ghost_page *p)
{
    free(p->items);
    free(p->levels);
    *p = (struct ghost_page){0};
}
