/* cmocka.h with the headers it needs before it, in one line. */
#ifndef TESTS_SUPPORT_CM_H
#define TESTS_SUPPORT_CM_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

/* The same numbers on every run: property tests must fail twice alike. */
static inline uint32_t cm_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* |a − b| ≤ eps, for what cmocka of old has no assertion. */
#define assert_near(a, b, eps)                                                 \
    do {                                                                       \
        double cm_a = (a), cm_b = (b);                                         \
                                                                               \
        if (!(cm_a - cm_b <= (eps) && cm_b - cm_a <= (eps)))                   \
            fail_msg("%s is %.9g, expected %.9g", #a, cm_a, cm_b);             \
    } while (0)

#endif
