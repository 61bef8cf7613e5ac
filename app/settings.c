#include "config.h"

#include "app/settings.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/kube/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fails at the first key of a mapping that is not `known`. */
static int only(const struct kube_yaml_at *map, const char *known,
                struct error *err)
{
    struct kube_yaml_at at;
    const char *key;

    for (size_t i = 0; i < kube_yaml_count(map); i++) {
        if (kube_yaml_pair(map, i, &key, &at, err) != 0)
            return err->code;
        if (strcmp(key, known) != 0)
            return kube_yaml_fail(&at, err,
                                  "there is no such setting, expected %s",
                                  known);
    }
    return 0;
}

static int read_context(const char *name, const struct kube_yaml_at *at,
                        struct settings *ret, struct error *err)
{
    struct settings_context *c;

    ret->contexts = xrealloc(ret->contexts, (size_t)ret->count + 1,
                             sizeof *ret->contexts);
    c = &ret->contexts[ret->count++];
    *c = (struct settings_context){.name = xstrdup(name)};
    if (kube_yaml_bool(at, "read-only", &c->read_only, err) != 0)
        return err->code; /* no mapping, too */
    return only(at, "read-only", err);
}

int settings_parse(const char *text, size_t len, const char *name,
                   struct settings *ret, struct error *err)
{
    struct kube_yaml *yaml = kube_yaml_parse(text, len, name, err);
    struct kube_yaml_at root, contexts, at;
    const char *key;
    int bad;

    *ret = (struct settings){0};
    if (yaml == NULL)
        return err->code;
    error_clear(err);
    root = kube_yaml_root(yaml);
    bad = kube_yaml_map(&root, "contexts", &contexts, err) != 0 ||
          only(&root, "contexts", err) != 0;
    for (size_t i = 0; !bad && i < kube_yaml_count(&contexts); i++)
        bad = kube_yaml_pair(&contexts, i, &key, &at, err) != 0 ||
              read_context(key, &at, ret, err) != 0;
    kube_yaml_destroy(yaml);
    return bad ? err->code : 0;
}

static int read_file(const char *path, struct buf *ret, struct error *err)
{
    FILE *f = fopen(path, "re");
    char some[4096];
    size_t n;
    int bad = 0;

    if (f == NULL)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : error_set(err, ERR_CONFIG, "%.200s: %s", path,
                               strerror(errno));
    while (bad == 0 && (n = fread(some, 1, sizeof some, f)) > 0)
        if (!buf_add(ret, some, n))
            bad = error_set(err, ERR_CONFIG,
                            "%.160s: longer than %u bytes", path,
                            SETTINGS_MAX);
    if (bad == 0 && ferror(f))
        bad = error_set(err, ERR_CONFIG, "%.200s: cannot be read", path);
    fclose(f);
    return bad;
}

int settings_load(struct settings *ret, struct error *err)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    struct buf text;
    char path[600];
    int bad;

    *ret = (struct settings){0};
    error_clear(err);
    if ((config == NULL || config[0] != '/') && home == NULL)
        return 0;
    if (config != NULL && config[0] == '/')
        snprintf(path, sizeof path, "%s/terrarium/config.yaml", config);
    else
        snprintf(path, sizeof path, "%s/.config/terrarium/config.yaml", home);
    buf_init(&text, SETTINGS_MAX);
    bad = read_file(path, &text, err);
    if (bad == 0)
        bad = settings_parse(buf_text(&text), text.len, path, ret, err);
    buf_finish(&text);
    return bad;
}

void settings_finish(struct settings *s)
{
    for (int i = 0; i < s->count; i++)
        free(s->contexts[i].name);
    free(s->contexts);
    *s = (struct settings){0};
}

bool settings_read_only(const struct settings *s, const char *context)
{
    for (int i = 0; s != NULL && i < s->count; i++)
        if (strcmp(s->contexts[i].name, context) == 0)
            return s->contexts[i].read_only;
    return false;
}
