#include "config.h"

#include "data/net/upgrade.h"

#include "base/xalloc.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Only as RFC 6455 4.2.2 wants it: it proves that a WebSocket server read. */
static void accept_of(const char *key, char ret[32])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[96];
    unsigned n = 0;

    snprintf(text, sizeof text, "%s%s", key, guid);
    EVP_Digest(text, strlen(text), digest, &n, EVP_sha1(), NULL);
    EVP_EncodeBlock((unsigned char *)ret, digest, (int)(n < 20 ? n : 20));
}

/* Nothing that would end a line, or begin another. */
static bool plain(const char *s, bool spaces)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f || (!spaces && *s == ' '))
            return false;
    return true;
}

bool upgrade_begin(struct upgrade *u, const char *url, const char *protocols,
                   const char *const *headers, const char *user_agent,
                   struct buf *out)
{
    const char *host = strstr(url, "://");
    unsigned char bytes[16];
    const char *path, *at;

    *u = (struct upgrade){.length = -1, .answer.retry_after_ms = -1};
    if (RAND_bytes(bytes, sizeof bytes) != 1 || !plain(url, false))
        return false;
    EVP_EncodeBlock((unsigned char *)u->key, bytes, sizeof bytes);
    accept_of(u->key, u->accept);
    u->offered = xstrdup_or_null(protocols);
    buf_init(&u->in, UPGRADE_HEADER + HTTP_ERROR_BODY);
    host = host != NULL ? host + 3 : url;
    path = host + strcspn(host, "/?");
    at = memchr(host, '@', (size_t)(path - host));
    host = at != NULL ? at + 1 : host;
    buf_fmt(out, "GET %s%s HTTP/1.1\r\nHost: %.*s\r\n",
            *path == '/' ? "" : "/", path, (int)(path - host), host);
    buf_fmt(out, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n",
            u->key);
    if (protocols != NULL)
        buf_fmt(out, "Sec-WebSocket-Protocol: %s\r\n", protocols);
    if (user_agent != NULL)
        buf_fmt(out, "User-Agent: %s\r\n", user_agent);
    for (int i = 0; headers != NULL && headers[i] != NULL; i++)
        if (plain(headers[i], true))
            buf_fmt(out, "%s\r\n", headers[i]);
    return buf_str(out, "\r\n");
}

void upgrade_finish(struct upgrade *u)
{
    free(u->offered);
    buf_finish(&u->in);
}

/* The value of a header line, if it is this one. */
static bool header(struct span line, const char *name, struct span *ret)
{
    size_t n = strlen(name);

    if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
        return false;
    line.p += n + 1;
    line.n -= n + 1;
    while (line.n > 0 && (*line.p == ' ' || *line.p == '\t')) {
        line.p++;
        line.n--;
    }
    while (line.n > 0 && (line.p[line.n - 1] == ' ' ||
                          line.p[line.n - 1] == '\t'))
        line.n--;
    *ret = line;
    return true;
}

/* One of the words between commas. */
static bool names(struct span list, const char *word, bool any_case)
{
    size_t n = strlen(word);

    while (list.n > 0) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t len = comma != NULL ? (size_t)(comma - list.p) : list.n;
        struct span one = {list.p, len};

        list.p += comma != NULL ? len + 1 : len;
        list.n -= comma != NULL ? len + 1 : len;
        while (one.n > 0 && (*one.p == ' ' || *one.p == '\t')) {
            one.p++;
            one.n--;
        }
        while (one.n > 0 && (one.p[one.n - 1] == ' ' ||
                             one.p[one.n - 1] == '\t'))
            one.n--;
        if (one.n == n && (any_case ? strncasecmp(one.p, word, n) == 0
                                    : memcmp(one.p, word, n) == 0))
            return true;
    }
    return false;
}

static void copy(char *to, size_t size, struct span s)
{
    size_t n = s.n < size ? s.n : size - 1;

    memcpy(to, s.p, n);
    to[n] = '\0';
}

struct seen {
    bool upgrade, connection, accept, extension, protocol_bad;
};

static void take_line(struct upgrade *u, struct span line, struct seen *seen)
{
    struct span v;

    if (header(line, "upgrade", &v)) {
        seen->upgrade |= names(v, "websocket", true);
    } else if (header(line, "connection", &v)) {
        seen->connection |= names(v, "upgrade", true);
    } else if (header(line, "sec-websocket-accept", &v)) {
        seen->accept |= span_is(v, u->accept);
    } else if (header(line, "sec-websocket-extensions", &v)) {
        seen->extension |= v.n > 0;
    } else if (header(line, "sec-websocket-protocol", &v)) {
        copy(u->protocol, sizeof u->protocol, v);
        seen->protocol_bad = v.n >= sizeof u->protocol ||
                             u->offered == NULL ||
                             !names(span_of(u->offered), u->protocol, false);
    } else if (header(line, "content-type", &v)) {
        copy(u->answer.type, sizeof u->answer.type, v);
    } else if (header(line, "retry-after", &v)) {
        if (v.n > 0 && v.n < 8 && *v.p >= '0' && *v.p <= '9')
            u->answer.retry_after_ms = strtol(v.p, NULL, 10) * 1000;
    } else if (header(line, "content-length", &v)) {
        if (v.n > 0 && v.n < 10 && *v.p >= '0' && *v.p <= '9')
            u->length = strtol(v.p, NULL, 10);
    } else if (header(line, "transfer-encoding", &v)) {
        if (names(v, "chunked", true))
            u->length = -2;
    }
}

