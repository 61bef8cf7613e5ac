/* What a question is about: its title, its text, its diff. */
#include "config.h"

#include "front/diff.h"
#include "front/hook.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (2u << 20) /* a larger one is not compared */

static bool is_patch(const struct hook_input *h)
{
    static const char head[] = "*** Begin Patch";

    return h->command.n >= sizeof head - 1 &&
           memcmp(h->command.p, head, sizeof head - 1) == 0;
}

static bool is_edit(const struct hook_input *h)
{
    static const char *const tools[] = {"Edit", "MultiEdit", "Write",
                                        "NotebookEdit", NULL};

    for (int i = 0; tools[i] != NULL; i++)
        if (span_is(h->tool, tools[i]))
            return h->path.n > 0;
    return false;
}

struct span hook_what(const struct hook_input *h)
{
    /* what else was given is not hidden behind the command */
    return is_edit(h)                           ? h->path
           : h->command.n > 0 && !h->more_input ? h->command
                                                : h->raw;
}

/* Of a path below the folder it works in, what is below. */
static struct span below(struct span path, struct span cwd)
{
    if (cwd.n > 1 && path.n > cwd.n + 1 && path.p[cwd.n] == '/' &&
        memcmp(path.p, cwd.p, cwd.n) == 0)
        return (struct span){path.p + cwd.n + 1, path.n - cwd.n - 1};
    return path;
}

static struct span first_line(struct span s)
{
    const char *nl = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;

    return nl != NULL ? (struct span){s.p, (size_t)(nl - s.p)} : s;
}

void hook_title(const struct hook_input *h, char *ret, size_t size)
{
    struct span what = is_patch(h)           ? span_of("a patch")
                       : h->command.n > 0    ? h->command
                       : h->path.n > 0       ? below(h->path, h->cwd)
                       : h->arg.n > 0        ? h->arg
                                             : h->description;
    struct span line = first_line(what);
    int n = hook_cut(line, 240);

    snprintf(ret, size, "%.*s%s%.*s%s", hook_cut(h->tool, 120),
             h->tool.p ? h->tool.p : "", n > 0 ? ": " : "", n,
             line.p ? line.p : "", (size_t)n < what.n ? " …" : "");
}

/* A regular file's bytes; false if there is none that can be compared. */
static bool load(struct span path, struct buf *ret)
{
    char name[4096];
    struct stat st;
    ssize_t n = -1;
    int fd;

    if (path.n >= sizeof name || memchr(path.p, '\0', path.n) != NULL)
        return false;
    memcpy(name, path.p, path.n);
    name[path.n] = '\0';
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX) {
        char bytes[16384];

        while ((n = read(fd, bytes, sizeof bytes)) > 0 &&
               buf_add(ret, bytes, (size_t)n))
            ;
    }
    close(fd);
    return n == 0 && !ret->over;
}

/* Replaces in text; false if what it looks for is not there. */
static bool apply(struct buf *text, const struct hook_edit *e)
{
    size_t at = 0;
    bool found = false;
    struct buf out;

    if (e->from.n == 0)
        return false;
    buf_init(&out, 2 * FILE_MAX);
    while (at < text->len) {
        const char *p = memmem(text->ptr + at, text->len - at, e->from.p,
                               e->from.n);

        if (p == NULL || (found && !e->all))
            break;
        buf_add(&out, text->ptr + at, (size_t)(p - text->ptr) - at);
        buf_add(&out, e->to.p ? e->to.p : "", e->to.n);
        at = (size_t)(p - text->ptr) + e->from.n;
        found = true;
    }
    if (found)
        buf_add(&out, text->ptr + at, text->len - at);
    if (!found || out.over) {
        buf_finish(&out);
        return false;
    }
    buf_finish(text);
    *text = out;
    return true;
}

