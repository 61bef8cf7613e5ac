/*
 * Lines of a log, as the page of logs shows them.
 *
 * Bounds  LOG_VIEW_LINES lines and LOG_VIEW_BYTES; the oldest give way,
 *         counted in `gone`
 * back    lines scrolled back from the end; 0 follows
 */
#ifndef WIDGETS_LOG_VIEW_H
#define WIDGETS_LOG_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_VIEW_LINES 5000
#define LOG_VIEW_BYTES (4u << 20)

struct log_line {
    int64_t at_ms; /* 0: not known */
    char *text;
    uint32_t len;
};

struct log_view {
    char name[260]; /* of the agent */
    char note[300]; /* how it stands */
    bool bad;       /* the note is trouble */
    bool previous;
    uint32_t back;
    uint64_t gone;
    struct log_line *lines; /* LOG_VIEW_LINES, a ring */
    uint32_t first, count;
    size_t bytes;
};

struct log_view *log_view_create(const char *name, bool previous);
void log_view_destroy(struct log_view *v);
void log_view_add(struct log_view *v, int64_t at_ms, const char *p, size_t n);
/* i from 0, the oldest. */
const struct log_line *log_view_at(const struct log_view *v, uint32_t i);
/* By so many lines; ±INT32_MAX = ends. */
void log_view_scroll(struct log_view *v, int by);

#endif
