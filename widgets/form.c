#include "config.h"

#include "widgets/form.h"

#include <stddef.h>

const struct form_field form_confirm = {"", "confirm", "", false, NULL};
const struct form_field form_reason = {"reason", "reason", "", false, NULL};

/* N and Y: where the kind was installed as published they are refused, see
   the plan's lines. */
static const char *const genera[] = {
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "O",
    "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Z", "PSI", "OMEGA", NULL};
static const char *const modes[] = {"PLACEHOLDER", "FULL", "DRY_RUN", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};
/* CHAOS last: one does not come by it */
static const char *const signals[] = {
    "WARNING", "OPPORTUNITY", "SCARCITY", "INTENT",   "STATE",      "TEST",
    "MEMORY",  "DREAM",       "METAPHOR", "NARRATIVE", "CAPABILITY", "CHAOS",
    NULL};
static const char *const changes[] = {
    "CODE_PATCH",    "CODE_FEATURE",   "CODE_REFACTOR",  "CODE_DELETE",
    "CONFIG_UPDATE", "CONFIG_SECRET",  "AGENT_DEPLOY",   "AGENT_SCALE",
    "AGENT_UPGRADE", "AGENT_DELETE",   "MEMORY_MIGRATE", "MEMORY_COMPACT",
    "MEMORY_DELETE", "POLICY_UPDATE",  "RISK_OVERRIDE",  NULL};
static const char *const kinds[] = {"Agent",     "Memory",   "Umwelt",
                                    "Pheromone", "Proposal", "ConfigMap",
                                    "Secret",    "File",     NULL};

static const struct form_field local_spawn[] = {
    {"command", "command", "", false, NULL},
    {"name", "name", "", false, NULL},
    {"dir", "in", "", false, NULL},
};

static const struct form_field reject[] = {
    {"reason", "reason", "may be empty", true, NULL},
};

static const struct form_field say[] = {
    {"reason", "text", "", false, NULL},
};

static const struct form_field scale[] = {
    {"replicas", "replicas", "how many pods", false, NULL},
};

static const struct form_field spawn[] = {
    {"name", "name", "a-z, 0-9 and -", false, NULL},
    {"ns", "namespace", "", false, NULL},
    {"genus", "genus", "A to Z, PSI or OMEGA", false, genera},
    {"image", "image", "python:3.12-slim", true, NULL},
    {"replicas", "replicas", "1", true, NULL},
    {"mode", "deploy mode", "PLACEHOLDER", true, modes},
    {"entrypoint", "entrypoint", "module that FULL runs", true, NULL},
    {"cpu", "cpu limit", "500m", true, NULL},
    {"memory", "memory limit", "512Mi", true, NULL},
    {"sidecar", "d-gent", "yes; no leaves out the container that crashes",
     true, yes_no},
    {"template", "template", "YAML file with one Agent; fields say otherwise",
     true, NULL},
};

static const struct form_field deposit[] = {
    {"type", "type", "", false, signals},
    {"ns", "namespace", "", false, NULL},
    {"source", "source", "who lays it; empty: you", true, NULL},
    {"target", "target", "empty: for all", true, NULL},
    {"intensity", "intensity", "1.0", true, NULL},
    {"half", "half-life", "10 (minutes)", true, NULL},
    {"ttl", "ttl", "none (seconds)", true, NULL},
    {"command", "payload", "text or JSON", true, NULL},
};

static const struct form_field propose[] = {
    {"title", "title", "what is proposed, in a line", false, NULL},
    {"change", "change", "Left and Right choose", false, changes},
    {"kind", "target kind", "Left and Right choose", false, kinds},
    {"target", "target", "name of the object, or path of the file", false,
     NULL},
    {"in", "target in", "its namespace", true, NULL},
    {"ns", "namespace", "of the proposal", false, NULL},
    {"reason", "rationale", "why", true, NULL},
    {"added", "lines added", "0", true, NULL},
    {"removed", "lines removed", "0", true, NULL},
    {"files", "files changed", "0", true, NULL},
    {"tests", "tests added", "0", true, NULL},
    {"approvers", "approvers", "0: one is enough", true, NULL},
    {"merge", "auto-merge", "yes: if its risk is low", true, yes_no},
    {"tgent", "T-gent", "yes: it must pass first", true, yes_no},
    {"name", "name", "made from the title", true, NULL},
    {"object", "object", "^E writes the whole of it in your editor", true,
     NULL},
};

