/*
 * Asks the habitat one thing and waits for the answer.
 *
 * If nobody listens the daemon is started (not from inside an agent: it
 * would end with the agent) and asked again with the same key, so that
 * nothing is done twice.
 */
#ifndef FRONT_CLIENT_H
#define FRONT_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "habitat/paths.h"

#include <stdint.h>

struct client {
    struct habitat_paths paths;
    void *curl;
    bool no_start; /* ask only a daemon that is up */
    char errors[256];
};

struct client_answer {
    int status;
    struct buf body; /* at most 64 MiB */
};

int client_open(struct client *c, struct error *err);
void client_close(struct client *c);

/*
 * body NULL: none. wait_ms: how long the answer may take; 0 = 10 s, -1 for
 * ever. 0 if an answer came, whatever its status; ERR_CONNECT otherwise.
 */
int client_ask(struct client *c, const char *method, const char *path,
               const struct buf *body, int64_t wait_ms,
               struct client_answer *ret, struct error *err);
/* The same, and a status that is not 2xx is an error with its text. */
int client_want(struct client *c, const char *method, const char *path,
                const struct buf *body, int64_t wait_ms,
                struct client_answer *ret, struct error *err);
void client_answer_finish(struct client_answer *a);

/* Streams a body until `data` returns false or the server ends it. */
int client_stream(struct client *c, const char *path,
                  bool (*data)(const char *p, size_t n, void *arg), void *arg,
                  struct error *err);

/* Starts the daemon; 0 when one listens. */
int client_start_daemon(const struct habitat_paths *paths, struct error *err);
/* The same without waiting for it: not from inside an agent. */
int client_launch_daemon(const struct habitat_paths *paths, struct error *err);
/* Path of a program of ours: beside this one or in libexec. */
void client_program(const char *name, char *ret, size_t size);

/* A text field of a JSON answer; false if it is not there. */
bool client_text(const struct buf *body, const char *path, char *ret,
                 size_t size);

#endif
