/* terrarium: picks a verb. */

#include "config.h"

#include "app/console.h"
#include "app/doctor.h"
#include "app/forward.h"
#include "app/options.h"
#include "app/settings.h"
#include "app/snapshot.h"
#include "front/front.h"

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

static int run(struct options *o)
{
    struct settings settings;
    struct error err;
    int status;

    if (settings_load(&settings, &err) != 0) {
        settings_finish(&settings);
        fprintf(stderr, "terrarium: %s\n", err.msg);
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
    default:
        return run(&o);
    }
}
