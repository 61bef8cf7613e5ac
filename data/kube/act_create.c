#include "config.h"

#include "data/kube/act_create.h"

#include "base/hash.h"
#include "base/when.h"
#include "base/xalloc.h"
#include "data/json/pick.h"
#include "data/json/to_yaml.h"
#include "data/json/write.h"
#include "data/kube/act_priv.h"
#include "data/kube/compose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A form's field and where the object says it. */
struct place {
    enum act act;
    const char *key, *path;
    enum compose_type type;
};

static const struct place places[] = {
    {ACT_SPAWN, "name", "metadata.name", COMPOSE_TEXT},
    {ACT_SPAWN, "ns", "metadata.namespace", COMPOSE_TEXT},
    {ACT_SPAWN, "genus", "spec.genus", COMPOSE_TEXT},
    {ACT_SPAWN, "image", "spec.image", COMPOSE_TEXT},
    {ACT_SPAWN, "replicas", "spec.replicas", COMPOSE_INT},
    {ACT_SPAWN, "mode", "spec.deployMode", COMPOSE_TEXT},
    {ACT_SPAWN, "entrypoint", "spec.entrypoint", COMPOSE_TEXT},
    {ACT_SPAWN, "cpu", "spec.resources.limits.cpu", COMPOSE_TEXT},
    {ACT_SPAWN, "memory", "spec.resources.limits.memory", COMPOSE_TEXT},
    {ACT_SPAWN, "sidecar", "spec.symbiont.memory.enabled", COMPOSE_YES},
    {ACT_DEPOSIT, "name", "metadata.name", COMPOSE_TEXT},
    {ACT_DEPOSIT, "ns", "metadata.namespace", COMPOSE_TEXT},
    {ACT_DEPOSIT, "type", "spec.type", COMPOSE_TEXT},
    {ACT_DEPOSIT, "source", "spec.source", COMPOSE_TEXT},
    {ACT_DEPOSIT, "target", "spec.target", COMPOSE_TEXT},
    {ACT_DEPOSIT, "intensity", "spec.initialIntensity", COMPOSE_NUMBER},
    {ACT_DEPOSIT, "half", "spec.halfLifeMinutes", COMPOSE_NUMBER},
    {ACT_DEPOSIT, "ttl", "spec.ttl_seconds", COMPOSE_INT},
    {ACT_DEPOSIT, "command", "spec.payload", COMPOSE_TEXT},
    {ACT_PROPOSE, "name", "metadata.name", COMPOSE_TEXT},
    {ACT_PROPOSE, "ns", "metadata.namespace", COMPOSE_TEXT},
    {ACT_PROPOSE, "title", "spec.description", COMPOSE_TEXT},
    {ACT_PROPOSE, "change", "spec.changeType", COMPOSE_TEXT},
    {ACT_PROPOSE, "kind", "spec.target.kind", COMPOSE_TEXT},
    {ACT_PROPOSE, "target", "spec.target.name", COMPOSE_TEXT},
    {ACT_PROPOSE, "in", "spec.target.namespace", COMPOSE_TEXT},
    {ACT_PROPOSE, "reason", "spec.rationale", COMPOSE_TEXT},
    {ACT_PROPOSE, "added", "spec.magnitude.linesAdded", COMPOSE_INT},
    {ACT_PROPOSE, "removed", "spec.magnitude.linesRemoved", COMPOSE_INT},
    {ACT_PROPOSE, "files", "spec.magnitude.filesChanged", COMPOSE_INT},
    {ACT_PROPOSE, "tests", "spec.magnitude.testsAdded", COMPOSE_INT},
    {ACT_PROPOSE, "approvers", "spec.reviewRequirements.requiredApprovers",
     COMPOSE_INT},
    {ACT_PROPOSE, "merge", "spec.reviewRequirements.autoMerge", COMPOSE_YES},
    {ACT_PROPOSE, "tgent", "spec.reviewRequirements.tGentValidation",
     COMPOSE_YES},
};
#define PLACES (sizeof places / sizeof *places)

