#include "config.h"

#include "data/kube/path.h"

#include <ctype.h>
#include <string.h>

static bool passes(char c, const char *more)
{
    return isalnum((unsigned char)c) || strchr(more, c) != NULL;
}

bool kube_path_safe(const char *s, const char *more)
{
    if (s == NULL || *s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if (!passes(*s, more))
            return false;
    return true;
}

void kube_path_query(struct buf *b, const char *s)
{
    for (; *s != '\0'; s++)
        if (passes(*s, "-._~"))
            buf_char(b, *s);
        else
            buf_fmt(b, "%%%02X", (unsigned char)*s);
}
