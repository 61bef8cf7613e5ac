/*
 * One field of a form, while it is typed.
 *
 * text    UTF-8, at most `room` bytes with the NUL
 * at      the cursor: a byte in text, before a code point
 * fresh   it was come to and nothing typed yet: a letter replaces what was
 *         proposed there
 */
#ifndef WIDGETS_FIELD_H
#define WIDGETS_FIELD_H

#include "widgets/form.h"

struct field {
    const struct form_field *of;
    char text[ACT_TEXT];
    size_t room, at;
    char must[ACT_NAME]; /* what it must be; "" anything */
    char error[200];     /* what is wrong with it; "" nothing */
    bool touched;        /* by who types, not only proposed */
    bool proposed, fresh;
};

void field_init(struct field *f, const struct form_field *of,
                const char *text, const char *must);
void field_set(struct field *f, const char *text);
/* It has the keys now. */
void field_enter(struct field *f);
/* True: its text is another. What is no key of a field changes nothing. */
bool field_key(struct field *f, uint32_t key, bool pasted);

#endif
