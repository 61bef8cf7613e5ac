#include "config.h"

#include "habitat/risk_rules.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum subject { COMMAND, PATH };

struct rule {
    enum subject subject;
    const char *glob, *why;
    double score;
};

/* Globs match anywhere a command may begin: see matches_command. */
static const struct rule built_in[] = {
    {COMMAND, "rm -rf*", "deletes a tree", 0.7},
    {COMMAND, "rm -fr*", "deletes a tree", 0.7},
    {COMMAND, "rm *", "deletes files", 0.4},
    {COMMAND, "sudo *", "as another user", 0.7},
    {COMMAND, "dd *", "writes raw devices", 0.8},
    {COMMAND, "mkfs*", "formats a disk", 0.95},
    {COMMAND, "git push --force*", "rewrites a published branch", 0.75},
    {COMMAND, "git push -f*", "rewrites a published branch", 0.75},
    {COMMAND, "git push*", "publishes", 0.45},
    {COMMAND, "git reset --hard*", "throws work away", 0.5},
    {COMMAND, "git clean*", "throws work away", 0.5},
    {COMMAND, "git checkout -- *", "throws work away", 0.4},
    {COMMAND, "kubectl delete*", "deletes in a cluster", 0.8},
    {COMMAND, "kubectl *", "acts on a cluster", 0.5},
    {COMMAND, "helm *", "acts on a cluster", 0.5},
    {COMMAND, "terraform destroy*", "destroys infrastructure", 0.95},
    {COMMAND, "terraform apply*", "changes infrastructure", 0.7},
    {COMMAND, "docker *", "acts on containers", 0.3},
    {COMMAND, "npm publish*", "publishes", 0.7},
    {COMMAND, "cargo publish*", "publishes", 0.7},
    {COMMAND, "pip install*", "runs code from the net", 0.3},
    {COMMAND, "npm install*", "runs code from the net", 0.3},
    {COMMAND, "curl *", "talks to the net", 0.25},
    {COMMAND, "wget *", "talks to the net", 0.25},
    {COMMAND, "ssh *", "acts on another machine", 0.5},
    {COMMAND, "scp *", "copies to or from another machine", 0.4},
    {COMMAND, "chmod *", "changes rights", 0.3},
    {COMMAND, "chown *", "changes rights", 0.4},
    {COMMAND, "kill *", "ends processes", 0.3},
    {COMMAND, "psql *", "acts on a database", 0.4},
    {PATH, "/etc/*", "system configuration", 0.7},
    {PATH, "*/.ssh/*", "keys", 0.9},
    {PATH, "*/.aws/*", "credentials", 0.9},
    {PATH, "*/.kube/*", "credentials", 0.8},
    {PATH, "*.env", "may hold secrets", 0.6},
    {PATH, "*/.git/*", "the repository's own files", 0.6},
    {PATH, "*/.github/workflows/*", "what runs in CI", 0.5},
    {PATH, "*/migrations/*", "a database's shape", 0.45},
    {PATH, "*Dockerfile*", "what is shipped", 0.3},
};

struct risk_rules {
    struct rule *own;
    int count;
    char *text;
};

static bool read_rule(char *line, struct rule *ret)
{
    char *save = NULL, *word = strtok_r(line, " \t", &save), *glob, *score,
         *end;

    if (word == NULL)
        return false;
    if (strcmp(word, "command") == 0)
        ret->subject = COMMAND;
    else if (strcmp(word, "path") == 0)
        ret->subject = PATH;
    else
        return false;
    /* the glob may hold blanks: the score is the first number after it */
    glob = save + strspn(save, " \t");
    for (score = glob; *score != '\0'; score++) {
        if (score == glob || (score[-1] != ' ' && score[-1] != '\t'))
            continue;
        ret->score = strtod(score, &end);
        if (end != score && strchr(" \t\r", *end) != NULL &&
            ret->score >= 0 && ret->score <= 1)
            break;
    }
    if (*score == '\0' || score == glob)
        return false;
    end += strspn(end, " \t\r");
    ret->why = *end != '\0' ? end : "a rule of yours";
    for (end = score - 1; end > glob && (*end == ' ' || *end == '\t');)
        *end-- = '\0';
    ret->glob = glob;
    return true;
}

struct risk_rules *risk_rules_load(const char *file, struct error *err)
{
    struct risk_rules *r = xcalloc(1, sizeof *r);
    char *line, *rest;
    FILE *f = file != NULL ? fopen(file, "re") : NULL;
    size_t n;
    int number = 0;

