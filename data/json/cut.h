/*
 * Cuts single JSON objects out of a stream while it arrives.
 *
 * CUT_LIST  one document {"metadata":{…},"items":[{…},…]}: emits the value
 *           of "metadata" and each element of "items" (or of what `list`
 *           names), in stream order; other members are passed over
 * CUT_DOCS  documents one after another (a watch): emits each
 *
 * An object that lies whole in one chunk is emitted in place; one that
 * crosses a border is gathered in a buffer of at most CUT_OBJECT_MAX bytes
 * (larger: ERR_LIMIT). Nesting is at most CUT_DEPTH_MAX. Only the structure
 * is looked at: strings, braces, brackets; what an emitted object holds is
 * for its reader to judge.
 *
 * After an error the cutter takes no more bytes until cut_reset.
 */
#ifndef DATA_JSON_CUT_H
#define DATA_JSON_CUT_H

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

#define CUT_OBJECT_MAX (8u << 20)
#define CUT_DEPTH_MAX 10002 /* the server itself takes 10000 in an object */

enum cut_mode { CUT_LIST, CUT_DOCS };
enum cut_what { CUT_METADATA, CUT_ITEM };

/*
 * One object, borrowed for the call. False stops: cut_feed then returns with
 * the rest of the chunk not looked at (see cut_feed's result).
 */
typedef bool (*cut_cb)(enum cut_what what, const char *text, size_t len,
                       void *arg);

struct cut {
    enum cut_mode mode;
    cut_cb cb;
    void *arg;
    struct buf part; /* head of an object that began in an earlier chunk */
    uint64_t pos;    /* bytes consumed since reset */
    uint64_t objects;
    int depth;
    int capture; /* depth at which the object being captured began, or -1 */
    enum cut_what what;
    bool in_string, escape, failed, done, in_items;
    bool key_next;      /* CUT_LIST: the next string at depth 1 is a key */
    char key[12];       /* the last key at depth 1, cut */
    const char *list;   /* of at most 11 letters; "items" by itself */
    unsigned key_len;
    uint8_t braces[CUT_DEPTH_MAX / 8 + 1]; /* a bit per level: '{', not '[' */
};

void cut_init(struct cut *c, enum cut_mode mode, cut_cb cb, void *arg);
void cut_finish(struct cut *c);
/* Ready for a new stream in this mode; gives a large buffer back. */
void cut_reset(struct cut *c, enum cut_mode mode);

/* Consumes the chunk. 0, or an error with the byte position in *err. */
int cut_feed(struct cut *c, const char *p, size_t n, struct error *err);

/* The stream ended: 0, or ERR_CUT if it did so inside a document. */
int cut_end(struct cut *c, struct error *err);

#endif
