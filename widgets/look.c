#include "config.h"

#include "widgets/look.h"

#include "base/hash.h"
#include "base/when.h"

#include <stdio.h>

struct look look_state(enum agent_state s)
{
    static const struct look looks[AGENT_STATE_COUNT] = {
        [AGENT_UNKNOWN] = {GLYPH_UNKNOWN, ROLE_DIM, "?"},
        [AGENT_IDLE] = {GLYPH_IDLE, ROLE_DIM, "idle"},
        [AGENT_DONE] = {GLYPH_DONE, ROLE_DIM, "done"},
        [AGENT_PAUSED] = {GLYPH_PAUSED, ROLE_DIM, "pause"},
        [AGENT_STARTING] = {GLYPH_STARTING, ROLE_INFO, "start"},
        [AGENT_ENDING] = {GLYPH_ENDING, ROLE_DIM, "ends"},
        [AGENT_WORKING] = {GLYPH_WORKING, ROLE_GOOD, "act"},
        [AGENT_QUIET] = {GLYPH_QUIET, ROLE_WAIT, "quiet"},
        [AGENT_WAITING] = {GLYPH_WAITING, ROLE_WAIT, "ask"},
        [AGENT_LOOPING] = {GLYPH_LOOPING, ROLE_BAD, "loop"},
        [AGENT_FAILED] = {GLYPH_FAILED, ROLE_BAD, "down"},
    };

    return looks[s];
}

struct look look_plane(enum plane_state s)
{
    static const struct look looks[PLANE_STATE_COUNT] = {
        [PLANE_OFF] = {GLYPH_OFF, ROLE_DIM, "off"},
        [PLANE_CONNECTING] = {GLYPH_STALE, ROLE_INFO, "connecting"},
        [PLANE_LIVE] = {GLYPH_LIVE, ROLE_GOOD, "live"},
        [PLANE_STALE] = {GLYPH_STALE, ROLE_WAIT, "stale"},
        [PLANE_REFUSED] = {GLYPH_REFUSED, ROLE_BAD, "refused"},
        [PLANE_DOWN] = {GLYPH_REFUSED, ROLE_BAD, "down"},
    };

    return looks[s];
}

struct look look_thought(enum thought_kind k)
{
    static const struct look looks[THOUGHT_COUNT] = {
        [THOUGHT_SAID] = {GLYPH_COUNT, ROLE_TEXT, "said"},
        [THOUGHT_THOUGHT] = {GLYPH_THOUGHT, ROLE_TEXT, "thought"},
        [THOUGHT_CALL] = {GLYPH_CALL, ROLE_DIM, "call"},
        [THOUGHT_RESULT] = {GLYPH_RESULT, ROLE_GOOD, "result"},
        [THOUGHT_DECISION] = {GLYPH_WAITING, ROLE_WAIT, "decision"},
        [THOUGHT_SIGNAL] = {GLYPH_SIGNAL, ROLE_INFO, "signal"},
        [THOUGHT_ERROR] = {GLYPH_FAILED, ROLE_BAD, "error"},
        [THOUGHT_DREAM] = {GLYPH_DREAM, ROLE_DREAM, "dream"},
        [THOUGHT_CHANGE] = {GLYPH_CHANGE, ROLE_DIM, "change"},
        [THOUGHT_LOOP] = {GLYPH_LOOPING, ROLE_BAD, "loop"},
    };

    return looks[k];
}

struct look look_phase(enum proposal_phase p)
{
    static const struct look looks[PROPOSAL_PHASE_COUNT] = {
        [PROPOSAL_NEW] = {GLYPH_STARTING, ROLE_INFO, "new"},
        [PROPOSAL_PENDING] = {GLYPH_WAITING, ROLE_WAIT, "pending"},
        [PROPOSAL_REVIEWING] = {GLYPH_WAITING, ROLE_WAIT, "reviewing"},
        [PROPOSAL_APPROVED] = {GLYPH_CHECK, ROLE_GOOD, "approved"},
        [PROPOSAL_REJECTED] = {GLYPH_FAILED, ROLE_BAD, "rejected"},
        [PROPOSAL_MERGED] = {GLYPH_CHECK, ROLE_GOOD, "merged"},
        [PROPOSAL_EXPIRED] = {GLYPH_EXPIRED, ROLE_DIM, "expired"},
        [PROPOSAL_SUPERSEDED] = {GLYPH_EXPIRED, ROLE_DIM, "superseded"},
        [PROPOSAL_OTHER] = {GLYPH_UNKNOWN, ROLE_DIM, "?"},
    };

    return looks[p];
}

const char *look_step(enum thought_kind k)
{
    static const char *const words[THOUGHT_COUNT] = {
        [THOUGHT_SAID] = "say",       [THOUGHT_THOUGHT] = "think",
        [THOUGHT_CALL] = "act",       [THOUGHT_RESULT] = "look",
        [THOUGHT_DECISION] = "ask",   [THOUGHT_SIGNAL] = "sign",
        [THOUGHT_ERROR] = "error",    [THOUGHT_DREAM] = "dream",
        [THOUGHT_CHANGE] = "news",    [THOUGHT_LOOP] = "loop",
    };

    return words[k];
}

enum role look_hue(const char *name)
{
    if (name == NULL || *name == '\0')
        return ROLE_DIM;
    return (enum role)(ROLE_HUE_0 + hash_bytes(name, strlen(name)) % ROLE_HUES);
}

enum role look_sure(double confidence)
{
    return confidence >= 0.8   ? ROLE_GOOD
           : confidence >= 0.5 ? ROLE_TEXT
                               : ROLE_DIM;
}

enum role look_risk(double total)
{
    return total > 0.7 ? ROLE_BAD : total > 0.4 ? ROLE_WAIT : ROLE_GOOD;
}

const char *look_age(int64_t from_ms, int64_t now_ms, char *ret)
{
    if (from_ms <= 0)
        snprintf(ret, 12, "–");
    else
        when_age(now_ms - from_ms, ret, 12);
    return ret;
}

const char *look_count(uint64_t n, char *ret)
{
    static const struct {
        double over;
        char unit;
    } units[] = {{1e12, 'T'}, {1e9, 'G'}, {1e6, 'M'}, {1e3, 'k'}};

    if (n == 0) {
        snprintf(ret, 12, "–");
        return ret;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double v = (double)n / units[i].over;

        if (v >= 1) {
            snprintf(ret, 12, v < 1000 ? "%.1f%c" : "%.0f%c", v,
                     units[i].unit);
            return ret;
        }
    }
    snprintf(ret, 12, "%u", (unsigned)n);
    return ret;
}

const char *look_times(uint32_t n, char *ret)
{
    snprintf(ret, 16, "×%u", n);
    return ret;
}

const char *look_fraction(double v, char *ret)
{
    char text[16];

    if (v >= 0.995) {
        snprintf(ret, 8, "1.0");
        return ret;
    }
    snprintf(text, sizeof text, "%.2f", v < 0 ? 0 : v);
    snprintf(ret, 8, "%.4s", text + 1);
    return ret;
}
