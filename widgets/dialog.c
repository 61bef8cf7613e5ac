#include "config.h"

#include "widgets/dialog.h"

#include "base/xalloc.h"
#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void field(struct dialog *d, const struct form_field *of,
                  const char *text, const char *must)
{
    struct field *f = &d->fields[d->field_count++];

    field_init(f, of, text, must);
    f->proposed &= d->cluster;
}

void dialog_init(struct dialog *d)
{
    *d = (struct dialog){0};
    d->wants = xcalloc(DIALOG_MANY, sizeof *d->wants);
    d->fields = xcalloc(DIALOG_FIELDS, sizeof *d->fields);
    d->lit_rows = xcalloc(DIALOG_MANY, sizeof *d->lit_rows);
}

void dialog_finish(struct dialog *d)
{
    dialog_close(d);
    free(d->wants);
    free(d->fields);
    free(d->lit_rows);
    d->wants = NULL;
    d->fields = NULL;
    d->lit_rows = NULL;
}

static void forget_change(struct dialog *d)
{
    d->again = d->lit_title = false;
    d->lit = 0;
    memset(d->lit_rows, 0, DIALOG_MANY * sizeof *d->lit_rows);
}

static void forget_answer(struct dialog *d)
{
    d->trying = d->warned = false;
    d->warning_count = d->told_count = 0;
    for (int i = 0; i < d->field_count; i++)
        d->fields[i].error[0] = '\0';
}

void dialog_open(struct dialog *d)
{
    const struct act_want *w = &d->wants[0];

    d->open = true;
    d->field_count = d->at = 0;
    d->shown_ms = 0;
    d->recall = -1;
    d->dropped = d->planned = d->pressed = d->edited = false;
    d->left_out = 0;
    forget_change(d);
    forget_answer(d);
    error_clear(&d->error);
    d->form = form_of(w->act, d->plane     ? FORM_PLANE
                              : d->cluster ? FORM_CLUSTER
                                           : FORM_HERE);
    for (int i = 0; d->form != NULL && i < d->form->count; i++)
        field(d, &d->form->at[i], want_get(w, d->form->at[i].key), "");
    d->form_count = d->field_count;
    if (d->field_count > 0)
        field_enter(&d->fields[0]);
}

void dialog_recall(struct dialog *d, const char *command, const char *name,
                   const char *dir)
{
    field_set(&d->fields[0], command);
    if (name[0] != '\0')
        field_set(&d->fields[1], name);
    if (dir[0] != '\0')
        field_set(&d->fields[2], dir);
}

void dialog_close(struct dialog *d)
{
    plan_finish(&d->plan);
    d->plan = (struct plan){0};
    d->open = d->planned = d->trying = false;
}

static struct field *field_of(struct dialog *d, const char *key)
{
    for (int i = 0; key[0] != '\0' && i < d->field_count; i++)
        if (strcmp(d->fields[i].of->key, key) == 0)
            return &d->fields[i];
    return NULL;
}

/* The fields that confirm, as the friction wants them. */
static void confirm_fields(struct dialog *d)
{
    int wanted = d->plan.friction < RISK_HIGH       ? 0
                 : d->plan.friction < RISK_CRITICAL ? 1
                                                    : 2;

    while (d->field_count - d->form_count > wanted)
        d->field_count--;
    if (d->at >= d->field_count)
        d->at = d->field_count > 0 ? d->field_count - 1 : 0;
    if (d->field_count - d->form_count < wanted &&
        d->field_count == d->form_count)
        field(d, &form_confirm, "", "");
    if (d->field_count - d->form_count < wanted)
        field(d, &form_reason, "", "");
    if (wanted > 0)
        snprintf(d->fields[d->form_count].must,
                 sizeof d->fields[0].must, "%s", d->plan.type);
}

void dialog_planned(struct dialog *d, struct plan *p, const struct error *err)
{
    struct field *at;

    plan_finish(&d->plan);
    d->plan = *p;
    p->body = NULL;
    d->error = *err;
    d->planned = err->code == 0;
    forget_answer(d);
    forget_change(d);
    at = err->code != 0 ? field_of(d, d->plan.field) : NULL;
    if (at != NULL) { /* told there, and not above */
        snprintf(at->error, sizeof at->error, "%.199s", err->msg);
        error_clear(&d->error);
    }
    if (!d->planned)
        return;
    if (d->count > 1) /* of many there is no one name: how many they are */
        snprintf(d->plan.type, sizeof d->plan.type, "%d", d->count);
    confirm_fields(d);
}

