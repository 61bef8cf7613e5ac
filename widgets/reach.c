#include "config.h"

#include "widgets/reach.h"

#include "data/kube/pod_of.h"
#include "data/rights.h"
#include "tui/keys.h"
#include "widgets/panes.h"
#include "widgets/want.h"

#include <stdio.h>
#include <string.h>

static const struct {
    char key;
    const char *word, *help;
} ways[REACH_WAYS] = {
    [REACH_LOGS] = {'l', "logs", "what it prints, followed"},
    [REACH_PREVIOUS] = {'p', "previous logs", "of the run before"},
    [REACH_OUTPUT] = {'o', "output", "what its control plane keeps of it"},
    [REACH_SHELL] = {'s', "shell", "a terminal of yours in its container"},
    [REACH_ATTACH] = {'a', "attach", "its own terminal, where it has one"},
    [REACH_FORWARD] = {'f', "port-forward",
                       "a port here that leads to one of its pod's"},
};

void reach_open(struct reach *r, const char *ns, const char *name,
                bool read_only)
{
    snprintf(r->ns, sizeof r->ns, "%s", ns);
    snprintf(r->name, sizeof r->name, "%s", name);
    r->at = 0;
    r->typing = false;
    r->error[0] = '\0';
    r->read_only = read_only;
}

/* The act a way is, where the server may say no beforehand. */
static enum act act_of(enum reach_way way)
{
    static const enum act acts[REACH_WAYS] = {[REACH_SHELL] = ACT_EXEC,
                                              [REACH_ATTACH] = ACT_ATTACH,
                                              [REACH_FORWARD] = ACT_FORWARD};

    return acts[way];
}

bool reach_pod(const struct reach *r, const struct store *st)
{
    struct kube_pod pod;
    struct error err;

    return kube_pod_with_log(st, r->ns, r->name, &pod, &err) == 0;
}

/* The control plane that tells of it; NULL: none. */
static const struct plane *plane_of(const struct reach *r,
                                    const struct store *st)
{
    const struct agent *a = store_agent(
        st, store_find(st, KIND_AGENT, span_of(r->ns), span_of(r->name)));

    return a != NULL ? want_plane_of(a) : NULL;
}

void reach_why(const struct reach *r, const struct store *st,
               enum reach_way way, char ret[200])
{
    struct kube_pod pod;
    struct error err = {0};
    char right[80];

    ret[0] = '\0';
    if (way == REACH_OUTPUT) {
        if (plane_of(r, st) == NULL)
            error_set(&err, ERR_ABSENT, "no control plane tells of it");
    } else if (way <= REACH_PREVIOUS) {
        kube_pod_with_log(st, r->ns, r->name, &pod, &err);
        if (way == REACH_LOGS && plane_of(r, st) != NULL)
            error_clear(&err);
    } else if (r->read_only) {
        error_set(&err, ERR_REFUSED, "this console only reads");
    } else if (rights_denied(st->rights, r->ns, act_of(way))) {
        right_name(act_of(way), right, sizeof right);
        error_set(&err, ERR_RIGHT, "the right to %s in %.80s is missing",
                  right, r->ns);
    } else if (way == REACH_FORWARD && r->forward_count == REACH_FORWARDS) {
        error_set(&err, ERR_LIMIT, "as many as there may be run");
    } else {
        kube_pod_of(st, r->ns, r->name, NULL, &pod, &err);
    }
    if (err.code == 0 && way == REACH_PREVIOUS && pod.restarts == 0)
        error_set(&err, ERR_ABSENT, "it has had one run only");
    if (err.code != 0)
        snprintf(ret, 200, "%.199s", err.msg);
}

static enum reach_answer go(struct reach *r, const struct store *st)
{
    char why[200];

    if (r->at >= REACH_WAYS)
        return REACH_END;
    reach_why(r, st, (enum reach_way)r->at, why);
    r->error[0] = '\0';
    if (why[0] != '\0')
        return REACH_STAY; /* its line says so */
    if (r->at != REACH_FORWARD || r->typing)
        return REACH_GO;
    r->typing = true;
    return REACH_STAY;
}

