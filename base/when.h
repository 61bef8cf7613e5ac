/*
 * Points in time and lengths of time.
 *
 * Wall time is milliseconds since 1970 UTC (int64_t, 0 = unknown); intervals
 * are milliseconds. The clock is never read in here: it is passed in.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * RFC 3339 with any fraction and any offset ("2026-11-21T10:31:34.5+00:00").
 * Years 1970 to 9999. False on anything else; *ret_ms is then untouched.
 */
bool when_parse(const char *s, size_t len, int64_t *ret_ms);

/* The same with nanoseconds, as log lines carry them. */
bool when_parse_ns(const char *s, size_t len, int64_t *ret_ns,
                   size_t *ret_used);

/* "Sat, 21 Nov 2026 10:38:43 GMT" as in an HTTP Date header. */
bool when_parse_http(const char *s, size_t len, int64_t *ret_ms);

/* "2026-11-21T10:31:34Z"; ret holds 24 bytes. */
void when_format(int64_t ms, char ret[24]);

/* Age in at most four columns: 0s 59s 12m 23h 99d 9y; "–" if unknown. */
void when_age(int64_t ms, char *ret, size_t size);

/* "90s", "10m", "1.5h", "2d" → milliseconds; a bare number is seconds. */
bool when_parse_span(const char *s, size_t len, int64_t *ret_ms);

/* "HH:MM:SS" in the process's time zone; ret holds 9 bytes. */
void when_clock(int64_t ms, char ret[9]);

#endif
