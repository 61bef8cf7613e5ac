/* `terrarium config`: what is set, and where it was said. */
#ifndef SETTINGS_SHOW_H
#define SETTINGS_SHOW_H

#include "settings/settings.h"

#include <stdio.h>

/*
 * A line for each key: "sources.db.url = postgres://…  # FILE:LINE", keys that
 * are not said with what holds then, as a comment. Passwords in URLs are
 * masked; a secret shows where it is kept.
 */
void settings_show(const struct settings *s, FILE *out);

#endif
