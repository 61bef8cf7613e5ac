/*
 * How holder, daemon and tethers talk: frames over a Unix stream socket.
 *
 * Each frame is a struct wire_head and `len` bytes. Host byte order: both
 * ends are this machine. The holder sends WIRE_HELLO first; the client's
 * first frame is WIRE_ATTACH, which says from which byte of the output on it
 * wants to read. Offsets count all bytes the pty ever gave, from 0.
 *
 * The holder keeps the last WIRE_RING bytes. While the daemon is attached it
 * reads the pty only as far as WIRE_RING beyond the last WIRE_ACK, so what
 * floods is held back; without a daemon the oldest bytes give way and the
 * agent goes on.
 *
 * A client that is a descendant of any holder is shown output but may not
 * type, kill or pause: an agent does not act on agents.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stdint.h>

#define WIRE_VERSION 1
#define WIRE_RING (64u << 10)
#define WIRE_FRAME_MAX (16u << 10)
#define WIRE_CLIENTS 8
#define WIRE_GRACE_MS 5000 /* between TERM and KILL when none is given */

enum wire_type {
    /* to the holder */
    WIRE_ATTACH = 1, /* struct wire_attach */
    WIRE_ACK,        /* uint64 offset: all before is durable elsewhere */
    WIRE_INPUT,      /* bytes for the pty; only from who types */
    WIRE_RESIZE,     /* struct wire_size; only from who types */
    WIRE_TYPE,       /* uint8 take: 0 if nobody does, 1 in any case */
    WIRE_KILL,       /* uint32 grace in ms: TERM, then KILL, the whole tree */
    WIRE_PAUSE,      /* STOP to the whole tree */
    WIRE_RESUME,     /* CONT */
    WIRE_RESTART,    /* the same command again; only after its end */
    WIRE_FORGET,     /* the end is recorded: the holder may go */
    WIRE_SAY,        /* bytes typed on behalf of `say`, daemon only */

    /* from the holder */
    WIRE_HELLO = 64, /* struct wire_hello */
    WIRE_OUTPUT,     /* uint64 offset, bytes */
    WIRE_LOST,       /* uint64 from, uint64 to: no longer in the ring */
    WIRE_EXIT,       /* struct wire_exit */
    WIRE_TYPIST,     /* struct wire_typist: who types now */
    WIRE_SIZE,       /* struct wire_size: the pty has this size now */
    WIRE_STARTED,    /* int32 pid: restarted */
    WIRE_REFUSED,    /* uint8 the type that was refused */
};

struct wire_head {
    uint8_t type;
    uint8_t zero[3];
    uint32_t len;
};

enum { WIRE_DAEMON = 1 }; /* flags of attach: acks, restarts, forgets */

struct wire_attach {
    uint32_t version;
    uint32_t flags;
    uint64_t from; /* UINT64_MAX: from now on */
};

struct wire_size {
    uint16_t columns, rows;
};

struct wire_hello {
    uint32_t version;
    int32_t child; /* pid; 0: it has ended */
    uint64_t first, next; /* offsets held */
    struct wire_size size;
    uint32_t runs; /* how often it was started */
};

struct wire_exit {
    int32_t code;   /* exit status, -1 by signal */
    int32_t signal; /* 0 none */
    uint32_t left;  /* descendants still alive */
    uint32_t run;   /* which start it was, from 1 */
    int64_t at_ms;  /* wall time */
    uint64_t next;  /* output before this offset came before the end */
};

struct wire_typist {
    uint8_t you;  /* this client types */
    uint8_t some; /* somebody does */
    uint8_t zero[2];
    int32_t pid;
};

#endif
