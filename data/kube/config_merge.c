#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/xalloc.h"
#include "data/kube/config_priv.h"
#include "data/kube/secret.h"
#include "data/kube/smallfile.h"

/* Keys of the lists, and of the body inside an item. */
static const char *const list_keys[KUBE_LISTS] = {"clusters", "users",
                                                  "contexts"};
static const char *const body_keys[KUBE_LISTS] = {"cluster", "user", "context"};

void kube_merge_init(struct kube_merge *m)
{
    *m = (struct kube_merge){.count = 0};
    buf_init(&m->notes, KUBE_CONFIG_NOTES_MAX);
}

static void file_finish(struct kube_file *f)
{
    for (int list = 0; list < KUBE_LISTS; list++) {
        for (size_t i = 0; i < f->counts[list]; i++)
            free(f->entries[list][i].name);
        free(f->entries[list]);
    }
    kube_yaml_destroy(f->yaml);
    free(f->path);
}

void kube_merge_finish(struct kube_merge *m)
{
    for (size_t i = 0; i < m->count; i++)
        file_finish(&m->files[i]);
    free(m->files);
    buf_finish(&m->notes);
    *m = (struct kube_merge){.count = 0};
}

void kube_resolve_note(struct buf *notes, const char *fmt, ...)
{
    char line[300];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (notes->len > 0)
        buf_char(notes, '\n');
    buf_str(notes, line);
}

const char *kube_config_env(const struct kube_config_want *want,
                            const char *name)
{
    const char *s = want->env != NULL ? want->env(name) : getenv(name);

    return s != NULL && s[0] != '\0' ? s : NULL;
}

static int by_name(const void *a, const void *b)
{
    const struct kube_entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    if (order != 0)
        return order;
    return x->item.line < y->item.line ? -1 : x->item.line > y->item.line;
}

static int check_twice(const struct kube_entry *entries, size_t count,
                       struct error *err)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(entries[i - 1].name, entries[i].name) == 0) {
            return kube_yaml_fail(&entries[i].item, err,
                                  "name '%.40s' given twice, first on line %u",
                                  entries[i].name, entries[i - 1].item.line);
        }
    }
    return 0;
}

static int read_entry(const struct kube_yaml_at *items, size_t i,
                      const char *body_key, struct kube_entry *ret,
                      struct error *err)
{
    int code;

    ret->item = kube_yaml_item(items, i);
    code = kube_yaml_text(&ret->item, "name", &ret->name, err);
    if (code != 0)
        return code;
    if (ret->name == NULL)
        return kube_yaml_fail(&ret->item, err, "no name, expected one");
    code = kube_yaml_map(&ret->item, body_key, &ret->body, err);
    if (code != 0) {
        free(ret->name);
        ret->name = NULL;
    }
    return code;
}

static int read_list(struct kube_file *f, enum kube_list list,
                     struct error *err)
{
    struct kube_yaml_at root = kube_yaml_root(f->yaml), items;
    size_t count;
    int code = kube_yaml_list(&root, list_keys[list], &items, err);

    if (code != 0)
        return code;
    count = kube_yaml_count(&items);
    f->entries[list] = xcalloc(count, sizeof *f->entries[list]);
    for (size_t i = 0; i < count; i++) {
        code =
            read_entry(&items, i, body_keys[list], &f->entries[list][i], err);
        if (code != 0)
            return code;
        f->counts[list]++;
    }
    qsort(f->entries[list], count, sizeof *f->entries[list], by_name);
    return check_twice(f->entries[list], count, err);
}

/* A field that, when given, has one possible value. */
static int check_field(const struct kube_yaml *y, const char *key,
                       const char *expected, struct error *err)
{
    struct kube_yaml_at root = kube_yaml_root(y), at;
    char *s = NULL;
    int code = kube_yaml_field(&root, key, &at, err);

    if (code == 0)
        code = kube_yaml_scalar(&at, &s, err);
    if (code == 0 && s != NULL && strcmp(s, expected) != 0) {
        code = kube_yaml_fail(&at, err, "'%.40s' is not known, expected %s", s,
                              expected);
    }
    free(s);
    return code;
}

static int file_read(struct kube_file *f, struct error *err)
{
    int code = check_field(f->yaml, "kind", "Config", err);

    if (code == 0)
        code = check_field(f->yaml, "apiVersion", "v1", err);
    for (int list = 0; list < KUBE_LISTS && code == 0; list++)
        code = read_list(f, (enum kube_list)list, err);
    return code;
}

int kube_merge_add(struct kube_merge *m, const char *path, const char *s,
                   size_t len, struct error *err)
{
    struct kube_file f = {.path = NULL};
    int code;

    if (len > KUBE_CONFIG_FILE_MAX) {
        return error_set(err, ERR_LIMIT, "%s: is larger than %u bytes",
                         kube_yaml_short(path), KUBE_CONFIG_FILE_MAX);
    }
    f.yaml = kube_yaml_parse(s, len, path, err);
    if (f.yaml == NULL)
        return err != NULL ? err->code : ERR_CONFIG;
    f.path = xstrdup(path);
    code = file_read(&f, err);
    if (code != 0) {
        file_finish(&f);
        return code;
    }
    if (kube_yaml_has_more(f.yaml)) {
        kube_resolve_note(&m->notes, "%s: only the first YAML document counts",
                          kube_yaml_short(path));
    }
    m->files = xrealloc(m->files, m->count + 1, sizeof *m->files);
    m->files[m->count++] = f;
    return 0;
}

