/*
 * A fracta project's own configuration, for what a client may read of it.
 *
 * Found as the fracta command finds it: from the working folder upwards the
 * first folder that holds .fracta/; its fracta.yaml. There ${NAME} stands for
 * an environment variable, put in before the text is read. A file that is
 * missing or wrong gives fracta's own defaults and a warning, as there.
 *
 *   control_plane_api.url, else http://localhost + .listen (:9090)
 *   runtime.kubernetes.namespace (fracta), where the profile is kubernetes
 *   runtime.state.postgres.dsn, where the driver is postgres
 *   connections.falkordb.url and graph_name
 */
#ifndef SETTINGS_PROJECT_H
#define SETTINGS_PROJECT_H

#include "settings/settings.h"

#define PROJECT_MAX (1u << 20) /* bytes of the file, variables put in */

/*
 * Fills what sources with a `project` leave open; and, when no sources are
 * given and a project is found from the working folder, adds those it names:
 * "control plane", and "postgres" and "graph" if it says where they are.
 */
void project_apply(struct settings *s);

/* One file into one source; a mistake in it becomes s->warning. */
void project_read(struct settings *s, struct settings_source *to,
                  const char *folder);

/* ${NAME} by the environment, "" if unset. False: longer than PROJECT_MAX. */
struct buf;
bool project_expand(const char *text, size_t len, struct buf *ret);

#endif
