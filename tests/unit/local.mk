# One cmocka program per module, from leaf to whole.

unit_base_libs = base/libbase.a $(CMOCKA_LIBS)
unit_data_libs = data/libdata.a base/libbase.a $(YAJL_LIBS) $(YAML_LIBS) \
	$(NET_LIBS) $(PQ_LIBS) $(UV_LIBS) $(PCRE2_LIBS) $(CMOCKA_LIBS)
unit_cppflags = $(AM_CPPFLAGS) $(UV_CFLAGS) $(CURL_CFLAGS) $(YAJL_CFLAGS) \
	$(YAML_CFLAGS) $(PCRE2_CFLAGS) $(CMOCKA_CFLAGS)

unit_programs = \
	tests/unit/base/test_buf \
	tests/unit/base/test_frames \
	tests/unit/base/test_intern \
	tests/unit/base/test_index \
	tests/unit/base/test_ranked \
	tests/unit/base/test_moments \
	tests/unit/base/test_mask \
	tests/unit/base/test_when \
	tests/unit/data/json/test_cut \
	tests/unit/data/json/test_pick \
	tests/unit/data/json/test_to_yaml \
	tests/unit/data/test_activity \
	tests/unit/data/test_decay \
	tests/unit/data/test_rights \
	tests/unit/data/test_risk \
	tests/unit/data/test_delay \
	tests/unit/data/test_proposal \
	tests/unit/data/test_health \
	tests/unit/data/test_thoughts \
	tests/unit/data/test_logline \
	tests/unit/data/test_store \
	tests/unit/data/kube/test_act \
	tests/unit/data/kube/test_create \
	tests/unit/data/kube/test_exec_status \
	tests/unit/data/kube/test_lines \
	tests/unit/data/kube/test_path \
	tests/unit/data/kube/test_reader \
	tests/unit/data/net/test_http \
	tests/unit/data/net/test_policy \
	tests/unit/kube/test_auth \
	tests/unit/kube/test_config \
	tests/unit/data/json/test_write \
	tests/unit/data/net/test_sse \
	tests/unit/data/fracta/test_graph \
	tests/unit/data/fracta/test_plain_http \
	tests/unit/data/ghost/test_ghost \
	tests/unit/data/graph/test_query \
	tests/unit/data/net/test_resp \
	tests/unit/data/net/test_websocket \
	tests/unit/data/fracta/test_read \
	tests/unit/data/fracta/test_dry_run \
	tests/unit/data/fracta/test_overlap \
	tests/unit/data/act/test_words \
	tests/unit/data/act/test_before \
	tests/unit/data/act/test_gate \
	tests/unit/data/act/test_halt_stage \
	tests/unit/data/act/test_journal \
	tests/unit/data/test_join \
	tests/unit/data/test_run \
	tests/unit/data/fracta/test_pg_read \
	tests/unit/data/pg/test_explain \
	tests/unit/data/pg/test_policy \
	tests/unit/data/pg/test_tail \
	tests/unit/habitat/test_db \
	tests/unit/habitat/test_lines \
	tests/unit/habitat/test_ring \
	tests/unit/habitat/test_risk_rules \
	tests/unit/habitat/test_tree

check_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs) tests/unit/habitat/routes.py
dist_check_SCRIPTS += tests/unit/habitat/routes.py
EXTRA_DIST += docs/habitat-api.md docs/habitat-openapi.json

tests_unit_base_test_buf_SOURCES = tests/unit/base/test_buf.c tests/support/cm.h
tests_unit_base_test_buf_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_buf_LDADD = $(unit_base_libs)

tests_unit_base_test_frames_SOURCES = tests/unit/base/test_frames.c tests/support/cm.h
tests_unit_base_test_frames_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_frames_LDADD = $(unit_base_libs)

tests_unit_base_test_intern_SOURCES = tests/unit/base/test_intern.c tests/support/cm.h
tests_unit_base_test_intern_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_intern_LDADD = $(unit_base_libs)

tests_unit_base_test_index_SOURCES = tests/unit/base/test_index.c tests/support/cm.h
tests_unit_base_test_index_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_index_LDADD = $(unit_base_libs)

tests_unit_base_test_ranked_SOURCES = tests/unit/base/test_ranked.c tests/support/cm.h
tests_unit_base_test_ranked_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_ranked_LDADD = $(unit_base_libs)

tests_unit_base_test_moments_SOURCES = tests/unit/base/test_moments.c tests/support/cm.h
tests_unit_base_test_moments_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_moments_LDADD = $(unit_base_libs)

tests_unit_base_test_mask_SOURCES = tests/unit/base/test_mask.c tests/support/cm.h
tests_unit_base_test_mask_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_mask_LDADD = $(unit_base_libs)

