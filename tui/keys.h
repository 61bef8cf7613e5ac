/* Keys as the program sees them. */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

/* A key: a code point, or one of these. */
enum {
    TERM_KEY_BASE = 0x200000,
    TERM_KEY_UP,
    TERM_KEY_DOWN,
    TERM_KEY_LEFT,
    TERM_KEY_RIGHT,
    TERM_KEY_HOME,
    TERM_KEY_END,
    TERM_KEY_PAGE_UP,
    TERM_KEY_PAGE_DOWN,
    TERM_KEY_ENTER,
    TERM_KEY_TAB,
    TERM_KEY_BACKTAB,
    TERM_KEY_BACKSPACE,
    TERM_KEY_DELETE,
    TERM_KEY_ESCAPE,
    TERM_KEY_F1,
    TERM_KEY_F12 = TERM_KEY_F1 + 11,
};

#endif
