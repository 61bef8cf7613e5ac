/* The version of the API that daemon and clients agree on. */
#ifndef HABITAT_PROTOCOL_H
#define HABITAT_PROTOCOL_H

#define HABITAT_PROTOCOL 1

#endif
