#include "config.h"

#include "base/frames.h"

#include "base/wire.h"

#include <string.h>

bool frames_add(struct buf *in, const char *p, size_t n, frames_cb cb,
                void *arg)
{
    struct wire_head head;
    size_t at = 0;
    bool more = true;

    buf_add(in, p, n);
    while (more && in->len - at >= sizeof head) {
        memcpy(&head, in->ptr + at, sizeof head);
        if (head.len > WIRE_FRAME_MAX + 64)
            return false;
        if (in->len - at < sizeof head + head.len)
            break;
        more = cb(head.type, in->ptr + at + sizeof head, head.len, arg);
        at += sizeof head + head.len;
    }
    buf_drop(in, at);
    return true;
}
