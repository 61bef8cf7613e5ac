/*
 * `terrarium hook AGENT`: a coding agent's hook, beside its own questions.
 *
 * A question (PermissionRequest) becomes a proposal and its answer is what a
 * person decided. Everything else only tells. Whatever goes wrong, nothing is
 * printed and the exit status is 0: the agent then asks as if nobody had been
 * there. Only a decision "approved" of that very proposal allows.
 */
#ifndef FRONT_HOOK_H
#define FRONT_HOOK_H

#include "base/buf.h"
#include "base/span.h"
#include "data/json/pick.h"
#include "front/client.h"
#include "front/front.h"

#define HOOK_INPUT_MAX (1u << 20)
#define HOOK_TEXT_MAX (200u << 10) /* of a command or a diff */
#define HOOK_EDITS_MAX 64
#define HOOK_NAME_MAX 65

struct hook_edit {
    struct span from, to;
    bool all;
};

/* One hook's JSON; spans into it or into the pick's memory. */
struct hook_input {
    struct span event, session, turn, cwd;
    struct span tool, raw; /* raw: tool_input as it stands there */
    struct span command, path, description, content;
    struct span cell, cell_source, cell_mode;
    struct span arg; /* of other tools: what says most */
    int arg_rank;
    bool more_input; /* arguments beside the command and what it is for */
    struct hook_edit edit[HOOK_EDITS_MAX];
    int edits;
    bool too_many;
    struct span message, notification, said, why, source, prompt, response;
    struct span subagent, subagent_type;
    struct buf words; /* a command that came as words */
    struct pick *pick;
};

/* False: no object, or it names no event. */
bool hook_read(struct hook_input *h, const char *text, size_t n);
void hook_finish(struct hook_input *h);

/* What is asked, in a person's words: the command, the file, or JSON. */
struct span hook_what(const struct hook_input *h);
/* "Bash: touch made.txt" */
void hook_title(const struct hook_input *h, char *ret, size_t size);
/* The change it would make; empty: none that can be told. */
void hook_diff(const struct hook_input *h, struct buf *out);

/*
 * Its name: --as, the agent it runs in, or "claude-FOLDER", where "-" and four
 * digits of the session follow if another session there has that name now.
 */
void hook_name(const struct client *c, const char *agent, const char *as,
               struct span cwd, struct span session, char ret[HOOK_NAME_MAX]);
/* The session is over: its name is free. */
void hook_name_drop(const struct client *c, const char *name,
                    struct span session);
/* As many bytes as fit, whole characters. */
int hook_cut(struct span s, size_t max);

/* The follower of an opencode server. Exit status. */
int hook_opencode(const struct front_verb *v, const char *const *values);

#endif