static void type(struct reach *r, uint32_t key)
{
    size_t n = strlen(r->field);

    if (n == REACH_FIELD || !((key >= '0' && key <= '9') || key == ':'))
        return;
    r->field[n] = (char)key;
    r->field[n + 1] = '\0';
    r->error[0] = '\0';
}

static enum reach_answer ports_key(struct reach *r, const struct store *st,
                                   uint32_t key, bool pasted)
{
    size_t n = strlen(r->field);

    if (pasted)
        type(r, key);
    else if (key == TERM_KEY_ESCAPE)
        r->typing = false;
    else if (key == TERM_KEY_ENTER)
        return go(r, st);
    else if (key == TERM_KEY_BACKSPACE && n > 0)
        r->field[n - 1] = '\0';
    else if (key == ('u' & 0x1f))
        r->field[0] = '\0';
    else
        type(r, key);
    return REACH_STAY;
}

enum reach_answer reach_key(struct reach *r, const struct store *st,
                            uint32_t key, bool pasted)
{
    int last = REACH_WAYS + r->forward_count - 1;

    if (r->typing)
        return ports_key(r, st, key, pasted);
    if (pasted)
        return REACH_STAY;
    if (key == TERM_KEY_ESCAPE || key == 'q' || key == 't' ||
        key == TERM_KEY_BACKSPACE)
        return REACH_LEAVE;
    if (key == TERM_KEY_ENTER)
        return r->at >= REACH_WAYS ? REACH_STAY : go(r, st);
    if ((key == 'x' || key == TERM_KEY_DELETE) && r->at >= REACH_WAYS)
        return REACH_END;
    if (key == TERM_KEY_UP || key == 'k')
        r->at -= r->at > 0;
    else if (key == TERM_KEY_DOWN || key == 'j')
        r->at += r->at < last;
    for (int i = 0; i < REACH_WAYS; i++)
        if (key == (uint32_t)ways[i].key) {
            r->at = i;
            return go(r, st);
        }
    return REACH_STAY;
}

static int row_draw(struct canvas *c, struct rect in, int y,
                    const struct reach *r, const struct store *st, int i)
{
    bool here = r->at == i;
    char why[200];
    char key[2] = {ways[i].key, '\0'};

    reach_why(r, st, (enum reach_way)i, why);
    if (here) {
        canvas_fill(c, (struct rect){in.x - 2, y, in.w + 4, 1}, ROLE_SELECT);
        canvas_glyph(c, in.x - 1, y, GLYPH_CURSOR, ROLE_FOCUS, 0);
    }
    canvas_str(c, in.x + 1, y, key, why[0] ? ROLE_FAINT : ROLE_KEY, CELL_BOLD);
    canvas_str(c, in.x + 4, y, ways[i].word, why[0] ? ROLE_FAINT : ROLE_TEXT,
               here ? CELL_BOLD : 0);
    if (why[0] != '\0')
        canvas_text(c, in.x + 20, y, in.w - 20, why, strlen(why), ROLE_DIM,
                    0);
    else
        canvas_str(c, in.x + 20, y, ways[i].help, ROLE_DIM, 0);
    return y + 1;
}

static int ports_draw(struct canvas *c, struct rect in, int y,
                      const struct reach *r)
{
    int x = canvas_str(c, in.x + 4, y, "LOCAL:REMOTE", ROLE_FOCUS, 0);

    x = canvas_str(c, in.x + 20, y, r->field, ROLE_TITLE, CELL_BOLD);
    x = canvas_glyph(c, x, y, GLYPH_CARET, ROLE_FOCUS, 0);
    if (r->field[0] == '\0')
        canvas_str(c, x + 1, y, "8080:80, or :80 to have one picked", ROLE_DIM,
                   0);
    return y + 1;
}

static void bytes(uint64_t n, char *ret, size_t size)
{
    if (n < 10000)
        snprintf(ret, size, "%llu B", (unsigned long long)n);
    else if (n < 10000000)
        snprintf(ret, size, "%llu kB", (unsigned long long)(n / 1000));
    else
        snprintf(ret, size, "%llu MB", (unsigned long long)(n / 1000000));
}

