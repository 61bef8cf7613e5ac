#include "config.h"

#include "settings/settings.h"

#include "base/buf.h"
#include "base/xalloc.h"
#include "data/act/plan.h"
#include "data/kube/yaml.h"
#include "settings/project.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reading goes on after a mistake, so that a check tells all of them. */
struct reading {
    struct settings *s;
    settings_mistake_fn each;
    void *arg;
    struct error *err; /* the first one */
    const char *name;
    const char *folder; /* of the file, for its relative paths */
};

static void mistake(struct reading *r, const struct error *e)
{
    if (r->err->code == 0)
        *r->err = *e;
    if (r->each != NULL)
        r->each(e->msg, r->arg);
}

__attribute__((format(printf, 3, 4)))
static void wrong(struct reading *r, const struct kube_yaml_at *at,
                  const char *fmt, ...)
{
    struct error e;
    char what[260];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    error_set(&e, ERR_CONFIG, "%s:%u:%u: %s%s%s", kube_yaml_short(r->name),
              at->line, at->column, at->path, at->path[0] ? ": " : "", what);
    mistake(r, &e);
}

/* A key that is not known: what it may be, and what was probably meant. */
static void unknown(struct reading *r, const struct kube_yaml_at *at,
                    const char *key, const char *names)
{
    char near[48], list[200];

    if (schema_nearest(key, names, near, sizeof near)) {
        wrong(r, at, "there is no such setting, did you mean %s?", near);
        return;
    }
    snprintf(list, sizeof list, "%s", names);
    for (char *p = list; *p != '\0'; p++)
        if (*p == ' ')
            *p = '|';
    wrong(r, at, "there is no such setting, expected %s", list);
}

/* A pair of a mapping; mistakes in it are told where its key stands. */
static int pair(const struct kube_yaml_at *map, size_t i, const char **key,
                struct kube_yaml_at *at, struct error *err)
{
    int bad = kube_yaml_pair(map, i, key, at, err);

    if (bad == 0)
        kube_yaml_at_key(map, i, at);
    return bad;
}

static bool is_mapping(struct reading *r, const struct kube_yaml_at *at)
{
    struct kube_yaml_at none;
    struct error e;

    if (kube_yaml_field(at, "", &none, &e) == 0)
        return true;
    wrong(r, at, "wrong type, expected a mapping");
    return false;
}

static char *home_path(const struct reading *r, const char *text)
{
    const char *home = getenv("HOME");

    if (text[0] == '~' && (text[1] == '/' || text[1] == '\0') && home != NULL)
        return xasprintf("%s%s", home, text + 1);
    if (text[0] == '/' || r->folder == NULL)
        return xstrdup(text);
    return xasprintf("%s/%s", r->folder, text);
}

static bool has_word(const char *words, const char *word, size_t n)
{
    for (const char *p = words; *p != '\0';) {
        size_t len = strcspn(p, " ");

        if (len == n && memcmp(p, word, n) == 0)
            return true;
        p += len;
        p += strspn(p, " ");
    }
    return false;
}

