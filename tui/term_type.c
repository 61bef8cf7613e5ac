/*
 * Which terminfo entry, and how many colours.
 *
 * An own entry (share/terminfo) is taken when COLORTERM promises true
 * colour, the terminal's own entry lacks RGB and one of its family exists.
 * GNU screen hands COLORTERM through without understanding it: the name
 * screen counts only inside tmux.
 */
#include "config.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/term_priv.h"

#ifndef DATADIR
#define DATADIR "/usr/local/share/terrarium"
#endif

/* Names of terminals that understand what xterm does, by their beginning. */
static const char *const like_xterm[] = {
    "xterm",   "alacritty", "foot",    "kitty",       "ghostty",
    "wezterm", "konsole",   "contour", "gnome",       "vte",
    "st-",     "mintty",    "iterm",   "putty",       "mlterm",
    "rio",     "warp",      "nsterm",  "ms-terminal", NULL};

static bool begins(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

static enum term_family family_of(const char *type)
{
    for (int i = 0; like_xterm[i] != NULL; i++)
        if (begins(type, like_xterm[i]))
            return FAMILY_XTERM;
    if (begins(type, "tmux") || begins(type, "terrarium-tmux"))
        return FAMILY_TMUX;
    if (begins(type, "screen"))
        return FAMILY_SCREEN;
    if (begins(type, "rxvt"))
        return FAMILY_RXVT;
    return begins(type, "linux") ? FAMILY_LINUX : FAMILY_OTHER;
}

static bool true_promised(void)
{
    const char *s = getenv("COLORTERM");

    return s != NULL &&
           (strcmp(s, "truecolor") == 0 || strcmp(s, "24bit") == 0);
}

static bool has_own(const char *dir)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/t/terrarium-xterm", dir);

    return n > 0 && (size_t)n < sizeof path && access(path, R_OK) == 0;
}

/* terminfo/ beside the program: it runs from its build tree. */
static bool beside_program(char *ret, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", ret, size - 1);
    size_t used;

    if (n <= 0)
        return false;
    ret[n] = '\0';
    dirname(ret); /* shortens in place: the path is absolute */
    used = strlen(ret);
    if (used + sizeof "/terminfo" > size)
        return false;
    memcpy(ret + used, "/terminfo", sizeof "/terminfo");
    return has_own(ret);
}

/* Sets dirs: our folder, then what was, then the system's (empty). */
static void find_own(struct term_kind *k)
{
    const char *asked = getenv("TERRARIUM_TERMINFO");
    const char *theirs = getenv("TERMINFO_DIRS");
    char dir[2048];
    int n;

    if (asked != NULL && asked[0] == '/' && strlen(asked) < sizeof dir)
        memcpy(dir, asked, strlen(asked) + 1);
    else if (!beside_program(dir, sizeof dir))
        snprintf(dir, sizeof dir, "%s/terminfo", DATADIR);
    n = snprintf(k->dirs, sizeof k->dirs, "%s:%s", theirs ? theirs : "", dir);
    if (theirs == NULL || theirs[0] == '\0')
        n = snprintf(k->dirs, sizeof k->dirs, ":%s", dir);
    if (n < 0 || (size_t)n >= sizeof k->dirs || !has_own(dir))
        k->dirs[0] = '\0';
}

static void set_type(struct term_kind *k, const char *type)
{
    snprintf(k->type, sizeof k->type, "%s", type);
}

static bool usable(const char *type, struct term_facts *f)
{
    return term_facts_of(type, f) && f->cup;
}

/* For a terminal terminfo does not know. */
static bool stand_in(struct term_kind *k, const char *type,
                     struct term_facts *f)
{
    static const char *const modern[] = {"xterm-256color", "terrarium-xterm",
                                         NULL};
    static const char *const old[] = {"vt100", "ansi", "terrarium-vt", NULL};
    bool dumb = type[0] == '\0' || strcmp(type, "dumb") == 0;
    bool is_modern = !dumb && (k->family != FAMILY_OTHER || true_promised());

