#include "config.h"

#include "app/config_verb.h"

#include "settings/show.h"
#include "tui/text.h"

#include <stdio.h>
#include <string.h>

static void tell(const char *line, void *arg)
{
    (void)arg;
    text_print(stderr, line);
    fputc('\n', stderr);
}

static int check(const struct settings *s, int bad)
{
    int sources = 0;

    if (bad != 0)
        return 1;
    for (int i = 0; i < s->source_count; i++)
        sources += !settings_true(&s->sources[i], KEY_OFF);
    text_print(stdout, s->path != NULL ? s->path : "no folder for one");
    if (!s->there)
        puts(": there is none, which is well");
    else
        printf(": ok, %d source%s\n", sources, sources == 1 ? "" : "s");
    if (s->warning[0] != '\0')
        tell(s->warning, NULL);
    return 0;
}

int config_run(const struct options *o)
{
    struct settings s;
    struct error err;
    int status;
    int bad = o->file != NULL ? settings_load_file(o->file, &s, tell, NULL, &err)
                              : settings_load(&s, tell, NULL, &err);

    if (strcmp(o->name, "check") == 0) {
        status = check(&s, bad);
    } else {
        settings_show(&s, stdout);
        status = bad != 0;
    }
    settings_finish(&s);
    return status;
}
