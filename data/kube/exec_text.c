#include "config.h"

#include "data/kube/exec_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* Bytes of the escape sequence at s, which starts with ESC. */
static size_t escape_len(const char *s, size_t len)
{
    size_t i = 2;

    if (len < 2)
        return len;
    if (s[1] >= 0x20 && s[1] < 0x30) {
        while (i < len && s[i] >= 0x20 && s[i] < 0x30)
            i++;
        return i < len ? i + 1 : len;
    }
    if (s[1] == '[') {
        while (i < len && s[i] >= 0x20 && s[i] < 0x40)
            i++;
        return i < len ? i + 1 : len;
    }
    if (s[1] != ']' && s[1] != 'P' && s[1] != '^' && s[1] != '_')
        return 2;
    while (i < len && s[i] != '\a' && s[i] != 0x1b)
        i++;
    if (i < len && s[i] == 0x1b)
        i++;
    return i < len ? i + 1 : len;
}

/* C1 controls: U+0080 to U+009F. */
static bool is_c1(const char *s, size_t len)
{
    return len >= 2 && s[0] == '\xc2' && (unsigned char)s[1] < 0xa0;
}

char *kube_exec_clean(const char *s, size_t len, size_t max)
{
    struct buf b;
    size_t i = 0;

    buf_init(&b, max);
    buf_str(&b, "");
    while (i < len) {
        if (s[i] == 0x1b) {
            i += escape_len(s + i, len - i);
        } else if (is_c1(s + i, len - i)) {
            i += 2;
        } else {
            if (s[i] == '\n' || s[i] == '\t')
                buf_char(&b, ' ');
            else if ((unsigned char)s[i] >= 0x20 && s[i] != 0x7f)
                buf_char(&b, s[i]);
            i++;
        }
    }
    /* Not half a character at the cap. */
    if (b.over) {
        while (b.len > 0 && (b.ptr[b.len - 1] & 0xc0) == 0x80)
            b.ptr[--b.len] = '\0';
        if (b.len > 0 && (b.ptr[b.len - 1] & 0xc0) == 0xc0)
            b.ptr[--b.len] = '\0';
    }
    while (b.len > 0 && b.ptr[b.len - 1] == ' ')
        b.ptr[--b.len] = '\0';
    return b.ptr != NULL ? b.ptr : xstrdup("");
}

char *kube_exec_last_line(const char *s, size_t len, size_t max)
{
    while (len > 0) {
        const char *end = memrchr(s, '\n', len);
        const char *line = end != NULL ? end + 1 : s;
        char *clean = kube_exec_clean(line, len - (size_t)(line - s), max);

        if (clean[strspn(clean, " ")] != '\0')
            return clean;
        free(clean);
        len = end != NULL ? (size_t)(end - s) : 0;
    }
    return xstrdup("");
}
