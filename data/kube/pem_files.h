/*
 * Certificates and keys that stand in files of their own: read again when
 * those have changed, since they are replaced while a console runs for months.
 */
#ifndef DATA_KUBE_PEM_FILES_H
#define DATA_KUBE_PEM_FILES_H

#include "data/kube/kubeconfig.h"

/*
 * Looks at the files a configuration named and takes what is new in them.
 * What cannot be read, or is not PEM, leaves the old one. True if something
 * changed.
 */
bool kube_pem_files_look(struct kube_config *c);

#endif