    for (int i = 0; is_modern && modern[i] != NULL; i++) {
        if (usable(modern[i], f)) {
            set_type(k, modern[i]);
            k->family = FAMILY_XTERM;
            return true;
        }
    }
    for (int i = 0; old[i] != NULL; i++) {
        if (usable(old[i], f)) {
            set_type(k, old[i]);
            k->family = FAMILY_OTHER;
            return true;
        }
    }
    return false;
}

static void try_true(struct term_kind *k, struct term_facts *f)
{
    static const char *const own[] = {[FAMILY_XTERM] = "terrarium-xterm",
                                      [FAMILY_TMUX] = "terrarium-tmux",
                                      [FAMILY_SCREEN] = "terrarium-screen",
                                      [FAMILY_RXVT] = "terrarium-rxvt",
                                      [FAMILY_LINUX] = NULL};
    const char *type = own[k->family];
    struct term_facts facts;

    if (f->rgb || !true_promised() || type == NULL)
        return;
    if (k->family == FAMILY_SCREEN && getenv("TMUX") == NULL)
        return;
    if (term_facts_of(type, &facts) && facts.rgb) {
        set_type(k, type);
        *f = facts;
    }
}

/* Fewer colours wanted than the terminal's own entry of direct ones has. */
static void try_fewer(struct term_kind *k, struct term_facts *f)
{
    struct term_facts facts;

    if (f->rgb && usable("xterm-256color", &facts)) {
        set_type(k, "xterm-256color");
        *f = facts;
    }
}

static enum term_colours colours_of(const struct term_facts *f)
{
    if (f->rgb && f->colours >= 0x1000000)
        return TERM_TRUE;
    if (f->colours >= 256)
        return TERM_256;
    return f->colours >= 8 ? TERM_16 : TERM_MONO;
}

static bool no_colour(void)
{
    const char *s = getenv("NO_COLOR");

    return s != NULL && s[0] != '\0';
}

static void choose(struct term_kind *k, const char *type, int most,
                   bool *ret_ok)
{
    struct term_facts f;

    k->family = family_of(type);
    *ret_ok = true;
    if (usable(type, &f)) {
        set_type(k, type);
    } else {
        *ret_ok = stand_in(k, type, &f);
        if (type[0] == '\0')
            snprintf(k->note, sizeof k->note,
                     "TERM is not set: drawing as for '%s'", k->type);
        else
            snprintf(k->note, sizeof k->note,
                     "terminal type '%.40s' is %s: drawing as for '%.40s'",
                     type, strcmp(type, "dumb") == 0 ? "dumb" : "not known",
                     k->type);
    }
    if (!*ret_ok)
        return;
    if (no_colour())
        most = TERM_MONO;
    if (most < 0 || most == TERM_TRUE)
        try_true(k, &f);
    else
        try_fewer(k, &f);
    k->colours = colours_of(&f);
    if (most >= 0 && (int)k->colours > most)
        k->colours = (enum term_colours)most;
}

/* For the time terminfo is read; restored for child processes. */
static char *swap_dirs(const char *dirs)
{
    const char *old = getenv("TERMINFO_DIRS");
    char *copy = old != NULL ? strdup(old) : NULL;

    if (dirs[0] != '\0')
        setenv("TERMINFO_DIRS", dirs, 1);
    return copy;
}

int term_kind_choose(const struct term_want *want, struct term_kind *ret,
                     struct error *err)
{
    const char *type = want->type != NULL ? want->type : getenv("TERM");
    char *old;
    bool ok;

    *ret = (struct term_kind){.family = FAMILY_OTHER};
    if (type == NULL || strlen(type) >= sizeof ret->type ||
        strchr(type, '/') != NULL)
        type = "";
    find_own(ret);
    old = swap_dirs(ret->dirs);
    choose(ret, type, want->colours, &ok);
    if (old != NULL)
        setenv("TERMINFO_DIRS", old, 1);
    else
        unsetenv("TERMINFO_DIRS");
    free(old);
    if (ok)
        return 0;
    return error_set(err, ERR_OTHER,
                     "terminal type '%.40s' is not known, and no terminfo "
                     "entry to use for it",
                     type);
}
