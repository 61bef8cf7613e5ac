#include "config.h"

#include "data/pg/policy.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is(const char *p, size_t n, const char *word)
{
    return n == strlen(word) && strncasecmp(p, word, n) == 0;
}

static bool begins(const char *p, size_t n, const char *with)
{
    return n >= strlen(with) && strncasecmp(p, with, strlen(with)) == 0;
}

static bool opens(const char *p, size_t n)
{
    return is(p, n, "select") || is(p, n, "show") || is(p, n, "listen") ||
           is(p, n, "unlisten");
}

/* What acts, or opens a way to, inside a SELECT. */
static bool acts(const char *p, size_t n)
{
    static const char *const words[] = {
        "into",        "update",       "share",    "insert",
        "delete",      "merge",        "set_config", "nextval",
        "setval",      "pg_notify",    "dblink",   "query_to_xml",
        "pg_reload_conf", "pg_promote", "pg_rotate_logfile"};
    static const char *const starts[] = {
        "pg_advisory", "pg_try_advisory", "pg_cancel", "pg_terminate",
        "pg_read_",    "pg_ls_",          "pg_switch", "pg_create",
        "pg_drop",     "pg_logical",      "pg_replication", "lo_",
        "dblink_",     "pg_export",       "pg_sleep", "pg_stat_reset"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is(p, n, words[i]))
            return true;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (begins(p, n, starts[i]))
            return true;
    return false;
}

/* Behind the closing quote; NULL: it does not close. */
static const char *skip_quoted(const char *p)
{
    char q = *p++;

    for (; *p != '\0'; p++) {
        if (*p == '\\')
            return NULL; /* may or may not escape */
        if (*p != q)
            continue;
        if (p[1] != q)
            return p + 1;
        p++;
    }
    return NULL;
}

bool pg_policy_allows_reading(const char *sql)
{
    bool first = true;

    for (const char *p = sql; *p != '\0';) {
        const char *from = p;

        if (*p == '\'' || *p == '"') {
            if (first || (p = skip_quoted(p)) == NULL)
                return false;
            continue;
        }
        if (*p == ';' || *p == '\\' || (p[0] == '-' && p[1] == '-') ||
            (p[0] == '/' && p[1] == '*') ||
            (*p == '$' && !(p[1] >= '1' && p[1] <= '9')))
            return false;
        if (!word_byte(*p)) {
            p++;
            continue;
        }
        while (word_byte(*p))
            p++;
        if (first ? !opens(from, (size_t)(p - from))
                  : acts(from, (size_t)(p - from)))
            return false;
        first = false;
    }
    return !first;
}