/* The file as it is and as it would be, or only the parts that are named. */
static void diff_edits(const struct hook_input *h, struct buf *out)
{
    struct buf before, after;
    bool good = !h->too_many && h->edits > 0;

    buf_init(&before, FILE_MAX + 1);
    buf_init(&after, 2 * FILE_MAX);
    good = good && load(h->path, &before) &&
           buf_add(&after, buf_text(&before), before.len);
    for (int i = 0; good && i < h->edits; i++)
        good = apply(&after, &h->edit[i]);
    if (good)
        diff_unified(out, h->path,
                     (struct span){buf_text(&before), before.len},
                     (struct span){buf_text(&after), after.len});
    else
        for (int i = 0; i < h->edits; i++)
            diff_unified(out, h->path,
                         h->edit[i].from.n > 0 ? h->edit[i].from
                                               : (struct span){NULL, 0},
                         h->edit[i].to);
    if (h->too_many)
        buf_str(out, "\\ more changes follow that are not shown\n");
    buf_finish(&before);
    buf_finish(&after);
}

static void diff_write(const struct hook_input *h, struct buf *out)
{
    struct buf before;
    bool there;

    buf_init(&before, FILE_MAX + 1);
    there = load(h->path, &before);
    diff_unified(out, h->path,
                 there ? (struct span){buf_text(&before), before.len}
                       : (struct span){NULL, 0},
                 h->content);
    buf_finish(&before);
}

enum { CELL, CELL_ID, CELL_TEXT, CELL_PIECE };

struct cell_wanted {
    struct span id, seen;
    struct buf text, *ret;
    bool found;
};

static void on_cell(void *arg, int field, const struct pick_value *v)
{
    struct cell_wanted *w = arg;

    if (field == CELL && v->type == PICK_BEGIN) {
        w->seen = (struct span){NULL, 0};
        buf_clear(&w->text);
    } else if (field == CELL && v->type == PICK_END && !w->found) {
        w->found = w->seen.p != NULL && span_same(w->seen, w->id);
        if (w->found)
            buf_add(w->ret, buf_text(&w->text), w->text.len);
    } else if (v->type == PICK_STRING && field == CELL_ID) {
        w->seen = v->text;
    } else if (v->type == PICK_STRING) {
        buf_add(&w->text, v->text.p, v->text.n);
    }
}

/* The source of one cell of a notebook as it is. */
static bool load_cell(const struct hook_input *h, struct buf *ret)
{
    static const struct pick_rule rules[] = {
        {"cells[]", CELL},
        {"cells[].id", CELL_ID},
        {"cells[].source", CELL_TEXT},
        {"cells[].source[]", CELL_PIECE},
        {NULL, 0}};
    struct cell_wanted w = {.id = h->cell, .ret = ret};
    struct buf file;
    struct pick *p;

    buf_init(&file, FILE_MAX + 1);
    buf_init(&w.text, FILE_MAX);
    if (h->cell.n > 0 && load(h->path, &file)) {
        p = pick_create(rules);
        pick_run(p, buf_text(&file), file.len, on_cell, &w, NULL);
        pick_destroy(p);
    }
    buf_finish(&w.text);
    buf_finish(&file);
    return w.found;
}

static void diff_cell(const struct hook_input *h, struct buf *out)
{
    const struct span none = {"", 0};
    bool gone = span_is(h->cell_mode, "delete"),
         fresh = span_is(h->cell_mode, "insert");
    struct buf before;

    buf_init(&before, FILE_MAX);
    if (!fresh)
        load_cell(h, &before);
    diff_unified(out, h->path,
                 fresh ? (struct span){NULL, 0}
                       : (struct span){buf_text(&before), before.len},
                 gone || h->cell_source.p == NULL ? none : h->cell_source);
    buf_finish(&before);
}

/* Whole lines that fit; what is not shown is said. */
static void keep_short(struct buf *out)
{
    size_t n = out->len, left = 0;

    if (out->len <= HOOK_TEXT_MAX && !out->over)
        return;
    n = n < HOOK_TEXT_MAX ? n : HOOK_TEXT_MAX;
    while (n > 0 && out->ptr[n - 1] != '\n')
        n--;
    for (size_t i = n; i < out->len; i++)
        left += out->ptr[i] == '\n';
    out->len = n;
    out->over = false;
    buf_fmt(out, "\\ %zu more lines follow that are not shown\n", left + 1);
}

void hook_diff(const struct hook_input *h, struct buf *out)
{
    if (is_patch(h))
        buf_add(out, h->command.p, h->command.n);
    else if (!is_edit(h))
        return;
    else if (span_is(h->tool, "Write"))
        diff_write(h, out);
    else if (span_is(h->tool, "NotebookEdit"))
        diff_cell(h, out);
    else
        diff_edits(h, out);
    keep_short(out);
}
