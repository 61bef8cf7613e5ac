/* Any bytes as a theme: read whole and in range, or refused with a reason. */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tui/paint.h"
#include "tui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_theme(const struct theme *t)
{
    struct palette p;

    if (t->name[0] == '\0' || memchr(t->name, '\0', sizeof t->name) == NULL)
        abort();
    for (int i = 0; i < ROLE_COUNT; i++)
        if (t->styles[i].rgb > 0xffffff && t->styles[i].rgb != THEME_DEFAULT)
            abort();
    for (int i = TERM_MONO; i <= TERM_TRUE; i++)
        palette_init(&p, t, (enum term_colours)i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct theme t;
    struct error err = {0};
    int rc = theme_parse("fuzz", (const char *)data, size, &t, &err);

    if (rc == 0)
        check_theme(&t);
    else if (rc != err.code || err.msg[0] == '\0')
        abort();
    return 0;
}