tests_unit_base_test_when_SOURCES = tests/unit/base/test_when.c tests/support/cm.h
tests_unit_base_test_when_CPPFLAGS = $(unit_cppflags)
tests_unit_base_test_when_LDADD = $(unit_base_libs)

tests_unit_data_json_test_cut_SOURCES = tests/unit/data/json/test_cut.c tests/support/cm.h
tests_unit_data_json_test_cut_CPPFLAGS = $(unit_cppflags)
tests_unit_data_json_test_cut_LDADD = $(unit_data_libs)

tests_unit_data_json_test_pick_SOURCES = tests/unit/data/json/test_pick.c tests/support/cm.h
tests_unit_data_json_test_pick_CPPFLAGS = $(unit_cppflags)
tests_unit_data_json_test_pick_LDADD = $(unit_data_libs)

tests_unit_data_json_test_to_yaml_SOURCES = tests/unit/data/json/test_to_yaml.c tests/support/cm.h
tests_unit_data_json_test_to_yaml_CPPFLAGS = $(unit_cppflags)
tests_unit_data_json_test_to_yaml_LDADD = $(unit_data_libs)

tests_unit_data_test_activity_SOURCES = tests/unit/data/test_activity.c tests/support/cm.h
tests_unit_data_test_activity_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_activity_LDADD = $(unit_data_libs)

tests_unit_data_test_decay_SOURCES = tests/unit/data/test_decay.c tests/support/cm.h
tests_unit_data_test_decay_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_decay_LDADD = $(unit_data_libs)

tests_unit_data_test_risk_SOURCES = tests/unit/data/test_risk.c tests/support/cm.h
tests_unit_data_test_risk_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_risk_LDADD = $(unit_data_libs)

tests_unit_data_test_delay_SOURCES = tests/unit/data/test_delay.c tests/support/cm.h
tests_unit_data_test_delay_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_delay_LDADD = $(unit_data_libs)

tests_unit_data_test_proposal_SOURCES = tests/unit/data/test_proposal.c tests/support/cm.h
tests_unit_data_test_proposal_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_proposal_LDADD = $(unit_data_libs)

tests_unit_data_test_health_SOURCES = tests/unit/data/test_health.c tests/support/cm.h
tests_unit_data_test_health_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_health_LDADD = $(unit_data_libs)

tests_unit_data_test_thoughts_SOURCES = tests/unit/data/test_thoughts.c tests/support/cm.h
tests_unit_data_test_thoughts_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_thoughts_LDADD = $(unit_data_libs)

tests_unit_data_test_logline_SOURCES = tests/unit/data/test_logline.c tests/support/cm.h
tests_unit_data_test_logline_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_logline_LDADD = $(unit_data_libs)

tests_unit_data_test_store_SOURCES = tests/unit/data/test_store.c tests/support/cm.h
tests_unit_data_test_store_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_store_LDADD = $(unit_data_libs)

tests_unit_data_kube_test_create_SOURCES = tests/unit/data/kube/test_create.c tests/support/cm.h \
	tests/support/stored.h
tests_unit_data_kube_test_create_CPPFLAGS = $(unit_cppflags)
tests_unit_data_kube_test_create_LDADD = $(unit_data_libs)

tests_unit_data_kube_test_exec_status_SOURCES = tests/unit/data/kube/test_exec_status.c tests/support/cm.h
tests_unit_data_kube_test_exec_status_CPPFLAGS = $(unit_cppflags)
tests_unit_data_kube_test_exec_status_LDADD = $(unit_data_libs)

tests_unit_data_kube_test_lines_SOURCES = tests/unit/data/kube/test_lines.c tests/support/cm.h
tests_unit_data_kube_test_lines_CPPFLAGS = $(unit_cppflags)
tests_unit_data_kube_test_lines_LDADD = $(unit_data_libs)

tests_unit_data_kube_test_path_SOURCES = tests/unit/data/kube/test_path.c tests/support/cm.h
tests_unit_data_kube_test_path_CPPFLAGS = $(unit_cppflags)
tests_unit_data_kube_test_path_LDADD = $(unit_data_libs)

tests_unit_data_kube_test_reader_SOURCES = tests/unit/data/kube/test_reader.c tests/support/cm.h
tests_unit_data_kube_test_reader_CPPFLAGS = $(unit_cppflags)
tests_unit_data_kube_test_reader_LDADD = $(unit_data_libs)

tests_unit_data_net_test_http_SOURCES = tests/unit/data/net/test_http.c tests/support/cm.h
tests_unit_data_net_test_http_CPPFLAGS = $(unit_cppflags)
tests_unit_data_net_test_http_LDADD = $(unit_data_libs)

