/*
 * What a server says of a plan it was only asked about: whether it would be
 * taken, what would come of it, and if not, which field is at fault.
 */
#ifndef DATA_ACT_TRIED_H
#define DATA_ACT_TRIED_H

#include "base/error.h"

#define TRIED_CAUSES 8
#define TRIED_WARNINGS 4
#define TRIED_LINES 6

struct tried {
    int status;         /* 0: no answer came */
    struct error error; /* code 0: it would be taken */
    struct {
        char key[16]; /* of the form's field; "" of none */
        char text[200];
    } causes[TRIED_CAUSES];
    int cause_count;
    char warnings[TRIED_WARNINGS][200];
    int warning_count;
    char lines[TRIED_LINES][200]; /* what would come of it, in words */
    int line_count;
};

#endif
