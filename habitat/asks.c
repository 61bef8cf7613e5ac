#include "config.h"

#include "habitat/asks.h"

#include <string.h>

static bool has(struct span s, const char *text)
{
    return memmem(s.p, s.n, text, strlen(text)) != NULL;
}

bool asks_prompt(struct span s)
{
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    if (s.n < 2)
        return false;
    if (has(s, "y/n") || has(s, "Y/n") || has(s, "y/N") || has(s, "yes/no") ||
        has(s, "(Y)es/(N)o"))
        return true;
    /* a shell's own prompt asks nothing of anybody in particular */
    return s.p[s.n - 1] == '?' ||
           (s.p[s.n - 1] == ':' &&
            (has(s, "assword") || has(s, "assphrase") || has(s, "nter ") ||
             has(s, "ontinue") || has(s, "name")));
}

bool asks_dialog(struct span line)
{
    static const char *const marks[] = {
        "Do you want to proceed?",
        "Do you want to make this edit",
        "Do you trust the files in this folder?",
        "Would you like to run the following command?",
        "Press enter to confirm or esc to cancel",
        "Waiting for user confirmation",
        "Allow execution",
        "Apply this change",
        "Permission required",
        "(Y)es/(N)o",
    };

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (has(line, marks[i]))
            return true;
    return false;
}
