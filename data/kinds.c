#include "config.h"

#include "data/kinds.h"

#define NAME(id, name) name,

#define KIND_NAME(id, name, object) name,
#define KIND_OBJECT(id, name, object) object,

static const char *const kinds[] = {KIND_MAP(KIND_NAME)};
static const char *const objects[] = {KIND_MAP(KIND_OBJECT)};
static const char *const agent_states[] = {AGENT_STATE_MAP(NAME)};
static const char *const signals[] = {SIGNAL_MAP(NAME)};
static const char *const phases[] = {PROPOSAL_PHASE_MAP(NAME)};
static const char *const tgents[] = {TGENT_MAP(NAME)};
static const char *const thoughts[] = {THOUGHT_MAP(NAME)};
static const char *const plane_states[] = {PLANE_STATE_MAP(NAME)};

const char *kind_name(enum kind k)
{
    return kinds[k];
}

const char *kind_object_name(enum kind k)
{
    return objects[k];
}

enum kind kind_of_object(struct span text)
{
    for (int k = 0; k < KIND_COUNT; k++)
        if (span_is(text, objects[k]))
            return (enum kind)k;
    return KIND_COUNT;
}

bool kind_runs(enum kind k)
{
    return k == KIND_DEPLOYMENT || k == KIND_POD || k == KIND_JOB;
}

const char *agent_state_name(enum agent_state s)
{
    return agent_states[s];
}

const char *signal_name(enum signal s)
{
    return signals[s];
}

const char *proposal_phase_name(enum proposal_phase p)
{
    return phases[p];
}

const char *tgent_name(enum tgent t)
{
    return tgents[t];
}

const char *thought_kind_name(enum thought_kind t)
{
    return thoughts[t];
}

const char *plane_state_name(enum plane_state p)
{
    return plane_states[p];
}

static int find(const char *const *names, int count, struct span text,
                int other)
{
    for (int i = 0; i < count; i++)
        if (span_is(text, names[i]))
            return i;
    return other;
}

enum signal signal_of(struct span text)
{
    return (enum signal)find(signals, SIGNAL_COUNT, text, SIGNAL_OTHER);
}

enum proposal_phase proposal_phase_of(struct span text)
{
    if (text.n == 0)
        return PROPOSAL_NEW;
    return (enum proposal_phase)find(phases, PROPOSAL_PHASE_COUNT, text,
                                     PROPOSAL_OTHER);
}

enum tgent tgent_of(struct span text)
{
    return (enum tgent)find(tgents, TGENT_COUNT, text, TGENT_NONE);
}

enum thought_kind thought_kind_of(struct span text)
{
    return (enum thought_kind)find(thoughts, THOUGHT_COUNT, text,
                                   THOUGHT_SAID);
}

enum agent_state agent_state_of(struct span text)
{
    return (enum agent_state)find(agent_states, AGENT_STATE_COUNT, text,
                                  AGENT_UNKNOWN);
}
