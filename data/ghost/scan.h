/*
 * The files of a ghost cache, read from its folder. Runs on the pool (it
 * waits for the disk), touches nothing but its own struct.
 *
 * Which files there may be is a list of all four layouts; nothing else is
 * opened. No symlink is followed, below the folder itself; what is no regular
 * file, too large or not to be read is only noted.
 *
 * Bounds  GHOST_FILES_MAX files, GHOST_FILE_MAX bytes each, GHOST_SCAN_MAX
 *         bytes in one scan (the rest comes with the next)
 */
#ifndef DATA_GHOST_SCAN_H
#define DATA_GHOST_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GHOST_FILES_MAX 512
#define GHOST_FILE_MAX (8u << 20)
#define GHOST_SCAN_MAX (24u << 20)
#define GHOST_PATH_MAX 160

/* What a file is. */
enum ghost_role {
    GHOST_STATUS,    /* A: status.json */
    GHOST_INVOKE,    /* A: signal, dream, dream_cycle */
    GHOST_MAP,       /* A: map.json */
    GHOST_META,      /* A: meta.json */
    GHOST_HEALTH,    /* B, C: health.status */
    GHOST_CONTEXT,   /* B, C: context.json */
    GHOST_STREAM,    /* B, C: thought_stream.md */
    GHOST_SUMMARY,   /* B: flinch_summary, trace_summary, tension_map */
    GHOST_FLINCHES,  /* B: test_flinches.jsonl */
    GHOST_AGENTS,    /* D: agents/_index.json */
    GHOST_AGENT,     /* D: agents/NAME/status.json, current.json */
    GHOST_SIGNALS,   /* D: pheromones/active.json */
    GHOST_PROPOSALS, /* D: proposals/pending.json */
    GHOST_CLUSTER,   /* D: cluster_status.json, cluster/status.json */
};

enum ghost_fault {
    GHOST_WELL,
    GHOST_LINK,       /* a symlink, or below one */
    GHOST_ODD,        /* no regular file */
    GHOST_LARGE,
    GHOST_UNREADABLE,
    GHOST_FAULTS
};

struct ghost_file {
    char path[GHOST_PATH_MAX]; /* below the folder */
    enum ghost_role role;
    enum ghost_fault fault;
    uint64_t inode, size;
    int64_t mtime_ns;
    char *text; /* owned; NULL: as it was, or with a fault */
    size_t len;
};

struct ghost_scan {
    const char *root;              /* borrowed */
    const struct ghost_file *known; /* of the scan before, texts not used */
    int known_count;
    struct ghost_file *files; /* owned */
    int count;
    int error; /* errno of the folder; 0 */
    uint64_t root_inode;
};

void ghost_scan_run(struct ghost_scan *s);
void ghost_scan_finish(struct ghost_scan *s);

#endif
