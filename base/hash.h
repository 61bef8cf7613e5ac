/* Hash of bytes (wyhash-like mixing, not for secrets). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t m = (__uint128_t)a * b;

    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t hash_more(uint64_t h, const char *s, size_t len)
{
    h ^= len * 0x9e3779b97f4a7c15u;
    while (len >= 8) {
        uint64_t w;

        memcpy(&w, s, 8);
        h = hash_mix(h ^ w, 0xa0761d6478bd642fu);
        s += 8;
        len -= 8;
    }
    if (len > 0) {
        uint64_t w = 0;

        memcpy(&w, s, len);
        h = hash_mix(h ^ w, 0xe7037ed1a0b428dbu);
    }
    return hash_mix(h, 0x8ebc6af09c88c6e3u);
}

static inline uint32_t hash_bytes(const char *s, size_t len)
{
    uint64_t h = hash_more(0x243f6a8885a308d3u, s, len);

    return (uint32_t)(h ^ (h >> 32));
}

#endif
