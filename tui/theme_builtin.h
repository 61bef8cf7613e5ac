/* The themes compiled in; themes/builtin.c is made from the files. */
#ifndef TUI_THEME_BUILTIN_H
#define TUI_THEME_BUILTIN_H

struct theme_builtin {
    const char *name;
    const char *text; /* the file's, NUL-terminated */
};

/* Ends with a NULL name. */
extern const struct theme_builtin theme_builtins[];

#endif
