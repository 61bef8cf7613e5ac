/* terrarium: picks a verb. */

#include "config.h"

#include "app/config_verb.h"
#include "app/console.h"
#include "app/doctor.h"
#include "app/forward.h"
#include "app/options.h"
#include "app/snapshot.h"
#include "front/front.h"
#include "settings/settings.h"
#include "tui/text.h"

#include <locale.h>
#include <malloc.h>

/*
 * One loop needs one arena; what large tables leave when they grow goes back
 * to the system at once instead of staying as holes.
 */
static void spare_memory(void)
{
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 32 << 10);
    mallopt(M_TRIM_THRESHOLD, 64 << 10);
    mallopt(M_TOP_PAD, 16 << 10);
}

/* What the configuration says, where the command line says nothing. */
static int apply(struct options *o, const struct settings *s,
                 struct error *err)
{
    static const struct {
        enum option option;
        enum schema_key key;
    } same[] = {
        {OPTION_THEME, KEY_THEME},         {OPTION_GLYPHS, KEY_GLYPHS},
        {OPTION_COLOURS, KEY_COLOURS},     {OPTION_BELL, KEY_BELL},
        {OPTION_NOTIFY, KEY_NOTIFY},       {OPTION_NO_CLOCK, KEY_NO_CLOCK},
        {OPTION_READ_ONLY, KEY_READ_ONLY}, {OPTION_NO_PICTURE, KEY_NO_PICTURE},
    };

    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (options_default(o, same[i].option, settings_top(s, same[i].key),
                            err) != 0)
            return err->code;
    return 0;
}

static int run(struct options *o)
{
    struct settings settings;
    struct error err;
    int status;

    if (settings_load(&settings, NULL, NULL, &err) != 0 ||
        apply(o, &settings, &err) != 0) {
        settings_finish(&settings);
        fputs("terrarium: ", stderr);
        text_print(stderr, err.msg);
        fputc('\n', stderr);
        return 2;
    }
    o->settings = &settings;
    status = o->verb == VERB_SNAPSHOT  ? snapshot_run(o)
             : o->verb == VERB_DOCTOR  ? doctor_run(o)
             : o->verb == VERB_FORWARD ? forward_run(o)
                                       : console_run(o);
    settings_finish(&settings);
    return status;
}

int main(int argc, char **argv)
{
    const struct front_verb *v = argc > 1 ? front_find(argv[1]) : NULL;
    struct options o;
    struct error err;

    setlocale(LC_CTYPE, "");
    setlocale(LC_TIME, "");
    if (v != NULL)
        return front_run(v, argc, argv);
    spare_memory();
    if (options_read(argc, argv, &o, &err) != 0) {
        fprintf(stderr, "terrarium: %s\n", err.msg);
        return 2;
    }
    switch (o.verb) {
    case VERB_HELP:
        options_help(stdout);
        front_list(stdout);
        return 0;
    case VERB_VERSION:
        puts(PACKAGE_STRING);
        return 0;
    case VERB_CONFIG:
        return config_run(&o);
    default:
        return run(&o);
    }
}
