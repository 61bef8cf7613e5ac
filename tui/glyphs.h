/*
 * Every sign the program draws, in three sets.
 *
 *   full   box drawing with round corners, blocks, symbols
 *   plain  what fonts of 256-character consoles have
 *   ascii
 */
#ifndef TUI_GLYPHS_H
#define TUI_GLYPHS_H

#include <stdint.h>

enum glyph_set { GLYPHS_FULL, GLYPHS_PLAIN, GLYPHS_ASCII };

/* name, full, plain, ascii: one column each */
#define GLYPH_MAP(X)                                                           \
    X(LOGO, 0x259e, 0x2592, '#')                                               \
    X(WORKING, 0x25cf, 0x2022, '*')                                            \
    X(WAITING, 0x25c6, 0x2666, '?')                                            \
    X(LOOPING, 0x21bb, 0x221e, '@')                                            \
    X(QUIET, 0x25cc, 0x00b0, '~')                                              \
    X(FAILED, 0x2717, 0x00d7, 'X')                                             \
    X(IDLE, 0x25cb, 0x25cb, 'o')                                               \
    X(STARTING, 0x25d4, 0x00a4, '^')                                           \
    X(ENDING, 0x25d2, 0x00ac, 'v')                                             \
    X(PAUSED, 0x2016, 0x2551, '=')                                             \
    X(DONE, 0x2713, 0x221a, '+')                                               \
    X(UNKNOWN, 0x2013, 0x2500, '-')                                            \
    X(LIVE, 0x25cf, 0x2022, '*')                                               \
    X(STALE, 0x25d0, 0x25d8, '!')                                              \
    X(OFF, 0x25cb, 0x25cb, 'o')                                                \
    X(REFUSED, 0x2717, 0x00d7, 'X')                                            \
    X(CHECK, 0x2713, 0x221a, '+')                                              \
    X(EXPIRED, 0x2205, 0x00f8, '0')                                            \
    X(CALL, 0x2699, 0x00a4, '$')                                               \
    X(RESULT, 0x2713, 0x221a, '+')                                             \
    X(DREAM, 0x263e, 0x00a7, '%')                                              \
    X(SIGNAL, 0x2248, 0x2248, '~')                                             \
    X(CHANGE, 0x2206, 0x2206, 'd')                                             \
    X(THOUGHT, 0x2026, 0x00b7, '.')                                            \
    X(H, 0x2500, 0x2500, '-')                                                  \
    X(V, 0x2502, 0x2502, '|')                                                  \
    X(TOP_LEFT, 0x256d, 0x250c, '+')                                           \
    X(TOP_RIGHT, 0x256e, 0x2510, '+')                                          \
    X(BOTTOM_LEFT, 0x2570, 0x2514, '+')                                        \
    X(BOTTOM_RIGHT, 0x256f, 0x2518, '+')                                       \
    X(METER, 0x2501, 0x2500, '=')                                              \
    X(METER_HALF, 0x2578, 0x2500, '-')                                         \
    X(METER_EMPTY, 0x2501, 0x2500, ' ')                                        \
    X(BLOCK, 0x2588, 0x2588, '#')                                              \
    X(HALF_BLOCK, 0x258c, 0x258c, '#')                                         \
    X(CURSOR, 0x258c, 0x258c, '>')                                             \
    X(DOT, 0x00b7, 0x00b7, '.')                                                \
    X(CUT, 0x2026, 0x00bb, '~')                                                \
    X(ENTER, 0x23ce, 0x25ac, '<')                                              \
    X(ARROW, 0x203a, 0x00bb, '>')                                              \
    X(TO, 0x2192, 0x2192, '>')                                                 \
    X(TIMES, 0x00d7, 0x00d7, 'x')                                              \
    X(SUM, 0x03a3, 0x03a3, 'S')                                                \
    X(CARET, 0x258f, 0x2502, '|')                                              \
    X(SPARK_1, 0x2581, 0x2581, '_')                                            \
    X(SPARK_2, 0x2582, 0x2581, '_')                                            \
    X(SPARK_3, 0x2583, 0x2584, '.')                                            \
    X(SPARK_4, 0x2584, 0x2584, '.')                                            \
    X(SPARK_5, 0x2585, 0x2584, ':')                                            \
    X(SPARK_6, 0x2586, 0x2588, ':')                                            \
    X(SPARK_7, 0x2587, 0x2588, '|')                                            \
    X(SPARK_8, 0x2588, 0x2588, '#')                                            \
    X(FROM, 0x2190, 0x2190, '<')                                               \
    X(TEE_RIGHT, 0x251c, 0x251c, '+')                                          \
    X(TEE_LEFT, 0x2524, 0x2524, '+')                                           \
    X(TEE_DOWN, 0x252c, 0x252c, '+')                                           \
    X(TEE_UP, 0x2534, 0x2534, '+')                                             \
    X(CROSS, 0x253c, 0x253c, '+')

#define GLYPH_ENUM(name, full, plain, ascii) GLYPH_##name,
enum glyph_name { GLYPH_MAP(GLYPH_ENUM) GLYPH_COUNT };

uint32_t glyph_of(enum glyph_set set, enum glyph_name g);

/*
 * A code point of the program's own texts (×, ·, →, –, …) in this set:
 * itself, or what stands for it in ascii.
 */
uint32_t glyph_plain(enum glyph_set set, uint32_t cp);

#endif
