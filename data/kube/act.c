#include "config.h"

#include "data/kube/act.h"

#include "base/hash.h"
#include "base/xalloc.h"
#include "data/kube/act_create.h"
#include "data/kube/act_priv.h"
#include "data/kube/act_say.h"
#include "data/kube/path.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int act_check_names(const char *ns, const char *name, struct error *err)
{
    if (kube_path_safe(ns, KUBE_PATH_NAME) &&
        kube_path_safe(name, KUBE_PATH_NAME))
        return 0;
    return error_set(err, ERR_SYNTAX, "its name cannot be in a path");
}

bool act_uid_text(const uint8_t uid[16], char ret[37])
{
    bool some = false;

    for (int i = 0; i < 16; i++)
        some |= uid[i] != 0;
    snprintf(ret, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             uid[0], uid[1], uid[2], uid[3], uid[4], uid[5], uid[6], uid[7],
             uid[8], uid[9], uid[10], uid[11], uid[12], uid[13], uid[14],
             uid[15]);
    return some;
}

void act_op(struct json *j, const char *name, const char *path)
{
    json_map(j, NULL);
    json_text(j, "op", name);
    json_text(j, "path", path);
}

void act_test(struct json *j, const char *path, const char *value)
{
    act_op(j, "test", path);
    json_text(j, "value", value);
    json_map_end(j);
}

void act_test_int(struct json *j, const char *path, int64_t value)
{
    act_op(j, "test", path);
    json_int(j, "value", value);
    json_map_end(j);
}

void act_test_none(struct json *j, const char *path)
{
    act_op(j, "test", path);
    json_null(j, "value");
    json_map_end(j);
}

void act_request(struct plan *p, const char *method, const char *content,
                 const struct buf *body, const char *path, ...)
{
    va_list ap;

    va_start(ap, path);
    vsnprintf(p->path, sizeof p->path, path, ap);
    va_end(ap);
    snprintf(p->method, sizeof p->method, "%s", method);
    p->content = content;
    p->body = xstrndup(buf_text(body), body->len);
}

static void mix(uint64_t h[2], const char *s, size_t n)
{
    h[0] = hash_more(h[0], s, n);
    h[1] = hash_more(h[1] ^ n, s, n);
}

void act_digest(struct plan *p, const uint8_t uid[16])
{
    uint64_t h[2] = {0x9e3779b97f4a7c15u, 0xd1b54a32d192ed03u};

    mix(h, (const char *)uid, 16);
    mix(h, (const char *)p->hit, 16);
    mix(h, p->title, strlen(p->title));
    for (int i = 0; i < p->line_count; i++)
        mix(h, p->lines[i], strlen(p->lines[i]));
    snprintf(p->digest, sizeof p->digest, "%016llx%016llx",
             (unsigned long long)h[0], (unsigned long long)h[1]);
}

int kube_plan(const struct store *st, const char *user, int64_t now_ms,
              struct plan *p, struct error *err)
{
    const struct plan_from from = {st, user, now_ms};

    snprintf(p->user, sizeof p->user, "%.*s", (int)sizeof p->user - 1, user);
    switch (p->want.act) {
    case ACT_APPROVE:
    case ACT_REJECT:
    case ACT_OVERRIDE:
        return act_plan_proposal(&from, p, err);
    case ACT_PAUSE:
    case ACT_RESUME:
    case ACT_SCALE:
    case ACT_RESTART:
    case ACT_KILL:
        return act_plan_agent(&from, p, err);
    case ACT_SPAWN:
    case ACT_DEPOSIT:
    case ACT_PROPOSE:
    case ACT_WIPE:
        return kube_plan_create(st, user, now_ms, p, err);
    case ACT_SAY:
        return act_plan_say(&from, p, err);
    default:
        return error_set(err, ERR_ABSENT, "a cluster has no such action");
    }
}
