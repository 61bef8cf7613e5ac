#include "config.h"

#include "data/json/to_yaml.h"

#include <stdint.h>
#include <string.h>
#include <yajl/yajl_parse.h>
#include <yaml.h>

/* yajl's callbacks drive libyaml's emitter. */

#define DEPTH_MAX 100

struct walk {
    yaml_emitter_t emitter;
    struct buf *out;
    const char *skip;
    int depth;
    int skip_depth; /* > 0: inside a value that is left out */
    bool skip_next;
    bool failed;
};

static int on_write(void *arg, unsigned char *p, size_t n)
{
    struct walk *w = arg;

    return buf_add(w->out, (const char *)p, n);
}

static int emit(struct walk *w, yaml_event_t *e)
{
    if (!yaml_emitter_emit(&w->emitter, e)) {
        w->failed = true;
        return 0;
    }
    return 1;
}

/* True if the value that comes is left out. */
static bool skipped(struct walk *w)
{
    if (w->skip_depth > 0)
        return true;
    if (w->skip_next) {
        w->skip_next = false;
        return true;
    }
    return false;
}

/* Half a pair ("\\ud800") comes as bytes that libyaml writes but not reads. */
static bool half_pair(const char *s, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if ((unsigned char)s[i] == 0xed && (unsigned char)s[i + 1] >= 0xa0)
            return true;
    return false;
}

/* A string that plain YAML would take for a number, a bool or null. */
static bool reads_as_other(const char *s, size_t n)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};

    if (n == 0 || memchr("0123456789-+.~", s[0], 14) != NULL)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncasecmp(s, words[i], n) == 0)
            return true;
    return false;
}

static int scalar(struct walk *w, const char *s, size_t n, bool string)
{
    yaml_event_t e;
    yaml_scalar_style_t style = YAML_ANY_SCALAR_STYLE;

    if (skipped(w))
        return 1;
    if (string && n > 0 && memchr(s, '\n', n) != NULL)
        style = YAML_LITERAL_SCALAR_STYLE;
    else if (string && reads_as_other(s, n))
        style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    /* libyaml wants valid UTF-8; other bytes become marks */
    if (half_pair(s, n) ||
        !yaml_scalar_event_initialize(&e, NULL, NULL,
                                      (yaml_char_t *)(uintptr_t)s, (int)n, 1,
                                      1, style)) {
        static const char bad[] = "(not valid UTF-8)";

        yaml_scalar_event_initialize(&e, NULL, NULL,
                                     (yaml_char_t *)(uintptr_t)bad,
                                     (int)sizeof bad - 1, 1, 1,
                                     YAML_ANY_SCALAR_STYLE);
    }
    return emit(w, &e);
}

static int on_null(void *arg)
{
    return scalar(arg, "null", 4, false);
}

static int on_bool(void *arg, int v)
{
    return v ? scalar(arg, "true", 4, false) : scalar(arg, "false", 5, false);
}

static int on_number(void *arg, const char *s, size_t n)
{
    return scalar(arg, s, n, false);
}

static int on_string(void *arg, const unsigned char *s, size_t n)
{
    return scalar(arg, (const char *)s, n, true);
}

static int begin(struct walk *w, bool map)
{
    yaml_event_t e;

    if (++w->depth > DEPTH_MAX) {
        w->failed = true;
        return 0;
    }
    if (w->skip_depth > 0 || w->skip_next) {
        w->skip_next = false;
        w->skip_depth++;
        return 1;
    }
    if (map)
        yaml_mapping_start_event_initialize(&e, NULL, NULL, 1,
                                            YAML_BLOCK_MAPPING_STYLE);
    else
        yaml_sequence_start_event_initialize(&e, NULL, NULL, 1,
                                             YAML_BLOCK_SEQUENCE_STYLE);
    return emit(w, &e);
}

static int end(struct walk *w, bool map)
{
    yaml_event_t e;

    w->depth--;
    if (w->skip_depth > 0) {
        w->skip_depth--;
        return 1;
    }
    if (map)
        yaml_mapping_end_event_initialize(&e);
    else
        yaml_sequence_end_event_initialize(&e);
    return emit(w, &e);
}

static int on_map(void *arg)
{
    return begin(arg, true);
}

static int on_array(void *arg)
{
    return begin(arg, false);
}

static int on_map_end(void *arg)
{
    return end(arg, true);
}

static int on_array_end(void *arg)
{
    return end(arg, false);
}

static int on_key(void *arg, const unsigned char *s, size_t n)
{
    struct walk *w = arg;

    if (w->skip_depth > 0)
        return 1;
    if (w->skip != NULL && n == strlen(w->skip) && memcmp(s, w->skip, n) == 0) {
        w->skip_next = true;
        return 1;
    }
    return scalar(w, (const char *)s, n, true);
}

static const yajl_callbacks callbacks = {
    on_null, on_bool, NULL,       NULL,     on_number,   on_string,
    on_map,  on_key,  on_map_end, on_array, on_array_end,
};

static bool open_document(struct walk *w)
{
    yaml_event_t e;

    yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING);
    if (!emit(w, &e))
        return false;
    yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1);
    return emit(w, &e);
}

static bool close_document(struct walk *w)
{
    yaml_event_t e;

    yaml_document_end_event_initialize(&e, 1);
    if (!emit(w, &e))
        return false;
    yaml_stream_end_event_initialize(&e);
    return emit(w, &e) && yaml_emitter_flush(&w->emitter);
}

int json_to_yaml(const char *text, size_t len, const char *skip,
                 struct buf *out, struct error *err)
{
    struct walk w = {.out = out, .skip = skip};
    yajl_handle y = yajl_alloc(&callbacks, NULL, &w);
    bool ok;

    yaml_emitter_initialize(&w.emitter);
    yaml_emitter_set_output(&w.emitter, on_write, &w);
    yaml_emitter_set_unicode(&w.emitter, 1);
    yaml_emitter_set_width(&w.emitter, -1);
    yajl_config(y, yajl_dont_validate_strings, 1);
    ok = open_document(&w) &&
         yajl_parse(y, (const unsigned char *)text, len) == yajl_status_ok &&
         yajl_complete_parse(y) == yajl_status_ok && close_document(&w);
    yajl_free(y);
    yaml_emitter_delete(&w.emitter);
    if (ok)
        return 0;
    return out->over || w.failed
               ? error_set(err, ERR_LIMIT, "object too large or nested too deep")
               : error_set(err, ERR_SYNTAX, "the server's answer is no JSON");
}
