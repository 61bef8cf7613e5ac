#include "config.h"

#include "habitat/agent.h"

#include <math.h>
#include <string.h>

static void optional(struct json *j, const char *key, const char *s)
{
    if (s != NULL && s[0] != '\0')
        json_text(j, key, s);
}

static void optional_when(struct json *j, const char *key, int64_t ms)
{
    if (ms > 0)
        json_when(j, key, ms);
}

/* What fracta's AgentInfo has. */
static void shared(struct json *j, const struct agent *a)
{
    json_text(j, "name", a->name);
    json_text(j, "status", a->status);
    json_text(j, "mode", a->mode);
    optional(j, "current_intent", a->intent);
    json_int(j, "unread_messages", 0);
    optional(j, "last_output", a->last_output);
    json_when(j, "start_time", a->started_ms);
    optional_when(j, "last_event_at", a->last_event_ms);
    optional(j, "current_phase", a->phase);
    optional(j, "current_tool", a->tool);
    json_text(j, "backend", "habitat");
}

static void process(struct json *j, const struct agent *a)
{
    char path[HABITAT_PATH_MAX + 20];

    json_map(j, "process");
    json_int(j, "holder", a->holder_pid);
    agent_socket(a, path, sizeof path);
    json_text(j, "socket", path);
    json_int(j, "pid", a->child);
    json_int(j, "runs", a->runs);
    json_bool(j, "connected", a->link != NULL);
    if (a->sampled_ms > 0) {
        json_double(j, "cpu", a->cpu);
        json_int(j, "rss", a->rss);
        json_int(j, "processes", a->processes);
    }
    if (a->exit_code >= 0)
        json_int(j, "exit_code", a->exit_code);
    if (a->exit_signal > 0)
        json_int(j, "exit_signal", a->exit_signal);
    json_map_end(j);
}

void agent_json(struct json *j, const char *key, const struct agent *a)
{
    json_map(j, key);
    shared(j, a);
    optional(j, "genus", a->genus);
    if (a->argv != NULL)
        json_raw(j, "argv", a->argv, strlen(a->argv));
    optional(j, "dir", a->dir);
    optional(j, "contract", a->contract);
    optional(j, "title", a->title);
    json_text(j, "restart", a->restart);
    json_when(j, "created_at", a->created_ms);
    optional_when(j, "ended_at", a->ended_ms);
    optional(j, "reason", a->reason);
    json_bool(j, "paused", a->paused);
    if (a->report != NULL) {
        json_map(j, "reported");
        json_text(j, "state", a->report);
        optional(j, "kind", a->report_kind);
        optional(j, "text", a->report_text);
        optional(j, "by", a->report_by);
        json_when(j, "at", a->report_ms);
        json_map_end(j);
    }
    if (a->tokens >= 0)
        json_int(j, "tokens", a->tokens);
    if (!isnan(a->cost))
        json_double(j, "cost", a->cost);
    if (a->budget > 0)
        json_int(j, "budget", a->budget);
    if (strcmp(a->mode, "pty") == 0)
        process(j, a);
    json_map_end(j);
}
