/*
 * Runs the fuzz target it is linked with on every file of the folders given,
 * so that `make check` holds what fuzzing once found.
 */
#include "config.h"

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/xalloc.h"

#define FILE_MAX (64L << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    uint8_t *data;
    size_t n;

    if (f == NULL || fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) ||
        st.st_size > FILE_MAX) {
        fprintf(stderr, "%s: not a file to be read\n", path);
        if (f != NULL)
            fclose(f);
        return -1;
    }
    /* exactly as large as the file: reading beyond it is seen */
    data = xrealloc(NULL, (size_t)st.st_size, 1);
    n = fread(data, 1, (size_t)st.st_size, f);
    fclose(f);
    LLVMFuzzerTestOneInput(data, n);
    free(data);
    return 0;
}

static int run_folder(const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, visible, alphasort), bad = 0;

    if (count < 0) {
        perror(folder);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char *path = xasprintf("%s/%s", folder, names[i]->d_name);

        bad |= run_file(path) != 0;
        free(path);
        free(names[i]);
    }
    free(names);
    printf("%s: %d inputs\n", folder, count);
    if (count == 0)
        fprintf(stderr, "%s: empty\n", folder);
    return bad || count == 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    int bad = argc < 2;

    if (argc < 2)
        fprintf(stderr, "usage: %s folder…\n", argv[0]);
    for (int i = 1; i < argc; i++)
        bad |= run_folder(argv[i]) != 0;
    return bad;
}