static bool service_ok(const char *s)
{
    const char *slash = strchr(s, '/'), *colon = strrchr(s, ':');
    long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;

    if (slash == NULL || colon == NULL || slash == s || colon <= slash + 1 ||
        port < 1 || port > 65535 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    for (const char *p = s; p < colon; p++)
        if (p != slash && !islower((unsigned char)*p) &&
            !isdigit((unsigned char)*p) && *p != '-')
            return false;
    return true;
}

static bool text_ok(struct reading *r, const struct kube_yaml_at *at,
                    const struct schema_row *row, const char *text)
{
    const char *scheme = strstr(text, "://");

    for (const char *p = text; *p != '\0'; p++) {
        if (iscntrl((unsigned char)*p)) {
            wrong(r, at, "control characters, expected plain text");
            return false;
        }
    }
    if (row->type == SETTING_CHOICE &&
        !has_word(row->choices, text, strlen(text))) {
        char near[48];

        if (schema_nearest(text, row->choices, near, sizeof near))
            wrong(r, at, "'%.40s', did you mean %s?", text, near);
        else
            wrong(r, at, "'%.40s', expected one of: %s", text, row->choices);
        return false;
    }
    if (row->type == SETTING_URL &&
        (scheme == NULL || !has_word(row->choices, text,
                                     (size_t)(scheme - text)) ||
         scheme[3] == '\0')) {
        wrong(r, at, "expected a URL of one of: %s", row->choices);
        return false;
    }
    if (row->type == SETTING_SERVICE && !service_ok(text)) {
        wrong(r, at, "'%.60s', expected NAMESPACE/NAME:PORT", text);
        return false;
    }
    return true;
}

/* A list of words becomes a command as one would type it. */
static char *join_words(char **words)
{
    struct buf b;
    char *ret;

    buf_init(&b, 4096);
    for (int i = 0; words[i] != NULL; i++) {
        buf_add(&b, i > 0 ? " '" : "'", i > 0 ? 2 : 1);
        for (const char *p = words[i]; *p != '\0'; p++)
            buf_add(&b, *p == '\'' ? "'\\''" : p, *p == '\'' ? 4 : 1);
        buf_add(&b, "'", 1);
    }
    ret = xstrdup(buf_text(&b));
    buf_finish(&b);
    return ret;
}

static void free_words(char **words)
{
    for (int i = 0; words != NULL && words[i] != NULL; i++)
        free(words[i]);
    free(words);
}

/* A command, as text or as a list; NULL after a mistake. */
static char *read_words(struct reading *r, const struct kube_yaml_at *map,
                        const char *key, const struct kube_yaml_at *at)
{
    struct words words;
    struct error e;
    char **list = NULL, *text = NULL;

    if (kube_yaml_texts(map, key, &list, &e) == 0) {
        text = list != NULL ? join_words(list) : NULL;
        free_words(list);
    } else if (kube_yaml_text(map, key, &text, &e) != 0) {
        wrong(r, at, "expected a command or a list of its words");
        return NULL;
    }
    if (text == NULL || words_split(text, &words, &e) != 0) {
        wrong(r, at, "%s", text ? e.msg : "expected a command");
        free(text);
        return NULL;
    }
    words_finish(&words);
    return text;
}

static void read_secret(struct reading *r, const struct kube_yaml_at *at,
                        struct setting *to)
{
    static const struct {
        const char *key;
        enum secret_from from;
    } ways[] = {{"file", SECRET_FILE},
                {"env", SECRET_ENV},
                {"command", SECRET_COMMAND}};
    struct kube_yaml_at none, way;
    struct error e;
    const char *key;
    char *text = NULL, said[160];

    if (kube_yaml_field(at, "", &none, &e) != 0 || kube_yaml_count(at) != 1) {
        wrong(r, at, "expected one of {file: PATH}, {env: NAME}, {command: "
                     "WORDS}; a secret is not written here");
        return;
    }
    if (pair(at, 0, &key, &way, &e) != 0) {
        mistake(r, &e);
        return;
    }
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(key, ways[i].key) != 0)
            continue;
        if (ways[i].from == SECRET_COMMAND) {
            text = read_words(r, at, key, &way);
        } else if (kube_yaml_text(at, key, &text, &e) != 0 || text == NULL) {
            wrong(r, &way, "expected a text");
        } else if (ways[i].from == SECRET_FILE) {
            char *path = home_path(r, text);

            free(text);
            text = path;
        }
        if (text == NULL)
            return;
        to->secret = (struct secret){ways[i].from, text};
        secret_describe(&to->secret, said, sizeof said);
        to->text = xstrdup(said);
        return;
    }
    unknown(r, &way, key, "file env command");
}

static void read_value(struct reading *r, const struct kube_yaml_at *map,
                       const char *key, const struct kube_yaml_at *at,
                       enum schema_key k, struct setting *to)
{
    const struct schema_row *row = schema_row(k);
    struct error e;
    char *text = NULL;
    bool flag = false;

    *to = (struct setting){.line = at->line, .column = at->column};
    if (row->type == SETTING_SECRET) {
        read_secret(r, at, to);
    } else if (row->type == SETTING_BOOL) {
        if (kube_yaml_bool(map, key, &flag, &e) != 0)
            wrong(r, at, "expected true or false");
        else
            to->text = xstrdup(flag ? "true" : "false");
    } else if (row->type == SETTING_WORDS) {
        to->text = read_words(r, map, key, at);
    } else if (kube_yaml_text(map, key, &text, &e) != 0) {
        wrong(r, at, "expected a text");
    } else if (text != NULL && text_ok(r, at, row, text)) {
        to->text = row->type == SETTING_PATH ? home_path(r, text)
                                             : xstrdup(text);
    }
    free(text);
}

