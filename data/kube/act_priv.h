/*
 * What the plans of data/kube/act*.c share.
 */
#ifndef DATA_KUBE_ACT_PRIV_H
#define DATA_KUBE_ACT_PRIV_H

#include "data/act/plan.h"
#include "data/json/write.h"
#include "data/store.h"

/* What a plan is made from. */
struct plan_from {
    const struct store *st;
    const char *user; /* as the server knows them */
    int64_t now_ms;   /* the server's clock */
};

/* False when it is all zero: not known. */
bool act_uid_text(const uint8_t uid[16], char ret[37]);
/* Fails unless ns and name can stand in a path. */
int act_check_names(const char *ns, const char *name, struct error *err);

/* Of a JSON Patch: opens an operation; a whole test. */
void act_op(struct json *j, const char *name, const char *path);
void act_test(struct json *j, const char *path, const char *value);
void act_test_int(struct json *j, const char *path, int64_t value);
void act_test_none(struct json *j, const char *path); /* it is not there */

/* The request; body is copied. */
void act_request(struct plan *p, const char *method, const char *content,
                 const struct buf *body, const char *path, ...)
    __attribute__((format(printf, 5, 6)));
/* Bound to identity and to all that the plan says. */
void act_digest(struct plan *p, const uint8_t uid[16]);

int act_plan_proposal(const struct plan_from *from, struct plan *p,
                      struct error *err);
int act_plan_agent(const struct plan_from *from, struct plan *p,
                   struct error *err);

#endif
