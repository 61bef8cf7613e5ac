#include "config.h"

#include "habitat/holder/holder.h"

#include "config.h"

#include "habitat/holder/tree.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void clients_init(struct holder *h)
{
    for (int i = 0; i < WIRE_CLIENTS; i++)
        h->clients[i].fd = -1;
    h->typist = -1;
}

bool clients_daemon(const struct holder *h)
{
    for (int i = 0; i < WIRE_CLIENTS; i++)
        if (h->clients[i].fd >= 0 && h->clients[i].daemon)
            return true;
    return false;
}

static void tell_typist(struct holder *h)
{
    for (int i = 0; i < WIRE_CLIENTS; i++) {
        struct wire_typist t = {
            .you = h->typist == i,
            .some = h->typist >= 0,
            .pid = h->typist >= 0 ? h->clients[h->typist].pid : 0};

        if (h->clients[i].fd >= 0 && h->clients[i].attached)
            clients_tell(h, i, WIRE_TYPIST, &t, sizeof t);
    }
}

static void drop(struct holder *h, int i)
{
    struct client *c = &h->clients[i];

    close(c->fd);
    free(c->out);
    free(c->in);
    *c = (struct client){.fd = -1};
    if (h->typist == i) {
        h->typist = -1;
        tell_typist(h);
    }
}

static void greet(struct holder *h, int i)
{
    const struct wire_hello hello = {.version = WIRE_VERSION,
                                     .child = h->child,
                                     .first = h->ring.first,
                                     .next = h->ring.next,
                                     .size = h->size,
                                     .runs = h->runs};

    clients_tell(h, i, WIRE_HELLO, &hello, sizeof hello);
}

void clients_accept(struct holder *h)
{
    struct ucred cred;
    socklen_t len = sizeof cred;
    int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
        cred.uid == getuid())
        for (int i = 0; i < WIRE_CLIENTS; i++) {
            struct client *c = &h->clients[i];

            if (c->fd >= 0)
                continue;
            *c = (struct client){.fd = fd,
                                 .pid = cred.pid,
                                 .below = tree_of_peer(fd, tree_ticks()),
                                 .sent = h->ring.next};
            greet(h, i);
            return;
        }
    close(fd);
}

/* Room is made by the caller: control frames are small. */
static bool put(struct client *c, enum wire_type type, const void *a,
                size_t a_len, const void *b, size_t b_len)
{
    struct wire_head head = {.type = (uint8_t)type,
                             .len = (uint32_t)(a_len + b_len)};

    if (c->out == NULL && (c->out = malloc(CLIENT_OUT_MAX)) == NULL)
        return false;
    if (c->out_len + sizeof head + a_len + b_len > CLIENT_OUT_MAX)
        return false;
    memcpy(c->out + c->out_len, &head, sizeof head);
    c->out_len += sizeof head;
    memcpy(c->out + c->out_len, a, a_len);
    c->out_len += a_len;
    memcpy(c->out + c->out_len, b, b_len);
    c->out_len += b_len;
    return true;
}

void clients_tell(struct holder *h, int i, enum wire_type type, const void *p,
                  size_t n)
{
    /* one that does not read what little is said besides output goes */
    if (h->clients[i].fd >= 0 &&
        !put(&h->clients[i], type, p, n, "", 0))
        drop(h, i);
}

void clients_tell_all(struct holder *h, enum wire_type type, const void *p,
                      size_t n)
{
    for (int i = 0; i < WIRE_CLIENTS; i++)
        if (h->clients[i].fd >= 0 && h->clients[i].attached)
            clients_tell(h, i, type, p, n);
}

static void fill(struct holder *h, struct client *c)
{
    const char *p;
    size_t n;

    if (!c->attached || c->out_len > 0)
        return;
    if (c->sent < h->ring.first) {
        const uint64_t gap[2] = {c->sent, h->ring.first};

        put(c, WIRE_LOST, gap, sizeof gap, "", 0);
        c->sent = h->ring.first;
    }
    n = ring_peek(&h->ring, c->sent, &p);
    if (n > WIRE_FRAME_MAX)
        n = WIRE_FRAME_MAX;
    if (n > 0 && put(c, WIRE_OUTPUT, &c->sent, sizeof c->sent, p, n))
        c->sent += n;
}

static void flush(struct holder *h, int i)
{
    struct client *c = &h->clients[i];

    for (;;) {
        ssize_t n;

        fill(h, c);
        if (c->out_len == 0)
            break;
        n = send(c->fd, c->out + c->out_done, c->out_len - c->out_done,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0) {
            drop(h, i);
            return;
        }
        c->out_done += (size_t)n;
        if (c->out_done == c->out_len)
            c->out_len = c->out_done = 0;
    }
    free(c->out); /* idle clients hold nothing */
    c->out = NULL;
}

