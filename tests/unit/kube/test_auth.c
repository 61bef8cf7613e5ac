#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "data/kube/auth.h"
#include "data/kube/auth_priv.h"
#include "data/kube/exec.h"
#include "data/kube/exec_text.h"

/* cmocka.h needs the four before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define API  "client.authentication.k8s.io/v1"
#define PEM  "-----BEGIN CERTIFICATE-----\\nAAAA\\n"
#define HEAD "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" API "\","

static char folder[64];
static uv_loop_t loop;
static struct kube_auth *auth;
static struct kube_config config;
static struct kube_exec plugin;
static int64_t wall_now;
static uint64_t mono_now;
static int closed;

/* What the last callback brought. */
static struct {
    int calls;
    char header[200], cert[200], key[200];
    uint64_t serial;
    struct error err; /* code 0 = success */
} got;

static int64_t wall(void)
{
    return wall_now;
}

static uint64_t mono(void)
{
    return mono_now;
}

static void keep(char *ret, const char *s)
{
    snprintf(ret, 200, "%s", s != NULL ? s : "(null)");
}

static void take(const struct kube_credentials *creds, const struct error *err,
                 void *arg)
{
    (void)arg;
    assert_true((creds == NULL) != (err == NULL));
    got.calls++;
    got.err.code = 0;
    if (err != NULL) {
        got.err = *err;
        return;
    }
    keep(got.header, creds->header);
    keep(got.cert, creds->cert_pem);
    keep(got.key, creds->key_pem);
    got.serial = creds->serial;
}

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_auth.XXXXXX");
    if (mkdtemp(folder) == NULL || uv_loop_init(&loop) != 0)
        return -1;
    memset(&got, 0, sizeof got);
    config = (struct kube_config){.file = NULL};
    plugin = (struct kube_exec){.command = NULL};
    wall_now = 1000000;
    mono_now = 5000;
    closed = 0;
    auth = NULL;
    return 0;
}

static int teardown(void **state)
{
    char *command = xasprintf("rm -rf '%s'", folder);
    int code = system(command);

    (void)state;
    free(command);
    free(plugin.command);
    free(config.token_file);
    return code;
}

static void open_auth(uint64_t limit_ms)
{
    struct kube_auth_tune tune = {limit_ms, wall, mono};

    auth = kube_auth_create(&loop, &config);
    kube_auth_tune(auth, &tune);
}

static void on_closed(void *arg)
{
    assert_ptr_equal(arg, &closed);
    closed++;
}

