#include "config.h"

#include "settings/show.h"

#include "base/mask.h"

#include <string.h>

/* Bytes from files: no control characters reach a terminal. */
static void print(FILE *out, const char *s)
{
    for (; *s != '\0'; s++)
        fputc((unsigned char)*s < 32 || *s == 127 ? '?' : *s, out);
}

static void line(const struct settings *s, const char *section,
                 const char *name, enum schema_key k, const struct setting *v,
                 FILE *out)
{
    const struct schema_row *row = schema_row(k);
    char shown[600];

    if (v->text == NULL) {
        fprintf(out, "# %s%s%s%s: %s\n", section, name, *name ? "." : "",
                row->key, row->help);
        return;
    }
    if (row->type == SETTING_URL)
        mask_url(v->text, shown, sizeof shown);
    else
        snprintf(shown, sizeof shown, "%s", v->text);
    fprintf(out, "%s%s%s%s = ", section, name, *name ? "." : "", row->key);
    print(out, shown);
    if (v->file != NULL)
        fprintf(out, "  # %s\n", v->file);
    else
        fprintf(out, "  # %s:%u\n", s->path ? s->path : "", v->line);
}

void settings_show(const struct settings *s, FILE *out)
{
    fprintf(out, "# %s%s\n", s->path ? s->path : "no folder for one",
            s->there ? "" : ": there is none");
    if (s->warning[0] != '\0')
        fprintf(out, "# warning: %s\n", s->warning);
    for (int k = 0; k < KEYS; k++)
        if (schema_row((enum schema_key)k)->section == SECTION_TOP)
            line(s, "", "", (enum schema_key)k, &s->top[k], out);
    for (int i = 0; i < s->count; i++)
        fprintf(out, "contexts.%s.read-only = %s  # %s:%u\n",
                s->contexts[i].name,
                s->contexts[i].read_only ? "true" : "false", s->path,
                s->contexts[i].line);
    if (s->source_count == 0)
        fputs("# sources: none are named; a kubeconfig's cluster, else this "
              "machine's habitat, and what is found beside\n",
              out);
    for (int i = 0; i < s->source_count; i++) {
        const struct settings_source *v = &s->sources[i];

        if (!s->sources_given)
            fprintf(out, "sources.%s.type = %s  # found: fracta.yaml\n",
                    v->name, source_type_name(v->type));
        for (int k = 0; k < KEYS; k++) {
            const struct schema_row *row = schema_row((enum schema_key)k);

            if (row->section == SECTION_SOURCE &&
                (row->sources & 1u << v->type) &&
                (k != KEY_TYPE || s->sources_given))
                line(s, "sources.", v->name, (enum schema_key)k,
                     &v->values[k], out);
        }
    }
}