static void attach(struct holder *h, int i, const struct wire_attach *want)
{
    struct client *c = &h->clients[i];

    c->daemon = (want->flags & WIRE_DAEMON) != 0 && !c->below;
    if (c->daemon) {
        for (int k = 0; k < WIRE_CLIENTS; k++)
            if (k != i && h->clients[k].fd >= 0 && h->clients[k].daemon)
                drop(h, k);
        h->acked = want->from < h->ring.next ? want->from : h->ring.next;
    }
    c->sent = want->from < h->ring.next ? want->from : h->ring.next;
    c->attached = true;
    if (h->ended)
        clients_tell(h, i, WIRE_EXIT, &h->end, sizeof h->end);
}

static void take(struct holder *h, int i, bool anyway)
{
    if (h->typist < 0 || anyway)
        h->typist = i;
    tell_typist(h);
}

static void refuse(struct holder *h, int i, uint8_t type)
{
    clients_tell(h, i, WIRE_REFUSED, &type, 1);
}

static void obey(struct holder *h, int i, uint8_t type, const char *p,
                 size_t n)
{
    struct client *c = &h->clients[i];
    struct wire_attach want;
    struct wire_size size;
    uint64_t offset;
    uint32_t grace = WIRE_GRACE_MS;

    if (c->below && type != WIRE_ATTACH) {
        refuse(h, i, type);
        return;
    }
    switch (type) {
    case WIRE_ATTACH:
        if (n < sizeof want)
            break;
        memcpy(&want, p, sizeof want);
        attach(h, i, &want);
        return;
    case WIRE_ACK:
        if (n < sizeof offset || !c->daemon)
            break;
        memcpy(&offset, p, sizeof offset);
        if (offset > h->acked && offset <= h->ring.next)
            h->acked = offset;
        return;
    case WIRE_SAY:
        if (c->daemon && holder_input(h, p, n))
            return;
        break;
    case WIRE_INPUT:
        if (h->typist == i && holder_input(h, p, n))
            return;
        break;
    case WIRE_RESIZE:
        if (n < sizeof size || h->typist != i)
            break;
        memcpy(&size, p, sizeof size);
        holder_resize(h, size);
        return;
    case WIRE_TYPE:
        take(h, i, n > 0 && p[0] == 1);
        return;
    case WIRE_KILL:
        if (n >= sizeof grace)
            memcpy(&grace, p, sizeof grace);
        holder_kill(h, grace);
        return;
    case WIRE_PAUSE:
    case WIRE_RESUME:
        holder_signal(h, type == WIRE_PAUSE ? SIGSTOP : SIGCONT);
        return;
    case WIRE_RESTART:
        if (!c->daemon || !h->ended)
            break;
        holder_restart(h);
        return;
    case WIRE_FORGET:
        if (!c->daemon)
            break;
        holder_forget(h);
        return;
    }
    refuse(h, i, type);
}

/* Takes whole frames out of the bytes; false ends the client. */
static bool take_frames(struct holder *h, int i)
{
    struct client *c = &h->clients[i];
    size_t at = 0;

    while (c->in_len - at >= sizeof(struct wire_head)) {
        struct wire_head head;

        memcpy(&head, c->in + at, sizeof head);
        if (head.len > WIRE_FRAME_MAX)
            return false;
        if (c->in_len - at < sizeof head + head.len)
            break;
        obey(h, i, head.type, c->in + at + sizeof head, head.len);
        if (c->fd < 0)
            return true; /* dropped meanwhile */
        at += sizeof head + head.len;
    }
    memmove(c->in, c->in + at, c->in_len - at);
    c->in_len -= at;
    if (c->in_len == 0) {
        free(c->in);
        c->in = NULL;
    }
    return true;
}

static void receive(struct holder *h, int i)
{
    struct client *c = &h->clients[i];
    size_t room = sizeof(struct wire_head) + WIRE_FRAME_MAX;
    ssize_t n;

    if (c->in == NULL && (c->in = malloc(room)) == NULL) {
        drop(h, i);
        return;
    }
    n = recv(c->fd, c->in + c->in_len, room - c->in_len, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop(h, i);
        return;
    }
    c->in_len += (size_t)n;
    if (!take_frames(h, i) && c->fd >= 0)
        drop(h, i);
}

short clients_events(const struct holder *h, int i)
{
    const struct client *c = &h->clients[i];
    short events = 0;

    if (h->input_len < INPUT_MAX / 2) /* else who types must wait */
        events |= POLLIN;
    if (c->out_len > 0 || (c->attached && c->sent < h->ring.next))
        events |= POLLOUT;
    return events;
}

void clients_ready(struct holder *h, int i, short events)
{
    if (events & (POLLIN | POLLHUP | POLLERR))
        receive(h, i);
    if (h->clients[i].fd >= 0)
        flush(h, i);
}