/* The name as an absolute path, so that the folder stays the same. */
static char *absolute(const char *path)
{
    char *cwd, *ret;

    if (path[0] == '/')
        return xstrdup(path);
    cwd = getcwd(NULL, 0);
    ret = xasprintf("%s/%s", cwd != NULL ? cwd : ".", path);
    free(cwd);
    return ret;
}

static bool has_file(const struct kube_merge *m, const char *path)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->files[i].path, path) == 0)
            return true;
    }
    return false;
}

/* UV_ENOENT only if there is no such file; the message is set in any case. */
static int load_file(struct kube_merge *m, const char *path, struct error *err)
{
    struct error cause = {.code = 0};
    char *full = absolute(path), *s = NULL;
    size_t len = 0;
    int code = 0;

    if (has_file(m, full)) {
        free(full);
        return 0;
    }
    if (m->count == KUBE_CONFIG_FILES_MAX) {
        code = error_set(err, ERR_LIMIT, "more than %d kubeconfig files",
                         KUBE_CONFIG_FILES_MAX);
    } else if (kube_smallfile_or_pipe(full, KUBE_CONFIG_FILE_MAX, &s, &len,
                                      &cause) != 0) {
        code = cause.code == UV_ENOENT ? UV_ENOENT : ERR_CONFIG;
        if (cause.code == ERR_LIMIT)
            code = ERR_LIMIT;
        error_set(err, code, "%s: %s", kube_yaml_short(full), cause.msg);
    } else {
        code = kube_merge_add(m, full, s, len, err);
    }
    kube_secret_free_len(s, len);
    free(full);
    return code;
}

static int load_paths(struct kube_merge *m, const char *list, struct error *err)
{
    size_t named = 0;

    while (*list != '\0') {
        size_t len = strcspn(list, ":");
        char *path = xstrndup(list, len);
        int code = len > 0 ? load_file(m, path, err) : 0;

        free(path);
        if (code != 0 && code != UV_ENOENT)
            return code;
        named += len > 0;
        list += len;
        list += *list == ':';
    }
    if (named > 0 && m->count == 0)
        kube_resolve_note(&m->notes, "KUBECONFIG names no file that exists");
    return 0;
}

int kube_merge_load(struct kube_merge *m, const struct kube_config_want *want,
                    struct error *err)
{
    const char *list = kube_config_env(want, "KUBECONFIG");
    const char *home = kube_config_env(want, "HOME");
    char *path;
    int code;

    if (want->path != NULL) {
        code = load_file(m, want->path, err);
        if (code == UV_ENOENT && err != NULL)
            err->code = ERR_CONFIG;
        return code == UV_ENOENT ? ERR_CONFIG : code;
    }
    if (list != NULL)
        return load_paths(m, list, err);
    if (home == NULL)
        return 0;
    path = xasprintf("%s/.kube/config", home);
    code = load_file(m, path, err);
    free(path);
    return code == UV_ENOENT ? 0 : code;
}

static int name_to_entry(const void *name, const void *entry)
{
    return strcmp(name, ((const struct kube_entry *)entry)->name);
}

const struct kube_entry *kube_merge_find(const struct kube_merge *m,
                                         enum kube_list list, const char *name,
                                         const struct kube_file **ret_file)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct kube_file *f = &m->files[i];
        const struct kube_entry *e = bsearch(
            name, f->entries[list], f->counts[list], sizeof *e, name_to_entry);

        if (e != NULL) {
            if (ret_file != NULL)
                *ret_file = f;
            return e;
        }
    }
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **kube_merge_names(const struct kube_merge *m, enum kube_list list)
{
    size_t total = 0, count = 0;
    char **names;

    for (size_t i = 0; i < m->count; i++)
        total += m->files[i].counts[list];
    names = xcalloc(total + 1, sizeof *names);
    for (size_t i = 0; i < m->count; i++) {
        const struct kube_file *f = &m->files[i];

        for (size_t j = 0; j < f->counts[list]; j++) {
            const struct kube_file *first = NULL;

            kube_merge_find(m, list, f->entries[list][j].name, &first);
            if (first == f)
                names[count++] = xstrdup(f->entries[list][j].name);
        }
    }
    qsort(names, count, sizeof *names, by_text);
    return names;
}

char *kube_merge_known(const struct kube_merge *m, enum kube_list list,
                       size_t max)
{
    char **names = kube_merge_names(m, list);
    struct buf b;
    size_t i = 0;

    buf_init(&b, max + 64);
    for (; names[i] != NULL; i++) {
        if (b.len + strlen(names[i]) + 2 > max)
            break;
        buf_fmt(&b, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    if (names[i] != NULL) {
        size_t left = 0;

        while (names[i + left] != NULL)
            left++;
        buf_fmt(&b, i > 0 ? " and %zu more" : "one of %zu", left);
    } else if (i == 0) {
        buf_str(&b, "none");
    }
    for (i = 0; names[i] != NULL; i++)
        free(names[i]);
    free(names);
    return b.ptr;
}
