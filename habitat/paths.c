#include "config.h"

#include "habitat/paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int put(char *ret, size_t size, const char *a, const char *b,
               struct error *err)
{
    int n = snprintf(ret, size, "%s%s", a, b);

    if (n < 0 || (size_t)n >= size)
        return error_set(err, ERR_CONFIG,
                         "the habitat's folder has too long a name: '%.90s'; "
                         "set TERRARIUM_HABITAT to a shorter one",
                         a);
    return 0;
}

static const char *set(const char *name)
{
    const char *v = getenv(name);

    return v != NULL && v[0] != '\0' ? v : NULL;
}

static int state_folder(struct habitat_paths *p, struct error *err)
{
    const char *home = set("HOME"), *state = set("XDG_STATE_HOME");

    if (set("TERRARIUM_HABITAT") != NULL)
        return put(p->state, sizeof p->state, set("TERRARIUM_HABITAT"),
                   "", err);
    if (state != NULL)
        return put(p->state, sizeof p->state, state, "/terrarium", err);
    if (home == NULL)
        return error_set(err, ERR_CONFIG,
                         "neither HOME nor XDG_STATE_HOME is set");
    return put(p->state, sizeof p->state, home,
               "/.local/state/terrarium", err);
}

int habitat_paths(struct habitat_paths *p, struct error *err)
{
    const char *run = set("TERRARIUM_HABITAT") ? NULL : set("XDG_RUNTIME_DIR");

    *p = (struct habitat_paths){0};
    if (state_folder(p, err) != 0 ||
        put(p->holders, sizeof p->holders, p->state, "/run", err) ||
        put(p->database, sizeof p->database, p->state, "/habitat.db",
            err) ||
        put(p->log, sizeof p->log, p->state, "/habitat.log", err) ||
        put(p->pid, sizeof p->pid, p->state, "/habitat.pid", err))
        return err->code;
    if (set("TERRARIUM_SOCKET") != NULL)
        return put(p->socket, sizeof p->socket, set("TERRARIUM_SOCKET"), "",
                   err);
    if (run != NULL)
        return put(p->socket, sizeof p->socket, run,
                   "/terrarium/habitat.sock", err);
    return put(p->socket, sizeof p->socket, p->holders,
               "/habitat.sock", err);
}

/* Makes the folder and those above it. */
static int make(const char *path, struct error *err)
{
    char part[HABITAT_PATH_MAX];
    struct stat st;

    snprintf(part, sizeof part, "%s", path);
    for (char *p = part + 1; *p != '\0'; p++)
        if (*p == '/') {
            *p = '\0';
            mkdir(part, 0700);
            *p = '/';
        }
    if (mkdir(part, 0700) != 0 && errno != EEXIST)
        return error_set(err, ERR_CONFIG, "cannot make the folder '%s': %s",
                         part, strerror(errno));
    if (stat(part, &st) != 0 || !S_ISDIR(st.st_mode))
        return error_set(err, ERR_CONFIG, "'%s' is no folder", part);
    return 0;
}

int habitat_paths_make(const struct habitat_paths *p, struct error *err)
{
    char run[HABITAT_PATH_MAX];

    snprintf(run, sizeof run, "%s", p->socket);
    *strrchr(run, '/') = '\0';
    if (make(p->state, err) != 0 || make(p->holders, err) != 0)
        return err->code;
    return make(run, err);
}