    error_clear(err);
    if (f == NULL) {
        if (file != NULL && errno != ENOENT)
            error_set(err, ERR_CONFIG, "%s: %s", file, strerror(errno));
        return r;
    }
    r->text = xcalloc(1, 65537);
    n = fread(r->text, 1, 65536, f);
    fclose(f);
    r->text[n] = '\0';
    for (rest = r->text; (line = strsep(&rest, "\n")) != NULL;) {
        struct rule rule;

        number++; /* empty ones count too */
        line += strspn(line, " \t");
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (!read_rule(line, &rule)) {
            error_set(err, ERR_CONFIG,
                      "%s:%d: 'command|path GLOB SCORE WORDS' was expected",
                      file, number);
            continue;
        }
        r->own = xrealloc(r->own, (size_t)r->count + 1, sizeof *r->own);
        r->own[r->count++] = rule;
    }
    return r;
}

void risk_rules_free(struct risk_rules *r)
{
    if (r == NULL)
        return;
    free(r->own);
    free(r->text);
    free(r);
}

/* "sudo rm": what is run by another command counts as well. */
static const char *past_wrapper(const char *p)
{
    static const char *const wrappers[] = {"sudo ", "env ",  "nohup ",
                                           "time ", "exec ", "xargs "};

    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (strncmp(p, wrappers[i], strlen(wrappers[i])) == 0)
            return p + strlen(wrappers[i]);
    return p;
}

/* A command line holds several commands; each one's head counts. */
static bool matches_command(const char *glob, const char *line)
{
    char like[300];

    snprintf(like, sizeof like, "%.290s*", glob);
    for (const char *p = line; p != NULL && *p != '\0';) {
        p += strspn(p, " \t\n;&|(");
        if (fnmatch(glob, p, 0) == 0 || fnmatch(like, p, 0) == 0)
            return true;
        p = past_wrapper(p);
        if (fnmatch(glob, p, 0) == 0 || fnmatch(like, p, 0) == 0)
            return true;
        p = strpbrk(p, ";&|\n(");
    }
    return false;
}

static bool same_command(const char *a, const char *b)
{
    size_t n = strcspn(a, " *");

    return n == strcspn(b, " *") && strncmp(a, b, n) == 0;
}

static int apply(const struct rule *rules, size_t n, const char *command,
                 const char *path, struct risk_factor *ret, int count)
{
    for (size_t i = 0; i < n && count < RISK_FACTORS_MAX; i++) {
        const struct rule *r = &rules[i];
        bool hit = r->subject == COMMAND
                       ? command != NULL && matches_command(r->glob, command)
                       : path != NULL && fnmatch(r->glob, path, 0) == 0;
        bool had = false;

        if (!hit)
            continue;
        for (int k = 0; k < count; k++)
            had |= strcmp(ret[k].why, r->why) == 0;
        /* of rules about one command the first, the closest, counts */
        for (size_t k = 0; r->subject == COMMAND && k < i; k++)
            had |= rules[k].subject == COMMAND &&
                   same_command(rules[k].glob, r->glob) &&
                   matches_command(rules[k].glob, command);
        if (had)
            continue;
        snprintf(ret[count].name, sizeof ret[count].name, "%s",
                 r->subject == COMMAND ? "command" : "path");
        snprintf(ret[count].why, sizeof ret[count].why, "%s", r->why);
        ret[count++].score = r->score;
    }
    return count;
}

static int changed_lines(struct span diff)
{
    int n = 0;

    for (size_t i = 0; i < diff.n; i++)
        if ((i == 0 || diff.p[i - 1] == '\n') &&
            (diff.p[i] == '+' || diff.p[i] == '-') &&
            !(i + 2 < diff.n && diff.p[i + 1] == diff.p[i] &&
              diff.p[i + 2] == diff.p[i]))
            n++;
    return n;
}

int risk_factors(const struct risk_rules *r, const struct risk_asked *asked,
                 struct risk_factor *ret)
{
    char *command = asked->command.p
                        ? xstrndup(asked->command.p, asked->command.n)
                        : NULL;
    char *path =
        asked->path.p ? xstrndup(asked->path.p, asked->path.n) : NULL;
    int lines = changed_lines(asked->diff), count = 0;

    count = apply(r->own, (size_t)r->count, command, path, ret, count);
    count = apply(built_in, sizeof built_in / sizeof *built_in, command, path,
                  ret, count);
    if (lines > 0 && count < RISK_FACTORS_MAX) {
        snprintf(ret[count].name, sizeof ret[count].name, "size");
        snprintf(ret[count].why, sizeof ret[count].why, "%d changed lines",
                 lines);
        /* 0.1 at 50 lines, 0.3 at 500 */
        ret[count].score = fmin(0.5, fmax(0.02, 0.1 + 0.2 * log10(lines / 50.0)));
        count++;
    }
    if (count == 0 && (command != NULL || path != NULL)) {
        snprintf(ret[0].name, sizeof ret[0].name, "%s",
                 command ? "command" : "path");
        snprintf(ret[0].why, sizeof ret[0].why, "no rule knows it");
        ret[0].score = 0.15;
        count = 1;
    }
    free(command);
    free(path);
    return count;
}

double risk_together(const struct risk_factor *f, int count)
{
    double rest = 1;

    for (int i = 0; i < count; i++)
        rest *= 1 - f[i].score;
    return 1 - rest;
}
