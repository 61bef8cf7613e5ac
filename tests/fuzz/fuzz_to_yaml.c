/*
 * JSON of any bytes as YAML: what comes out is one YAML document, of bytes
 * a YAML reader takes.
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/xalloc.h"
#include "data/json/to_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_yaml(const struct buf *out)
{
    yaml_parser_t parser;
    yaml_event_t e;
    int documents = 0;
    bool end = false;

    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(
        &parser, (const unsigned char *)buf_text(out), out->len);
    while (!end) {
        if (!yaml_parser_parse(&parser, &e))
            abort();
        documents += e.type == YAML_DOCUMENT_START_EVENT;
        end = e.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&e);
    }
    if (documents != 1)
        abort();
    yaml_parser_delete(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = xrealloc(NULL, size, 1);
    struct error err = {.code = 0};
    struct buf out;

    memcpy(s, data, size);
    buf_init(&out, 1 << 20);
    if (json_to_yaml(s, size, "managedFields", &out, &err) == 0)
        must_be_yaml(&out);
    else if (err.code == 0 || err.msg[0] == '\0')
        abort();
    buf_finish(&out);
    free(s);
    return 0;
}