/* "HTTP/1.1 403 Forbidden": the number; 0: it is none. */
static int status_of(const char *p, size_t n)
{
    if (n < 12 || memcmp(p, "HTTP/1.", 7) != 0 || p[8] != ' ')
        return 0;
    for (int i = 9; i < 12; i++)
        if (p[i] < '0' || p[i] > '9')
            return 0;
    return (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
}

/* Bytes up to and with the empty line; 0: it is not there. */
static size_t header_end(const struct buf *b)
{
    for (size_t i = 3; i < b->len; i++)
        if (b->ptr[i] == '\n' && memcmp(b->ptr + i - 3, "\r\n\r\n", 4) == 0)
            return i + 1;
    return 0;
}

static enum upgrade_step broken(struct error *err, const char *what)
{
    error_set(err, ERR_SYNTAX, "no WebSocket: %s", what);
    return UPGRADE_BROKEN;
}

/* The header is whole. */
static enum upgrade_step read_header(struct upgrade *u, struct error *err)
{
    struct seen seen = {0};
    const char *p = u->in.ptr, *end = p + u->head;

    u->answer.status = status_of(p, u->head);
    if (u->answer.status == 0)
        return broken(err, "the server does not speak HTTP/1.1");
    for (p = memchr(p, '\n', u->head); p != NULL && p + 1 < end;) {
        const char *line = p + 1, *nl = memchr(line, '\n', (size_t)(end - line));

        if (nl == NULL)
            break;
        take_line(u,
                  (struct span){line, (size_t)(nl - line) -
                                          (nl > line && nl[-1] == '\r')},
                  &seen);
        p = nl;
    }
    if (u->answer.status != 101)
        return UPGRADE_MORE;
    if (!seen.upgrade || !seen.connection || !seen.accept)
        return broken(err, "the server's handshake is not right");
    if (seen.extension)
        return broken(err, "the server insists on an extension");
    if (seen.protocol_bad)
        return broken(err, "the server names a protocol nobody offered");
    return UPGRADE_OPEN;
}

/* The bytes of the chunks so far, in place; true: the last one was there. */
static bool join_chunks(const char *p, size_t n, char *to, size_t *ret)
{
    size_t at = 0, out = 0;
    bool whole = false;

    while (at < n) {
        const char *nl = memchr(p + at, '\n', n - at);
        size_t size = 0;

        if (nl == NULL)
            break;
        for (; p[at] != '\r' && p[at] != '\n' && p[at] != ';'; at++) {
            char c = p[at];
            int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;

            if (digit < 0 || size > HTTP_ERROR_BODY) {
                *ret = out;
                return true; /* no chunks after all */
            }
            size = size * 16 + (size_t)digit;
        }
        at = (size_t)(nl - p) + 1;
        whole = size == 0;
        if (whole)
            break;
        if (size > n - at)
            size = n - at;
        memmove(to + out, p + at, size);
        out += size;
        at += size + 2;
    }
    *ret = out;
    return whole;
}

static enum upgrade_step refused(struct upgrade *u, bool ended)
{
    size_t n = u->in.len - u->head;
    const char *body = u->in.ptr + u->head;
    struct buf whole_body;

    if (u->length == -2) {
        bool whole;

        buf_init(&whole_body, u->in.cap);
        buf_add(&whole_body, body, n);
        if (whole_body.ptr == NULL)
            whole = ended;
        else
            whole = join_chunks(body, n, whole_body.ptr, &n);
        if (!whole && !ended && u->in.len < u->in.cap) {
            buf_finish(&whole_body);
            return UPGRADE_MORE;
        }
        u->in.len = u->head;
        buf_add(&u->in, buf_text(&whole_body), n);
        buf_finish(&whole_body);
    } else if (!ended && u->in.len < u->in.cap &&
               (u->length < 0 || (int64_t)n < u->length)) {
        return UPGRADE_MORE;
    } else if (u->length >= 0 && (int64_t)n > u->length) {
        n = (size_t)u->length;
    }
    u->answer.body =
        (struct span){u->in.ptr + u->head,
                      n < HTTP_ERROR_BODY ? n : HTTP_ERROR_BODY};
    return UPGRADE_REFUSED;
}

enum upgrade_step upgrade_take(struct upgrade *u, const char *p, size_t n,
                               size_t *used, struct error *err)
{
    enum upgrade_step step;
    size_t room = u->in.cap - u->in.len;
    ptrdiff_t before = (ptrdiff_t)u->in.len; /* p begins there in u->in */

    *used = n;
    buf_add(&u->in, p, n < room ? n : room);
    while (u->head == 0) {
        u->head = header_end(&u->in);
        if (u->head == 0)
            return u->in.len > UPGRADE_HEADER
                       ? broken(err, "the server's header is too long")
                       : UPGRADE_MORE;
        step = read_header(u, err);
        if (step == UPGRADE_OPEN)
            *used = (size_t)((ptrdiff_t)u->head - before);
        if (step != UPGRADE_MORE)
            return step;
        if (u->answer.status / 100 != 1)
            break;
        buf_drop(&u->in, u->head); /* interim: another one follows */
        before -= (ptrdiff_t)u->head;
        u->head = 0;
        if (u->in.len == 0)
            return UPGRADE_MORE;
    }
    return refused(u, false);
}

enum upgrade_step upgrade_end(struct upgrade *u, struct error *err)
{
    if (u->head == 0) {
        error_set(err, ERR_CUT, "the connection was cut before an answer");
        return UPGRADE_BROKEN;
    }
    return refused(u, true);
}