static void read_context(struct reading *r, const char *name,
                         const struct kube_yaml_at *at)
{
    struct settings_context *c;
    struct kube_yaml_at value;
    struct setting s;
    struct error e;
    const char *key;

    r->s->contexts = xrealloc(r->s->contexts, (size_t)r->s->count + 1,
                              sizeof *r->s->contexts);
    c = &r->s->contexts[r->s->count++];
    *c = (struct settings_context){
        .name = xstrdup(name), .line = at->line, .column = at->column};
    if (!is_mapping(r, at))
        return;
    for (size_t i = 0; i < kube_yaml_count(at); i++) {
        if (pair(at, i, &key, &value, &e) != 0) {
            mistake(r, &e);
        } else if (schema_find(SECTION_CONTEXT, key) != KEY_CONTEXT_READ_ONLY) {
            unknown(r, &value, key, "read-only");
        } else {
            read_value(r, at, key, &value, KEY_CONTEXT_READ_ONLY, &s);
            c->read_only = s.text != NULL && strcmp(s.text, "true") == 0;
            free(s.text);
        }
    }
}

static bool plain_name(const char *s)
{
    size_t n = strlen(s);

    return n > 0 && n <= 20 &&
           strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789-_.") == n;
}

/* What one key cannot tell of itself. */
static void check_source(struct reading *r, const struct kube_yaml_at *at,
                         const struct settings_source *s)
{
    const char *url = settings_value(s, KEY_URL);
    bool http = s->type == SOURCE_CONTROL_PLANE || s->type == SOURCE_GATEWAY;
    static const char *const schemes[SOURCE_TYPES] = {
        [SOURCE_CONTROL_PLANE] = "http https",
        [SOURCE_POSTGRES] = "postgres postgresql",
        [SOURCE_GRAPH] = "redis rediss",
        [SOURCE_GATEWAY] = "http https"};

    if (url != NULL && schemes[s->type] != NULL &&
        !has_word(schemes[s->type], url, strcspn(url, ":")))
        wrong(r, at, "a %s has a URL of one of: %s",
              source_type_name(s->type), schemes[s->type]);
    if (s->type == SOURCE_GRAPH && url != NULL &&
        strncmp(url, "rediss:", 7) != 0 &&
        (settings_value(s, KEY_CA) != NULL ||
         settings_value(s, KEY_TLS_NAME) != NULL ||
         settings_true(s, KEY_INSECURE)))
        wrong(r, at, "ca, tls-name and insecure are of a url with rediss");
    if (http && (url != NULL) + (settings_value(s, KEY_SERVICE) != NULL) +
                        (settings_value(s, KEY_SOCKET) != NULL) > 1)
        wrong(r, at, "of url, service and socket more than one says where it "
                     "is, expected one");
    if (http && (url == NULL || strncmp(url, "https:", 6) != 0) &&
        settings_value(s, KEY_PROJECT) == NULL &&
        (settings_value(s, KEY_CA) != NULL || settings_true(s, KEY_INSECURE)))
        wrong(r, at, "ca and insecure are of a url with https");
    if ((BY_SERVER & 1u << s->type) != 0 && url == NULL &&
        settings_value(s, KEY_SERVICE) == NULL &&
        settings_value(s, KEY_PG_SERVICE) == NULL &&
        settings_value(s, KEY_SOCKET) == NULL &&
        settings_value(s, KEY_PROJECT) == NULL)
        wrong(r, at, "expected url, service%s or project",
              s->type == SOURCE_POSTGRES        ? ", pg-service"
              : s->type == SOURCE_CONTROL_PLANE ? ", socket"
                                                : "");
}

