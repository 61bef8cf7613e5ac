/* A tree of real processes: nothing of it gets away. */
#include "config.h"

#include "habitat/holder/tree.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/cm.h"

static void rest(int ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

/* For ever, however politely it is asked to end; an hour at most. */
static void stay(int ready)
{
    signal(SIGTERM, SIG_IGN);
    if (write(ready, "x", 1) != 1)
        _exit(1);
    rest(3600 * 1000);
    _exit(0);
}

/* A child, its double-forked grandchild in a session of its own, and one
   that changed its name: three processes. */
static void family(int ready)
{
    pid_t middle;

    if (fork() == 0)
        stay(ready);
    middle = fork();
    if (middle == 0) {
        setsid();
        if (fork() == 0) {
            prctl(PR_SET_NAME, "x) Z 1 1 (");
            stay(ready);
        }
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    stay(ready);
}

static int below(pid_t root)
{
    static pid_t at[TREE_MAX];

    return tree_below(root, at, TREE_MAX);
}

static void test_all_are_found_and_ended(void **state)
{
    int ready[2], status, ended = 0;
    static pid_t at[TREE_MAX];
    struct proc p;
    char c;
    int n;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe(ready), 0);
    if (fork() == 0)
        family(ready[1]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(read(ready[0], &c, 1), 1);
    for (int i = 0; i < 2000 && below(getpid()) != 3; i++)
        rest(1);
    n = tree_below(getpid(), at, TREE_MAX);
    assert_int_equal(n, 3);
    for (int i = 0; i < n; i++) {
        assert_true(proc_read(at[i], &p));
        assert_int_equal(p.pid, at[i]);
        assert_true(p.start > 0);
        assert_true(p.parent > 0);
    }
    assert_int_equal(tree_below(getpid(), at, 2), 2); /* no more than room */
    assert_int_equal(tree_signal(getpid(), SIGTERM), 3);
    rest(20);
    assert_int_equal(below(getpid()), 3); /* they do not listen */
    assert_int_equal(tree_signal(getpid(), SIGKILL), 3);
    while (waitpid(-1, &status, 0) > 0) {
        assert_true(WIFSIGNALED(status));
        ended++;
    }
    assert_int_equal(errno, ECHILD);
    assert_int_equal(ended, 3);
    assert_int_equal(below(getpid()), 0);
    close(ready[0]);
    close(ready[1]);
}

static void test_itself(void **state)
{
    struct proc p;

    (void)state;
    assert_true(proc_read(getpid(), &p));
    assert_int_equal(p.parent, getppid());
    assert_true(p.rss > 0);
    assert_false(proc_read(0x7ffffffe, &p));
    assert_true(tree_of_holder(0x7ffffffe)); /* in doubt: yes */
    assert_int_equal(tree_signal(0x7ffffffe, SIGKILL), 0);
}

/* By the name the kernel keeps, at any depth. */
static void test_below_a_holder(void **state)
{
    int ready[2];
    pid_t holder, at[8];
    char c;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    holder = fork();
    if (holder == 0) {
        prctl(PR_SET_NAME, HOLDER_COMM);
        if (fork() == 0) {
            if (fork() == 0)
                stay(ready[1]);
            stay(ready[1]);
        }
        stay(ready[1]);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(tree_below(holder, at, 8), 2);
    assert_true(tree_of_holder(at[0]));
    assert_true(tree_of_holder(at[1]));
    tree_signal(holder, SIGKILL);
    kill(holder, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    close(ready[0]);
    close(ready[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_are_found_and_ended),
        cmocka_unit_test(test_itself),
        cmocka_unit_test(test_below_a_holder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