/* Every test ends here: all is closed and the loop is empty. */
static void close_auth(void)
{
    kube_auth_close(auth, on_closed, &closed);
    assert_int_equal(closed, 0);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(closed, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void get(void)
{
    kube_auth_get(auth, take, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_false(kube_auth_busy(auth));
}

static void put(const char *name, const char *text, mode_t mode)
{
    char *path = xasprintf("%s/%s", folder, name);
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
    free(path);
}

/* The plugin is a script in the test's folder; $D is that folder. */
static void use_script(const char *body)
{
    char *text = xasprintf("#!/bin/sh\nD='%s'\n%s\n", folder, body);

    put("plugin", text, 0700);
    free(text);
    free(plugin.command);
    plugin.command = xasprintf("%s/plugin", folder);
    plugin.api_version = (char *)(uintptr_t)API;
    config.server = (char *)(uintptr_t) "https://h";
    config.exec = &plugin;
}

static size_t count_lines(const char *name)
{
    char *path = xasprintf("%s/%s", folder, name);
    FILE *f = fopen(path, "r");
    size_t lines = 0;

    for (int c; f != NULL && (c = getc(f)) != EOF;)
        lines += c == '\n';
    if (f != NULL)
        fclose(f);
    free(path);
    return lines;
}

static void expect_error(const char *part)
{
    assert_int_equal(got.err.code, ERR_AUTH);
    if (strstr(got.err.msg, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, got.err.msg);
}

static void test_anonymous(void **state)
{
    (void)state;
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    assert_int_equal(got.calls, 1);
    assert_string_equal(got.header, "(null)");
    assert_string_equal(got.cert, "(null)");
    assert_int_not_equal(got.serial, 0);
    close_auth();
}

static void test_static(void **state)
{
    uint64_t serial;

    (void)state;
    config.token = (char *)(uintptr_t) "abc";
    config.cert_pem = (char *)(uintptr_t) "cert";
    config.key_pem = (char *)(uintptr_t) "key";
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer abc");
    assert_string_equal(got.cert, "cert");
    assert_string_equal(got.key, "key");
    serial = got.serial;
    kube_auth_reject(auth, serial);
    kube_auth_get(auth, take, NULL);
    assert_int_equal(got.serial, serial);
    close_auth();
}

static void test_basic(void **state)
{
    (void)state;
    config.username = (char *)(uintptr_t) "Aladdin";
    config.password = (char *)(uintptr_t) "open sesame";
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header,
                        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    close_auth();
}

static void test_file(void **state)
{
    uint64_t first;

    (void)state;
    config.token_file = xasprintf("%s/token", folder);
    put("token", " one \n", 0600);
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer one");
    first = got.serial;
    put("token", "two\n", 0600);
    mono_now += KUBE_TOKEN_AGE_MS - 1;
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer one");
    mono_now += 1;
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer two");
    assert_true(got.serial > first);
    kube_auth_reject(auth, first);
    put("token", "three", 0600);
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer two");
    kube_auth_reject(auth, got.serial);
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer three");
    uv_run(&loop, UV_RUN_DEFAULT);
    close_auth();
}

static void test_file_lost(void **state)
{
    uint64_t serial;

    (void)state;
    config.token_file = xasprintf("%s/token", folder);
    put("token", "one", 0600);
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    serial = got.serial;
    unlink(config.token_file);
    mono_now += KUBE_TOKEN_AGE_MS;
    kube_auth_get(auth, take, NULL);
    assert_int_equal(got.err.code, 0);
    assert_int_equal(got.serial, serial);
    kube_auth_reject(auth, serial);
    kube_auth_get(auth, take, NULL);
    expect_error("/token': cannot open: No such file");
    config.token = (char *)(uintptr_t) "static";
    kube_auth_get(auth, take, NULL);
    assert_string_equal(got.header, "Authorization: Bearer static");
    close_auth();
}

static void expect_bad_file(const char *text, const char *part)
{
    put("token", text, 0600);
    kube_auth_get(auth, take, NULL);
    expect_error(part);
}

static void test_file_bad(void **state)
{
    char *large = xcalloc(1, KUBE_TOKEN_FILE_MAX + 2);

    (void)state;
    memset(large, 'x', KUBE_TOKEN_FILE_MAX + 1);
    config.token_file = xasprintf("%s/token", folder);
    open_auth(0);
    expect_bad_file(" \n", "is empty, expected a token");
    expect_bad_file("a\r\nSECRET: x", "has a control byte");
    assert_null(strstr(got.err.msg, "SECRET"));
    expect_bad_file(large, "is larger than 65536 bytes");
    unlink(config.token_file);
    assert_int_equal(mkfifo(config.token_file, 0600), 0);
    kube_auth_get(auth, take, NULL);
    expect_error("is not a regular file");
    free(config.token_file);
    config.token_file = xstrdup("/dev/zero");
    kube_auth_get(auth, take, NULL);
    expect_error("is not a regular file");
    free(large);
    close_auth();
}

static void test_exec_token(void **state)
{
    (void)state;
    use_script("echo run >>\"$D/runs\"\necho noise >/dev/stderr\n"
               "echo '" HEAD "\"status\":{\"token\":\"tok\"}}'");
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    kube_auth_get(auth, take, NULL);
    assert_true(kube_auth_busy(auth));
    assert_int_equal(got.calls, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(got.calls, 2);
    assert_int_equal(got.err.code, 0);
    assert_string_equal(got.header, "Authorization: Bearer tok");
    assert_string_equal(got.cert, "(null)");
    kube_auth_get(auth, take, NULL);
    assert_int_equal(got.calls, 3);
    assert_int_equal(count_lines("runs"), 1);
    close_auth();
}

static void test_exec_reject(void **state)
{
    uint64_t first;

    (void)state;
    use_script("echo run >>\"$D/runs\"\nn=$(wc -l <\"$D/runs\")\n"
               "echo '" HEAD "\"status\":{\"token\":\"'tok$n'\"}}'");
    open_auth(0);
    get();
    assert_string_equal(got.header, "Authorization: Bearer tok1");
    first = got.serial;
    kube_auth_reject(auth, first);
    get();
    assert_string_equal(got.header, "Authorization: Bearer tok2");
    assert_int_not_equal(got.serial, first);
    kube_auth_reject(auth, first);
    get();
    assert_int_equal(count_lines("runs"), 2);
    close_auth();
}

static void test_exec_certificate(void **state)
{
    (void)state;
    use_script("cat <<'E'\n" HEAD "\"status\":{\"clientCertificateData\":"
               "\"" PEM "\",\"clientKeyData\":\"" PEM "\"}}\nE");
    open_auth(0);
    get();
    assert_int_equal(got.err.code, 0);
    assert_string_equal(got.header, "(null)");
    assert_string_equal(got.cert, "-----BEGIN CERTIFICATE-----\nAAAA\n");
    assert_string_equal(got.key, "-----BEGIN CERTIFICATE-----\nAAAA\n");
    close_auth();
}

static void test_exec_expiry(void **state)
{
    uint64_t serial;

    (void)state;
    use_script("echo run >>\"$D/runs\"\ncat <<'E'\n" HEAD
               "\"status\":{\"token\":\"t\",\"expirationTimestamp\":"
               "\"1970-01-01T00:20:00Z\"}}\nE");
    open_auth(0);
    get();
    serial = got.serial;
    wall_now = 1200000;
    get();
    assert_int_equal(count_lines("runs"), 1);
    wall_now = 1200001;
    get();
    assert_int_equal(count_lines("runs"), 2);
    assert_int_equal(got.serial, serial);
    close_auth();
}

static void test_exec_environment(void **state)
{
    static char extra[] = "EXTRA=1", home[] = "HOME=/nowhere", arg[] = "a b";
    char *env[] = {extra, home, NULL}, *args[] = {arg, NULL};

    (void)state;
    setenv("KUBERNETES_EXEC_INFO", "stale", 1);
    use_script("printf '%s' \"$KUBERNETES_EXEC_INFO\" >\"$D/info\"\n"
               "echo '" HEAD "\"status\":{\"token\":\"'$EXTRA-$HOME-$1'\"}}'");
    plugin.env = env;
    plugin.args = args;
    plugin.provide_cluster = true;
    plugin.cluster_config = (char *)(uintptr_t) "{\"a\":[1]}";
    config.ca_pem = (char *)(uintptr_t) "abc";
    config.tls_name = (char *)(uintptr_t) "n\"";
    open_auth(0);
    get();
    unsetenv("KUBERNETES_EXEC_INFO");
    assert_string_equal(got.header, "Authorization: Bearer 1-/nowhere-a b");
    {
        char *path = xasprintf("%s/info", folder), text[1000] = "";
        FILE *f = fopen(path, "r");

        assert_non_null(f);
        assert_true(fread(text, 1, sizeof text - 1, f) > 0);
        fclose(f);
        free(path);
        assert_string_equal(
            text, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" API "\","
                  "\"spec\":{\"cluster\":{\"server\":\"https://h\","
                  "\"tls-server-name\":\"n\\\"\","
                  "\"certificate-authority-data\":\"YWJj\","
                  "\"config\":{\"a\":[1]}},\"interactive\":false}}");
    }
    close_auth();
}

static void fails_with(const char *script, const char *part)
{
    use_script(script);
    open_auth(0);
    get();
    expect_error(part);
    assert_int_equal(got.calls, 1);
    close_auth();
}

static void test_exec_exit(void **state)
{
    (void)state;
    fails_with("echo first >&2; printf '\\033[31mtoken \\001expired\\033[0m\\n"
               "\\n' >&2; exit 3",
               "exec plugin 'plugin': exit code 3: token expired");
    assert_null(strchr(got.err.msg, 0x1b));
}

static void test_exec_quiet_exit(void **state)
{
    (void)state;
    fails_with("exit 1", "exec plugin 'plugin': exit code 1");
}

static void test_exec_signal(void **state)
{
    (void)state;
    fails_with("kill -9 $$", "exec plugin 'plugin': signal 9");
}

static void test_exec_no_answer(void **state)
{
    (void)state;
    fails_with("exit 0", "answer: bad JSON near byte 0");
}

static void test_exec_too_large(void **state)
{
    (void)state;
    fails_with("exec cat /dev/zero", "answer larger than 1048576 bytes");
}

static void test_exec_stdin(void **state)
{
    (void)state;
    fails_with("read -r x; test -t 0 && exit 4; exit 5", "exit code 5");
}

static void test_exec_long_stderr(void **state)
{
    (void)state;
    fails_with("yes complaint | head -n 5000 >&2; echo last >&2; exit 2",
               "exit code 2: last");
}

static void test_exec_missing(void **state)
{
    (void)state;
    use_script("exit 0");
    unlink(plugin.command);
    plugin.install_hint = (char *)(uintptr_t) "\033]0;x\apip\ninstall\x7f it";
    open_auth(0);
    get();
    expect_error("/plugin' not found: pip install it");
    close_auth();
}

static void test_exec_not_runnable(void **state)
{
    (void)state;
    use_script("exit 0");
    assert_int_equal(chmod(plugin.command, 0600), 0);
    open_auth(0);
    get();
    expect_error("/plugin' cannot start: permission denied");
    close_auth();
}

static void test_exec_always(void **state)
{
    (void)state;
    use_script("exit 0");
    plugin.mode = KUBE_EXEC_ALWAYS;
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    expect_error("wants a terminal (interactiveMode Always)");
    close_auth();
}

/* The whole group is killed, not the script alone. */
static void assert_child_gone(void)
{
    char *path = xasprintf("%s/child", folder), state = 'Z';
    FILE *f = fopen(path, "r");
    int pid = 0;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &pid), 1);
    fclose(f);
    free(path);
    path = xasprintf("/proc/%d/stat", pid);
    for (int i = 0; i < 100; i++) {
        f = fopen(path, "r");
        if (f == NULL)
            break;
        if (fscanf(f, "%*d %*s %c", &state) != 1 || state == 'Z')
            i = 100;
        fclose(f);
        usleep(10000);
    }
    assert_true(f == NULL || state == 'Z');
    free(path);
}

static void test_exec_timeout(void **state)
{
    (void)state;
    use_script("sleep 100 & echo $! >\"$D/child\"; wait");
    open_auth(300);
    get();
    expect_error("exec plugin 'plugin': no answer in time, killed");
    assert_child_gone();
    close_auth();
}

/* A grandchild holds the pipes open; the answer counts all the same. */
static void test_exec_grandchild(void **state)
{
    (void)state;
    use_script("sleep 5 &\necho '" HEAD "\"status\":{\"token\":\"tok\"}}'");
    open_auth(0);
    get();
    assert_int_equal(got.err.code, 0);
    assert_string_equal(got.header, "Authorization: Bearer tok");
    close_auth();
}

static void test_close_while_running(void **state)
{
    (void)state;
    use_script("sleep 100");
    open_auth(0);
    kube_auth_get(auth, take, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    close_auth();
    assert_int_equal(got.calls, 0);
}

static void test_forget(void **state)
{
    int one = 1, two = 2;

    (void)state;
    use_script("echo '" HEAD "\"status\":{\"token\":\"tok\"}}'");
    open_auth(0);
    kube_auth_get(auth, take, &one);
    kube_auth_get(auth, take, &two);
    kube_auth_forget(auth, &one);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(got.calls, 1);
    close_auth();
}

static void close_inside(const struct kube_credentials *creds,
                         const struct error *err, void *arg)
{
    take(creds, err, arg);
    kube_auth_close(auth, on_closed, &closed);
}

static void test_close_inside(void **state)
{
    (void)state;
    use_script("exit 1");
    open_auth(0);
    kube_auth_get(auth, close_inside, NULL);
    kube_auth_get(auth, take, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(got.calls, 1);
    assert_int_equal(closed, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void again(const struct kube_credentials *creds, const struct error *err,
                  void *arg)
{
    take(creds, err, arg);
    kube_auth_get(auth, take, arg);
}

static void test_get_inside(void **state)
{
    (void)state;
    use_script("echo run >>\"$D/runs\"; exit 1");
    open_auth(0);
    kube_auth_get(auth, again, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(got.calls, 2);
    assert_int_equal(count_lines("runs"), 2);
    close_auth();
}

/* Texts given out stay readable for the rest of the turn. */
static const struct kube_credentials *borrowed;

static void borrow(const struct kube_credentials *creds,
                   const struct error *err, void *arg)
{
    (void)err;
    (void)arg;
    borrowed = creds;
}

static void test_borrowed(void **state)
{
    (void)state;
    config.token_file = xasprintf("%s/token", folder);
    put("token", "one", 0600);
    open_auth(0);
    kube_auth_get(auth, borrow, NULL);
    kube_auth_reject(auth, borrowed->serial);
    put("token", "two", 0600);
    kube_auth_get(auth, take, NULL);
    put("token", "three", 0600);
    kube_auth_reject(auth, got.serial);
    kube_auth_get(auth, take, NULL);
    assert_string_equal(borrowed->header, "Authorization: Bearer one");
    assert_string_equal(got.header, "Authorization: Bearer three");
    close_auth();
}

static void answer_fails(const char *text, const char *part)
{
    struct kube_exec_credential c = {.expires_ms = 7};
    struct error err = {.code = 0};

    assert_int_equal(
        kube_exec_credential_parse(text, strlen(text), API, &c, &err),
        ERR_AUTH);
    assert_int_equal(c.expires_ms, 7);
    if (strstr(err.msg, part) == NULL)
        fail_msg("'%s' is not in '%s'", part, err.msg);
}

static void test_answers(void **state)
{
    char *deep = xcalloc(1, 200001);

    (void)state;
    memset(deep, '[', 200000);
    answer_fails(deep, "nested too deep");
    free(deep);
    answer_fails("", "bad JSON");
    answer_fails("{", "bad JSON");
    answer_fails("[]", "kind: '', expected ExecCredential");
    answer_fails(HEAD "\"status\":{\"token\":\"t\"}}{}", "bad JSON");
    answer_fails("{\"kind\":\"Pod\"}", "kind: 'Pod'");
    answer_fails("{\"kind\":\"ExecCredential\",\"apiVersion\":\"v1\"}",
                 "apiVersion: 'v1', expected " API);
    answer_fails(HEAD "\"spec\":{}}", "status: missing");
    answer_fails(HEAD "\"status\":null}", "status: missing");
    answer_fails(HEAD "\"status\":7}", "status: wrong type");
    answer_fails(HEAD "\"status\":{}}", "neither token nor");
    answer_fails(HEAD "\"status\":{\"token\":\"\"}}", "neither token nor");
    answer_fails(HEAD "\"status\":{\"token\":1}}",
                 "status.token: wrong type, expected a text");
    answer_fails(HEAD "\"status\":{\"token\":[\"t\"]}}", "status.token: wrong");
    answer_fails(HEAD "\"status\":{\"token\":{}}}", "status.token: wrong");
    answer_fails(HEAD "\"status\":{\"x\":{\"token\":\"t\"}}}", "neither");
    answer_fails(HEAD "\"status\":{\"token\":\"a\\nb\"}}", "control byte");
    answer_fails(HEAD "\"status\":{\"token\":\"a\\u0000\"}}", "NUL byte");
    answer_fails(HEAD "\"status\":{\"clientKeyData\":\"" PEM "\"}}", "both or");
    answer_fails(HEAD "\"status\":{\"clientKeyData\":\"a\","
                      "\"clientCertificateData\":\"" PEM "\"}}",
                 "not PEM");
    answer_fails(HEAD "\"status\":{\"token\":\"t\","
                      "\"expirationTimestamp\":\"soon\"}}",
                 "expirationTimestamp: bad time, expected RFC 3339");
}

static void clean_is(const char *s, size_t max, const char *expected)
{
    char *clean = kube_exec_clean(s, strlen(s), max);

    assert_string_equal(clean, expected);
    free(clean);
}

static void test_clean(void **state)
{
    char *line;

    (void)state;
    clean_is("", 10, "");
    clean_is("a\tb\r\nc\x01\x7f", 20, "a b c");
    clean_is("\033[1;31mred\033[0m\033(B\033P1\033\\\033", 20, "red");
    clean_is("\033]8;;http://x\atext\033]8;;\033\\", 20, "text");
    clean_is("\xc2\x9b"
             "2J\xc3\xa9",
             20, "2J\xc3\xa9");
    clean_is("abc\xc3\xa9"
             "d",
             4, "abc");
    line = kube_exec_last_line("a\nb\n \n", 6, 20);
    assert_string_equal(line, "b");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define ASYNC(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
        ASYNC(test_anonymous),
        ASYNC(test_static),
        ASYNC(test_basic),
        ASYNC(test_file),
        ASYNC(test_file_lost),
        ASYNC(test_file_bad),
        ASYNC(test_exec_token),
        ASYNC(test_exec_reject),
        ASYNC(test_exec_certificate),
        ASYNC(test_exec_expiry),
        ASYNC(test_exec_environment),
        ASYNC(test_exec_exit),
        ASYNC(test_exec_quiet_exit),
        ASYNC(test_exec_signal),
        ASYNC(test_exec_no_answer),
        ASYNC(test_exec_too_large),
        ASYNC(test_exec_stdin),
        ASYNC(test_exec_long_stderr),
        ASYNC(test_exec_missing),
        ASYNC(test_exec_not_runnable),
        ASYNC(test_exec_always),
        ASYNC(test_exec_timeout),
        ASYNC(test_exec_grandchild),
        ASYNC(test_close_while_running),
        ASYNC(test_forget),
        ASYNC(test_close_inside),
        ASYNC(test_get_inside),
        ASYNC(test_borrowed),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_clean),
    };

    return cmocka_run_group_tests_name("kube/auth", tests, NULL, NULL);
}