struct creating {
    const struct store *st;
    const char *user;
    struct plan *p;
    struct compose c;
    struct error *err;
    char at[24], name[ACT_NAME], ns[ACT_NAME];
};

const char *kube_create_key(enum act a, const char *path)
{
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].act == a && strcmp(places[i].path, path) == 0)
            return places[i].key;
    return "";
}

/* Why there is no plan, and which field says so. */
static int fault(struct creating *k, const char *key, const char *what)
{
    snprintf(k->p->field, sizeof k->p->field, "%s", key);
    return error_set(k->err, ERR_SYNTAX, "%s", what);
}

static bool lower_name(const char *s, bool dots, size_t max)
{
    size_t n = strlen(s);

    if (n == 0 || n > max || s[0] == '-' || s[0] == '.' || s[n - 1] == '-' ||
        s[n - 1] == '.')
        return false;
    for (; *s != '\0'; s++) {
        bool dot = *s == '.' && dots && s[1] != '.' && s[1] != '-' &&
                   s[-1] != '-';

        if (!(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') &&
            *s != '-' && !dot)
            return false;
    }
    return true;
}

static int check_names(struct creating *k)
{
    if (k->ns[0] == '\0')
        return fault(k, "ns", "in which namespace?");
    if (!lower_name(k->ns, false, 63))
        return fault(k, "ns", "a-z, 0-9 and - inside, at most 63, are "
                              "expected");
    if (k->name[0] == '\0')
        return fault(k, "name", "a name is missing");
    if (!lower_name(k->name, true, 253))
        return fault(k, "name", "a-z, 0-9, - and . inside, at most 253, are "
                                "expected");
    return 0;
}

/* A name nobody has: what it is, when, and a little chance. */
static void make_name(const char *word, int64_t now_ms, char ret[ACT_NAME])
{
    uint32_t chance = (uint32_t)now_ms;
    int n = 0;

    if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
        chance = (uint32_t)now_ms * 2654435761u;
    for (; *word != '\0' && n < 40; word++) {
        char c = *word | 0x20;

        if ((c >= 'a' && c <= 'z') || (*word >= '0' && *word <= '9'))
            ret[n++] = c >= 'a' ? c : *word;
        else if (n > 0 && ret[n - 1] != '-')
            ret[n++] = '-';
    }
    while (n > 0 && ret[n - 1] == '-')
        n--;
    snprintf(ret + n, (size_t)(ACT_NAME - n), "%s%08x", n > 0 ? "-" : "x",
             chance);
}

static int set(struct creating *k, const char *key, const char *path,
               enum compose_type type, const char *text)
{
    struct error why;

    if (text[0] == '\0' || compose_set(&k->c, path, type, text, &why) == 0)
        return 0;
    return fault(k, key, why.msg);
}

/* What the form says, into the object. */
static int take_fields(struct creating *k)
{
    const struct act_want *w = &k->p->want;

    for (size_t i = 0; i < PLACES; i++) {
        const struct place *f = &places[i];

        if (f->act != w->act || strcmp(f->key, "name") == 0 ||
            strcmp(f->key, "ns") == 0)
            continue;
        /* of a CHAOS the reason is why, and no part of the object */
        if (set(k, f->key, f->path, f->type, want_get(w, f->key)) != 0)
            return k->err->code;
    }
    return 0;
}

static const char *get(struct creating *k, const char *path, char ret[ACT_NAME])
{
    return compose_get(&k->c, path, ret, ACT_NAME);
}

/* The names: the form's, else the file's, else where one looks. */
static int take_names(struct creating *k, const char *word, int64_t now_ms)
{
    struct act_want *w = &k->p->want;

    snprintf(k->name, sizeof k->name, "%s", w->name);
    snprintf(k->ns, sizeof k->ns, "%s", w->ns);
    if (k->name[0] == '\0')
        get(k, "metadata.name", k->name);
    if (k->name[0] == '\0' && word[0] != '\0')
        make_name(word, now_ms, k->name);
    if (k->ns[0] == '\0')
        get(k, "metadata.namespace", k->ns);
    if (k->ns[0] == '\0')
        snprintf(k->ns, sizeof k->ns, "%s", want_more(w, "here"));
    if (check_names(k) != 0)
        return k->err->code;
    memcpy(w->name, k->name, sizeof w->name);
    memcpy(w->ns, k->ns, sizeof w->ns);
    if (compose_set(&k->c, "metadata.name", COMPOSE_TEXT, k->name, k->err) != 0)
        return k->err->code;
    return compose_set(&k->c, "metadata.namespace", COMPOSE_TEXT, k->ns,
                       k->err);
}

static int read_file(struct creating *k, const char *key, const char *kind)
{
    const char *path = want_more(&k->p->want, key);

    if (path[0] == '\0')
        return 0;
    if (compose_read(&k->c, path, kind, k->err) == 0)
        return 0;
    snprintf(k->p->field, sizeof k->p->field, "%s", key);
    return k->err->code;
}

static int finish(struct creating *k, const char *api_kind,
                  const char *plural)
{
    struct plan *p = k->p;
    struct buf b;
    int code;

    if (compose_set(&k->c, "apiVersion", COMPOSE_TEXT, "kgents.io/v1",
                    k->err) != 0 ||
        compose_set(&k->c, "kind", COMPOSE_TEXT, api_kind, k->err) != 0)
        return k->err->code;
    buf_init(&b, COMPOSE_BODY);
    code = compose_json(&k->c, &b, k->err);
    if (code == 0)
        p->body = xstrndup(buf_text(&b), b.len);
    buf_finish(&b);
    if (code != 0) {
        snprintf(p->field, sizeof p->field, "%s",
                 p->want.act == ACT_SPAWN ? "template" : "object");
        return code;
    }
    if (k->c.dropped)
        plan_line(p, "what the server itself keeps (status, uid …) is left "
                     "out");
    snprintf(p->method, sizeof p->method, "POST");
    snprintf(p->path, sizeof p->path,
             "/apis/kgents.io/v1/namespaces/%s/%s"
             "?fieldManager=terrarium&fieldValidation=Strict",
             k->ns, plural);
    p->tries = true;
    return 0;
}

/* Of what a person saw: all but the moment and a made name. */
static void digest(struct creating *k)
{
    uint64_t h[2] = {0x9e3779b97f4a7c15u, 0xd1b54a32d192ed03u};

    for (int i = 0; i < k->c.count; i++) {
        const char *path = k->c.sets[i].path, *text = k->c.sets[i].text;

        if (strcmp(path, "spec.emittedAt") == 0 ||
            strcmp(path, "metadata.name") == 0)
            continue;
        h[0] = hash_more(h[0], path, strlen(path) + 1);
        h[0] = hash_more(h[0], text, strlen(text) + 1);
    }
    h[1] ^= k->c.file_hash;
    snprintf(k->p->digest, sizeof k->p->digest, "%016llx%016llx",
             (unsigned long long)h[0], (unsigned long long)h[1]);
}

/* ---- an agent ---------------------------------------------------------- */

/* Who has that genus there: "a, b and 3 more"; how many. */
static int kin(const struct creating *k, const char *genus, char *ret,
               size_t size)
{
    int n = 0;
    size_t at = 0;

    ret[0] = '\0';
    for (uint32_t i = 0; i < k->st->agents.used; i++) {
        const struct agent *a = store_agent(k->st, i);

        if (a == NULL || a->genus == NULL || strcmp(a->genus, genus) != 0 ||
            strcmp(a->ns, k->ns) != 0)
            continue;
        if (++n <= 3)
            at += (size_t)snprintf(ret + at, size - at, "%s%.40s",
                                   n > 1 ? ", " : "", a->name);
    }
    if (n > 3)
        snprintf(ret + at, size - at, " and %d more", n - 3);
    return n;
}

static void tell_kin(struct creating *k, const char *genus, const char *g)
{
    char names[180];

    if (kin(k, genus, names, sizeof names) > 0)
        plan_line(k->p, "%s-gent is shared with %s: one Deployment for all "
                        "of genus %s", g, names, genus);
}

static void tell_agent(struct creating *k)
{
    char genus[ACT_NAME], image[ACT_NAME], n[ACT_NAME], mode[ACT_NAME],
        side[ACT_NAME], g[16];
    struct plan *p = k->p;
    bool dry;

    get(k, "spec.genus", genus);
    get(k, "spec.image", image);
    get(k, "spec.replicas", n);
    get(k, "spec.symbiont.memory.enabled", side);
    dry = strcmp(get(k, "spec.deployMode", mode), "DRY_RUN") == 0;
    snprintf(g, sizeof g, "%.15s", genus);
    for (char *c = g; *c != '\0'; c++)
        *c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
    plan_line(p, "Agent %.100s of genus %.20s in %.63s, as %.60s", k->name,
              genus, k->ns, k->user);
    if (dry) {
        plan_line(p, "DRY_RUN: the operator makes nothing of it");
        return;
    }
    plan_line(p, "the operator makes Deployment and Service %s-gent, %s pod%s "
                 "of %.80s", g, n[0] ? n : "1", strcmp(n, "1") == 0 || !n[0]
                 ? "" : "s", image[0] ? image : "python:3.12-slim");
    tell_kin(k, genus, g);
    if (mode[0] == '\0' || strcmp(mode, "PLACEHOLDER") == 0)
        plan_line(p, "PLACEHOLDER: a shell that sleeps; FULL runs its code");
    if (strcmp(side, "no") != 0 && strcmp(side, "false") != 0)
        plan_line(p, "its d-gent container runs a module that does not exist: "
                     "no pod gets ready");
    if (!compose_filed(&k->c, "spec.networkPolicy"))
        plan_line(p, "no network out of it, not even DNS (NetworkPolicy)");
    if (strcmp(genus, "N") == 0 || strcmp(genus, "Y") == 0)
        plan_line(p, "genus %s is refused where the kind was installed with a "
                     "bare N and Y", genus);
}

static int plan_agent(struct creating *k)
{
    char text[ACT_NAME];

    if (read_file(k, "template", "Agent") != 0 || take_fields(k) != 0 ||
        take_names(k, "", 0) != 0)
        return k->err->code;
    if (get(k, "spec.genus", text)[0] == '\0')
        return fault(k, "genus", "a genus is missing: A to Z, PSI or OMEGA");
    get(k, "spec.image", text);
    if (text[strcspn(text, " \t\r\n")] != '\0')
        return fault(k, "image", "an image has no blanks");
    snprintf(k->p->title, sizeof k->p->title, "spawn %.100s", k->name);
    k->p->friction = RISK_MEDIUM;
    tell_agent(k);
    return finish(k, "Agent", "agents");
}

/* ---- a pheromone ------------------------------------------------------- */

struct chaos {
    char action[64], ns[64];
};

static void on_chaos(void *arg, int field, const struct pick_value *v)
{
    struct chaos *c = arg;

    if (v->type == PICK_STRING)
        snprintf(field == 0 ? c->action : c->ns, 64, "%.*s", (int)v->text.n,
                 v->text.p);
}

/* What the operator makes of it, once, when it appears. */
static void tell_chaos(struct creating *k)
{
    static const struct pick_rule rules[] = {
        {"action", 0}, {"namespace", 1}, {NULL, 0}};
    const char *payload = k->p->want.command;
    struct chaos c = {"", ""};
    struct pick *pick = pick_create(rules);
    struct error ignored;

    if (pick_run(pick, payload, strlen(payload), on_chaos, &c, &ignored) != 0)
        c = (struct chaos){"", ""};
    pick_destroy(pick);
    snprintf(k->p->type, sizeof k->p->type, "%s", c.ns[0] ? c.ns : k->ns);
    k->p->friction = RISK_CRITICAL;
    if (strcmp(c.action, "terminate_random_pod") == 0)
        plan_line(k->p, "CHAOS: the operator deletes one random pod of kgents "
                        "in %.63s, at once", k->p->type);
    else if (c.action[0] != '\0')
        plan_line(k->p, "CHAOS: the operator logs “%.60s” and does no more",
                  c.action);
    else
        plan_line(k->p, "CHAOS acts by its payload: {\"action\":"
                        "\"terminate_random_pod\",\"namespace\":…}");
}

static void tell_signal(struct creating *k)
{
    char type[ACT_NAME], from[ACT_NAME], to[ACT_NAME], i[ACT_NAME],
        half[ACT_NAME], ttl[ACT_NAME];
    double initial, minutes;

    get(k, "spec.type", type);
    get(k, "spec.source", from);
    get(k, "spec.target", to);
    initial = get(k, "spec.initialIntensity", i)[0] ? strtod(i, NULL) : 1;
    minutes = get(k, "spec.halfLifeMinutes", half)[0] ? strtod(half, NULL)
                                                      : 10;
    minutes *= strcmp(type, "DREAM") == 0 ? 2 : 1;
    plan_line(k->p, "from %.60s to %.60s in %.63s, as %.60s", from,
              to[0] ? to : "all", k->ns, k->user);
    plan_line(k->p, "%.2f now, half of it every %g min; below 0.01, and gone, "
                    "in %.0f min", initial, minutes,
              initial > 0.01 ? minutes * log2(initial / 0.01) : 0.0);
    if (get(k, "spec.ttl_seconds", ttl)[0] != '\0')
        plan_line(k->p, "gone after %.20s s whatever is left of it", ttl);
    if (strcmp(type, "CHAOS") == 0)
        tell_chaos(k);
}

static int plan_signal(struct creating *k, int64_t now_ms)
{
    const char *type = want_more(&k->p->want, "type");
    char word[80];

    if (type[0] == '\0')
        return fault(k, "type", "which type of signal?");
    snprintf(word, sizeof word, "%.40s", type);
    if (take_fields(k) != 0 || take_names(k, word, now_ms) != 0)
        return k->err->code;
    if (want_more(&k->p->want, "source")[0] == '\0' &&
        compose_set(&k->c, "spec.source", COMPOSE_TEXT, k->user, k->err) != 0)
        return k->err->code;
    if (compose_set(&k->c, "spec.emittedAt", COMPOSE_TEXT, k->at, k->err) != 0)
        return k->err->code;
    snprintf(k->p->title, sizeof k->p->title, "deposit %.40s %.100s", type,
             k->name);
    k->p->friction = RISK_MEDIUM;
    tell_signal(k);
    return finish(k, "Pheromone", "pheromones");
}

static int plan_wipe(struct creating *k)
{
    struct plan *p = k->p;
    const struct act_want *w = &p->want;
    const struct pheromone *f = store_pheromone(
        k->st, store_find(k->st, KIND_PHEROMONE, span_of(w->ns),
                          span_of(w->name)));
    char uid[37];
    struct buf b;
    struct json j;

    if (f == NULL || memcmp(f->uid, w->uid, sizeof f->uid) != 0)
        return error_set(k->err, ERR_ABSENT, "it has gone already");
    if (act_check_names(f->ns, f->name, k->err) != 0)
        return k->err->code;
    snprintf(p->title, sizeof p->title, "wipe %.100s", f->name);
    plan_line(p, "%s from %.60s to %.60s, deleted for all who sense it",
              f->other_type ? f->other_type
                            : signal_name((enum signal)f->type),
              f->source ? f->source : "nobody named",
              f->target ? f->target : "all");
    if (f->type == SIGNAL_CHAOS)
        plan_line(p, "CHAOS has acted when it appeared: that is not undone");
    if (strncmp(f->name, "review-", 7) == 0)
        plan_line(p, "it asks for the review of proposal %.100s",
                  f->name + 7);
    plan_line(p, "as %.60s", k->user);
    p->friction = RISK_MEDIUM;
    snprintf(p->method, sizeof p->method, "DELETE");
    snprintf(p->path, sizeof p->path,
             "/apis/kgents.io/v1/namespaces/%s/pheromones/%s", f->ns, f->name);
    buf_init(&b, 1024);
    json_begin(&j, &b);
    json_map(&j, NULL);
    json_text(&j, "kind", "DeleteOptions");
    json_text(&j, "apiVersion", "v1");
    if (act_uid_text(f->uid, uid)) {
        json_map(&j, "preconditions");
        json_text(&j, "uid", uid);
        json_map_end(&j);
    }
    json_map_end(&j);
    json_end(&j);
    p->body = xstrndup(buf_text(&b), b.len);
    buf_finish(&b);
    return 0;
}

/* ---- a proposal -------------------------------------------------------- */

static int32_t number(struct creating *k, const char *path)
{
    char text[ACT_NAME];
    long v = strtol(get(k, path, text), NULL, 10);

    return v < 0 ? 0 : v > 100000000 ? 100000000 : (int32_t)v;
}

static bool says(struct creating *k, const char *path, bool otherwise)
{
    char text[ACT_NAME];

    get(k, path, text);
    return text[0] == '\0' ? otherwise
                           : strcmp(text, "yes") == 0 ||
                                 strcmp(text, "true") == 0;
}

static void tell_review(struct creating *k, double risk)
{
    int32_t approvers =
        number(k, "spec.reviewRequirements.requiredApprovers");
    bool tgent = says(k, "spec.reviewRequirements.tGentValidation", true);

    if (says(k, "spec.reviewRequirements.autoMerge", true) && risk <= 0.2 &&
        approvers == 0 && !tgent)
        plan_line(k->p, "nobody decides: the operator approves it at once");
    else if (tgent)
        plan_line(k->p, "%d approver%s, and the T-gent must pass: without one "
                        "it waits for ever", approvers > 0 ? approvers : 1,
                  approvers > 1 ? "s" : "");
    else
        plan_line(k->p, "%d approver%s; the T-gent is not asked",
                  approvers > 0 ? approvers : 1, approvers > 1 ? "s" : "");
}

static void tell_proposal(struct creating *k)
{
    char change[ACT_NAME], kind[ACT_NAME], name[ACT_NAME];
    struct risk_input in = {
        number(k, "spec.magnitude.linesAdded"),
        number(k, "spec.magnitude.linesRemoved"),
        number(k, "spec.magnitude.filesChanged"),
        number(k, "spec.magnitude.testsAdded"),
        number(k, "spec.magnitude.testsRemoved")};
    struct risk r;
    double velocity = 0.1;

    get(k, "spec.changeType", change);
    get(k, "spec.target.kind", kind);
    get(k, "spec.target.name", name);
    for (uint32_t i = 0; i < k->st->velocity_count; i++)
        if (strcmp(k->st->velocities[i].ns, k->ns) == 0)
            velocity += velocity_at(&k->st->velocities[i].v, k->st->now_ms);
    risk_compute(span_of(change), &in, velocity, &r);
    plan_line(k->p, "%.30s on %.20s/%.80s, in %.63s, by %.60s", change, kind,
              name, k->ns, k->user);
    plan_line(k->p, "its risk will be about %.2f, %s", (double)r.total,
              risk_level_name(risk_level((double)r.total)));
    tell_review(k, (double)r.total);
}

static int need(struct creating *k, const char *path, const char *what)
{
    char text[ACT_NAME];

    return get(k, path, text)[0] != '\0'
               ? 0
               : fault(k, kube_create_key(ACT_PROPOSE, path), what);
}

static const char *const needed[][2] = {
    {"spec.description", "what is proposed?"},
    {"spec.changeType", "which kind of change?"},
    {"spec.target.kind", "on which kind of object?"},
    {"spec.target.name", "on which object, or file?"},
};
#define NEEDED (sizeof needed / sizeof *needed)

/* What is there so far, for an editor; there is no plan for it. */
static void draft(struct creating *k)
{
    char text[ACT_NAME];
    struct error ignored, *err = k->err;
    char field[16];

    memcpy(field, k->p->field, sizeof field);
    k->err = &ignored;
    if (lower_name(k->p->want.ns, false, 63))
        compose_set(&k->c, "metadata.namespace", COMPOSE_TEXT, k->p->want.ns,
                    &ignored);
    for (size_t i = 0; i < NEEDED; i++)
        if (get(k, needed[i][0], text)[0] == '\0' &&
            !compose_filed(&k->c, needed[i][0]))
            compose_set(&k->c, needed[i][0], COMPOSE_TEXT, "", &ignored);
    finish(k, "Proposal", "proposals");
    k->err = err;
    memcpy(k->p->field, field, sizeof field);
}

static int plan_proposal(struct creating *k, int64_t now_ms)
{
    char title[ACT_NAME];
    int code = 0;

    if (read_file(k, "object", "Proposal") != 0 || take_fields(k) != 0)
        return k->err->code;
    if (!compose_filed(&k->c, "spec.proposer") &&
        compose_set(&k->c, "spec.proposer", COMPOSE_TEXT, k->user, k->err))
        return k->err->code;
    for (size_t i = 0; i < NEEDED && code == 0; i++)
        code = need(k, needed[i][0], needed[i][1]);
    if (code != 0) {
        draft(k);
        return code;
    }
    get(k, "spec.description", title);
    title[strcspn(title, "\r\n")] = '\0';
    if (take_names(k, title, now_ms) != 0)
        return k->err->code;
    snprintf(k->p->title, sizeof k->p->title, "propose “%.120s”", title);
    k->p->friction = RISK_MEDIUM;
    tell_proposal(k);
    return finish(k, "Proposal", "proposals");
}

unsigned kube_create_line(const struct act_want *w, const char *path)
{
    const char *key = kube_create_key(w->act, path);
    const char *file = want_more(w, w->act == ACT_SPAWN ? "template"
                                                        : "object");
    struct error ignored;
    struct compose c;
    unsigned line = 0;

    if (file[0] == '\0' || (key[0] != '\0' && want_get(w, key)[0] != '\0'))
        return 0;
    compose_init(&c);
    if (compose_read(&c, file, w->act == ACT_SPAWN ? "Agent" : "Proposal",
                     &ignored) == 0)
        line = compose_line(&c, path);
    compose_finish(&c);
    return line;
}

int kube_plan_create(const struct store *st, const char *user, int64_t now_ms,
                     struct plan *p, struct error *err)
{
    struct creating k = {.st = st, .user = user, .p = p, .err = err};
    int code;

    compose_init(&k.c);
    when_format(now_ms, k.at);
    switch (p->want.act) {
    case ACT_SPAWN:
        code = plan_agent(&k);
        break;
    case ACT_DEPOSIT:
        code = plan_signal(&k, now_ms);
        break;
    case ACT_PROPOSE:
        code = plan_proposal(&k, now_ms);
        break;
    default:
        code = plan_wipe(&k);
    }
    if (code == 0 && p->want.act == ACT_WIPE)
        act_digest(p, p->want.uid);
    else if (code == 0)
        digest(&k);
    compose_finish(&k.c);
    return code;
}
