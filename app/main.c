/* terrarium: picks a verb. */

#include "config.h"

#include "app/console.h"
#include "app/doctor.h"
#include "app/options.h"
#include "app/snapshot.h"

#include <locale.h>

int main(int argc, char **argv)
{
    struct options o;
    struct error err;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    if (options_read(argc, argv, &o, &err) != 0) {
        fprintf(stderr, "terrarium: %s\n", err.msg);
        return 2;
    }
    switch (o.verb) {
    case VERB_SNAPSHOT:
        return snapshot_run(&o);
    case VERB_DOCTOR:
        return doctor_run(&o);
    case VERB_HELP:
        options_help(stdout);
        return 0;
    case VERB_VERSION:
        puts(PACKAGE_STRING);
        return 0;
    default:
        return console_run(&o);
    }
}