tests_unit_data_net_test_policy_SOURCES = tests/unit/data/net/test_policy.c tests/support/cm.h
tests_unit_data_net_test_policy_CPPFLAGS = $(unit_cppflags)
tests_unit_data_net_test_policy_LDADD = $(unit_data_libs)

tests_unit_kube_test_auth_SOURCES = tests/unit/kube/test_auth.c tests/support/cm.h
tests_unit_kube_test_auth_CPPFLAGS = $(unit_cppflags)
tests_unit_kube_test_auth_LDADD = $(unit_data_libs)

tests_unit_kube_test_config_SOURCES = tests/unit/kube/test_config.c tests/support/cm.h
tests_unit_kube_test_config_CPPFLAGS = $(unit_cppflags)
tests_unit_kube_test_config_LDADD = $(unit_data_libs)

tests_unit_data_json_test_write_SOURCES = tests/unit/data/json/test_write.c tests/support/cm.h
tests_unit_data_json_test_write_CPPFLAGS = $(unit_cppflags)
tests_unit_data_json_test_write_LDADD = $(unit_data_libs)

tests_unit_data_fracta_test_plain_http_SOURCES = \
	tests/unit/data/fracta/test_plain_http.c tests/support/cm.h
tests_unit_data_fracta_test_plain_http_CPPFLAGS = $(unit_cppflags)
tests_unit_data_fracta_test_plain_http_LDADD = $(unit_data_libs)

tests_unit_data_fracta_test_graph_SOURCES = tests/unit/data/fracta/test_graph.c tests/support/cm.h
tests_unit_data_fracta_test_graph_CPPFLAGS = $(unit_cppflags)
tests_unit_data_fracta_test_graph_LDADD = $(unit_data_libs)

tests_unit_data_ghost_test_ghost_SOURCES = tests/unit/data/ghost/test_ghost.c tests/support/cm.h
tests_unit_data_ghost_test_ghost_CPPFLAGS = $(unit_cppflags)
tests_unit_data_ghost_test_ghost_LDADD = $(unit_data_libs)

tests_unit_data_graph_test_query_SOURCES = tests/unit/data/graph/test_query.c tests/support/cm.h
tests_unit_data_graph_test_query_CPPFLAGS = $(unit_cppflags)
tests_unit_data_graph_test_query_LDADD = $(unit_data_libs)

tests_unit_data_net_test_resp_SOURCES = tests/unit/data/net/test_resp.c tests/support/cm.h
tests_unit_data_net_test_resp_CPPFLAGS = $(unit_cppflags)
tests_unit_data_net_test_resp_LDADD = $(unit_data_libs)

tests_unit_data_net_test_websocket_SOURCES = tests/unit/data/net/test_websocket.c tests/support/cm.h
tests_unit_data_net_test_websocket_CPPFLAGS = $(unit_cppflags)
tests_unit_data_net_test_websocket_LDADD = $(unit_data_libs)

tests_unit_data_net_test_sse_SOURCES = tests/unit/data/net/test_sse.c tests/support/cm.h
tests_unit_data_net_test_sse_CPPFLAGS = $(unit_cppflags)
tests_unit_data_net_test_sse_LDADD = $(unit_data_libs)

tests_unit_data_fracta_test_overlap_SOURCES = tests/unit/data/fracta/test_overlap.c tests/support/cm.h
tests_unit_data_fracta_test_overlap_CPPFLAGS = $(unit_cppflags)
tests_unit_data_fracta_test_overlap_LDADD = $(unit_data_libs)

tests_unit_data_fracta_test_dry_run_SOURCES = tests/unit/data/fracta/test_dry_run.c tests/support/cm.h
tests_unit_data_fracta_test_dry_run_CPPFLAGS = $(unit_cppflags)
tests_unit_data_fracta_test_dry_run_LDADD = $(unit_data_libs)

tests_unit_data_fracta_test_read_SOURCES = tests/unit/data/fracta/test_read.c tests/support/cm.h
tests_unit_data_fracta_test_read_CPPFLAGS = $(unit_cppflags)
tests_unit_data_fracta_test_read_LDADD = $(unit_data_libs)

tests_unit_data_act_test_words_SOURCES = tests/unit/data/act/test_words.c tests/support/cm.h
tests_unit_data_act_test_words_CPPFLAGS = $(unit_cppflags)
tests_unit_data_act_test_words_LDADD = $(unit_data_libs)

tests_unit_data_act_test_gate_SOURCES = tests/unit/data/act/test_gate.c tests/support/cm.h
tests_unit_data_act_test_gate_CPPFLAGS = $(unit_cppflags)
tests_unit_data_act_test_gate_LDADD = $(unit_data_libs)

