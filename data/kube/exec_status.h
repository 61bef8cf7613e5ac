/*
 * The channels of exec, attach and port-forward (v5 and v4), and the Status
 * by which a command in a pod ends.
 */
#ifndef DATA_KUBE_EXEC_STATUS_H
#define DATA_KUBE_EXEC_STATUS_H

#include "data/tether/tether.h"

#define KUBE_EXEC_PROTOCOLS "v5.channel.k8s.io, v4.channel.k8s.io"

enum kube_channel {
    KUBE_STDIN = 0,
    KUBE_STDOUT = 1,
    KUBE_STDERR = 2,
    KUBE_STATUS = 3, /* a Status object, once, at the end */
    KUBE_RESIZE = 4, /* {"Width":80,"Height":24} */
};

/* What channel 3 said; text that is no Status is TETHER_FAILED with it. */
void kube_exec_status(const char *p, size_t n, struct tether_end *ret);

#endif