static bool says(const struct plan *p, const char *line)
{
    for (int i = 0; i < p->line_count; i++)
        if (strcmp(p->lines[i], line) == 0)
            return true;
    return false;
}

void dialog_again(struct dialog *d, const struct plan *was,
                  const bool *changed)
{
    d->again = true;
    d->shown_ms = 0;
    d->pressed = false;
    memcpy(d->lit_rows, changed, (size_t)d->count * sizeof *changed);
    d->lit_title = strcmp(was->title, d->plan.title) != 0;
    for (int i = 0; d->planned && i < d->plan.line_count; i++)
        if (!says(was, d->plan.lines[i]))
            d->lit |= 1u << i;
    for (int i = d->form_count; i < d->field_count; i++)
        if (d->fields[i].must[0] != '\0')
            field_set(&d->fields[i], "");
}

void dialog_leave_out(struct dialog *d, int i, const struct error *why)
{
    if (d->left_out++ == 0)
        snprintf(d->left_why, sizeof d->left_why, "%.80s: %.110s",
                 d->wants[i].name, why->msg);
    memmove(&d->wants[i], &d->wants[i + 1],
            (size_t)(--d->count - i) * sizeof *d->wants);
}

void dialog_try(struct dialog *d)
{
    forget_answer(d);
    error_clear(&d->error);
    d->trying = true;
}

bool dialog_tried(struct dialog *d, const struct tried *t)
{
    bool told = false;

    d->trying = false;
    d->pressed = true;
    d->warning_count = t->warning_count;
    memcpy(d->warnings, t->warnings, sizeof d->warnings);
    d->told_count = t->line_count;
    memcpy(d->told, t->lines, sizeof d->told);
    d->warned = t->error.code == 0 &&
                (t->warning_count > 0 || t->line_count > 0);
    if (d->warned)
        d->shown_ms = 0; /* what is read now was not there before */
    if (t->error.code == 0)
        return !d->warned;
    for (int i = 0; i < t->cause_count; i++) {
        struct field *f = field_of(d, t->causes[i].key);

        if (f != NULL && f->error[0] == '\0') {
            snprintf(f->error, sizeof f->error, "%s", t->causes[i].text);
            if (!told || f < &d->fields[d->at]) /* the topmost gets the keys */
                d->at = (int)(f - d->fields);
            told = true;
        } else if (d->error.code == 0) {
            error_set(&d->error, t->error.code, "%s", t->causes[i].text);
        }
    }
    if (told && d->error.code == 0)
        return false;
    if (t->status == 0)
        error_set(&d->error, t->error.code,
                  "no answer (%.160s): nothing was stored; Enter asks again",
                  t->error.msg);
    else if (d->error.code == 0)
        d->error = t->error;
    return false;
}

void dialog_edited(struct dialog *d, const char *path, const struct error *err)
{
    struct field *f = d->form != NULL && d->form->file != NULL
                          ? field_of(d, d->form->file)
                          : NULL;

    if (f == NULL)
        return;
    d->pressed = true;
    d->at = (int)(f - d->fields);
    field_enter(f);
    if (path == NULL) {
        snprintf(f->error, sizeof f->error, "%.199s", err->msg);
        return;
    }
    /* what was typed before stands in the file now */
    for (int i = 0; i < d->form_count; i++)
        d->fields[i].touched = false;
    field_set(f, path);
    f->touched = true;
    d->edited = true;
}

bool dialog_needless(const struct dialog *d)
{
    return d->planned && d->field_count == 0 && d->count == 1 &&
           d->plan.friction == RISK_LOW;
}

bool dialog_filed(const struct dialog *d, int i)
{
    const struct form *form = d->form;
    const struct field *f = &d->fields[i];

    if (form == NULL || form->file == NULL || i >= d->form_count ||
        f->touched || strcmp(f->of->key, form->file) == 0)
        return false;
    for (int k = 0; k < d->form_count; k++)
        if (strcmp(d->fields[k].of->key, form->file) == 0)
            return d->fields[k].text[0] != '\0';
    return false;
}

void dialog_want(const struct dialog *d, int i, struct act_want *ret)
{
    *ret = d->wants[i];
    for (int k = 0; k < d->field_count; k++) {
        const struct field *f = &d->fields[k];
        bool filed = dialog_filed(d, k);

        if (f->of->key[0] == '\0')
            continue; /* only confirms */
        want_put(ret, f->of->key, filed ? "" : f->text);
        if (filed && strcmp(f->of->key, "ns") == 0)
            want_set(ret, "here", f->text);
    }
}

