#include "config.h"

#include "app/tunnel.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tunnel {
    struct kube_forward *forward;
    struct tunnel_calls calls;
    char *folder, *socket; /* NULL: a port of the loopback */
    uint16_t port;
};

/* $XDG_RUNTIME_DIR is ours alone; elsewhere a folder of our own making. */
static int make_folder(char **ret, struct error *err)
{
    const char *run = getenv("XDG_RUNTIME_DIR");
    struct stat st;
    bool own = run != NULL && run[0] == '/' && stat(run, &st) == 0 &&
               st.st_uid == geteuid() && (st.st_mode & 077) == 0;
    char *path = xasprintf("%s/terrarium-XXXXXX", own ? run : "/tmp");

    if (mkdtemp(path) == NULL) { /* mode 0700 */
        error_set(err, ERR_CONNECT, "%.150s: %s", path, strerror(errno));
        free(path);
        return err->code;
    }
    *ret = path;
    return 0;
}

static void on_listening(void *arg)
{
    struct tunnel *t = arg;

    t->calls.ready(t->calls.arg);
}

static void on_told(const char *line, void *arg)
{
    struct tunnel *t = arg;

    t->calls.told(line, t->calls.arg);
}

static void free_tunnel(struct tunnel *t)
{
    if (t->socket != NULL)
        unlink(t->socket);
    if (t->folder != NULL)
        rmdir(t->folder);
    free(t->socket);
    free(t->folder);
    free(t);
}

static void on_closed(const struct error *err, void *arg)
{
    struct tunnel *t = arg;
    struct tunnel_calls calls = t->calls;

    if (err->code != 0)
        calls.told(err->msg, calls.arg);
    free_tunnel(t);
    calls.closed(calls.arg);
}

/* "ns/name:port"; the configuration has checked its form. */
static bool split(const char *service, char ns[64], char name[64],
                  uint16_t *port)
{
    const char *slash = strchr(service, '/'), *colon = strrchr(service, ':');

    if (slash == NULL || colon == NULL || colon < slash ||
        slash - service > 63 || colon - slash > 63)
        return false;
    snprintf(ns, 64, "%.*s", (int)(slash - service), service);
    snprintf(name, 64, "%.*s", (int)(colon - slash - 1), slash + 1);
    *port = (uint16_t)atoi(colon + 1);
    return *port > 0;
}

struct tunnel *tunnel_open(struct kube_reach *r, const char *service,
                           const char *file, const struct tunnel_calls *calls,
                           struct error *err)
{
    struct tunnel *t = xcalloc(1, sizeof *t);
    const struct kube_forward_calls lines = {.listening = on_listening,
                                             .told = on_told,
                                             .closed = on_closed,
                                             .arg = t};
    char ns[64], name[64];
    struct kube_forward_service_want want = {.ns = ns, .service = name};
    struct kube_forward_state state;

    t->calls = *calls;
    if (!split(service, ns, name, &want.port)) {
        error_set(err, ERR_CONFIG, "'%.80s', expected NAMESPACE/NAME:PORT",
                  service);
        free_tunnel(t);
        return NULL;
    }
    t->port = want.port;
    if (file != NULL) {
        if (make_folder(&t->folder, err) != 0) {
            free_tunnel(t);
            return NULL;
        }
        t->socket = xasprintf("%s/%s", t->folder, file);
        want.socket = t->socket;
    }
    t->forward = kube_forward_service(r, &want, &lines, err);
    if (t->forward == NULL) {
        free_tunnel(t);
        return NULL;
    }
    if (file == NULL) {
        kube_forward_state(t->forward, &state);
        t->port = state.local;
    }
    return t;
}

const char *tunnel_socket(const struct tunnel *t)
{
    return t->socket;
}

const char *tunnel_folder(const struct tunnel *t)
{
    return t->folder;
}

uint16_t tunnel_port(const struct tunnel *t)
{
    return t->port;
}

void tunnel_close(struct tunnel *t)
{
    kube_forward_close(t->forward);
}
