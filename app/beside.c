#include "config.h"

#include "app/beside.h"

#include "app/tunnel.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "data/fracta/control.h"
#include "data/fracta/gateway.h"
#include "data/fracta/graph_source.h"
#include "data/fracta/pg_source.h"
#include "data/ghost/source.h"
#include "data/kube/smallfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CA_MAX (1u << 20) /* bytes of a file of certificates */

struct beside {
    struct source *source; /* NULL: it could not be made */
    struct tunnel *tunnel; /* NULL: it is reached directly */
    struct store *store;
    struct plane *plane; /* its own, where there is no source */
    char name[24];
    enum source_type type;
    bool stands, started; /* the tunnel does; beside_start was called */
    struct asking *asking; /* for a password, on the pool; NULL: not */
    uint64_t files; /* how those that its settings name were, see files_of */
    int parts;
    void (*cb)(void *arg);
    void *arg;
};

static bool wants_tls(const struct settings_source *s)
{
    const char *tls = settings_value(s, KEY_TLS);

    return settings_value(s, KEY_CA) != NULL ||
           (tls != NULL && strcmp(tls, "disable") != 0 &&
            strcmp(tls, "prefer") != 0);
}

static const char *namespace_of(const struct settings_source *s)
{
    const char *ns = settings_value(s, KEY_NAMESPACE);

    return ns != NULL ? ns : "fracta";
}

static uint64_t file_of(uint64_t h, const char *path)
{
    struct stat st;
    int64_t is[5] = {0};

    if (path != NULL && stat(path, &st) == 0) {
        is[0] = (int64_t)st.st_ino;
        is[1] = (int64_t)st.st_size;
        is[2] = (int64_t)st.st_ctim.tv_sec; /* mode and owner, too */
        is[3] = (int64_t)st.st_ctim.tv_nsec;
        is[4] = 1;
    }
    return hash_more(h, (const char *)is, sizeof is);
}

static uint64_t files_of(const struct settings_source *s)
{
    const struct secret *password = &s->values[KEY_PASSWORD].secret;

    return file_of(file_of(0, settings_value(s, KEY_CA)),
                   password->from == SECRET_FILE ? password->text : NULL);
}

static void on_ready(void *arg)
{
    struct beside *b = arg;

    b->stands = true;
    if (b->started && b->source != NULL)
        source_start(b->source);
}

/* What fails on the way is told where its source is. */
static void on_told(const char *line, void *arg)
{
    struct beside *b = arg;
    struct plane *p = b->plane;

    if (p == NULL || p->state == PLANE_LIVE)
        return;
    if (p->state == PLANE_OFF) /* its source waits for the way */
        p->state = PLANE_CONNECTING;
    snprintf(p->way, sizeof p->way, "%.119s", line);
    p->way_ms = clock_wall_ms();
    p->answered = true;
    store_plane_changed(b->store);
}

static void on_part_closed(void *arg)
{
    struct beside *b = arg;
    void (*cb)(void *) = b->cb;
    void *cb_arg = b->arg;

    if (--b->parts > 0)
        return;
    free(b);
    cb(cb_arg);
}

/* The certificates to check with; NULL: the system's. */
static int read_ca(const char *path, char **ret, struct error *err)
{
    struct error why;
    size_t n;

    *ret = NULL;
    if (path == NULL || kube_smallfile_read(path, CA_MAX, ret, &n, &why) == 0)
        return 0;
    return error_set(err, ERR_CONFIG, "ca %.110s: %.110s", path, why.msg);
}

