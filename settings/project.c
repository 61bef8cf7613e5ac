#include "config.h"

#include "settings/project.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/kube/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool project_expand(const char *text, size_t len, struct buf *ret)
{
    for (size_t i = 0; i < len; i++) {
        char name[128];
        size_t n = 0, from = i + 2;
        const char *value;

        if (text[i] == '$' && i + 1 < len && text[i + 1] == '{') {
            while (from + n < len && n + 1 < sizeof name &&
                   (isalnum((unsigned char)text[from + n]) ||
                    text[from + n] == '_')) {
                name[n] = text[from + n];
                n++;
            }
            name[n] = '\0';
            if (n > 0 && from + n < len && text[from + n] == '}') {
                value = getenv(name);
                if (value != NULL && !buf_add(ret, value, strlen(value)))
                    return false;
                i = from + n;
                continue;
            }
        }
        if (!buf_add(ret, text + i, 1))
            return false;
    }
    return true;
}

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The first folder upwards with .fracta/ in it; NULL: none. */
static char *find_root(void)
{
    char *at = getcwd(NULL, 0);

    while (at != NULL && at[0] == '/') {
        char *mark = xasprintf("%s/.fracta", at);
        bool there = is_folder(mark);

        free(mark);
        if (there)
            return at;
        if (at[1] == '\0')
            break;
        *(strrchr(at, '/') == at ? at + 1 : strrchr(at, '/')) = '\0';
    }
    free(at);
    return NULL;
}

/* What is of use in a fracta.yaml; texts owned. */
struct project {
    char *file, *url, *listen, *profile, *ns, *driver, *dsn, *graph_url,
        *graph_name, *gateway_url;
};

static void project_finish(struct project *p)
{
    char *texts[] = {p->file,   p->url, p->listen,    p->profile,   p->ns,
                     p->driver, p->dsn, p->graph_url, p->graph_name,
                     p->gateway_url};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
}

/* A text by its way through mappings, "a.b.c". */
static int text_at(const struct kube_yaml_at *root, const char *way,
                   char **ret, struct error *err)
{
    struct kube_yaml_at at = *root, next;
    char key[64];
    const char *dot;

    while ((dot = strchr(way, '.')) != NULL) {
        snprintf(key, sizeof key, "%.*s", (int)(dot - way), way);
        if (kube_yaml_map(&at, key, &next, err) != 0)
            return err->code;
        at = next;
        way = dot + 1;
    }
    return kube_yaml_text(&at, way, ret, err);
}

static int parse(struct project *p, const char *text, size_t len,
                 struct error *err)
{
    const struct {
        const char *way;
        char **to;
    } wanted[] = {
        {"control_plane_api.url", &p->url},
        {"control_plane_api.listen", &p->listen},
        {"profile", &p->profile},
        {"runtime.kubernetes.namespace", &p->ns},
        {"runtime.state.driver", &p->driver},
        {"runtime.state.postgres.dsn", &p->dsn},
        {"connections.falkordb.url", &p->graph_url},
        {"connections.falkordb.graph_name", &p->graph_name},
        {"gateway.url", &p->gateway_url},
    };
    struct kube_yaml *yaml = kube_yaml_parse(text, len, p->file, err);
    struct kube_yaml_at root;
    int bad = 0;

    if (yaml == NULL)
        return err->code;
    root = kube_yaml_root(yaml);
    for (size_t i = 0; bad == 0 && i < sizeof wanted / sizeof *wanted; i++)
        bad = text_at(&root, wanted[i].way, wanted[i].to, err);
    kube_yaml_destroy(yaml);
    return bad;
}

