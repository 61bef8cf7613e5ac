/* What one OSC 7501 says (Program Status Protocol, draft 0.2). */
#ifndef HABITAT_STATUS_RECORD_H
#define HABITAT_STATUS_RECORD_H

#include "base/span.h"

struct status_record {
    struct span state, kind, app; /* into the text */
    char msg[2049], title[193];   /* decoded; "" none */
    int progress;                 /* -1 none */
};

/* False: malformed, or without a state that is known. */
bool status_record_parse(struct span text, struct status_record *ret);
/* idle working done blocked error clear, as a constant; NULL: none of them. */
const char *status_record_state(struct span state);

#endif
