/*
 * What pages of objects are made of: the same parts for every kind.
 */
#ifndef WIDGETS_PAGE_H
#define WIDGETS_PAGE_H

#include "widgets/lines.h"
#include "widgets/ui.h"

#define PAGE_VALUE 16 /* column of values */
#define PAGE_AGENTS_MAX 16

void page_heading(struct lines *l, const char *text);
/* NULL is drawn as unknown. */
void page_pair(struct lines *l, const char *name, const char *value);
void page_condition(struct lines *l, const struct condition *c,
                    int64_t now_ms);
/* Every field that its kind has. */
void page_fields(struct lines *l, const struct store *st, enum kind kind,
                 uint32_t slot, int64_t now_ms);
/* One line for a row of any kind, to be opened from here. */
void page_row(struct lines *l, const struct store *st, enum kind kind,
              uint32_t slot, int64_t now_ms);
/* How a row is, in a few words. */
enum role page_state(const struct store *st, enum kind kind, uint32_t slot,
                     int64_t now_ms, char *ret, size_t size);
/*
 * The agents a row belongs to: those a workload runs, the owner of an object,
 * who laid a signal, who proposed. Returns how many, at most max.
 */
int page_agents(const struct store *st, enum kind kind, uint32_t slot,
                uint32_t *ret, int max);
/* What the cluster told of the row; of agents also of what runs them. */
void page_events(struct lines *l, const struct ui *u, enum kind kind,
                 uint32_t slot);
/* What those agents said, latest first. */
void page_words(struct lines *l, const struct ui *u, const uint32_t *agents,
                int count);
/* The object of the open page as YAML, or how to get it. */
void page_yaml(struct lines *l, const struct ui *u);
/* Draws, fits scrolling and selection to it; l is finished. */
void page_show(struct canvas *c, struct rect in, struct ui *u,
               struct lines *l);

#endif