tests_unit_data_test_join_SOURCES = tests/unit/data/test_join.c tests/support/cm.h
tests_unit_data_test_join_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_join_LDADD = $(unit_data_libs)
tests_unit_data_test_run_SOURCES = tests/unit/data/test_run.c tests/support/cm.h
tests_unit_data_test_run_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_run_LDADD = $(unit_data_libs)

unit_habitat_libs = habitat/libhabitat.a data/libdata.a base/libbase.a \
	$(SQLITE_LIBS) $(YAJL_LIBS) $(UV_LIBS) $(CMOCKA_LIBS)

tests_unit_habitat_test_db_SOURCES = tests/unit/habitat/test_db.c tests/support/cm.h
tests_unit_habitat_test_db_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_habitat_test_db_LDADD = $(unit_habitat_libs)

tests_unit_habitat_test_lines_SOURCES = tests/unit/habitat/test_lines.c tests/support/cm.h
tests_unit_habitat_test_lines_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_habitat_test_lines_LDADD = $(unit_habitat_libs)

tests_unit_habitat_test_ring_SOURCES = tests/unit/habitat/test_ring.c tests/support/cm.h \
	habitat/holder/ring.c habitat/holder/ring.h
tests_unit_habitat_test_ring_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_habitat_test_ring_LDADD = $(unit_habitat_libs)

tests_unit_habitat_test_risk_rules_SOURCES = tests/unit/habitat/test_risk_rules.c tests/support/cm.h
tests_unit_habitat_test_risk_rules_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_habitat_test_risk_rules_LDADD = $(unit_habitat_libs)

tests_unit_habitat_test_tree_SOURCES = tests/unit/habitat/test_tree.c tests/support/cm.h
tests_unit_habitat_test_tree_CPPFLAGS = $(unit_cppflags) $(SQLITE_CFLAGS)
tests_unit_habitat_test_tree_LDADD = $(unit_habitat_libs)

tests_unit_data_test_rights_SOURCES = tests/unit/data/test_rights.c tests/support/cm.h
tests_unit_data_test_rights_CPPFLAGS = $(unit_cppflags)
tests_unit_data_test_rights_LDADD = $(unit_data_libs)

tests_unit_data_kube_test_act_SOURCES = tests/unit/data/kube/test_act.c tests/support/cm.h \
	tests/support/stored.h
tests_unit_data_kube_test_act_CPPFLAGS = $(unit_cppflags)
tests_unit_data_kube_test_act_LDADD = $(unit_data_libs)

tests_unit_data_act_test_before_SOURCES = tests/unit/data/act/test_before.c tests/support/cm.h
tests_unit_data_act_test_before_CPPFLAGS = $(unit_cppflags)
tests_unit_data_act_test_before_LDADD = $(unit_data_libs)

tests_unit_data_act_test_halt_stage_SOURCES = tests/unit/data/act/test_halt_stage.c tests/support/cm.h \
	tests/support/stored.h
tests_unit_data_act_test_halt_stage_CPPFLAGS = $(unit_cppflags)
tests_unit_data_act_test_halt_stage_LDADD = $(unit_data_libs)

tests_unit_data_act_test_journal_SOURCES = tests/unit/data/act/test_journal.c tests/support/cm.h
tests_unit_data_act_test_journal_CPPFLAGS = $(unit_cppflags)
tests_unit_data_act_test_journal_LDADD = $(unit_data_libs)

tests_unit_data_pg_test_explain_SOURCES = tests/unit/data/pg/test_explain.c tests/support/cm.h
tests_unit_data_pg_test_explain_CPPFLAGS = $(unit_cppflags)
tests_unit_data_pg_test_explain_LDADD = $(unit_data_libs)

tests_unit_data_pg_test_policy_SOURCES = tests/unit/data/pg/test_policy.c tests/support/cm.h
tests_unit_data_pg_test_policy_CPPFLAGS = $(unit_cppflags)
tests_unit_data_pg_test_policy_LDADD = $(unit_data_libs)

tests_unit_data_pg_test_tail_SOURCES = tests/unit/data/pg/test_tail.c tests/support/cm.h
tests_unit_data_pg_test_tail_CPPFLAGS = $(unit_cppflags)
tests_unit_data_pg_test_tail_LDADD = $(unit_data_libs)

tests_unit_data_fracta_test_pg_read_SOURCES = tests/unit/data/fracta/test_pg_read.c tests/support/cm.h
tests_unit_data_fracta_test_pg_read_CPPFLAGS = $(unit_cppflags)
tests_unit_data_fracta_test_pg_read_LDADD = $(unit_data_libs)
