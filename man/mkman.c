/* Prints terrarium.1 from the option and key tables. */

#include "config.h"

#include "app/options.h"
#include "widgets/keymap.h"

#include <string.h>

/* A line of the manual: hyphens and backslashes escaped. */
static void put(const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '-')
            fputs("\\-", stdout);
        else if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '\'')
            fputs("\\(aq", stdout);
        else
            putchar(*s);
    }
}

static void item(const char *head, const char *value, const char *text)
{
    fputs(".TP\n\\fB", stdout);
    put(head);
    fputs("\\fR", stdout);
    if (value != NULL) {
        fputs("\\fI=", stdout);
        put(value);
        fputs("\\fR", stdout);
    }
    putchar('\n');
    put(text);
    putchar('\n');
}

static void options(void)
{
    char head[64];

    puts(".SH OPTIONS");
    for (int o = 0; o < OPTION_COUNT; o++) {
        const struct option_row *r = option_row((enum option)o);

        if (r->letter != '\0')
            snprintf(head, sizeof head, "-%c, --%s", r->letter, r->name);
        else
            snprintf(head, sizeof head, "--%s", r->name);
        item(head, r->arg, r->help);
    }
}

static void keys(void)
{
    puts(".SH KEYS");
    for (int a = 1; a < ACTION_COUNT; a++)
        item(action_row((enum action)a)->keys, NULL,
             action_row((enum action)a)->help);
}

int main(void)
{
    printf(".TH TERRARIUM 1 \"\" \"%s\" \"User Commands\"\n", PACKAGE_STRING);
    puts(".SH NAME\nterrarium \\- the console for fleets of AI agents\n"
         ".SH SYNOPSIS\n\\fBterrarium\\fR [\\fICOMMAND\\fR] "
         "[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n"
         "Shows the agents of a Kubernetes cluster by activity, the "
         "pheromones they lay as a heatmap, their proposals with the risk "
         "of each, and the stream of their thoughts. This version only "
         "reads.\n.SH COMMANDS");
    for (int v = 0; v < VERB_COUNT; v++)
        item(verb_row((enum verb)v)->name[0] ? verb_row((enum verb)v)->name
                                             : "(none)",
             NULL, verb_row((enum verb)v)->help);
    options();
    keys();
    puts(".SH FILTERS\nTerms are joined by and: \\fIword\\fR, "
         "\\fI\\(dqtwo words\\(dq\\fR (quoted, all is text), \\fIfield:value\\fR, "
         "\\fIfield=value\\fR, \\fIfield>10m\\fR, \\fIfield<3\\fR, "
         "\\fI~regex\\fR, \\fIfield:~regex\\fR, and \\fI!term\\fR for not.");
    for (int k = 0; k < 4; k++) {
        static const enum kind kinds[] = {KIND_AGENT, KIND_PHEROMONE,
                                          KIND_PROPOSAL, KIND_POD};
        const struct field_row *n = field_rows(kinds[k]);

        printf(".TP\nFields of %s\n",
               kinds[k] == KIND_POD ? "other objects" : kind_name(kinds[k]));
        for (; n->name != NULL; n++) {
            put(n->name);
            fputs(n[1].name ? ", " : "\n", stdout);
        }
    }
    puts(".SH EXIT STATUS\n\\fBsnapshot\\fR: 0 all well; 1 something waits "
         "or is in trouble, or \\fB\\-\\-check\\fR does not hold; 2 usage; 3 "
         "no source could be read. \\fBdoctor\\fR: 0 nothing is bad, 1 "
         "something is, 3 no source could be read. Console and wall: 0, or 2 "
         "for usage.");
    puts(".SH ENVIRONMENT\n.TP\n\\fBKUBECONFIG\\fR\nFiles, separated by "
         "colons.\n.TP\n\\fBNO_COLOR\\fR\nIf not empty, no colour is used.\n"
         ".TP\n\\fBCOLORTERM\\fR\ntruecolor or 24bit: the terminal has true "
         "colour.\n.TP\n\\fBXDG_STATE_HOME\\fR\nWhere the last picture is "
         "kept, below terrarium/.");
    puts(".SH FILES\n.TP\n\\fI~/.local/state/terrarium/picture\\-*.json\\fR\n"
         "The last picture of each context, shown before the first answer, "
         "with its age. Readable by the owner only.");
    return 0;
}
