#include "config.h"

#include "app/notify.h"

#include "data/act/plan.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

void notify_init(struct notify *n, const struct options *o)
{
    *n = (struct notify){.command = o->values[OPTION_NOTIFY],
                         .bell = o->values[OPTION_BELL] != NULL};
}

static void on_closed(uv_handle_t *h)
{
    ((struct notify *)h->data)->running = false;
}

static void on_exit(uv_process_t *p, int64_t status, int signal)
{
    (void)status;
    (void)signal;
    uv_close((uv_handle_t *)p, on_closed);
}

static void clean(char *ret, size_t size, const char *s)
{
    size_t n = 0;

    for (; s != NULL && *s != '\0' && n + 1 < size; s++)
        if ((unsigned char)*s >= 0x20 && *s != 0x7f)
            ret[n++] = *s;
    ret[n] = '\0';
}

static void run(struct notify *n, uv_loop_t *loop, const struct proposal *p)
{
    char *argv[WORDS_MAX + 3], title[200], who[100];
    uv_process_options_t options = {.exit_cb = on_exit,
                                    .flags = UV_PROCESS_DETACHED};
    struct words words;
    struct error err;

    if (n->running || words_split(n->command, &words, &err) != 0)
        return;
    clean(title, sizeof title, p->title);
    clean(who, sizeof who, p->proposer);
    for (int i = 0; i < words.count; i++)
        argv[i] = words.at[i];
    argv[words.count] = title;
    argv[words.count + 1] = who;
    argv[words.count + 2] = NULL;
    options.file = argv[0];
    options.args = argv;
    n->process.data = n;
    n->running = true;
    if (uv_spawn(loop, &n->process, &options) != 0)
        uv_close((uv_handle_t *)&n->process, on_closed);
    else
        uv_unref((uv_handle_t *)&n->process); /* the end does not wait */
    words_finish(&words);
}

bool notify_look(struct notify *n, uv_loop_t *loop, const struct store *st,
                 bool answered)
{
    const struct proposal *news = NULL;
    int64_t newest = n->newest_ms;

    if ((!n->bell && n->command == NULL) || !answered ||
        st->gen[KIND_PROPOSAL] == n->seen_gen)
        return false;
    n->seen_gen = st->gen[KIND_PROPOSAL];
    for (uint32_t i = 0; i < st->proposals.used; i++) {
        const struct proposal *p = store_proposal(st, i);

        if (p == NULL || p->stream == STREAM_PICTURE || !proposal_open(p) ||
            p->created_ms <= newest)
            continue;
        newest = p->created_ms;
        news = p;
    }
    n->newest_ms = newest;
    if (!n->ready) {
        n->ready = true;
        return false;
    }
    if (news != NULL && n->command != NULL)
        run(n, loop, news);
    return news != NULL && n->bell;
}

void notify_finish(struct notify *n)
{
    if (n->running && !uv_is_closing((uv_handle_t *)&n->process))
        uv_close((uv_handle_t *)&n->process, on_closed);
}