/* NULL: the file of its certificates cannot be read, err says why. */
static struct source *make_control(const struct beside_want *w,
                                   const struct beside *b, struct error *err)
{
    const struct settings_source *s = w->settings;
    const char *socket = b->tunnel != NULL ? tunnel_socket(b->tunnel)
                                           : settings_value(s, KEY_SOCKET);
    struct control_options options;
    struct source *made;
    char *pem;

    if (read_ca(settings_value(s, KEY_CA), &pem, err) != 0)
        return NULL;
    options = (struct control_options){
        .name = s->name,
        .url = socket != NULL ? "http://control-plane"
                              : settings_value(s, KEY_URL),
        .socket = socket,
        .ca_pem = pem,
        .insecure = settings_true(s, KEY_INSECURE),
        .ns = namespace_of(s),
        .user_agent = w->user_agent,
        .plain_http = settings_true(s, KEY_PLAIN_HTTP),
        .writes = w->writes && !settings_true(s, KEY_SOURCE_READ_ONLY)};
    made = control_source_create(w->loop, w->store, &options);
    free(pem);
    return made;
}

/* On the thread that connects. */
static int ask_password(int how, const char *what, char **ret,
                        struct error *err)
{
    char *text = what != NULL ? xstrdup(what) : NULL;
    const struct secret secret = {(enum secret_from)how, text};
    int bad = secret_read(&secret, ret, err);

    free(text);
    return bad;
}

static struct source *make_postgres(const struct beside_want *w,
                                    const struct beside *b)
{
    const struct settings_source *s = w->settings;
    const struct secret *password = &s->values[KEY_PASSWORD].secret;
    char port[8];
    struct pg_options options = {
        .name = s->name,
        .at = {.conninfo = settings_value(s, KEY_URL),
               .service = settings_value(s, KEY_PG_SERVICE),
               .user = settings_value(s, KEY_USER),
               .sslmode = settings_value(s, KEY_TLS),
               .ca = settings_value(s, KEY_CA),
               .ask = password->from != SECRET_NONE ? ask_password : NULL,
               .ask_how = (int)password->from,
               .ask_what = password->text},
        .schema = settings_value(s, KEY_SCHEMA),
        .ns = namespace_of(s)};

    if (b->tunnel != NULL) {
        if (options.at.conninfo == NULL && options.at.service == NULL)
            options.at.conninfo = "dbname=fracta user=fracta";
        snprintf(port, sizeof port, "%u", tunnel_port(b->tunnel));
        options.at.port = port;
        if (tunnel_folder(b->tunnel) != NULL)
            options.at.host = tunnel_folder(b->tunnel);
        else
            options.at.hostaddr = "127.0.0.1";
    }
    return pg_source_create(w->loop, w->store, &options);
}

/* All that a graph's source is made of, once its files are read. */
struct asking {
    uv_work_t work;
    struct beside *b; /* NULL: it was closed */
    struct secret secret;
    char *password, *ca_pem;
    struct error error;
    uv_loop_t *loop;
    char *url, *user, *graph, *ns, *ca, *tls_name;
    bool insecure;
    void (*made)(struct beside *b, void *arg);
    void *arg;
};

static void make_graph(struct beside *b, const struct asking *q)
{
    const struct graph_options options = {
        .name = b->name,
        .url = q->url,
        .socket = b->tunnel != NULL ? tunnel_socket(b->tunnel) : NULL,
        .user = q->user,
        .password = q->password,
        .graph = q->graph,
        .ns = q->ns,
        .ca_pem = q->ca_pem,
        .tls_name = q->tls_name,
        .tls = q->ca != NULL || q->tls_name != NULL || q->insecure,
        .insecure = q->insecure};

    b->source = graph_source_create(q->loop, b->store, &options);
    b->plane = source_own_plane(b->source);
    b->parts++;
}

static void free_asking(struct asking *q)
{
    secret_wipe(q->password);
    secret_finish(&q->secret);
    free(q->url);
    free(q->user);
    free(q->graph);
    free(q->ns);
    free(q->ca);
    free(q->ca_pem);
    free(q->tls_name);
    free(q);
}

static int read_files(struct asking *q)
{
    if (read_ca(q->ca, &q->ca_pem, &q->error) != 0)
        return q->error.code;
    return secret_read(&q->secret, &q->password, &q->error);
}

