# Programs that want real servers: run by scripts/check, which starts them.
EXTRA_DIST += tests/integration/run \
	tests/integration/driver.py \
	tests/integration/scripted.py \
	tests/integration/test_acts.py \
	tests/integration/test_act_faults.py \
	tests/integration/test_fleet.py tests/integration/kgents_operator.py \
	tests/integration/kgents.py \
	tests/integration/test_create.py \
	tests/integration/test_read_only.py \
	tests/integration/channels.py tests/integration/test_tether.py \
	tests/integration/habitat.py \
	tests/integration/lab_plane.py tests/integration/test_control.py \
	tests/integration/test_plane.py tests/integration/test_polled.py \
	tests/integration/test_sources.py tests/integration/test_tunnel.py \
	tests/integration/test_gateway.py \
	tests/integration/test_habitat.py \
	tests/integration/test_agents.py \
	tests/integration/test_claude.py \
	tests/integration/stand_in.py \
	tests/support/fake_agent.py \
	tests/integration/pg.py \
	tests/integration/test_pg.py \
	tests/integration/test_pg_notify.py \
	tests/integration/test_pg_source.py \
	tests/integration/test_pg_tail.py \
	tests/integration/test_practice.py \
	tests/integration/test_faults.py \
	tests/integration/test_graph.py tests/integration/test_whole.py \
	tests/integration/test_graph_faults.py \
	tests/integration/test_graph_screen.py tests/integration/scripted_redis.py \
	tests/integration/tls_front.py \
	tests/integration/test_real.py

# What follows a table for test_pg_tail.py; built with all, wanted by tests only.
noinst_PROGRAMS += tests/support/pg_follow
tests_support_pg_follow_SOURCES = tests/support/pg_follow.c
tests_support_pg_follow_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(PQ_CFLAGS)
tests_support_pg_follow_LDADD = data/libdata.a base/libbase.a $(PQ_LIBS) \
	$(CRYPTO_LIBS) $(UV_LIBS)
noinst_PROGRAMS += tests/support/pg_ask
tests_support_pg_ask_SOURCES = tests/support/pg_ask.c
tests_support_pg_ask_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(PQ_CFLAGS)
tests_support_pg_ask_LDADD = data/libdata.a base/libbase.a $(PQ_LIBS) \
	$(CRYPTO_LIBS) $(UV_LIBS)
noinst_PROGRAMS += tests/support/pg_fleet
tests_support_pg_fleet_SOURCES = tests/support/pg_fleet.c
tests_support_pg_fleet_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS)
tests_support_pg_fleet_LDADD = data/libdata.a base/libbase.a $(YAJL_LIBS) \
	$(YAML_LIBS) $(NET_LIBS) $(PQ_LIBS) $(UV_LIBS) $(PCRE2_LIBS)
noinst_PROGRAMS += tests/support/pg_bare
tests_support_pg_bare_SOURCES = tests/support/pg_bare.c
tests_support_pg_bare_CPPFLAGS = $(AM_CPPFLAGS) $(PQ_CFLAGS)
tests_support_pg_bare_LDADD = $(PQ_LIBS)
