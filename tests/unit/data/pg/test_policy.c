#include "config.h"

#include "data/pg/policy.h"
#include "tests/support/cm.h"

static void test_allowed(void **state)
{
    static const char *const all[] = {
        "SELECT 1",
        "  select id, updated_at FROM \"public\".\"agents\"",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SHOW default_transaction_read_only",
        "LISTEN missions_ready",
        "UNLISTEN *",
        "SELECT $1::bigint, 'a;b', 'it''s delete', \"into\"",
        "SELECT e.attrs_json->>'x' FROM t e WHERE 1-1 = 0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!pg_policy_allows_reading(all[i]))
            fail_msg("refused: %s", all[i]);
}

static void test_refused(void **state)
{
    static const char *const all[] = {
        "",
        " ",
        "DELETE FROM agents",
        "INSERT INTO agents VALUES (1)",
        "WITH x AS (DELETE FROM a RETURNING 1) SELECT 1",
        "SELECT 1; DELETE FROM agents",
        "SELECT * INTO b FROM agents",
        "SELECT 1 FROM agents FOR UPDATE",
        "SELECT 1 FROM agents FOR key SHARE",
        "SELECT nextval('agents_id_seq')",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT pg_catalog.pg_terminate_backend(1)",
        "SELECT PG_NOTIFY('a', '')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_read_file('x')",
        "SELECT pg_advisory_lock(42)",
        "SELECT 1 -- x",
        "SELECT /* x */ 1",
        "SELECT 'open",
        "SELECT \"open",
        "SELECT E'\\'' || nextval('x')",
        "SELECT $$x$$",
        "SELECT $a$x$a$",
        "BEGIN",
        "SET default_transaction_read_only = off",
        "COPY agents TO STDOUT",
        "NOTIFY a",
        "DO 'x'",
        "'x' SELECT",
        "EXPLAIN ANALYZE DELETE FROM a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (pg_policy_allows_reading(all[i]))
            fail_msg("allowed: %s", all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
