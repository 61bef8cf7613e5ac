#include "config.h"

#include "app/presets.h"

#include "data/act/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_line(char *line, struct preset *ret, struct error *err)
{
    size_t n = strcspn(line, " \t");
    struct words words;

    error_clear(err);
    if (n == 0 || n > 64 || line[n] == '\0') {
        error_set(err, ERR_SYNTAX, "'NAME COMMAND' was expected");
        return false;
    }
    snprintf(ret->name, sizeof ret->name, "%.*s", (int)n, line);
    snprintf(ret->command, sizeof ret->command, "%s",
             line + n + strspn(line + n, " \t"));
    if (words_split(ret->command, &words, err) != 0)
        return false;
    words_finish(&words);
    return true;
}

void presets_load(struct ui *u)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[600], line[ACT_TEXT + 80];
    struct error err;
    int number = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s%s/terrarium/presets",
             config ? config : home ? home : "", config ? "" : "/.config");
    f = fopen(path, "re");
    if (f == NULL)
        return;
    while (u->preset_count < PRESETS_MAX && fgets(line, sizeof line, f)) {
        char *text = line + strspn(line, " \t");

        number++;
        text[strcspn(text, "\n")] = '\0';
        if (text[0] == '#' || text[0] == '\0')
            continue;
        if (read_line(text, &u->presets[u->preset_count], &err)) {
            u->preset_count++;
            continue;
        }
        snprintf(u->notice, sizeof u->notice, "%.80s:%d: %.90s", path, number,
                 err.msg);
        u->notice_until_ms = INT64_MAX;
    }
    fclose(f);
}
