#include "config.h"

#include "front/hook.h"

#include <string.h>

enum {
    EVENT,
    SESSION,
    TURN,
    CWD,
    TOOL,
    COMMAND,
    PATH,
    DESCRIPTION,
    CONTENT,
    CELL,
    CELL_SOURCE,
    CELL_MODE,
    MESSAGE,
    NOTIFICATION,
    SAID,
    WHY,
    SOURCE,
    PROMPT,
    RESPONSE,
    SUBAGENT,
    SUBAGENT_TYPE,
    TEXTS, /* those above are texts */
    WORD,
    ARG,
    FROM,
    TO,
    ALL,
    EDIT
};

static const struct pick_rule rules[] = {
    {"hook_event_name", EVENT},
    {"type", NOTIFICATION}, /* of Codex' notify */
    {"session_id", SESSION},
    {"thread-id", SESSION},
    {"prompt_id", TURN},
    {"turn_id", TURN},
    {"turn-id", TURN},
    {"cwd", CWD},
    {"tool_name", TOOL},
    {"message", MESSAGE},
    {"notification_type", NOTIFICATION},
    {"last_assistant_message", SAID},
    {"last-assistant-message", SAID},
    {"error", WHY},
    {"reason", WHY},
    {"source", SOURCE},
    {"prompt", PROMPT},
    {"input-messages[]", PROMPT},
    {"agent_id", SUBAGENT},
    {"agent_type", SUBAGENT_TYPE},
    {"tool_response", RESPONSE},
    {"tool_response.stdout", RESPONSE},
    {"tool_response.output", RESPONSE},
    {"tool_response.error", RESPONSE},
    {"tool_input.command", COMMAND},
    {"tool_input.command[]", WORD},
    {"tool_input.file_path", PATH},
    {"tool_input.notebook_path", PATH},
    {"tool_input.path", PATH},
    {"tool_input.description", DESCRIPTION},
    {"tool_input.content", CONTENT},
    {"tool_input.cell_id", CELL},
    {"tool_input.new_source", CELL_SOURCE},
    {"tool_input.edit_mode", CELL_MODE},
    {"tool_input.old_string", FROM},
    {"tool_input.new_string", TO},
    {"tool_input.replace_all", ALL},
    {"tool_input.edits[]", EDIT},
    {"tool_input.edits[].old_string", FROM},
    {"tool_input.edits[].new_string", TO},
    {"tool_input.edits[].replace_all", ALL},
    {"tool_input.*", ARG},
    {NULL, 0}};

static void argument(struct hook_input *h, const struct pick_value *v)
{
    static const char *const names[] = {"url", "query", "pattern", "plan",
                                        "prompt", "subject", NULL};
    int at = 0;

    if (v->type != PICK_NULL && v->type != PICK_END &&
        (v->type != PICK_BOOL || pick_true(v)) && !span_is(v->key, "timeout"))
        h->more_input = true;
    if (v->type != PICK_STRING || v->text.n == 0)
        return;
    while (names[at] != NULL && !span_is(v->key, names[at]))
        at++;
    if (h->arg.p != NULL && h->arg_rank <= at)
        return;
    h->arg = v->text;
    h->arg_rank = at;
}

static struct hook_edit *edit(struct hook_input *h)
{
    if (h->edits == 0)
        h->edits = 1;
    return &h->edit[h->edits - 1];
}

static void on_value(void *arg, int field, const struct pick_value *v)
{
    struct hook_input *h = arg;
    struct span *const texts[TEXTS] = {
        &h->event,   &h->session,      &h->turn,        &h->cwd,
        &h->tool,    &h->command,      &h->path,        &h->description,
        &h->content, &h->cell,         &h->cell_source, &h->cell_mode,
        &h->message, &h->notification, &h->said,        &h->why,
        &h->source,  &h->prompt,       &h->response,    &h->subagent,
        &h->subagent_type};

    if (field < TEXTS) {
        if (v->type == PICK_STRING &&
            (texts[field]->p == NULL || texts[field]->n == 0))
            *texts[field] = v->text;
        return;
    }
    switch (field) {
    case WORD:
        if (v->type == PICK_STRING) {
            if (h->words.len > 0)
                buf_char(&h->words, ' ');
            buf_add(&h->words, v->text.p, v->text.n);
        }
        break;
    case ARG:
        argument(h, v);
        break;
    case FROM:
        if (v->type == PICK_STRING && !h->too_many)
            edit(h)->from = v->text;
        break;
    case TO:
        if (v->type == PICK_STRING && !h->too_many)
            edit(h)->to = v->text;
        break;
    case ALL:
        if (!h->too_many)
            edit(h)->all = pick_true(v);
        break;
    case EDIT:
        if (v->type == PICK_BEGIN && h->edits < HOOK_EDITS_MAX)
            h->edits++;
        else if (v->type == PICK_BEGIN)
            h->too_many = true;
        break;
    default:
        break;
    }
}

/* Behind a string that begins at i; the text is valid JSON. */
static size_t after_string(const char *s, size_t n, size_t i)
{
    for (i++; i < n && s[i] != '"'; i++)
        if (s[i] == '\\')
            i++;
    return i + 1;
}

/* A member of the outermost object, as it is written. */
static struct span member(const char *s, size_t n, const char *name)
{
    size_t depth = 0, i = 0, from = 0, len = strlen(name);
    bool in = false, key = false;

    while (i < n) {
        if (s[i] == '"') {
            size_t end = after_string(s, n, i);

            if (depth == 1 && key && !in && end - i == len + 2 && end <= n &&
                memcmp(s + i + 1, name, len) == 0) {
                for (i = end; i < n && s[i] != ':'; i++)
                    ;
                from = i + 1;
                in = true;
                key = false;
                i++;
                continue;
            }
            i = end;
            continue;
        }
        if (s[i] == '{' || s[i] == '[')
            depth++;
        else if ((s[i] == '}' || s[i] == ']') && depth > 0)
            depth--;
        if (in && (depth == 0 || (depth == 1 && s[i] == ',')))
            return (struct span){s + from, i - from};
        if (depth == 1 && (s[i] == ',' || s[i] == '{'))
            key = true;
        else if (depth == 1 && s[i] == ':')
            key = false;
        i++;
    }
    return (struct span){NULL, 0};
}

bool hook_read(struct hook_input *h, const char *text, size_t n)
{
    memset(h, 0, sizeof *h);
    buf_init(&h->words, HOOK_INPUT_MAX);
    h->pick = pick_create(rules);
    if (pick_run(h->pick, text, n, on_value, h, NULL) != 0)
        return false;
    if (h->words.len > 0 && h->command.p == NULL)
        h->command = (struct span){buf_text(&h->words), h->words.len};
    h->raw = member(text, n, "tool_input");
    while (h->raw.n > 0 && strchr(" \t\r\n", h->raw.p[0]) != NULL) {
        h->raw.p++;
        h->raw.n--;
    }
    if (h->event.n == 0 && h->notification.n > 0)
        h->event = span_of("notify");
    return h->event.n > 0;
}

void hook_finish(struct hook_input *h)
{
    pick_destroy(h->pick);
    buf_finish(&h->words);
}

int hook_cut(struct span s, size_t max)
{
    if (s.n <= max)
        return (int)s.n;
    while (max > 0 && ((unsigned char)s.p[max] & 0xc0) == 0x80)
        max--;
    return (int)max;
}
