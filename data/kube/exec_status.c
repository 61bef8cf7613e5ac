#include "config.h"

#include "data/kube/exec_status.h"

#include "data/json/pick.h"

#include <stdio.h>
#include <string.h>

enum { STATUS, MESSAGE, REASON, CAUSE, CAUSE_REASON, CAUSE_MESSAGE };

static const struct pick_rule rules[] = {
    {"status", STATUS},
    {"message", MESSAGE},
    {"reason", REASON},
    {"details.causes[]", CAUSE},
    {"details.causes[].reason", CAUSE_REASON},
    {"details.causes[].message", CAUSE_MESSAGE},
    {NULL, 0}};

struct status {
    bool success, failure, exited, cause_is_exit;
    int64_t cause_code, code;
    char message[180];
};

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct status *s = arg;

    switch (field) {
    case STATUS:
        s->success = span_is(v->text, "Success");
        s->failure = span_is(v->text, "Failure");
        break;
    case MESSAGE:
        snprintf(s->message, sizeof s->message, "%.*s",
                 (int)(v->text.n < 179 ? v->text.n : 179), v->text.p);
        break;
    case CAUSE:
        if (v->type == PICK_BEGIN) {
            s->cause_is_exit = false;
            s->cause_code = -1;
        } else if (v->type == PICK_END && s->cause_is_exit &&
                   s->cause_code >= 0) {
            s->exited = true;
            s->code = s->cause_code;
        }
        break;
    case CAUSE_REASON:
        s->cause_is_exit = span_is(v->text, "ExitCode");
        break;
    case CAUSE_MESSAGE:
        s->cause_code = -1;
        if (v->type == PICK_STRING && v->text.n > 0 && v->text.n < 10) {
            s->cause_code = 0;
            for (size_t i = 0; i < v->text.n; i++) {
                char c = v->text.p[i];

                s->cause_code = c < '0' || c > '9' || s->cause_code < 0
                                    ? -1
                                    : s->cause_code * 10 + (c - '0');
            }
        }
        break;
    default:
        break;
    }
}

void kube_exec_status(const char *p, size_t n, struct tether_end *ret)
{
    struct pick *pick = pick_create(rules);
    struct status s = {.cause_code = -1};
    struct error err;
    size_t line = 0;

    *ret = (struct tether_end){.how = TETHER_FAILED};
    if (n > 0 && p[0] == '{' &&
        pick_run(pick, p, n, on_value, &s, &err) == 0 &&
        (s.success || s.failure)) {
        if (s.success || s.exited) {
            ret->how = TETHER_EXITED;
            ret->code = s.success ? 0 : (int)s.code;
        } else {
            snprintf(ret->msg, sizeof ret->msg, "%s",
                     s.message[0] ? s.message : "it failed, no word why");
        }
    } else {
        while (line < n && line < 180 && p[line] != '\n')
            line++;
        snprintf(ret->msg, sizeof ret->msg, "%.*s", (int)line,
                 n > 0 ? p : "");
    }
    pick_destroy(pick);
}
