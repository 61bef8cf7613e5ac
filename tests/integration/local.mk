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
	tests/integration/test_habitat.py \
	tests/integration/test_agents.py \
	tests/integration/test_claude.py \
	tests/integration/stand_in.py \
	tests/support/fake_agent.py \
	tests/integration/test_practice.py \
	tests/integration/test_faults.py \
	tests/integration/test_graph.py \
	tests/integration/test_real.py
