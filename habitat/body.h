/*
 * Reads a request's JSON body into variables, by a table of wants.
 *
 * Texts live as long as the request. A field that is there with another type
 * than wanted is an error that names it; unknown fields are passed over.
 */
#ifndef HABITAT_BODY_H
#define HABITAT_BODY_H

#include "habitat/server.h"

enum body_type {
    BODY_TEXT,   /* struct span */
    BODY_INT,    /* int64_t */
    BODY_DOUBLE, /* double */
    BODY_BOOL,   /* bool */
    BODY_TEXTS,  /* struct body_texts; path ends in [] */
    BODY_PAIRS,  /* struct body_texts of KEY=VALUE; path ends in .* */
};

#define BODY_TEXTS_MAX 2048

struct body_texts {
    struct span *at;
    size_t count;
};

struct body_want {
    const char *path;
    enum body_type type;
    void *at;
};

/* 0, or ERR_SYNTAX / ERR_LIMIT. An empty body is an empty object. */
int body_read(struct request *r, const struct body_want *wants, int count,
              struct error *err);
/* The same of any text. */
int body_read_text(struct request *r, struct span text,
                   const struct body_want *wants, int count,
                   struct error *err);

#endif