static bool complete(const struct dialog *d)
{
    for (int i = 0; i < d->field_count; i++) {
        const struct field *f = &d->fields[i];

        if (f->must[0] != '\0' ? strcmp(f->text, f->must) != 0
                               : !f->of->optional && f->text[0] == '\0' &&
                                     !dialog_filed(d, i))
            return false;
    }
    return d->planned;
}

/* Too early to be meant: dropped, and said so. */
static bool too_early(struct dialog *d, int64_t now_ms)
{
    if (d->shown_ms != 0 && now_ms - d->shown_ms >= DIALOG_CALM_MS)
        return false;
    d->dropped = true;
    return true;
}

static enum dialog_answer question(struct dialog *d, uint32_t key,
                                   bool pasted, int64_t now_ms)
{
    if (pasted)
        return DIALOG_STAY;
    if (key == 'y' || key == 'Y') {
        if (!d->planned || too_early(d, now_ms))
            return DIALOG_STAY;
        return DIALOG_CONFIRM;
    }
    if (key == TERM_KEY_ESCAPE || key == 'n' || key == 'N' || key == 'q' ||
        key == TERM_KEY_ENTER)
        return key == TERM_KEY_ENTER && too_early(d, now_ms) ? DIALOG_STAY
                                                             : DIALOG_CANCEL;
    return DIALOG_STAY;
}

static void go(struct dialog *d, int to)
{
    d->at = (to + d->field_count) % d->field_count;
    field_enter(&d->fields[d->at]);
}

/* The first field that is wrong, or empty and must not be; -1: none. */
static int faulty(const struct dialog *d)
{
    for (int i = 0; i < d->field_count; i++) {
        const struct field *f = &d->fields[i];

        if (f->error[0] != '\0' ||
            (f->must[0] != '\0' ? strcmp(f->text, f->must) != 0
                                : f->text[0] == '\0' && !f->of->optional &&
                                      !dialog_filed(d, i)))
            return i;
    }
    return -1;
}

static enum dialog_answer enter(struct dialog *d, int64_t now_ms)
{
    int wrong;

    if (!d->cluster && d->at + 1 < d->field_count && !complete(d)) {
        go(d, d->at + 1);
        return DIALOG_STAY;
    }
    if (!complete(d)) {
        wrong = faulty(d);
        if (d->cluster && wrong >= 0 && wrong != d->at)
            go(d, wrong);
        d->pressed = true;
        return DIALOG_STAY;
    }
    return too_early(d, now_ms) ? DIALOG_STAY : DIALOG_CONFIRM;
}

static enum dialog_answer form(struct dialog *d, uint32_t key, bool pasted,
                               int64_t now_ms)
{
    struct field *f = &d->fields[d->at];

    if (!pasted) {
        switch (key) {
        case TERM_KEY_ESCAPE:
            return DIALOG_CANCEL;
        case TERM_KEY_ENTER:
            return enter(d, now_ms);
        case TERM_KEY_UP:
        case TERM_KEY_DOWN:
            if (!d->cluster && strcmp(f->of->key, "command") == 0)
                return key == TERM_KEY_UP ? DIALOG_BEFORE : DIALOG_AFTER;
            go(d, d->at + (key == TERM_KEY_UP ? -1 : 1));
            return DIALOG_STAY;
        case TERM_KEY_TAB:
            go(d, d->at + 1);
            return DIALOG_STAY;
        case TERM_KEY_BACKTAB:
            go(d, d->at - 1);
            return DIALOG_STAY;
        case 'e' & 0x1f:
            return d->form != NULL && d->form->edits ? DIALOG_EDIT
                                                     : DIALOG_STAY;
        default:
            break;
        }
    }
    return field_key(f, key, pasted) ? DIALOG_REPLAN : DIALOG_STAY;
}

enum dialog_answer dialog_key(struct dialog *d, uint32_t key, bool pasted,
                              int64_t now_ms)
{
    if (d->trying) /* nothing but taking it back */
        return !pasted && (key == TERM_KEY_ESCAPE || key == ('c' & 0x1f))
                   ? DIALOG_UNTRY
                   : DIALOG_STAY;
    if (!pasted && key == ('c' & 0x1f))
        return DIALOG_CANCEL;
    d->dropped = false;
    return d->field_count == 0 ? question(d, key, pasted, now_ms)
                               : form(d, key, pasted, now_ms);
}
