/* Prints terrarium.1 from the tables of options, commands and keys. */

#include "config.h"

#include "app/options.h"
#include "front/front.h"
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

/* The commands that speak to the habitat, each with its options. */
static void commands(void)
{
    puts(".SH COMMANDS OF THIS MACHINE\n"
         "They speak to the habitat, a daemon that keeps this machine's "
         "agents, and start it when it is not up. Exit status: 0 done, 1 it "
         "could not be done, 2 usage. Options may stand anywhere before "
         "\\fB\\-\\-\\fR.");
    for (const struct front_verb *v = front_verbs(); v->name != NULL; v++) {
        printf(".TP\n\\fB");
        put(v->name);
        fputs("\\fR ", stdout);
        put(v->usage);
        putchar('\n');
        put(v->help);
        putchar('\n');
        if (v->options->name == NULL)
            continue;
        puts(".RS");
        for (const struct front_option *o = v->options; o->name != NULL; o++) {
            char head[64];

            snprintf(head, sizeof head, "--%s", o->name);
            item(head, o->arg, o->help);
        }
        puts(".RE");
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
         "of each, and the stream of their thoughts. A cluster is only "
         "read. Without one, and with \\fB\\-\\-habitat\\fR, the agents of "
         "this machine are shown, and may be started, stopped, spoken to and "
         "answered.\n.SH COMMANDS");
    for (int v = 0; v < VERB_COUNT; v++)
        item(verb_row((enum verb)v)->name[0] ? verb_row((enum verb)v)->name
                                             : "(none)",
             NULL, verb_row((enum verb)v)->help);
    options();
    commands();
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
    puts(".SH ENVIRONMENT\n.TP\n\\fBTERRARIUM_HABITAT\\fR\nOne folder for all of "
         "the habitat: its socket, database and log.\n.TP\n"
         "\\fBTERRARIUM_AGENT\\fR, \\fBTERRARIUM_SOCKET\\fR, "
         "\\fBTERRARIUM_CONTRACT\\fR\nGiven to agents: their name, the "
         "habitat they live in, what they are for.\n.TP\n\\fBKUBECONFIG\\fR\nFiles, separated by "
         "colons.\n.TP\n\\fBPGHOST\\fR, \\fBPGPASSFILE\\fR, \\fBPGSERVICEFILE\\fR, …\nAs "
         "for every program of PostgreSQL, where nothing else is said.\n.TP\n\\fBNO_COLOR\\fR\nIf not empty, no colour is used.\n"
         ".TP\n\\fBCOLORTERM\\fR\ntruecolor or 24bit: the terminal has true "
         "colour.\n.TP\n\\fBVISUAL\\fR, \\fBEDITOR\\fR\nThe editor of a form's "
         "object (^E), with its options; it is run without a shell. Else "
         "vi.\n.TP\n\\fBXDG_STATE_HOME\\fR\nWhere the last picture is "
         "kept, below terrarium/.");
    puts(".SH FILES\n.TP\n\\fI$XDG_RUNTIME_DIR/terrarium/habitat.sock\\fR\n"
         "The habitat's interface, HTTP for this user only.\n.TP\n"
         "\\fI~/.local/state/terrarium/habitat.db\\fR\nAgents, events, "
         "proposals and pheromones.\n.TP\n"
         "\\fI~/.local/state/terrarium/journal.jsonl\\fR\nWhat was done from "
         "the console, a line per step.\n.TP\n"
         "\\fI~/.config/terrarium/config.yaml\\fR\nSources, and which contexts are only "
         "read: contexts: NAME: read\\-only: true.\n.TP\n"
         "\\fI~/.config/terrarium/risk.rules\\fR\nRules of risk of one's own: "
         "command|path GLOB SCORE WORDS.\n.TP\n\\fI~/.local/state/terrarium/picture\\-*.json\\fR\n"
         "The last picture of each context, shown before the first answer, "
         "with its age. Readable by the owner only.");
    return 0;
}
