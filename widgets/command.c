#include "config.h"

#include "widgets/command.h"

#include "tui/keys.h"
#include "tui/text.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64 /* that are offered */

static const struct command_row rows[COMMAND_COUNT] = {
#define COMMAND_ROW(id, name, arg, help) {name, arg, help},
    COMMAND_MAP(COMMAND_ROW)
#undef COMMAND_ROW
};

const struct command_row *command_row(enum command c)
{
    return &rows[c];
}

/* The command of that name, or the only one that begins so. */
static enum command find(const char *name, size_t n, int *ret_count)
{
    enum command found = COMMAND_COUNT;

    *ret_count = 0;
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(rows[i].name, name, n) != 0)
            continue;
        if (rows[i].name[n] == '\0') {
            *ret_count = 1;
            return (enum command)i;
        }
        found = (enum command)i;
        ++*ret_count;
    }
    return *ret_count == 1 ? found : COMMAND_COUNT;
}

enum command command_read(const char *line, const char **ret_arg,
                          struct error *err)
{
    size_t n, left;
    enum command c;
    int count;

    line += strspn(line, " ");
    n = strcspn(line, " ");
    *ret_arg = line + n + strspn(line + n, " ");
    left = strcspn(*ret_arg, " ");
    if (n == 0) {
        error_set(err, ERR_SYNTAX, "expected a command, Tab lists them");
        return COMMAND_COUNT;
    }
    c = find(line, n, &count);
    if (c == COMMAND_COUNT)
        error_set(err, ERR_SYNTAX,
                  count > 1 ? "several commands begin with %.*s"
                            : "there is no command %.*s, Tab lists them",
                  (int)(n < 40 ? n : 40), line);
    else if (rows[c].arg == NULL && **ret_arg != '\0')
        error_set(err, ERR_SYNTAX, "%s takes nothing more", rows[c].name);
    else if (rows[c].arg != NULL && left == 0)
        error_set(err, ERR_SYNTAX, "%s wants %s, Tab lists them",
                  rows[c].name, rows[c].arg);
    else if ((*ret_arg)[left + strspn(*ret_arg + left, " ")] != '\0')
        error_set(err, ERR_SYNTAX, "%s takes one %s", rows[c].name,
                  rows[c].arg);
    else
        return c;
    return COMMAND_COUNT;
}

/* Names that may be offered; each once. */
struct names {
    const char *at[NAMES_MAX];
    int count;
};

static void offer(struct names *l, const char *name, const char *begin)
{
    if (l->count == NAMES_MAX || strncmp(name, begin, strlen(begin)) != 0)
        return;
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->at[i], name) == 0)
            return;
    l->at[l->count++] = name;
}

static void offer_arguments(const struct ui *u, enum command c,
                            const char *begin, struct names *l)
{
    if (c == COMMAND_CTX)
        for (int i = 0; i < u->context_count; i++)
            offer(l, u->contexts[i], begin);
    for (uint32_t i = 0; c == COMMAND_OBJECTIVE && i < u->st->objects.used;
         i++) {
        const struct object *b = store_object(u->st, i);

        if (b != NULL && b->kind == KIND_OBJECTIVE)
            offer(l, b->name, begin);
    }
    if (c != COMMAND_NS)
        return;
    offer(l, "*", begin);
    for (uint32_t i = 0; i < u->st->agents.used; i++) {
        const struct agent *a = store_agent(u->st, i);

        if (a != NULL && a->ns[0] != '\0')
            offer(l, a->ns, begin);
    }
}

/* How far all names are the same. */
static size_t common(const struct names *l)
{
    size_t n = strlen(l->at[0]);

    for (int i = 1; i < l->count; i++) {
        size_t k = 0;

        while (k < n && l->at[i][k] == l->at[0][k])
            k++;
        n = k;
    }
    return n;
}

bool command_complete(const struct ui *u, char *line, size_t size, char *ret,
                      size_t ret_size)
{
    struct names l = {.count = 0};
    char *word = line + strspn(line, " ");
    size_t n = strcspn(word, " "), len = 0;
    int count;

    ret[0] = '\0';
    if (word[n] == '\0') {
        for (int i = 0; i < COMMAND_COUNT; i++)
            offer(&l, rows[i].name, word);
    } else {
        enum command c = find(word, n, &count);

        word += n + strspn(word + n, " ");
        if (c == COMMAND_COUNT || strchr(word, ' ') != NULL)
            return false;
        offer_arguments(u, c, word, &l);
    }
    if (l.count == 0)
        return false;
    for (int i = 0; i < l.count && len + 1 < ret_size; i++)
        len += (size_t)snprintf(ret + len, ret_size - len, "%s%s",
                                i > 0 ? "  " : "", l.at[i]);
    snprintf(word, size - (size_t)(word - line), "%.*s%s", (int)common(&l),
             l.at[0], l.count == 1 ? " " : "");
    return true;
}

static void close_prompt(struct ui *u)
{
    u->commanding = false;
    u->command[0] = u->command_offers[0] = '\0';
    error_clear(&u->command_error);
}