static void read_source(struct reading *r, const char *name,
                        const struct kube_yaml_at *at)
{
    struct settings_source *s;
    struct kube_yaml_at value;
    struct error e;
    const char *key;
    char *type = NULL, names[400];
    int found = SOURCE_TYPES;

    if (!is_mapping(r, at))
        return;
    if (!plain_name(name)) {
        wrong(r, at, "expected a name of at most 20 letters, digits, - _ .");
        return;
    }
    if (kube_yaml_text(at, "type", &type, &e) != 0 || type == NULL) {
        wrong(r, at, "type is not said, expected one of: %s",
              schema_row(KEY_TYPE)->choices);
        free(type);
        return;
    }
    for (int t = 0; t < SOURCE_TYPES; t++)
        if (strcmp(type, source_type_name((enum source_type)t)) == 0)
            found = t;
    free(type);
    s = settings_add(r->s, name, (enum source_type)(found % SOURCE_TYPES));
    if (s == NULL) {
        wrong(r, at, "more than %d sources", SETTINGS_SOURCES);
        return;
    }
    s->line = at->line;
    s->column = at->column;
    schema_names(SECTION_SOURCE, (enum source_type)found, names,
                 sizeof names);
    for (size_t i = 0; i < kube_yaml_count(at); i++) {
        enum schema_key k;

        if (pair(at, i, &key, &value, &e) != 0) {
            mistake(r, &e);
            continue;
        }
        k = schema_find(SECTION_SOURCE, key);
        if (k == KEYS)
            unknown(r, &value, key, names);
        else if (found != SOURCE_TYPES &&
                 !(schema_row(k)->sources & 1u << found))
            wrong(r, &value, "a %s has no such setting",
                  source_type_name((enum source_type)found));
        else
            read_value(r, at, key, &value, k, &s->values[k]);
    }
    if (found != SOURCE_TYPES)
        check_source(r, at, s);
}

static void read_named(struct reading *r, const struct kube_yaml_at *map,
                       void (*one)(struct reading *r, const char *name,
                                   const struct kube_yaml_at *at))
{
    struct kube_yaml_at at;
    struct error e;
    const char *name;

    if (!is_mapping(r, map))
        return;
    for (size_t i = 0; i < kube_yaml_count(map); i++) {
        if (pair(map, i, &name, &at, &e) != 0)
            mistake(r, &e);
        else
            one(r, name, &at);
    }
}

/* One screen has one clock and one set of namespaces. */
static void check_whole(struct reading *r)
{
    struct settings_source *first = NULL;

    for (int i = 0; i < r->s->source_count; i++) {
        struct settings_source *s = &r->s->sources[i];
        struct kube_yaml_at at = {.line = s->line, .column = s->column};

        if (s->type != SOURCE_KUBERNETES || settings_true(s, KEY_OFF))
            continue;
        snprintf(at.path, sizeof at.path, "sources.%s", s->name);
        if (first != NULL)
            wrong(r, &at, "a second cluster beside %s, expected one at a time "
                          "(set off: true)",
                  first->name);
        first = s;
    }
}

static void read_top(struct reading *r, const struct kube_yaml_at *root)
{
    struct kube_yaml_at at;
    struct error e;
    const char *key;
    char names[300];

    if (!is_mapping(r, root))
        return;
    schema_names(SECTION_TOP, SOURCE_TYPES, names, sizeof names);
    snprintf(names + strlen(names), sizeof names - strlen(names),
             " contexts sources");
    for (size_t i = 0; i < kube_yaml_count(root); i++) {
        enum schema_key k;

        if (pair(root, i, &key, &at, &e) != 0) {
            mistake(r, &e);
        } else if (strcmp(key, "contexts") == 0) {
            read_named(r, &at, read_context);
        } else if (strcmp(key, "sources") == 0) {
            read_named(r, &at, read_source);
            r->s->sources_given = r->s->source_count > 0;
            check_whole(r);
        } else if ((k = schema_find(SECTION_TOP, key)) == KEYS) {
            unknown(r, &at, key, names);
        } else {
            read_value(r, root, key, &at, k, &r->s->top[k]);
        }
    }
}

int settings_parse(const char *text, size_t len, const char *name,
                   struct settings *ret, settings_mistake_fn each, void *arg,
                   struct error *err)
{
    char *folder = strrchr(name, '/') != NULL
                       ? xstrndup(name, (size_t)(strrchr(name, '/') - name))
                       : NULL;
    struct reading r = {.s = ret,
                        .each = each,
                        .arg = arg,
                        .err = err,
                        .name = name,
                        .folder = folder};
    struct kube_yaml *yaml;
    struct kube_yaml_at root;
    struct error e;

