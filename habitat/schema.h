/*
 * The database's schema, as the steps that lead to it: step n brings version
 * n to n + 1. A step that was released is never changed; a new one is added.
 */
#ifndef HABITAT_SCHEMA_H
#define HABITAT_SCHEMA_H

extern const char *const schema_steps[];

#endif
