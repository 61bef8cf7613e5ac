/*
 * Takes whole frames (wire.h) off a stream, in whatever pieces it comes.
 */
#ifndef BASE_FRAMES_H
#define BASE_FRAMES_H

#include "base/buf.h"

#include <stdint.h>

/* A frame, valid during the call. False: no more is wanted. */
typedef bool (*frames_cb)(uint8_t type, const char *p, size_t n, void *arg);

/*
 * `in` keeps the beginning of a frame until the rest comes; it must outlive
 * the call, whatever cb closes. False: what came is no frame, and nothing
 * that follows can be read.
 */
bool frames_add(struct buf *in, const char *p, size_t n, frames_cb cb,
                void *arg);

#endif
