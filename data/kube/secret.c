#include "config.h"

#include "data/kube/secret.h"

#include <stdlib.h>
#include <string.h>

void kube_secret_free_len(char *s, size_t len)
{
    if (s == NULL)
        return;
    explicit_bzero(s, len);
    free(s);
}

void kube_secret_free(char *s)
{
    if (s != NULL)
        kube_secret_free_len(s, strlen(s));
}

void kube_secret_free_list(char **list)
{
    if (list == NULL)
        return;
    for (char **p = list; *p != NULL; p++)
        kube_secret_free(*p);
    free(list);
}

bool kube_secret_is_line(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    }
    return true;
}
