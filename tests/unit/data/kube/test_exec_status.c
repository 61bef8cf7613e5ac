#include "config.h"

#include "data/kube/exec_status.h"
#include "data/kube/forward.h"
#include "tests/support/cm.h"

static struct tether_end read_it(const char *text)
{
    struct tether_end e;

    kube_exec_status(text, strlen(text), &e);
    return e;
}

static void test_how_a_command_ends(void **state)
{
    struct tether_end e;

    (void)state;
    e = read_it("{\"metadata\":{},\"status\":\"Success\"}");
    assert_int_equal(e.how, TETHER_EXITED);
    assert_int_equal(e.code, 0);
    e = read_it("{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command "
                "terminated with non-zero exit code: exit status 3\","
                "\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":"
                "[{\"reason\":\"Other\",\"message\":\"7\"},"
                "{\"reason\":\"ExitCode\",\"message\":\"3\"}]}}");
    assert_int_equal(e.how, TETHER_EXITED);
    assert_int_equal(e.code, 3);
    /* members in another order */
    e = read_it("{\"details\":{\"causes\":[{\"message\":\"137\",\"reason\":"
                "\"ExitCode\"}]},\"status\":\"Failure\"}");
    assert_int_equal(e.code, 137);
    e = read_it("{\"status\":\"Failure\",\"reason\":\"InternalError\","
                "\"message\":\"container not found (\\\"logic\\\")\"}");
    assert_int_equal(e.how, TETHER_FAILED);
    assert_string_equal(e.msg, "container not found (\"logic\")");
}

static void test_what_is_no_status(void **state)
{
    struct tether_end e;

    (void)state;
    e = read_it("error dialing backend: no route\nmore");
    assert_int_equal(e.how, TETHER_FAILED);
    assert_string_equal(e.msg, "error dialing backend: no route");
    e = read_it("");
    assert_int_equal(e.how, TETHER_FAILED);
    e = read_it("{\"status\":\"Failure\"}");
    assert_int_equal(e.how, TETHER_FAILED);
    assert_true(e.msg[0] != '\0');
    /* a code that is none */
    e = read_it("{\"status\":\"Failure\",\"message\":\"m\",\"details\":"
                "{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"-3\"}]}}");
    assert_int_equal(e.how, TETHER_FAILED);
    e = read_it("{\"status\":\"Failure\",\"message\":\"m\",\"details\":"
                "{\"causes\":[{\"reason\":\"ExitCode\",\"message\":"
                "\"99999999999999\"}]}}");
    assert_int_equal(e.how, TETHER_FAILED);
}

static void test_ports(void **state)
{
    static const char *const bad[] = {"", ":", "80:", "1:2:3", "a:80", "80:0",
                                      "0", "65536:1", "1:65536", "-1:80",
                                      " 80:80", "80:80 ", "000080:80"};
    static const struct {
        const char *text;
        int local, remote;
    } good[] = {{"8080:80", 8080, 80}, {":80", 0, 80}, {"0:80", 0, 80},
                {"80", 80, 80}, {"65535:1", 65535, 1}};
    uint16_t local, remote;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(
            kube_forward_ports(good[i].text, &local, &remote, &err), 0);
        assert_int_equal(local, good[i].local);
        assert_int_equal(remote, good[i].remote);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(kube_forward_ports(bad[i], &local, &remote, &err),
                         ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_a_command_ends),
        cmocka_unit_test(test_what_is_no_status),
        cmocka_unit_test(test_ports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
