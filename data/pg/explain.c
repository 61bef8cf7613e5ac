#include "config.h"

#include "data/pg/explain.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int pg_explain_state(const char *s)
{
    static const struct {
        const char *start;
        int code;
    } known[] = {
        {"42501", ERR_RIGHT},  {"42P01", ERR_ABSENT}, {"42703", ERR_ABSENT},
        {"42883", ERR_ABSENT}, {"3D000", ERR_ABSENT}, {"3F000", ERR_ABSENT},
        {"28", ERR_AUTH},      {"57014", ERR_SILENT}, {"55P03", ERR_BUSY},
        {"53", ERR_BUSY},      {"57P03", ERR_BUSY},   {"57P", ERR_CONNECT},
        {"08", ERR_CONNECT},   {"25006", ERR_REFUSED}, {"40", ERR_BUSY},
    };

    for (size_t i = 0; s != NULL && i < sizeof known / sizeof *known; i++)
        if (strncmp(s, known[i].start, strlen(known[i].start)) == 0)
            return known[i].code;
    return ERR_SERVER;
}

void pg_explain_line(const char *text, char *ret, size_t size)
{
    size_t n = strcspn(text, "\r\n");

    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '.'))
        n--;
    if (n > size - 1)
        n = size - 1;
    memcpy(ret, text, n);
    ret[n] = '\0';
}

static void take_out(char *line, const char *secret)
{
    size_t n = strlen(secret);
    char *at;

    /* of one or two bytes every other word has them */
    while (n > 2 && (at = strstr(line, secret)) != NULL) {
        explicit_bzero(at, n);
        *at = '*';
        memmove(at + 1, at + n, strlen(at + n) + 1);
    }
}

/* "FATAL:  28P01: text": where the five stand; NULL: no server spoke. */
static char *find_state(char *line)
{
    for (char *p = strstr(line, ": "); p != NULL; p = strstr(p + 1, ": ")) {
        char *s = p + 1;
        size_t n = 0, digits = 0;

        while (*s == ' ')
            s++;
        while (isdigit((unsigned char)s[n]) ||
               (s[n] >= 'A' && s[n] <= 'Z'))
            digits += isdigit((unsigned char)s[n++]) != 0;
        /* FATAL has five, too */
        if (n == 5 && digits > 0 && s[5] == ':' && s[6] == ' ')
            return s;
    }
    return NULL;
}

static int class_of(const char *line)
{
    if (strcasestr(line, "certificate") != NULL ||
        strcasestr(line, "SSL") != NULL || strcasestr(line, "TLS") != NULL)
        return ERR_TLS;
    if (strcasestr(line, "no password supplied") != NULL ||
        strcasestr(line, "authentication") != NULL)
        return ERR_AUTH;
    if (strcasestr(line, "timeout expired") != NULL ||
        strcasestr(line, "timed out") != NULL)
        return ERR_SILENT;
    return ERR_CONNECT;
}

int pg_explain_connect(const char *message, const char *const *secrets,
                       struct error *err)
{
    char line[400], *state;

    pg_explain_line(message, line, sizeof line);
    for (; secrets != NULL && *secrets != NULL; secrets++)
        take_out(line, *secrets);
    if (line[0] == '\0')
        return error_set(err, ERR_CONNECT, "the connection was not made");
    state = find_state(line);
    if (state != NULL)
        return error_set(err, pg_explain_state(state), "%.220s", state + 7);
    return error_set(err, class_of(line), "%.220s", line);
}
