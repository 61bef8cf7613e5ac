/*
 * The processes below one, from /proc.
 *
 * A holder is a child subreaper: whatever its agent starts, by any number of
 * forks, sessions and double forks, stays its descendant until it ends.
 */
#ifndef HABITAT_HOLDER_TREE_H
#define HABITAT_HOLDER_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TREE_MAX 4096
#define HOLDER_COMM "terrarium-holde" /* what the kernel keeps of its name */

struct proc {
    pid_t pid, parent, tty_pgrp;
    char state;
    char comm[16];
    uint64_t start; /* clock ticks since boot: with pid, an identity */
    uint64_t cpu;   /* ticks used, user and system */
    uint64_t rss;   /* bytes */
};

/* False if there is no such process. */
bool proc_read(pid_t pid, struct proc *ret);

/* Descendants of root, root left out, at most max; returns how many. */
int tree_below(pid_t root, pid_t *ret, int max);

/*
 * Sends sig to all below root, again until no new one shows up (at most 10
 * rounds). Returns how many distinct processes were signalled.
 */
int tree_signal(pid_t root, int sig);

/*
 * True if the process or one of its ancestors is a holder, or if that cannot
 * be told: a decision is refused in doubt.
 */
bool tree_of_holder(pid_t pid);
/*
 * The same of who connected to a Unix socket, whose pid may be another's by
 * now: it must be the very process still (by its pidfd where the kernel has
 * that, else by having started before `before`, in ticks since boot).
 */
bool tree_of_peer(int socket, uint64_t before);
/* Now, in the ticks of proc.start. */
uint64_t tree_ticks(void);

#endif
