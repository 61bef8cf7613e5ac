/* The configuration: what is taken, and what is told where. */
#include "config.h"

#include "settings/settings.h"

#include "base/buf.h"
#include "settings/project.h"
#include "settings/show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/cm.h"

static struct settings s;
static struct error err;
static char dir[64];

static int parse(const char *text)
{
    return settings_parse(text, strlen(text), "config.yaml", &s, NULL, NULL,
                          &err);
}

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/terrarium-settings-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int teardown(void **state)
{
    char command[100];

    (void)state;
    settings_finish(&s);
    if (dir[0] != '\0') {
        snprintf(command, sizeof command, "rm -rf '%s'", dir);
        assert_int_equal(system(command), 0);
        dir[0] = '\0';
    }
    return 0;
}

static void file(const char *name, mode_t mode, const char *text)
{
    char path[200];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_read_only(void **state)
{
    (void)state;
    assert_int_equal(parse("contexts:\n  prod:\n    read-only: true\n"
                           "  lab: {read-only: false}\n  other:\n"), 0);
    assert_true(settings_read_only(&s, "prod"));
    assert_false(settings_read_only(&s, "lab"));
    assert_false(settings_read_only(&s, "other"));
    assert_false(settings_read_only(&s, "unknown"));
    assert_false(settings_read_only(NULL, "prod"));
    settings_finish(&s);
    assert_int_equal(parse("read-only: true\n"), 0);
    assert_true(settings_read_only(&s, "anything"));
}

static void test_nothing(void **state)
{
    (void)state;
    assert_int_equal(parse(""), 0);
    assert_int_equal(s.count, 0);
    assert_int_equal(s.source_count, 0);
    assert_int_equal(parse("# nothing\n"), 0);
    assert_int_equal(parse("contexts:\nsources:\n"), 0);
    assert_false(s.sources_given);
}

static const char whole[] =
    "theme: moss\n"
    "bell: true\n"
    "notify: [notify-send, \"it's\", two words]\n"
    "sources:\n"
    "  lab:\n"
    "    type: kubernetes\n"
    "    context: lab\n"
    "  cp: {type: control-plane, service: \"fracta/fracta-controlplane:9090\"}\n"
    "  db:\n"
    "    type: postgres\n"
    "    url: postgres://fracta@db.example:5432/fracta\n"
    "    password: {file: secrets/pg}\n"
    "    tls: verify-full\n"
    "  kg:\n"
    "    type: graph\n"
    "    url: rediss://graph.example\n"
    "    ca: certs/kg.pem\n"
    "    tls-name: falkordb\n"
    "    password: {command: [pass, show, 'a b']}\n"
    "  old: {type: ghost, off: true}\n";

/* From the file's folder, and of whom the certificate is checked by whom. */
static void test_control_plane(void **state)
{
    static const char text[] =
        "sources:\n"
        "  far: {type: control-plane, socket: run/far.sock}\n"
        "  cp: {type: control-plane, url: 'https://x:9443', ca: ca.pem}\n"
        "  open: {type: control-plane, url: 'https://x', insecure: true}\n";

    (void)state;
    if (settings_parse(text, sizeof text - 1, "/etc/x/config.yaml", &s, NULL,
                       NULL, &err) != 0)
        fail_msg("%s", err.msg);
    assert_string_equal(settings_value(&s.sources[0], KEY_SOCKET),
                        "/etc/x/run/far.sock");
    assert_string_equal(settings_value(&s.sources[1], KEY_CA),
                        "/etc/x/ca.pem");
    assert_false(settings_true(&s.sources[1], KEY_INSECURE));
    assert_true(settings_true(&s.sources[2], KEY_INSECURE));
}

static void test_sources(void **state)
{
    (void)state;
    if (settings_parse(whole, sizeof whole - 1, "/etc/x/config.yaml", &s, NULL,
                       NULL, &err) != 0)
        fail_msg("%s", err.msg);
    assert_true(s.sources_given);
    assert_int_equal(s.source_count, 5);
    assert_string_equal(settings_top(&s, KEY_THEME), "moss");
    assert_string_equal(settings_top(&s, KEY_NOTIFY),
                        "'notify-send' 'it'\\''s' 'two words'");
    assert_null(settings_top(&s, KEY_GLYPHS));
    assert_string_equal(s.sources[0].name, "lab");
    assert_int_equal(s.sources[0].type, SOURCE_KUBERNETES);
    assert_string_equal(settings_value(&s.sources[0], KEY_CONTEXT), "lab");
    assert_string_equal(settings_value(&s.sources[1], KEY_SERVICE),
                        "fracta/fracta-controlplane:9090");
    assert_int_equal(s.sources[2].values[KEY_PASSWORD].secret.from,
                     SECRET_FILE);
    assert_string_equal(s.sources[2].values[KEY_PASSWORD].secret.text,
                        "/etc/x/secrets/pg");
    assert_int_equal(s.sources[2].values[KEY_URL].line, 11);
    assert_int_equal(s.sources[2].values[KEY_URL].column, 5);
    assert_string_equal(s.sources[3].values[KEY_PASSWORD].text,
                        "command 'pass' 'show' 'a b'");
    assert_string_equal(settings_value(&s.sources[3], KEY_CA),
                        "/etc/x/certs/kg.pem");
    assert_string_equal(settings_value(&s.sources[3], KEY_TLS_NAME),
                        "falkordb");
    assert_true(settings_true(&s.sources[4], KEY_OFF));
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *text, *said;
    } table[] = {
        {"context:\n  prod: {}\n", "config.yaml:1:1: context: there is no such "
                                   "setting, did you mean contexts?"},
        {"contexts:\n  prod:\n    readonly: true\n",
         "config.yaml:3:5: contexts.prod.readonly: there is no such setting, "
         "did you mean read-only?"},
        {"contexts:\n  prod:\n    colour: true\n",
         "config.yaml:3:5: contexts.prod.colour: there is no such setting, "
         "expected read-only"},
        {"contexts:\n  prod:\n    read-only: yes please\n",
         "config.yaml:3:5: contexts.prod.read-only: expected true or false"},
        {"contexts: [prod]\n",
         "config.yaml:1:1: contexts: wrong type, expected a mapping"},
        {"contexts:\n  prod: true\n",
         "config.yaml:2:3: contexts.prod: wrong type, expected a mapping"},
        {"contexts: {\n", "config.yaml:"},
        {"- a\n", "config.yaml:1:1: wrong type, expected a mapping"},
        {"glyphs: fulll\n", "config.yaml:1:1: glyphs: 'fulll', did you mean "
                            "full?"},
        {"colours: blue\n", "config.yaml:1:1: colours: 'blue', expected one "
                            "of: true 256 16 mono"},
        {"notify: 'a | b'\n", "config.yaml:1:1: notify: "},
        {"sources:\n  a: {url: http://x}\n",
         "config.yaml:2:3: sources.a: type is not said, expected one of: "
         "kubernetes"},
        {"sources:\n  a: {type: kubernets}\n",
         "config.yaml:2:7: sources.a.type: 'kubernets', did you mean "
         "kubernetes?"},
        {"sources:\n  a: {type: ghost, url: http://x}\n",
         "config.yaml:2:20: sources.a.url: a ghost has no such setting"},
        {"sources:\n  a: {type: control-plane}\n",
         "config.yaml:2:3: sources.a: expected url, service, socket or "
         "project"},
        {"sources:\n  a: {type: control-plane, url: http://x, socket: /x}\n",
         "config.yaml:2:3: sources.a: of url, service and socket more than "
         "one"},
        {"sources:\n  a: {type: control-plane, url: http://x, ca: /x}\n",
         "config.yaml:2:3: sources.a: ca and insecure are of a url with "
         "https"},
        {"sources:\n  a: {type: control-plane, socket: /x, insecure: true}\n",
         "config.yaml:2:3: sources.a: ca and insecure are of a url with "
         "https"},
        {"sources:\n  a: {type: control-plane, url: 'https://x', insecure: "
         "maybe}\n",
         "config.yaml:2:46: sources.a.insecure: expected true or false"},
        {"sources:\n  a: {type: postgres, url: postgres://x, socket: /x}\n",
         "config.yaml:2:42: sources.a.socket: a postgres has no such setting"},
        {"sources:\n  a: {type: postgres, ulr: postgres://x}\n",
         "config.yaml:2:23: sources.a.ulr: there is no such setting, did you "
         "mean url?"},
        {"sources:\n  a: {type: postgres, url: http://x}\n",
         "config.yaml:2:3: sources.a: a postgres has a URL of one of: "
         "postgres postgresql"},
        {"sources:\n  a: {type: postgres, url: ftp://x}\n",
         "config.yaml:2:23: sources.a.url: expected a URL of one of: "},
        {"sources:\n  a: {type: graph}\n",
         "config.yaml:2:3: sources.a: expected url, service or project"},
        {"sources:\n  a: {type: graph, url: redis://h, tls-name: x}\n",
         "config.yaml:2:3: sources.a: ca, tls-name and insecure are of a url "
         "with rediss"},
        {"sources:\n  a: {type: graph, url: rediss://h, insecure: maybe}\n",
         "config.yaml:2:37: sources.a.insecure: expected true or false"},
        {"sources:\n  a: {type: ghost, insecure: true}\n",
         "config.yaml:2:20: sources.a.insecure: "},
        {"sources:\n  a: {type: graph, service: fracta/falkordb}\n",
         "config.yaml:2:20: sources.a.service: 'fracta/falkordb', expected "
         "NAMESPACE/NAME:PORT"},
        {"sources:\n  a: {type: postgres, url: postgres://x, password: hunter}\n",
         "config.yaml:2:42: sources.a.password: expected one of {file: PATH}, "
         "{env: NAME}, {command: WORDS}; a secret is not written here"},
        {"sources:\n  a: {type: postgres, url: postgres://x, "
         "password: {fil: x}}\n",
         "config.yaml:2:53: sources.a.password.fil: there is no such setting, "
         "did you mean file?"},
        {"sources:\n  a b: {type: ghost}\n",
         "config.yaml:2:3: sources.a b: expected a name"},
        {"sources:\n  a: {type: kubernetes}\n  b: {type: kubernetes}\n",
         "config.yaml:3:3: sources.b: a second cluster beside a"},
        {"sources:\n  a: {type: ghost}\n  a: {type: ghost}\n", "config.yaml:"},
        {"theme: \"a\\x01b\"\n", "config.yaml:1:1: theme: control characters"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (parse(table[i].text) == 0)
            fail_msg("taken: %s", table[i].text);
        if (strncmp(err.msg, table[i].said, strlen(table[i].said)) != 0)
            fail_msg("%s\n  and not %s", err.msg, table[i].said);
        assert_false(settings_read_only(&s, "prod"));
        settings_finish(&s);
    }
}

static void count(const char *line, void *arg)
{
    (void)line;
    ++*(int *)arg;
}

/* A check tells all mistakes, not the first. */
static void test_all_mistakes(void **state)
{
    static const char text[] = "thema: moss\nbell: maybe\n"
                               "sources:\n  a: {type: ghost, pth: x}\n"
                               "  b: {type: graph}\n";
    int n = 0;

    (void)state;
    assert_int_equal(settings_parse(text, sizeof text - 1, "c", &s, count, &n,
                                    &err),
                     ERR_CONFIG);
    assert_int_equal(n, 4);
    assert_non_null(strstr(err.msg, "theme"));
}

static void test_show(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    assert_int_equal(parse("theme: moss\nsources:\n  db:\n    type: postgres\n"
                           "    url: postgres://u:geheim@h/d\n"
                           "    password: {env: PGPW}\n"),
                     0);
    setenv("PGPW", "auch-geheim", 1);
    settings_show(&s, out);
    fclose(out);
    assert_null(strstr(text, "geheim"));
    assert_non_null(strstr(text, "sources.db.url = postgres://u:***@h/d  # "));
    assert_non_null(strstr(text, "sources.db.password = env PGPW"));
    assert_non_null(strstr(text, "# glyphs: as --glyphs"));
    assert_null(strstr(text, "sources.db.graph"));
    free(text);
}

static void secret_is(enum secret_from from, const char *what,
                      const char *expected)
{
    char *said = NULL, *text = strdup(what);
    const struct secret secret = {from, text};
    int bad = secret_read(&secret, &said, &err);

    if (expected == NULL) {
        assert_int_equal(bad, ERR_CONFIG);
        assert_null(said);
        assert_null(strstr(err.msg, "geheim"));
    } else {
        if (bad != 0)
            fail_msg("%s", err.msg);
        assert_string_equal(said, expected);
    }
    secret_wipe(said);
    free(text);
}

static void test_secrets(void **state)
{
    char path[200];

    (void)state;
    file("pw", 0600, "geheim\nmore\n");
    snprintf(path, sizeof path, "%s/pw", dir);
    secret_is(SECRET_FILE, path, "geheim");
    file("open", 0644, "geheim\n");
    snprintf(path, sizeof path, "%s/open", dir);
    secret_is(SECRET_FILE, path, NULL);
    file("none", 0600, "\n");
    snprintf(path, sizeof path, "%s/none", dir);
    secret_is(SECRET_FILE, path, NULL);
    secret_is(SECRET_FILE, "/nowhere/at/all", NULL);
    setenv("T_SECRET", "geheim", 1);
    secret_is(SECRET_ENV, "T_SECRET", "geheim");
    secret_is(SECRET_ENV, "T_NO_SECRET", NULL);
    secret_is(SECRET_COMMAND, "printf 'geheim\\nx'", "geheim");
    secret_is(SECRET_COMMAND, "echo '$HOME'", "$HOME"); /* no shell */
    secret_is(SECRET_COMMAND, "sh -c 'printf gehei; echo m; exit 3'", NULL);
    secret_is(SECRET_COMMAND, "true", NULL);
    secret_is(SECRET_COMMAND, "/nowhere/at/all", NULL);
    secret_is(SECRET_COMMAND, "yes gehei", NULL); /* never ends: it is cut */
}

static void test_expand(void **state)
{
    struct buf b;

    (void)state;
    setenv("T_A", "x", 1);
    unsetenv("T_B");
    buf_init(&b, 100);
    assert_true(project_expand("${T_A}-${T_B}-$T_A-${T-A}-${", 28, &b));
    assert_string_equal(buf_text(&b), "x--$T_A-${T-A}-${");
    buf_finish(&b);
    setenv("T_A", "0123456789", 1);
    buf_init(&b, 15);
    assert_false(project_expand("${T_A}${T_A}", 12, &b));
    buf_finish(&b);
}

/* Found from below, as the fracta command does. */
static void test_project(void **state)
{
    char at[200], *was = getcwd(NULL, 0);

    (void)state;
    snprintf(at, sizeof at, "%s/.fracta", dir);
    assert_int_equal(mkdir(at, 0700), 0);
    snprintf(at, sizeof at, "%s/deep", dir);
    assert_int_equal(mkdir(at, 0700), 0);
    assert_int_equal(chdir(at), 0);
    setenv("PW", "geheim", 1);
    file("fracta.yaml", 0644,
         "profile: kubernetes\n"
         "control_plane_api: {listen: \":9099\"}\n"
         "runtime:\n  kubernetes: {namespace: agents}\n"
         "  state: {driver: postgres, postgres: {dsn: "
         "\"postgres://f:${PW}@h/f\"}}\n"
         "connections: {falkordb: {url: \"h:6379\"}}\n"
         "gateway: {url: \"http://h:8080\"}\n");
    assert_int_equal(parse(""), 0);
    project_apply(&s);
    assert_string_equal(s.warning, "");
    assert_int_equal(s.source_count, 4);
    assert_false(s.sources_given);
    assert_string_equal(settings_value(&s.sources[0], KEY_URL),
                        "http://localhost:9099");
    assert_string_equal(settings_value(&s.sources[0], KEY_NAMESPACE),
                        "agents");
    assert_string_equal(settings_value(&s.sources[1], KEY_URL),
                        "postgres://f:geheim@h/f");
    assert_string_equal(settings_value(&s.sources[2], KEY_URL),
                        "redis://h:6379");
    assert_int_equal(s.sources[3].type, SOURCE_GATEWAY);
    assert_string_equal(settings_value(&s.sources[3], KEY_URL),
                        "http://h:8080");
    settings_finish(&s);
    /* what is given stands, and nothing is added beside it */
    assert_int_equal(parse("sources:\n  cp: {type: control-plane, "
                           "url: \"http://localhost:1\"}\n"),
                     0);
    project_apply(&s);
    assert_int_equal(s.source_count, 1);
    settings_finish(&s);
    /* wrong: fracta goes on with its defaults, and so do we, and say so */
    file("fracta.yaml", 0644, "control_plane_api: [\n");
    assert_int_equal(parse(""), 0);
    project_apply(&s);
    assert_non_null(strstr(s.warning, "fracta's defaults"));
    assert_string_equal(settings_value(&s.sources[0], KEY_URL),
                        "http://localhost:9090");
    assert_int_equal(chdir(was), 0);
    free(was);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_read_only, teardown),
        cmocka_unit_test_teardown(test_nothing, teardown),
        cmocka_unit_test_teardown(test_control_plane, teardown),
        cmocka_unit_test_teardown(test_sources, teardown),
        cmocka_unit_test_teardown(test_mistakes, teardown),
        cmocka_unit_test_teardown(test_all_mistakes, teardown),
        cmocka_unit_test_teardown(test_show, teardown),
        cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
        cmocka_unit_test(test_expand),
        cmocka_unit_test_setup_teardown(test_project, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