    *ret = (struct settings){0};
    error_clear(err);
    yaml = kube_yaml_parse(text, len, name, &e);
    if (yaml == NULL) {
        mistake(&r, &e);
    } else {
        root = kube_yaml_root(yaml);
        read_top(&r, &root);
        kube_yaml_destroy(yaml);
    }
    free(folder);
    return err->code;
}

static int read_file(const char *path, struct buf *ret, bool *there,
                     struct error *err)
{
    FILE *f = fopen(path, "re");
    char some[4096];
    size_t n;
    int bad = 0;

    *there = f != NULL;
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

int settings_load_file(const char *path, struct settings *ret,
                       settings_mistake_fn each, void *arg, struct error *err)
{
    struct buf text;
    bool there;
    int bad;

    *ret = (struct settings){0};
    error_clear(err);
    buf_init(&text, SETTINGS_MAX);
    bad = read_file(path, &text, &there, err);
    if (bad == 0)
        bad = settings_parse(buf_text(&text), text.len, path, ret, each, arg,
                             err);
    else if (each != NULL)
        each(err->msg, arg);
    buf_finish(&text);
    ret->path = xstrdup(path);
    ret->there = there;
    if (bad == 0)
        project_apply(ret);
    return bad;
}

int settings_load(struct settings *ret, settings_mistake_fn each, void *arg,
                  struct error *err)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[600];

    *ret = (struct settings){0};
    error_clear(err);
    if ((config == NULL || config[0] != '/') && home == NULL) {
        project_apply(ret);
        return 0;
    }
    if (config != NULL && config[0] == '/')
        snprintf(path, sizeof path, "%s/terrarium/config.yaml", config);
    else
        snprintf(path, sizeof path, "%s/.config/terrarium/config.yaml", home);
    return settings_load_file(path, ret, each, arg, err);
}

static void setting_finish(struct setting *s)
{
    free(s->text);
    free(s->file);
    secret_finish(&s->secret);
    *s = (struct setting){0};
}

void settings_finish(struct settings *s)
{
    free(s->path);
    for (int i = 0; i < s->count; i++)
        free(s->contexts[i].name);
    free(s->contexts);
    for (int k = 0; k < KEYS; k++)
        setting_finish(&s->top[k]);
    for (int i = 0; i < s->source_count; i++) {
        free(s->sources[i].name);
        for (int k = 0; k < KEYS; k++)
            setting_finish(&s->sources[i].values[k]);
    }
    *s = (struct settings){0};
}

bool settings_read_only(const struct settings *s, const char *context)
{
    const char *all = settings_top(s, KEY_READ_ONLY);

    if (all != NULL && strcmp(all, "true") == 0)
        return true;
    for (int i = 0; s != NULL && context != NULL && i < s->count; i++)
        if (strcmp(s->contexts[i].name, context) == 0)
            return s->contexts[i].read_only;
    return false;
}

const char *settings_top(const struct settings *s, enum schema_key k)
{
    return s != NULL ? s->top[k].text : NULL;
}

const char *settings_value(const struct settings_source *s, enum schema_key k)
{
    return s->values[k].text;
}

bool settings_true(const struct settings_source *s, enum schema_key k)
{
    return s->values[k].text != NULL && strcmp(s->values[k].text, "true") == 0;
}

void settings_fill(struct settings_source *s, enum schema_key k,
                   const char *text, const char *file, unsigned line)
{
    struct setting *to = &s->values[k];

    if (to->text != NULL || text == NULL || text[0] == '\0')
        return;
    to->text = xstrdup(text);
    to->file = xstrdup(file);
    to->line = line;
}

struct settings_source *settings_add(struct settings *s, const char *name,
                                     enum source_type type)
{
    struct settings_source *to;

    if (s->source_count == SETTINGS_SOURCES)
        return NULL;
    for (int i = 0; i < s->source_count; i++)
        if (strcmp(s->sources[i].name, name) == 0)
            return NULL;
    to = &s->sources[s->source_count++];
    *to = (struct settings_source){.name = xstrdup(name), .type = type};
    return to;
}
