/*
 * The pheromone map: present intensity by row (who laid it) and type.
 *
 * Rows are agents as sources, or namespaces, or genera. A cell is the
 * strongest present signal of its row and type; `count` says how many stand
 * behind it. Rows come strongest first (by the sum over their cells, so one
 * strong signal and several fair ones weigh alike), at most HEAT_ROWS; ties
 * by name. Columns are the types present anywhere, in the order of
 * SIGNAL_MAP, so that they do not jump.
 *
 * Computed from the store in one pass, O(signals); the owner decides when.
 */
#ifndef DATA_HEAT_H
#define DATA_HEAT_H

#include "data/store.h"

#define HEAT_ROWS 128

enum heat_by { HEAT_BY_AGENT, HEAT_BY_TARGET, HEAT_BY_NAMESPACE };

struct heat_cell {
    float value; /* 0…1, 0 = nothing there */
    uint16_t count;
    bool constant; /* the strongest one does not decay */
};

struct heat_row {
    const char *name, *ns; /* interned in the store; held until heat_clear */
    struct heat_cell cells[SIGNAL_COUNT];
    float sum;
};

struct heat {
    struct heat_row rows[HEAT_ROWS];
    int count;
    uint32_t hidden; /* rows beyond HEAT_ROWS */
    uint32_t live;   /* signals above the floor */
    uint32_t ended;  /* evaporated, still stored */
    double sum;
    bool present[SIGNAL_COUNT];
};

/* What *ret holds from before is let go; at first it is all zero. */
void heat_compute(const struct store *st, enum heat_by by, int64_t now_ms,
                  struct heat *ret);

void heat_clear(const struct store *st, struct heat *h);

/* The signals behind one cell, strongest first; returns how many, at most
   max. type SIGNAL_COUNT = all types of the row. */
int heat_signals(const struct store *st, enum heat_by by, const char *name,
                 enum signal type, int64_t now_ms, uint32_t *slots, int max);
const char *heat_by_name(enum heat_by by);

#endif
