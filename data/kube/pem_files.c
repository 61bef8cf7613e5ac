#include "config.h"

#include "data/kube/pem_files.h"

#include <string.h>
#include <sys/stat.h>

#include "data/kube/config_priv.h"
#include "data/kube/secret.h"
#include "data/kube/smallfile.h"

/* True if the file is another than at the last look. */
static bool moved(struct kube_pem_file *f)
{
    struct stat st;
    int64_t changed_ns;

    if (f->path == NULL || stat(f->path, &st) != 0)
        return false;
    changed_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (f->changed_ns == changed_ns && f->size == (int64_t)st.st_size &&
        f->inode == (uint64_t)st.st_ino)
        return false;
    f->changed_ns = changed_ns;
    f->size = (int64_t)st.st_size;
    f->inode = (uint64_t)st.st_ino;
    return true;
}

static bool look(struct kube_pem_file *f, char **pem)
{
    char *s = NULL;
    size_t len = 0;

    if (*pem == NULL || !moved(f))
        return false;
    if (kube_smallfile_read(f->path, KUBE_CONFIG_PEM_MAX, &s, &len, NULL) != 0)
        return false;
    if (memmem(s, len, "-----BEGIN", 10) == NULL || strlen(s) != len) {
        f->changed_ns = 0; /* half written? look again */
        kube_secret_free_len(s, len);
        return false;
    }
    if (strcmp(s, *pem) == 0) {
        kube_secret_free_len(s, len);
        return false;
    }
    kube_secret_free(*pem);
    *pem = s;
    return true;
}

bool kube_pem_files_look(struct kube_config *c)
{
    bool ca = look(&c->ca_file, &c->ca_pem);
    bool cert = look(&c->cert_file, &c->cert_pem);
    bool key = look(&c->key_file, &c->key_pem);

    return ca || cert || key;
}
