#include "config.h"

#include "tui/roles.h"

#include <string.h>

#define ROLE_NAME(id, name) name,

static const char *const names[] = {ROLE_MAP(ROLE_NAME)};

const char *role_name(enum role r)
{
    return names[r];
}

enum role role_of(const char *name)
{
    int i = 0;

    while (i < ROLE_COUNT && strcmp(names[i], name) != 0)
        i++;
    return (enum role)i;
}

enum role role_heat(double v)
{
    int step = (int)(v * 9.99);

    return (enum role)(ROLE_RAMP_0 + (step < 0 ? 0 : step > 9 ? 9 : step));
}
