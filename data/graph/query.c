#include "config.h"

#include "data/graph/query.h"

#include <stdio.h>

#define PATIENCE_MS 3000 /* beyond what the server was told */

static int add_text(struct span s, struct buf *b, struct error *err)
{
    if (s.n > GRAPH_PARAM_MAX)
        return error_set(err, ERR_LIMIT, "longer than %d bytes: '%.40s…'",
                         GRAPH_PARAM_MAX, s.p);
    if (memchr(s.p, '\0', s.n) != NULL)
        return error_set(err, ERR_SYNTAX,
                         "a zero byte cannot be asked for");
    buf_char(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\')
            buf_char(b, '\\');
        buf_char(b, s.p[i]);
    }
    buf_char(b, '\'');
    return 0;
}

static int add_param(const struct graph_param *p, struct buf *b,
                     struct error *err)
{
    buf_fmt(b, " %s=", p->name);
    if (p->text.p != NULL)
        return add_text(p->text, b, err);
    if (p->ids == NULL) {
        buf_fmt(b, "%lld", (long long)p->number);
        return 0;
    }
    if (p->count > GRAPH_IDS_MAX)
        return error_set(err, ERR_LIMIT, "more than %d nodes at once",
                         GRAPH_IDS_MAX);
    for (int i = 0; i < p->count; i++)
        buf_fmt(b, "%c%lld", i == 0 ? '[' : ',', (long long)p->ids[i]);
    buf_str(b, p->count == 0 ? "[]" : "]");
    return 0;
}

int graph_query(const struct graph_param *params, int count,
                const char *cypher, struct buf *ret, struct error *err)
{
    error_clear(err);
    buf_clear(ret);
    if (count > 0)
        buf_str(ret, "CYPHER");
    for (int i = 0; i < count; i++) {
        if (add_param(&params[i], ret, err) != 0) {
            buf_clear(ret);
            return err->code;
        }
    }
    if (count > 0)
        buf_char(ret, ' ');
    buf_str(ret, cypher);
    if (ret->over) {
        ret->over = false;
        buf_clear(ret);
        return error_set(err, ERR_LIMIT, "the query is too long");
    }
    return 0;
}

int graph_ask(struct resp *r, const char *graph, const struct buf *query,
              int64_t timeout_ms, bool plain, resp_cb cb, void *arg,
              struct error *err)
{
    struct span words[] = {span_of("GRAPH.RO_QUERY"),
                           span_of(graph),
                           {query->ptr, query->len},
                           span_of("TIMEOUT"),
                           {NULL, 0}};
    char number[24];

    snprintf(number, sizeof number, "%lld", (long long)timeout_ms);
    words[4] = span_of(number);
    return resp_ask(r, words, plain ? 3 : 5, timeout_ms + PATIENCE_MS, cb,
                    arg, err);
}

enum graph_trouble graph_trouble(const struct error *err)
{
    static const struct {
        const char *text;
        enum graph_trouble is;
    } known[] = {
        {"Invalid graph operation on empty key", GRAPH_TROUBLE_EMPTY},
        {"Query timed out", GRAPH_TROUBLE_SLOW},
        {"TIMEOUT_MAX", GRAPH_TROUBLE_TIMEOUT},
        {"unknown command", GRAPH_TROUBLE_NO_MODULE},
        {"WRONGTYPE", GRAPH_TROUBLE_NO_GRAPH},
    };

    if (err->code == ERR_SERVER)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strstr(err->msg, known[i].text) != NULL)
                return known[i].is;
    return GRAPH_TROUBLE_OTHER;
}