static void view(struct ui *u, enum pane pane)
{
    while (u->page != PAGE_NONE)
        ui_close_page(u);
    u->focus = pane;
}

static void list(struct ui *u, unsigned only)
{
    view(u, u->focus);
    roster_show(&u->roster, only);
    ui_open_page(u, PAGE_OBJECTS);
}

/* The objective of that id; of several namespaces the first. */
static uint32_t find_objective(const struct store *st, struct span id)
{
    for (uint32_t i = 0; i < st->objects.used; i++) {
        const struct object *b = store_object(st, i);

        if (b != NULL && b->kind == KIND_OBJECTIVE &&
            span_same(span_of(b->name), id))
            return i;
    }
    return SLOT_NONE;
}

static void tell(struct ui *u, int64_t now_ms, const char *text)
{
    snprintf(u->notice, sizeof u->notice, "%s", text);
    u->notice_until_ms = now_ms + 5000;
}

static void objective(struct ui *u, const char *arg, int64_t now_ms)
{
    const struct span id = {arg, strcspn(arg, " ")};
    uint32_t slot = find_objective(u->st, id);

    if (slot == SLOT_NONE) {
        tell(u, now_ms, "there is no such objective");
        return;
    }
    list(u, 1u << KIND_OBJECTIVE); /* Esc leads to the others */
    ui_open(u, KIND_OBJECTIVE, slot);
}

static enum effect run(struct ui *u, enum command c, const char *arg,
                       int64_t now_ms)
{
    u->command_arg[0] = '\0';
    switch (c) {
    case COMMAND_AGENTS:
        view(u, PANE_AGENTS);
        break;
    case COMMAND_PHEROMONES:
        view(u, PANE_HEAT);
        break;
    case COMMAND_PROPOSALS:
        view(u, PANE_PROPOSALS);
        break;
    case COMMAND_THOUGHTS:
        view(u, PANE_THOUGHTS);
        break;
    case COMMAND_MISSIONS:
        list(u, 1u << KIND_MISSION);
        break;
    case COMMAND_OBJECTIVES:
        list(u, 1u << KIND_OBJECTIVE);
        break;
    case COMMAND_OBJECTIVE:
        objective(u, arg, now_ms);
        break;
    case COMMAND_OBJECTS:
        list(u, 0);
        break;
    case COMMAND_GRAPH:
        if (u->graph == NULL) {
            tell(u, now_ms, "no source is a knowledge graph");
            break;
        }
        view(u, u->focus);
        ui_open_page(u, PAGE_GRAPH);
        return EFFECT_LOOK;
    case COMMAND_BUDGETS:
        view(u, u->focus);
        ui_open_page(u, PAGE_BUDGETS);
        break;
    case COMMAND_RECEIPTS:
        if (u->gate != NULL) {
            view(u, u->focus);
            ui_open_page(u, PAGE_RECEIPTS);
        } else {
            tell(u, now_ms, "nothing can be done here");
        }
        break;
    case COMMAND_HELP:
        ui_open_page(u, PAGE_HELP);
        break;
    case COMMAND_QUIT:
        return EFFECT_QUIT;
    case COMMAND_RELOAD:
        return EFFECT_RELOAD;
    default:
        snprintf(u->command_arg, sizeof u->command_arg, "%.*s",
                 (int)strcspn(arg, " "), arg);
        return c == COMMAND_CTX ? EFFECT_CTX : EFFECT_NS;
    }
    return EFFECT_NONE;
}

enum effect command_key(struct ui *u, uint32_t key, bool pasted,
                        int64_t now_ms)
{
    char line[sizeof u->command];
    const char *arg;
    enum command c;

    error_clear(&u->command_error);
    if (pasted) {
        text_type(u->command, sizeof u->command, key);
        return EFFECT_NONE;
    }
    switch (key) {
    case TERM_KEY_ESCAPE:
        close_prompt(u);
        return EFFECT_NONE;
    case TERM_KEY_BACKSPACE:
        if (u->command[0] == '\0')
            close_prompt(u);
        else
            text_erase(u->command);
        return EFFECT_NONE;
    case 'u' & 0x1f:
        u->command[0] = '\0';
        return EFFECT_NONE;
    case TERM_KEY_TAB:
        if (!command_complete(u, u->command, sizeof u->command,
                              u->command_offers, sizeof u->command_offers))
            error_set(&u->command_error, ERR_SYNTAX, "nothing begins so");
        return EFFECT_NONE;
    case TERM_KEY_ENTER:
        c = command_read(u->command, &arg, &u->command_error);
        if (c == COMMAND_COUNT)
            return EFFECT_NONE;
        memcpy(line, u->command, sizeof line);
        arg = line + (arg - u->command);
        close_prompt(u);
        return run(u, c, arg, now_ms);
    default:
        u->command_offers[0] = '\0';
        text_type(u->command, sizeof u->command, key);
        return EFFECT_NONE;
    }
}