static int forward_draw(struct canvas *c, struct rect in, int y,
                        const struct reach *r, int i)
{
    const struct reach_forward *f = &r->forwards[i];
    bool here = r->at == REACH_WAYS + i;
    char text[400], up[24], down[24];
    int x;

    bytes(f->up, up, sizeof up);
    bytes(f->down, down, sizeof down);
    if (here) {
        canvas_fill(c, (struct rect){in.x - 2, y, in.w + 4, 1}, ROLE_SELECT);
        canvas_glyph(c, in.x - 1, y, GLYPH_CURSOR, ROLE_FOCUS, 0);
    }
    snprintf(text, sizeof text, "127.0.0.1:%u → %.100s:%u", f->local, f->name,
             f->remote);
    x = canvas_text(c, in.x + 1, y, in.w - 34, text, strlen(text), ROLE_TEXT,
                    here ? CELL_BOLD : 0);
    if (f->note[0] != '\0') {
        canvas_text(c, x + 2, y, in.x + in.w - x - 2, f->note,
                    strlen(f->note), ROLE_BAD, 0);
    } else if (!f->listens) {
        canvas_str(c, x + 2, y, "opening …", ROLE_DIM, 0);
    } else {
        snprintf(text, sizeof text, "%d open, %llu in all, %s up, %s down",
                 f->connections, (unsigned long long)f->total, up, down);
        canvas_text(c, x + 2, y, in.x + in.w - x - 2, text, strlen(text),
                    f->connections > 0 ? ROLE_GOOD : ROLE_DIM, 0);
    }
    return y + 1;
}

void reach_draw(struct canvas *c, struct rect body, struct ui *u)
{
    const struct reach *r = &u->reach;
    int h = 5 + REACH_WAYS + (r->typing ? 1 : 0) + (r->error[0] ? 1 : 0) +
            (r->forward_count > 0 ? r->forward_count + 2 : 0),
        w = body.w - 4 < 88 ? body.w - 4 : 88, y;
    struct kube_pod pod;
    struct error err;
    struct rect k, in;
    char note[200];

    h = h > body.h ? body.h : h;
    k = (struct rect){body.x + (body.w - w) / 2, body.y + (body.h - h) / 2, w,
                      h};
    in = rect_inset(k, 3, 1);
    canvas_dim(c, body);
    canvas_fill(c, k, ROLE_BACK);
    if (kube_pod_with_log(u->st, r->ns, r->name, &pod, &err) == 0)
        snprintf(note, sizeof note, "%.90s%s%.80s", pod.name,
                 pod.container[0] ? " · " : "", pod.container);
    else if (plane_of(r, u->st) != NULL)
        snprintf(note, sizeof note, "no pod · %s", plane_of(r, u->st)->name);
    else
        snprintf(note, sizeof note, "%.199s", err.msg);
    canvas_box(c, k, 0, r->name, note, true);
    y = in.y + 1;
    for (int i = 0; i < REACH_WAYS; i++) {
        y = row_draw(c, in, y, r, u->st, i);
        if (i == REACH_FORWARD && r->typing)
            y = ports_draw(c, in, y, r);
    }
    if (r->error[0] != '\0')
        canvas_text(c, in.x + 4, y++, in.w - 4, r->error, strlen(r->error),
                    ROLE_BAD, 0);
    if (r->forward_count > 0) {
        canvas_str(c, in.x + 1, ++y, "running forwards", ROLE_DIM, 0);
        y++;
        for (int i = 0; i < r->forward_count; i++)
            y = forward_draw(c, in, y, r, i);
    }
    canvas_str(c, in.x + 1, k.y + k.h - 2,
               r->typing            ? "Enter  open it    Esc  leave the field"
               : r->at < REACH_WAYS ? "Enter  open    Esc  back"
                                    : "x  end this forward    Esc  back",
               ROLE_DIM, 0);
}