static const char *const runtimes[] = {"claude", "codex", "opencode", NULL};
static const char *const tiers[] = {"heavy", "medium", "light", NULL};
static const char *const run_modes[] = {"batch", "stream", NULL};
static const char *const dispatches[] = {"queued", "direct", NULL};

static const struct form_field plane_spawn[] = {
    {"name", "task", "letters, digits, - and _", false, NULL},
    {"reason", "contract", "what it is to do; a path of a file there, too",
     false, NULL},
    {"host_type", "runtime", "its control plane's default", true, runtimes},
    {"model", "model", "the runtime's default", true, NULL},
    {"tier", "tier", "instead of a model, where it has tiers", true, tiers},
    {"mode", "mode", "batch", true, run_modes},
    {"dispatch", "dispatch", "queued, if it has a queue", true, dispatches},
    {"base_branch", "base branch", "what the project has checked out", true,
     NULL},
    {"objective_id", "objective", "queued ones only", true, NULL},
    {"command", "command", "only for a habitat; fracta makes its own", true,
     NULL},
};

static const struct form_field objective[] = {
    {"reason", "description", "what is to be found out", false, NULL},
    {"name", "id", "made by the control plane", true, NULL},
    {"max_missions", "missions", "100", true, NULL},
    {"max_depth", "depth", "5", true, NULL},
    {"max_branching", "branching", "5", true, NULL},
    {"max_runtime", "runtime", "4h", true, NULL},
};

static const char propose_head[] =
    "# A Proposal. Saved and left it is checked by the server before anything\n"
    "# is sent; an editor that ends with an error takes nothing.\n"
    "#\n"
    "# spec.changeType   CODE_PATCH CODE_FEATURE CODE_REFACTOR CODE_DELETE\n"
    "#                   CONFIG_UPDATE CONFIG_SECRET AGENT_DEPLOY AGENT_SCALE\n"
    "#                   AGENT_DELETE AGENT_UPGRADE MEMORY_MIGRATE\n"
    "#                   MEMORY_COMPACT MEMORY_DELETE POLICY_UPDATE\n"
    "#                   RISK_OVERRIDE\n"
    "# spec.target       kind (Agent Memory Umwelt Pheromone Proposal ConfigMap\n"
    "#                   Secret File), name, namespace\n"
    "# spec.rationale    why\n"
    "# spec.magnitude    linesAdded linesRemoved filesChanged testsAdded\n"
    "#                   testsRemoved\n"
    "# spec.reviewRequirements   autoMerge requiredApprovers\n"
    "#                   requiredReviewers tGentValidation\n"
    "# spec.ttlSeconds   86400, at least 60\n";

#define FORM(table, file, head)                                               \
    {table, (int)(sizeof table / sizeof *table), file, head != NULL, head}

#define NONE {NULL, 0, NULL, false, NULL}

static const struct form forms[][3] = {
    [ACT_SPAWN] = {FORM(local_spawn, NULL, NULL),
                   FORM(spawn, "template", NULL),
                   FORM(plane_spawn, NULL, NULL)},
    [ACT_OBJECTIVE] = {FORM(objective, NULL, NULL),
                       FORM(objective, NULL, NULL),
                       FORM(objective, NULL, NULL)},
    [ACT_REJECT] = {FORM(reject, NULL, NULL), FORM(reject, NULL, NULL), NONE},
    [ACT_SAY] = {FORM(say, NULL, NULL), FORM(say, NULL, NULL), NONE},
    [ACT_SCALE] = {FORM(scale, NULL, NULL), FORM(scale, NULL, NULL), NONE},
    [ACT_DEPOSIT] = {NONE, FORM(deposit, NULL, NULL), NONE},
    [ACT_PROPOSE] = {NONE, FORM(propose, "object", propose_head), NONE},
};

const struct form *form_of(enum act a, enum form_at at)
{
    const struct form *f;

    if ((size_t)a >= sizeof forms / sizeof *forms)
        return NULL;
    f = &forms[a][at];
    if (f->count == 0 && at == FORM_PLANE)
        f = &forms[a][FORM_CLUSTER];
    return f->count > 0 ? f : NULL;
}