static void on_work(uv_work_t *work)
{
    read_files(work->data);
}

static void refuse(struct beside *b, const struct error *err);

static void on_read(uv_work_t *work, int status)
{
    struct asking *q = work->data;
    struct beside *b = q->b;

    (void)status;
    if (b != NULL) {
        b->asking = NULL;
        if (q->error.code != 0) {
            refuse(b, &q->error);
        } else {
            make_graph(b, q);
            q->made(b, q->arg);
            if (b->started && (b->tunnel == NULL || b->stands))
                source_start(b->source);
        }
    }
    free_asking(q);
}

/* "NAMESPACE/NAME:PORT" as a host of that cluster is called, by which its
   certificate is checked, and shown in words. */
static char *service_url(const char *service)
{
    const char *name = service != NULL ? strchr(service, '/') : NULL;

    if (name == NULL)
        return xstrdup("redis://knowledge");
    return xasprintf("redis://%.*s.%.*s.svc", (int)strcspn(name + 1, ":"),
                     name + 1, (int)(name - service), service);
}

/* A command may take its time, and a file may be far away: on the pool. */
static void open_graph(const struct beside_want *w, struct beside *b)
{
    const struct settings_source *s = w->settings;
    struct asking *q = xcalloc(1, sizeof *q);

    q->b = b;
    q->loop = w->loop;
    q->made = w->made;
    q->arg = w->arg;
    q->secret = secret_copy(&s->values[KEY_PASSWORD].secret);
    q->url = settings_value(s, KEY_URL) != NULL
                 ? xstrdup(settings_value(s, KEY_URL))
                 : service_url(settings_value(s, KEY_SERVICE));
    q->ca = xstrdup_or_null(settings_value(s, KEY_CA));
    q->tls_name = xstrdup_or_null(settings_value(s, KEY_TLS_NAME));
    q->insecure = settings_true(s, KEY_INSECURE);
    q->user = xstrdup_or_null(settings_value(s, KEY_USER));
    q->graph = xstrdup_or_null(settings_value(s, KEY_GRAPH));
    q->ns = xstrdup(namespace_of(s));
    q->work.data = q;
    if ((q->secret.from == SECRET_COMMAND || q->ca != NULL) &&
        uv_queue_work(w->loop, &q->work, on_work, on_read) == 0) {
        b->asking = q;
        return;
    }
    if (read_files(q) != 0)
        refuse(b, &q->error);
    else
        make_graph(b, q);
    free_asking(q);
}

/* NULL: as make_control. */
static struct source *make_gateway(const struct beside_want *w,
                                   const struct beside *b, struct error *err)
{
    const struct settings_source *s = w->settings;
    struct gateway_options options;
    struct source *made;
    char *pem;

    if (read_ca(settings_value(s, KEY_CA), &pem, err) != 0)
        return NULL;
    options = (struct gateway_options){
        .name = s->name,
        .url = b->tunnel != NULL ? "http://gateway"
                                 : settings_value(s, KEY_URL),
        .socket = b->tunnel != NULL ? tunnel_socket(b->tunnel) : NULL,
        .ca_pem = pem,
        .user_agent = w->user_agent,
        .plain_http = settings_true(s, KEY_PLAIN_HTTP),
        .insecure = settings_true(s, KEY_INSECURE)};
    made = gateway_source_create(w->loop, w->store, &options);
    free(pem);
    return made;
}

static struct source *make_ghost(const struct beside_want *w)
{
    const struct ghost_options options = {
        .name = w->settings->name,
        .path = settings_value(w->settings, KEY_PATH),
        .ns = settings_value(w->settings, KEY_NAMESPACE)};

    return ghost_source_create(w->loop, w->store, &options);
}

