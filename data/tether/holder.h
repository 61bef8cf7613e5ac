/*
 * The tether of a process of this machine, from its holder.
 *
 * Speaks to the holder directly (base/wire.h), so it outlives the daemon.
 * Several may look, one types; to take over from somebody is asked for.
 */
#ifndef DATA_TETHER_HOLDER_H
#define DATA_TETHER_HOLDER_H

#include "data/tether/tether.h"

#include <uv.h>

struct tether *holder_tether_open(uv_loop_t *loop, const char *socket,
                                  const struct tether_calls *calls);

#endif
