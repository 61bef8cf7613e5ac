#include "config.h"

#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static int64_t days_of(int64_t y, int m, int d)
{
    int64_t era, yoe, doy;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool digits(const char *s, size_t n, int *ret)
{
    int v = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        v = v * 10 + (s[i] - '0');
    }
    *ret = v;
    return true;
}

static bool date_ok(int y, int mon, int d, int h, int min, int s)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (mon == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0)))
        return false;
    return y >= 1970 && mon >= 1 && mon <= 12 && d >= 1 && d <= days[mon - 1] &&
           h <= 23 && min <= 59 && s <= 60;
}

bool when_parse_ns(const char *s, size_t len, int64_t *ret_ns, size_t *ret_used)
{
    int y, mon, d, h, min, sec, zh = 0, zm = 0;
    int64_t ns = 0, scale = 100000000, at;
    size_t i = 19;
    int sign = 0;

    if (len < 20 || !digits(s, 4, &y) || s[4] != '-' || !digits(s + 5, 2, &mon) ||
        s[7] != '-' || !digits(s + 8, 2, &d) ||
        (s[10] != 'T' && s[10] != 't' && s[10] != ' ') ||
        !digits(s + 11, 2, &h) || s[13] != ':' || !digits(s + 14, 2, &min) ||
        s[16] != ':' || !digits(s + 17, 2, &sec) ||
        !date_ok(y, mon, d, h, min, sec))
        return false;
    if (s[i] == '.') {
        size_t from = ++i;

        for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
            ns += (s[i] - '0') * scale;
            scale /= 10;
        }
        if (i == from || i >= len)
            return false;
    }
    if (s[i] == 'Z' || s[i] == 'z') {
        i++;
    } else if (s[i] == '+' || s[i] == '-') {
        sign = s[i] == '+' ? 1 : -1;
        if (len - i < 6 || !digits(s + i + 1, 2, &zh) || s[i + 3] != ':' ||
            !digits(s + i + 4, 2, &zm) || zh > 23 || zm > 59)
            return false;
        i += 6;
    } else {
        return false;
    }
    at = days_of(y, mon, d) * 86400 + h * 3600 + min * 60 + sec;
    at -= sign * (zh * 3600 + zm * 60);
    /* int64 nanoseconds end in 2262; later dates are kept at the end */
    if (at > INT64_MAX / 1000000000 - 1)
        at = INT64_MAX / 1000000000 - 1;
    *ret_ns = at * 1000000000 + ns;
    if (ret_used != NULL)
        *ret_used = i;
    return true;
}

bool when_parse(const char *s, size_t len, int64_t *ret_ms)
{
    int64_t ns;
    size_t used;

    if (!when_parse_ns(s, len, &ns, &used) || used != len)
        return false;
    *ret_ms = ns / 1000000;
    return true;
}

bool when_parse_http(const char *s, size_t len, int64_t *ret_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int d, y, h, min, sec, mon = 0;

    if (len < 29 || !digits(s + 5, 2, &d) || !digits(s + 12, 4, &y) ||
        !digits(s + 17, 2, &h) || !digits(s + 20, 2, &min) ||
        !digits(s + 23, 2, &sec) || memcmp(s + 25, " GMT", 4) != 0)
        return false;
    for (int i = 0; i < 12; i++)
        if (memcmp(months + 3 * i, s + 8, 3) == 0)
            mon = i + 1;
    if (mon == 0 || !date_ok(y, mon, d, h, min, sec))
        return false;
    *ret_ms =
        (days_of(y, mon, d) * 86400 + h * 3600 + min * 60 + sec) * 1000;
    return true;
}

void when_format(int64_t ms, char ret[24])
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL ||
        strftime(ret, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        memcpy(ret, "?", 2);
}

void when_age(int64_t ms, char *ret, size_t size)
{
    int64_t s = ms / 1000;

    if (ms < 0)
        s = 0;
    if (s < 60)
        snprintf(ret, size, "%ds", (int)s);
    else if (s < 3600)
        snprintf(ret, size, "%dm", (int)(s / 60));
    else if (s < 86400)
        snprintf(ret, size, "%dh", (int)(s / 3600));
    else if (s < 86400LL * 1000)
        snprintf(ret, size, "%dd", (int)(s / 86400));
    else
        snprintf(ret, size, "%dy", (int)(s / (86400LL * 365) % 10000));
}

bool when_parse_span(const char *s, size_t len, int64_t *ret_ms)
{
    char num[24];
    char *end;
    double v, unit = 1000;

    if (len == 0 || len >= sizeof num)
        return false;
    memcpy(num, s, len);
    num[len] = '\0';
    if ((num[0] < '0' || num[0] > '9') && num[0] != '.')
        return false;
    v = strtod(num, &end);
    if (end == num)
        return false;
    if (strcmp(end, "ms") == 0)
        unit = 1;
    else if (strcmp(end, "m") == 0)
        unit = 60e3;
    else if (strcmp(end, "h") == 0)
        unit = 3600e3;
    else if (strcmp(end, "d") == 0)
        unit = 86400e3;
    else if (*end != '\0' && strcmp(end, "s") != 0)
        return false;
    if (!(v >= 0 && v * unit < 1e15))
        return false;
    *ret_ms = (int64_t)(v * unit);
    return true;
}

void when_clock(int64_t ms, char ret[9])
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;

    if (localtime_r(&t, &tm) == NULL || strftime(ret, 9, "%H:%M:%S", &tm) == 0)
        memcpy(ret, "--:--:--", 9);
}
