#include "config.h"

#include "widgets/dialog.h"

#include "base/xalloc.h"
#include "tui/keys.h"
#include "tui/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void field(struct dialog *d, const char *label, const char *text,
                  const char *must, bool optional)
{
    struct dialog_field *f = &d->fields[d->field_count++];

    *f = (struct dialog_field){.label = label, .optional = optional};
    snprintf(f->text, sizeof f->text, "%s", text);
    snprintf(f->must, sizeof f->must, "%s", must);
}

void dialog_init(struct dialog *d)
{
    *d = (struct dialog){0};
    d->wants = xcalloc(DIALOG_MANY, sizeof *d->wants);
}

void dialog_finish(struct dialog *d)
{
    dialog_close(d);
    free(d->wants);
    d->wants = NULL;
}

void dialog_open(struct dialog *d)
{
    const struct act_want *w = &d->wants[0];

    d->open = true;
    d->field_count = d->at = 0;
    d->shown_ms = 0;
    d->recall = -1;
    d->dropped = d->planned = false;
    error_clear(&d->error);
    if (w->act == ACT_SPAWN) {
        field(d, "command", w->command, "", false);
        field(d, "name", w->name, "", false);
        field(d, "in", w->dir, "", false);
    } else if (w->act == ACT_REJECT) {
        field(d, "reason", "", "", true);
    } else if (w->act == ACT_SCALE) {
        field(d, "replicas", "", "", false);
    } else if (w->act == ACT_SAY) {
        field(d, "text", "", "", false);
    }
}

void dialog_recall(struct dialog *d, const char *command, const char *name,
                   const char *dir)
{
    snprintf(d->fields[0].text, sizeof d->fields[0].text, "%s", command);
    if (name[0] != '\0')
        snprintf(d->fields[1].text, sizeof d->fields[1].text, "%s", name);
    if (dir[0] != '\0')
        snprintf(d->fields[2].text, sizeof d->fields[2].text, "%s", dir);
}

void dialog_close(struct dialog *d)
{
    plan_finish(&d->plan);
    d->plan = (struct plan){0};
    d->open = d->planned = false;
}

void dialog_planned(struct dialog *d, struct plan *p, const struct error *err)
{
    bool asked = false; /* its friction already has its fields */

    plan_finish(&d->plan);
    d->plan = *p;
    p->body = NULL;
    d->error = *err;
    d->planned = err->code == 0;
    for (int i = 0; i < d->field_count; i++)
        asked |= d->fields[i].must[0] != '\0';
    if (!d->planned || asked)
        return;
    if (d->count > 1) /* of many there is no one name: how many they are */
        snprintf(d->plan.type, sizeof d->plan.type, "%d", d->count);
    if (d->plan.friction >= RISK_HIGH)
        field(d, "type", "", d->plan.type, false);
    if (d->plan.friction == RISK_CRITICAL)
        field(d, "reason", "", "", false);
}

bool dialog_needless(const struct dialog *d)
{
    return d->planned && d->field_count == 0 && d->count == 1 &&
           d->plan.friction == RISK_LOW;
}

void dialog_want(const struct dialog *d, int i, struct act_want *ret)
{
    *ret = d->wants[i];
    for (int k = 0; k < d->field_count; k++) {
        const struct dialog_field *f = &d->fields[k];

        if (strcmp(f->label, "reason") == 0 || strcmp(f->label, "text") == 0)
            snprintf(ret->reason, sizeof ret->reason, "%s", f->text);
        else if (strcmp(f->label, "command") == 0)
            snprintf(ret->command, sizeof ret->command, "%s", f->text);
        else if (strcmp(f->label, "name") == 0)
            snprintf(ret->name, sizeof ret->name, "%.*s", ACT_NAME - 1,
                     f->text);
        else if (strcmp(f->label, "replicas") == 0)
            want_set(ret, f->label, f->text);
        else if (strcmp(f->label, "in") == 0)
            snprintf(ret->dir, sizeof ret->dir, "%s", f->text);
    }
}

static bool complete(const struct dialog *d)
{
    for (int i = 0; i < d->field_count; i++) {
        const struct dialog_field *f = &d->fields[i];

        if (f->must[0] != '\0' ? strcmp(f->text, f->must) != 0
                               : !f->optional && f->text[0] == '\0')
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

static void erase(char *text)
{
    size_t n = strlen(text);

    while (n > 0 && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
        n--;
    text[n > 0 ? n - 1 : 0] = '\0';
}

static bool type(char *text, size_t size, uint32_t key)
{
    size_t n = strlen(text);
    char utf8[4];
    int len;

    if (key < ' ' || (key >= 0x7f && key < 0xa0) ||
        (key >= 0xd800 && key < 0xe000) || key >= 0x110000)
        return false;
    len = text_encode(key, utf8);
    if (len <= 0 || n + (size_t)len >= size)
        return false;
    memcpy(text + n, utf8, (size_t)len);
    text[n + (size_t)len] = '\0';
    return true;
}

static enum dialog_answer enter(struct dialog *d, int64_t now_ms)
{
    if (d->at + 1 < d->field_count && !complete(d)) {
        d->at++;
        return DIALOG_STAY;
    }
    if (!complete(d) || too_early(d, now_ms))
        return DIALOG_STAY;
    return DIALOG_CONFIRM;
}

static enum dialog_answer form(struct dialog *d, uint32_t key, bool pasted,
                               int64_t now_ms)
{
    struct dialog_field *f = &d->fields[d->at];

    if (!pasted) {
        switch (key) {
        case TERM_KEY_ESCAPE:
            return DIALOG_CANCEL;
        case TERM_KEY_ENTER:
            return enter(d, now_ms);
        case TERM_KEY_UP:
        case TERM_KEY_DOWN:
            if (strcmp(f->label, "command") == 0)
                return key == TERM_KEY_UP ? DIALOG_BEFORE : DIALOG_AFTER;
            d->at = (d->at + d->field_count +
                     (key == TERM_KEY_UP ? -1 : 1)) % d->field_count;
            return DIALOG_STAY;
        case TERM_KEY_TAB:
            d->at = (d->at + 1) % d->field_count;
            return DIALOG_STAY;
        case TERM_KEY_BACKTAB:
            d->at = (d->at + d->field_count - 1) % d->field_count;
            return DIALOG_STAY;
        case TERM_KEY_BACKSPACE:
            erase(f->text);
            return DIALOG_REPLAN;
        case 'u' & 0x1f:
            f->text[0] = '\0';
            return DIALOG_REPLAN;
        default:
            break;
        }
    }
    return type(f->text, sizeof f->text, key) ? DIALOG_REPLAN : DIALOG_STAY;
}

enum dialog_answer dialog_key(struct dialog *d, uint32_t key, bool pasted,
                              int64_t now_ms)
{
    if (!pasted && key == ('c' & 0x1f))
        return DIALOG_CANCEL;
    d->dropped = false;
    return d->field_count == 0 ? question(d, key, pasted, now_ms)
                               : form(d, key, pasted, now_ms);
}
