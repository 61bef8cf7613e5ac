#include "config.h"

#include "data/kube/lines.h"

#include "base/when.h"

#include <string.h>

void kube_lines_init(struct kube_lines *l, size_t cap)
{
    buf_init(&l->line, cap);
    l->cutting = false;
}

void kube_lines_finish(struct kube_lines *l)
{
    buf_finish(&l->line);
}

void kube_lines_clear(struct kube_lines *l)
{
    buf_clear(&l->line);
    l->cutting = false;
}

static bool hand_out(struct kube_lines *l, kube_line_cb cb, void *arg)
{
    const char *s = buf_text(&l->line);
    size_t n = l->line.len;
    bool more;

    if (n > 0 && s[n - 1] == '\r')
        n--;
    more = cb(s, n, arg);
    kube_lines_clear(l);
    return more;
}

bool kube_lines_add(struct kube_lines *l, const char *p, size_t n,
                    kube_line_cb cb, void *arg)
{
    while (n > 0) {
        const char *nl = memchr(p, '\n', n);
        size_t len = nl != NULL ? (size_t)(nl - p) : n;

        if (!l->cutting && !buf_add(&l->line, p, len)) {
            buf_add(&l->line, p, l->line.cap - l->line.len);
            l->cutting = true;
        }
        if (nl == NULL)
            break;
        if (!hand_out(l, cb, arg))
            return false;
        p = nl + 1;
        n -= len + 1;
    }
    return true;
}

void kube_lines_end(struct kube_lines *l, kube_line_cb cb, void *arg)
{
    if (l->line.len > 0)
        hand_out(l, cb, arg);
    kube_lines_clear(l);
}

size_t kube_line_time(const char *s, size_t n, int64_t *ret_ns)
{
    int64_t ns;
    size_t used;

    if (!when_parse_ns(s, n, &ns, &used) || used >= n || s[used] != ' ')
        return 0;
    *ret_ns = ns;
    return used + 1;
}