static int load(struct project *p, const char *folder, struct error *err)
{
    struct buf raw, text;
    char some[4096];
    size_t n;
    FILE *f;
    int bad = 0;

    *p = (struct project){.file = xasprintf("%s/fracta.yaml", folder)};
    error_clear(err);
    f = fopen(p->file, "re");
    if (f == NULL)
        return error_set(err, ERR_CONFIG, "%.200s: %s", p->file,
                         strerror(errno));
    buf_init(&raw, PROJECT_MAX);
    buf_init(&text, PROJECT_MAX);
    while (bad == 0 && (n = fread(some, 1, sizeof some, f)) > 0)
        if (!buf_add(&raw, some, n))
            bad = error_set(err, ERR_CONFIG, "%.180s: too long", p->file);
    fclose(f);
    if (bad == 0 && !project_expand(buf_text(&raw), raw.len, &text))
        bad = error_set(err, ERR_CONFIG, "%.180s: too long", p->file);
    if (bad == 0)
        bad = parse(p, buf_text(&text), text.len, err);
    buf_finish(&raw);
    if (text.len > 0) /* a DSN has a password */
        explicit_bzero(text.ptr, text.len);
    buf_finish(&text);
    return bad;
}

static bool is(const char *s, const char *word)
{
    return s != NULL && strcmp(s, word) == 0;
}

/* "localhost:6379" or with a scheme, which fracta strips. */
static char *graph_url(const char *s)
{
    return strstr(s, "://") != NULL ? xstrdup(s) : xasprintf("redis://%s", s);
}

static void fill(struct settings_source *to, const struct project *p)
{
    char *url = NULL;

    if (to->type == SOURCE_CONTROL_PLANE) {
        url = p->url != NULL ? xstrdup(p->url)
                             : xasprintf("http://localhost%s",
                                         p->listen ? p->listen : ":9090");
        if (settings_value(to, KEY_SERVICE) == NULL &&
            settings_value(to, KEY_SOCKET) == NULL)
            settings_fill(to, KEY_URL, url, p->file, 0);
    } else if (to->type == SOURCE_POSTGRES &&
               settings_value(to, KEY_PG_SERVICE) == NULL) {
        settings_fill(to, KEY_URL, p->dsn, p->file, 0);
    } else if (to->type == SOURCE_GRAPH) {
        url = p->graph_url != NULL ? graph_url(p->graph_url) : NULL;
        if (settings_value(to, KEY_SERVICE) == NULL)
            settings_fill(to, KEY_URL, url, p->file, 0);
        settings_fill(to, KEY_GRAPH, p->graph_name, p->file, 0);
    } else if (to->type == SOURCE_GATEWAY) {
        if (settings_value(to, KEY_SERVICE) == NULL)
            settings_fill(to, KEY_URL, p->gateway_url, p->file, 0);
        return; /* it brings no agents */
    }
    free(url);
    if (is(p->profile, "kubernetes"))
        settings_fill(to, KEY_NAMESPACE, p->ns ? p->ns : "fracta", p->file, 0);
}

static void read_or_warn(struct settings *s, struct project *p,
                         const char *folder)
{
    struct error err;

    if (load(p, folder, &err) == 0)
        return;
    if (s->warning[0] == '\0')
        snprintf(s->warning, sizeof s->warning,
                 "%.230s: fracta's defaults are taken", err.msg);
    { /* what was read before the mistake is not used, either */
        char *file = p->file;

        p->file = NULL;
        project_finish(p);
        *p = (struct project){.file = file};
    }
}

void project_read(struct settings *s, struct settings_source *to,
                  const char *folder)
{
    struct project p;

    read_or_warn(s, &p, folder);
    fill(to, &p);
    project_finish(&p);
}

static void add(struct settings *s, const char *name, enum source_type type,
                const struct project *p)
{
    struct settings_source *to = settings_add(s, name, type);

    if (to != NULL)
        fill(to, p);
}

void project_apply(struct settings *s)
{
    struct project p;
    char *root;

    for (int i = 0; i < s->source_count; i++) {
        const char *folder = settings_value(&s->sources[i], KEY_PROJECT);

        if (folder != NULL)
            project_read(s, &s->sources[i], folder);
    }
    if (s->sources_given || (root = find_root()) == NULL)
        return;
    read_or_warn(s, &p, root);
    add(s, "control plane", SOURCE_CONTROL_PLANE, &p);
    if (is(p.driver, "postgres") && p.dsn != NULL)
        add(s, "postgres", SOURCE_POSTGRES, &p);
    if (p.graph_url != NULL)
        add(s, "graph", SOURCE_GRAPH, &p);
    if (p.gateway_url != NULL)
        add(s, "gateway", SOURCE_GATEWAY, &p);
    project_finish(&p);
    free(root);
}
