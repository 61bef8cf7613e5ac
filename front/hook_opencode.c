#include "config.h"

#include "front/hook.h"

int hook_opencode(const struct front_verb *v, const char *const *values)
{
    (void)values;
    return front_fail(v, 1, "not yet");
}
