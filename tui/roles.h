/*
 * What a cell means; a theme says how that looks.
 *
 * Widgets name roles only. RAMP_0…9 is the one scale of heat; HUE_0…9 tell
 * agents apart; everything else is what it is called.
 */
#ifndef TUI_ROLES_H
#define TUI_ROLES_H

#define ROLE_MAP(X)                                                            \
    X(TEXT, "text")                                                            \
    X(DIM, "dim")                                                              \
    X(FAINT, "faint")                                                          \
    X(TITLE, "title")                                                          \
    X(FOCUS, "focus")                                                          \
    X(GOOD, "good")                                                            \
    X(WAIT, "wait")                                                            \
    X(BAD, "bad")                                                              \
    X(INFO, "info")                                                            \
    X(DREAM, "dream")                                                          \
    X(KEY, "key")                                                              \
    X(MARK, "mark") /* bytes made visible */                                   \
    X(TRACK, "track") /* the empty part of a meter */                          \
    X(INK, "ink") /* text on a hot cell */                                     \
    X(BAR, "bar") /* backgrounds from here */                                  \
    X(SELECT, "select")                                                        \
    X(BACK, "back")                                                            \
    X(RAMP_0, "ramp0")                                                         \
    X(RAMP_1, "ramp1")                                                         \
    X(RAMP_2, "ramp2")                                                         \
    X(RAMP_3, "ramp3")                                                         \
    X(RAMP_4, "ramp4")                                                         \
    X(RAMP_5, "ramp5")                                                         \
    X(RAMP_6, "ramp6")                                                         \
    X(RAMP_7, "ramp7")                                                         \
    X(RAMP_8, "ramp8")                                                         \
    X(RAMP_9, "ramp9")                                                         \
    X(HUE_0, "hue0")                                                           \
    X(HUE_1, "hue1")                                                           \
    X(HUE_2, "hue2")                                                           \
    X(HUE_3, "hue3")                                                           \
    X(HUE_4, "hue4")                                                           \
    X(HUE_5, "hue5")                                                           \
    X(HUE_6, "hue6")                                                           \
    X(HUE_7, "hue7")                                                           \
    X(HUE_8, "hue8")                                                           \
    X(HUE_9, "hue9")

#define ROLE_ENUM(id, name) ROLE_##id,
enum role { ROLE_MAP(ROLE_ENUM) ROLE_COUNT };

#define ROLE_HUES 10
#define ROLE_RAMPS 10

const char *role_name(enum role r);
/* ROLE_COUNT if there is none of that name. */
enum role role_of(const char *name);

/* 0…1 → RAMP_0…9 */
enum role role_heat(double v);

#endif
