#include "config.h"

#include "data/kube/base64.h"

#include <stdint.h>

#include "base/xalloc.h"
#include "data/kube/secret.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";

char *kube_base64_encode(const char *s, size_t len)
{
    const unsigned char *in = (const unsigned char *)s;
    char *ret = xcalloc(len / 3 + 2, 4);
    char *out = ret;

    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t w = (uint32_t)in[i] << 16;

        if (left > 1)
            w |= (uint32_t)in[i + 1] << 8;
        if (left > 2)
            w |= in[i + 2];
        *out++ = alphabet[w >> 18];
        *out++ = alphabet[w >> 12 & 63];
        *out++ = left > 1 ? alphabet[w >> 6 & 63] : '=';
        *out++ = left > 2 ? alphabet[w & 63] : '=';
    }
    *out = '\0';
    return ret;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

struct decoder {
    char *out;
    size_t len;
    uint32_t bits; /* of the unfinished group of four */
    unsigned have; /* characters in it */
    unsigned pads;
};

static bool decode_one(struct decoder *d, char c)
{
    int v = value_of(c);

    if (c == '=' && d->have + d->pads >= 2 && d->have + d->pads < 4) {
        d->pads++;
        return true;
    }
    if (v < 0 || d->pads > 0)
        return false;
    d->bits = d->bits << 6 | (uint32_t)v;
    if (++d->have == 4) {
        d->out[d->len++] = (char)(d->bits >> 16);
        d->out[d->len++] = (char)(d->bits >> 8 & 0xff);
        d->out[d->len++] = (char)(d->bits & 0xff);
        d->have = 0;
        d->bits = 0;
    }
    return true;
}

static bool decode_end(struct decoder *d)
{
    if (d->have == 0)
        return true;
    if (d->have + d->pads != 4)
        return false;
    d->out[d->len++] =
        (char)(d->have == 3 ? d->bits >> 10 & 0xff : d->bits >> 4 & 0xff);
    if (d->have == 3)
        d->out[d->len++] = (char)(d->bits >> 2 & 0xff);
    return true;
}

char *kube_base64_decode(const char *s, size_t len, size_t *ret_len,
                         size_t *ret_bad)
{
    struct decoder d = {.out = xcalloc(len / 4 + 2, 3)};
    size_t i;

    for (i = 0; i < len; i++) {
        if (s[i] != '\r' && s[i] != '\n' && !decode_one(&d, s[i]))
            break;
    }
    if (i < len || !decode_end(&d)) {
        kube_secret_free_len(d.out, d.len);
        *ret_bad = i;
        return NULL;
    }
    d.out[d.len] = '\0';
    *ret_len = d.len;
    return d.out;
}
