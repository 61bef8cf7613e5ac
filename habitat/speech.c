#include "config.h"

#include "habitat/speech.h"

static const char *action_of(enum thought_kind kind)
{
    switch (kind) {
    case THOUGHT_CALL:
        return "tool.started";
    case THOUGHT_RESULT:
        return "tool.completed";
    case THOUGHT_THOUGHT:
        return "message.delta";
    default:
        return "message.completed";
    }
}

int speech_read(struct logline_reader *plain, struct span line,
                struct speech *ret)
{
    struct logline l;

    logline_read(plain, line.p, line.n, &l);
    if (l.text.n == 0)
        return 0;
    *ret = (struct speech){.kind = thought_kind_name(l.kind),
                           .action = l.json ? action_of(l.kind)
                                            : "command.output",
                           .text = l.text,
                           .tokens = l.tokens,
                           .cost = l.cost,
                           .error = l.kind == THOUGHT_ERROR};
    return 1;
}
