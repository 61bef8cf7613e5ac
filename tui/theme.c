#include "tui/theme.h"

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "tui/theme_builtin.h"

struct reader {
    const char *file;
    int line;
    struct theme theme;
    bool seen[ROLE_COUNT];
    struct error *err;
};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.n > 0 && blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Without what follows two spaces and a '#'. */
static struct span uncomment(struct span s)
{
    for (size_t i = 0; i + 2 < s.n; i++) {
        if (blank(s.p[i]) && blank(s.p[i + 1]) && s.p[i + 2] == '#') {
            s.n = i;
            break;
        }
    }
    return trim(s);
}

static int fail(const struct reader *r, const char *what, struct span s,
                const char *expected)
{
    int n = s.n > 40 ? 40 : (int)s.n;

    return error_set(r->err, ERR_CONFIG, "%s:%d: %s '%.*s', expected %s",
                     r->file, r->line, what, n, s.p, expected);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool parse_colour(struct span s, uint32_t *ret)
{
    uint32_t rgb = 0;

    if (span_is(s, "default")) {
        *ret = THEME_DEFAULT;
        return true;
    }
    if (s.n != 7 || s.p[0] != '#')
        return false;
    for (int i = 1; i < 7; i++) {
        if (hex(s.p[i]) < 0)
            return false;
        rgb = rgb << 4 | (uint32_t)hex(s.p[i]);
    }
    *ret = rgb;
    return true;
}

static unsigned attr_of(struct span s)
{
    static const struct {
        const char *name;
        unsigned attr;
    } names[] = {{"bold", STYLE_BOLD},
                 {"reverse", STYLE_REVERSE},
                 {"underline", STYLE_UNDERLINE},
                 {"dim", STYLE_DIM}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (span_is(s, names[i].name))
            return names[i].attr;
    return 0;
}

/* The next word up to a blank or '|'; empty at the end. */
static struct span word(struct span *rest)
{
    struct span w;

    while (rest->n > 0 && (blank(rest->p[0]) || rest->p[0] == '|')) {
        rest->p++;
        rest->n--;
    }
    w = (struct span){rest->p, 0};
    while (w.n < rest->n && !blank(w.p[w.n]) && w.p[w.n] != '|')
        w.n++;
    rest->p += w.n;
    rest->n -= w.n;
    return w;
}

static int read_style(struct reader *r, struct span value, struct style *ret)
{
    struct style style = {THEME_DEFAULT, 0};
    struct span w = word(&value);

    if (!parse_colour(w, &style.rgb))
        return fail(r, "bad colour", w, "#rrggbb or default");
    while ((w = word(&value)).n > 0) {
        unsigned attr = attr_of(w);

        if (attr == 0)
            return fail(r, "bad attribute", w,
                        "bold, reverse, underline or dim");
        style.attrs |= (uint8_t)attr;
    }
    *ret = style;
    return 0;
}

static int read_name(struct reader *r, struct span value)
{
    if (r->theme.name[0] != '\0')
        return fail(r, "repeated", span_of("name"), "it once");
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || c == '-' || c == '_'))
            value.n = 0;
    }
    if (value.n == 0 || value.n >= sizeof r->theme.name)
        return fail(r, "bad name", value, "1 to 31 letters, digits, - or _");
    memcpy(r->theme.name, value.p, value.n);
    return 0;
}

static int read_line(struct reader *r, struct span line)
{
    const char *equals;
    struct span key, value;
    char name[16];
    enum role role;

    line = trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return 0;
    equals = memchr(line.p, '=', line.n);
    if (equals == NULL)
        return fail(r, "bad line", line, "role = colour");
    key = trim((struct span){line.p, (size_t)(equals - line.p)});
    value = uncomment(
        (struct span){equals + 1, line.n - (size_t)(equals + 1 - line.p)});
    if (span_is(key, "name"))
        return read_name(r, value);
    if (key.n == 0 || key.n >= sizeof name || memchr(key.p, '\0', key.n))
        return fail(r, "unknown role", key, "one of tui/roles.h");
    memcpy(name, key.p, key.n);
    name[key.n] = '\0';
    role = role_of(name);
    if (role == ROLE_COUNT)
        return fail(r, "unknown role", key, "a role's name such as text");
    if (r->seen[role])
        return fail(r, "repeated role", key, "each role once");
    r->seen[role] = true;
    return read_style(r, value, &r->theme.styles[role]);
}

static int complete(const struct reader *r)
{
    if (r->theme.name[0] == '\0')
        return error_set(r->err, ERR_CONFIG, "%s: no 'name = …'", r->file);
    for (int i = 0; i < ROLE_COUNT; i++)
        if (!r->seen[i])
            return error_set(r->err, ERR_CONFIG, "%s: role '%s' is missing",
                             r->file, role_name((enum role)i));
    return 0;
}

int theme_parse(const char *file, const char *text, size_t len,
                struct theme *ret, struct error *err)
{
    struct reader r = {.file = file, .err = err};
    int rc = 0;

    while (len > 0 && rc == 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end != NULL ? (size_t)(end - text) : len;

        r.line++;
        rc = read_line(&r, (struct span){text, n});
        n += end != NULL;
        text += n;
        len -= n;
    }
    if (rc == 0)
        rc = complete(&r);
    if (rc == 0)
        *ret = r.theme;
    return rc;
}

const struct theme *theme_mono(void)
{
    static struct theme mono;
    const struct theme_builtin *b = theme_builtins;

    if (mono.name[0] != '\0')
        return &mono;
    while (b->name != NULL && strcmp(b->name, "mono") != 0)
        b++;
    if (b->name == NULL ||
        theme_parse("mono", b->text, strlen(b->text), &mono, NULL) != 0)
        abort(); /* the build would have failed its tests */
    return &mono;
}

struct look theme_look(const struct theme *theme, enum role role,
                       enum role back, unsigned attrs)
{
    const struct style *fg = &theme->styles[role];
    const struct style *bg = &theme->styles[back];
    unsigned own = fg->attrs;

    if (role >= ROLE_BAR && role <= ROLE_RAMP_9)
        own &= ~(unsigned)STYLE_REVERSE;
    /* reversed twice is straight again */
    own = (own ^ bg->attrs ^ attrs) & STYLE_REVERSE;
    own |= (fg->attrs | bg->attrs | attrs) & ~(unsigned)STYLE_REVERSE;
    return (struct look){fg->rgb, bg->rgb, (uint8_t)own};
}