/* Its socket is called as libpq looks for it. */
static int open_tunnel(const struct beside_want *w, struct beside *b,
                       const char *service, struct error *err)
{
    const struct tunnel_calls calls = {on_ready, on_told, on_part_closed, b};
    const char *port = strrchr(service, ':');
    char file[32] = "s";
    bool tcp = false;

    if (w->reach == NULL)
        return error_set(err, ERR_CONFIG,
                         "its service is in a cluster, and there is none on "
                         "this screen");
    if (w->settings->type == SOURCE_POSTGRES) {
        snprintf(file, sizeof file, ".s.PGSQL.%s", port != NULL ? port + 1
                                                                : "5432");
        tcp = wants_tls(w->settings);
    }
    b->tunnel = tunnel_open(w->reach, service, tcp ? NULL : file, &calls, err);
    if (b->tunnel == NULL)
        return err->code;
    b->parts++;
    return 0;
}

/* It cannot be made: a plane that says why. */
static void refuse(struct beside *b, const struct error *err)
{
    b->plane = store_plane(b->store, b->name);
    if (b->plane == NULL)
        return;
    b->plane->state = PLANE_REFUSED;
    b->plane->error = *err;
    b->plane->answered = true;
    store_plane_changed(b->store);
}

struct beside *beside_open(const struct beside_want *w)
{
    const struct settings_source *s = w->settings;
    const char *service = settings_value(s, KEY_SERVICE);
    struct error err;
    struct beside *b;

    if (s->type == SOURCE_KUBERNETES || s->type == SOURCE_HABITAT)
        return NULL;
    b = xcalloc(1, sizeof *b);
    b->type = s->type;
    b->store = w->store;
    b->files = files_of(s);
    snprintf(b->name, sizeof b->name, "%s", s->name);
    if (service != NULL && open_tunnel(w, b, service, &err) != 0) {
        refuse(b, &err);
        return b;
    }
    if (s->type == SOURCE_GRAPH) {
        open_graph(w, b);
        return b;
    }
    b->source = s->type == SOURCE_CONTROL_PLANE ? make_control(w, b, &err)
                : s->type == SOURCE_POSTGRES    ? make_postgres(w, b)
                : s->type == SOURCE_GATEWAY     ? make_gateway(w, b, &err)
                                                : make_ghost(w);
    if (b->source == NULL) {
        refuse(b, &err);
        return b;
    }
    b->plane = source_own_plane(b->source);
    b->parts++;
    return b;
}

void beside_start(struct beside *b)
{
    b->started = true;
    if (b->source != NULL && (b->tunnel == NULL || b->stands))
        source_start(b->source);
}

struct source *beside_source(const struct beside *b)
{
    return b->source;
}

const char *beside_name(const struct beside *b)
{
    return b->name;
}

const struct graph_view *beside_graph(const struct beside *b)
{
    return b->type == SOURCE_GRAPH && b->source != NULL
               ? graph_source_view(b->source)
               : NULL;
}

bool beside_pending(const struct beside *b)
{
    return b->asking != NULL;
}

bool beside_through(const struct beside *b)
{
    return b->tunnel != NULL;
}

bool beside_outdated(const struct beside *b, const struct settings_source *s)
{
    return (b->plane != NULL && b->plane->state == PLANE_REFUSED) ||
           b->files != files_of(s);
}

void beside_close(struct beside *b, bool forget, void (*cb)(void *arg),
                  void *arg)
{
    b->cb = cb;
    b->arg = arg;
    b->parts++; /* this call's own */
    if (b->source == NULL && b->plane != NULL && forget)
        store_drop_plane(b->store, b->plane);
    if (b->source != NULL && forget)
        source_forget(b->source);
    b->plane = NULL;
    if (b->asking != NULL)
        b->asking->b = NULL;
    if (b->source != NULL)
        source_close(b->source, on_part_closed, b);
    if (b->tunnel != NULL)
        tunnel_close(b->tunnel);
    on_part_closed(b);
}
