/* What answers, what is missing, and what to do about each red line. */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "app/options.h"

/* 0 nothing bad, 1 something is bad, 3 no source could be read. */
int doctor_run(const struct options *o);

#endif
