# Fuzz targets. `make check` replays their corpora; with --enable-fuzzing
# (clang) each target is also a libFuzzer program: tests/fuzz/fuzz_NAME.

fuzz_libs = data/libdata.a base/libbase.a $(YAJL_LIBS) $(YAML_LIBS) \
	$(NET_LIBS) $(PQ_LIBS) $(UV_LIBS) $(PCRE2_LIBS)
fuzz_cppflags = $(AM_CPPFLAGS) $(UV_CFLAGS) $(CURL_CFLAGS) $(YAJL_CFLAGS) \
	$(YAML_CFLAGS) $(PCRE2_CFLAGS)

check_PROGRAMS += \
	tests/fuzz/replay_cut \
	tests/fuzz/replay_kubeconfig \
	tests/fuzz/replay_logline \
	tests/fuzz/replay_reader \
	tests/fuzz/replay_to_yaml

tests_fuzz_replay_cut_SOURCES = tests/fuzz/fuzz_cut.c tests/fuzz/replay.c
tests_fuzz_replay_cut_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_cut_LDADD = $(fuzz_libs)

tests_fuzz_replay_kubeconfig_SOURCES = tests/fuzz/fuzz_kubeconfig.c tests/fuzz/replay.c
tests_fuzz_replay_kubeconfig_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_kubeconfig_LDADD = $(fuzz_libs)

tests_fuzz_replay_logline_SOURCES = tests/fuzz/fuzz_logline.c tests/fuzz/replay.c
tests_fuzz_replay_logline_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_logline_LDADD = $(fuzz_libs)

tests_fuzz_replay_reader_SOURCES = tests/fuzz/fuzz_reader.c tests/fuzz/replay.c
tests_fuzz_replay_reader_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_reader_LDADD = $(fuzz_libs)

tests_fuzz_replay_to_yaml_SOURCES = tests/fuzz/fuzz_to_yaml.c tests/fuzz/replay.c
tests_fuzz_replay_to_yaml_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_to_yaml_LDADD = $(fuzz_libs)

TESTS += tests/fuzz/replay-all
dist_check_SCRIPTS += tests/fuzz/replay-all

if FUZZING
noinst_PROGRAMS += \
	tests/fuzz/fuzz_cut \
	tests/fuzz/fuzz_kubeconfig \
	tests/fuzz/fuzz_logline \
	tests/fuzz/fuzz_reader \
	tests/fuzz/fuzz_to_yaml

tests_fuzz_fuzz_cut_SOURCES = tests/fuzz/fuzz_cut.c
tests_fuzz_fuzz_cut_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_cut_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_cut_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_fuzz_kubeconfig_SOURCES = tests/fuzz/fuzz_kubeconfig.c
tests_fuzz_fuzz_kubeconfig_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_kubeconfig_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_kubeconfig_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_fuzz_logline_SOURCES = tests/fuzz/fuzz_logline.c
tests_fuzz_fuzz_logline_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_logline_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_logline_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_fuzz_reader_SOURCES = tests/fuzz/fuzz_reader.c
tests_fuzz_fuzz_reader_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_reader_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_reader_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_fuzz_to_yaml_SOURCES = tests/fuzz/fuzz_to_yaml.c
tests_fuzz_fuzz_to_yaml_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_to_yaml_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_to_yaml_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

EXTRA_DIST += \
	tests/fuzz/corpus/cut/docs \
	tests/fuzz/corpus/cut/docs-deep \
	tests/fuzz/corpus/cut/docs-escapes \
	tests/fuzz/corpus/cut/docs-garbage \
	tests/fuzz/corpus/cut/docs-nul \
	tests/fuzz/corpus/cut/docs-truncated \
	tests/fuzz/corpus/cut/html \
	tests/fuzz/corpus/cut/list \
	tests/fuzz/corpus/cut/list-items-no-array \
	tests/fuzz/corpus/cut/list-metadata-last \
	tests/fuzz/corpus/cut/list-twice \
	tests/fuzz/corpus/kubeconfig/basic-http.yaml \
	tests/fuzz/corpus/kubeconfig/bom8.yaml \
	tests/fuzz/corpus/kubeconfig/bomb.yaml \
	tests/fuzz/corpus/kubeconfig/conflict-ca.yaml \
	tests/fuzz/corpus/kubeconfig/conflict-insecure.yaml \
	tests/fuzz/corpus/kubeconfig/conflict-user.yaml \
	tests/fuzz/corpus/kubeconfig/crlf.yaml \
	tests/fuzz/corpus/kubeconfig/deep.yaml \
	tests/fuzz/corpus/kubeconfig/duplicates.yaml \
	tests/fuzz/corpus/kubeconfig/empty.yaml \
	tests/fuzz/corpus/kubeconfig/exec.yaml \
	tests/fuzz/corpus/kubeconfig/full.yaml \
	tests/fuzz/corpus/kubeconfig/loop.yaml \
	tests/fuzz/corpus/kubeconfig/merge-keys.yaml \
	tests/fuzz/corpus/kubeconfig/minified.json \
	tests/fuzz/corpus/kubeconfig/nul.yaml \
	tests/fuzz/corpus/kubeconfig/truncated.yaml \
	tests/fuzz/corpus/kubeconfig/two-documents.yaml \
	tests/fuzz/corpus/kubeconfig/utf16.yaml \
	tests/fuzz/corpus/kubeconfig/utf16be.yaml \
	tests/fuzz/corpus/logline/assistant \
	tests/fuzz/corpus/logline/escapes \
	tests/fuzz/corpus/logline/huge-tokens \
	tests/fuzz/corpus/logline/message \
	tests/fuzz/corpus/logline/open-array \
	tests/fuzz/corpus/logline/open-number \
	tests/fuzz/corpus/logline/open-string \
	tests/fuzz/corpus/logline/plain \
	tests/fuzz/corpus/logline/result \
	tests/fuzz/corpus/logline/tool \
	tests/fuzz/corpus/reader/agent-join \
	tests/fuzz/corpus/reader/agent-old \
	tests/fuzz/corpus/reader/events \
	tests/fuzz/corpus/reader/fracta \
	tests/fuzz/corpus/reader/half-life \
	tests/fuzz/corpus/reader/long \
	tests/fuzz/corpus/reader/nul \
	tests/fuzz/corpus/reader/pheromones \
	tests/fuzz/corpus/reader/pod-first \
	tests/fuzz/corpus/reader/proposals \
	tests/fuzz/corpus/reader/qgent \
	tests/fuzz/corpus/reader/truncated \
	tests/fuzz/corpus/reader/wrong-types \
	tests/fuzz/corpus/to_yaml/agent \
	tests/fuzz/corpus/to_yaml/bad-utf8 \
	tests/fuzz/corpus/to_yaml/deep \
	tests/fuzz/corpus/to_yaml/half-pair \
	tests/fuzz/corpus/to_yaml/keys \
	tests/fuzz/corpus/to_yaml/lines \
	tests/fuzz/corpus/to_yaml/nested-skip \
	tests/fuzz/corpus/to_yaml/numbers \
	tests/fuzz/corpus/to_yaml/scalar \
	tests/fuzz/corpus/to_yaml/texts \
	tests/fuzz/corpus/to_yaml/truncated

# The text gate and the themes, which need the terminal's library instead.
fuzz_tui_libs = tui/libtui.a base/libbase.a $(NCURSES_LIBS) $(UTF8PROC_LIBS) \
	$(UV_LIBS)
fuzz_tui_cppflags = $(AM_CPPFLAGS) $(UV_CFLAGS) $(UTF8PROC_CFLAGS)
check_PROGRAMS += tests/fuzz/replay_text tests/fuzz/replay_theme
tests_fuzz_replay_text_SOURCES = tests/fuzz/fuzz_text.c tests/fuzz/replay.c
tests_fuzz_replay_text_CPPFLAGS = $(fuzz_tui_cppflags)
tests_fuzz_replay_text_LDADD = $(fuzz_tui_libs)
tests_fuzz_replay_theme_SOURCES = tests/fuzz/fuzz_theme.c tests/fuzz/replay.c
tests_fuzz_replay_theme_CPPFLAGS = $(fuzz_tui_cppflags)
tests_fuzz_replay_theme_LDADD = $(fuzz_tui_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_text tests/fuzz/fuzz_theme
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c
tests_fuzz_fuzz_text_CPPFLAGS = $(fuzz_tui_cppflags)
tests_fuzz_fuzz_text_LDADD = $(fuzz_tui_libs)
tests_fuzz_fuzz_text_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_theme_SOURCES = tests/fuzz/fuzz_theme.c
tests_fuzz_fuzz_theme_CPPFLAGS = $(fuzz_tui_cppflags)
tests_fuzz_fuzz_theme_LDADD = $(fuzz_tui_libs)
tests_fuzz_fuzz_theme_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/text tests/fuzz/corpus/theme

check_PROGRAMS += tests/fuzz/replay_filter
tests_fuzz_replay_filter_SOURCES = tests/fuzz/fuzz_filter.c tests/fuzz/replay.c
tests_fuzz_replay_filter_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_filter_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_filter
tests_fuzz_fuzz_filter_SOURCES = tests/fuzz/fuzz_filter.c
tests_fuzz_fuzz_filter_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_filter_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_filter_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/filter

check_PROGRAMS += tests/fuzz/replay_exec_credential
tests_fuzz_replay_exec_credential_SOURCES = tests/fuzz/fuzz_exec_credential.c tests/fuzz/replay.c
tests_fuzz_replay_exec_credential_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_exec_credential_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_exec_credential
tests_fuzz_fuzz_exec_credential_SOURCES = tests/fuzz/fuzz_exec_credential.c
tests_fuzz_fuzz_exec_credential_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_exec_credential_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_exec_credential_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/exec_credential

# The habitat's readers.
fuzz_habitat_libs = habitat/libhabitat.a data/libdata.a base/libbase.a \
	$(YAJL_LIBS) $(PCRE2_LIBS) $(UV_LIBS)
check_PROGRAMS += tests/fuzz/replay_lines tests/fuzz/replay_report \
	tests/fuzz/replay_speech
tests_fuzz_replay_lines_SOURCES = tests/fuzz/fuzz_lines.c tests/fuzz/replay.c
tests_fuzz_replay_lines_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_lines_LDADD = $(fuzz_habitat_libs)
tests_fuzz_replay_report_SOURCES = tests/fuzz/fuzz_report.c tests/fuzz/replay.c
tests_fuzz_replay_report_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_report_LDADD = $(fuzz_habitat_libs)
tests_fuzz_replay_speech_SOURCES = tests/fuzz/fuzz_speech.c tests/fuzz/replay.c
tests_fuzz_replay_speech_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_speech_LDADD = $(fuzz_habitat_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_lines tests/fuzz/fuzz_report \
	tests/fuzz/fuzz_speech
tests_fuzz_fuzz_lines_SOURCES = tests/fuzz/fuzz_lines.c
tests_fuzz_fuzz_lines_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_lines_LDADD = $(fuzz_habitat_libs)
tests_fuzz_fuzz_lines_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_report_SOURCES = tests/fuzz/fuzz_report.c
tests_fuzz_fuzz_report_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_report_LDADD = $(fuzz_habitat_libs)
tests_fuzz_fuzz_report_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_speech_SOURCES = tests/fuzz/fuzz_speech.c
tests_fuzz_fuzz_speech_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_speech_LDADD = $(fuzz_habitat_libs)
tests_fuzz_fuzz_speech_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/lines tests/fuzz/corpus/report \
	tests/fuzz/corpus/speech

check_PROGRAMS += tests/fuzz/replay_sse
tests_fuzz_replay_sse_SOURCES = tests/fuzz/fuzz_sse.c tests/fuzz/replay.c
tests_fuzz_replay_sse_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_sse_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_sse
tests_fuzz_fuzz_sse_SOURCES = tests/fuzz/fuzz_sse.c
tests_fuzz_fuzz_sse_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_sse_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_sse_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

check_PROGRAMS += tests/fuzz/replay_upgrade
tests_fuzz_replay_upgrade_SOURCES = tests/fuzz/fuzz_upgrade.c tests/fuzz/replay.c
tests_fuzz_replay_upgrade_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_upgrade_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_upgrade
tests_fuzz_fuzz_upgrade_SOURCES = tests/fuzz/fuzz_upgrade.c
tests_fuzz_fuzz_upgrade_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_upgrade_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_upgrade_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/sse

check_PROGRAMS += tests/fuzz/replay_fracta
tests_fuzz_replay_fracta_SOURCES = tests/fuzz/fuzz_fracta.c tests/fuzz/replay.c
tests_fuzz_replay_fracta_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_fracta_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_fracta
tests_fuzz_fuzz_fracta_SOURCES = tests/fuzz/fuzz_fracta.c
tests_fuzz_fuzz_fracta_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_fracta_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_fracta_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/fracta

# The commands' readers.
fuzz_front_libs = front/libfront.a data/libdata.a base/libbase.a \
	$(NET_LIBS) $(PQ_LIBS) $(YAJL_LIBS) $(UV_LIBS)
check_PROGRAMS += tests/fuzz/replay_diff tests/fuzz/replay_hook
tests_fuzz_replay_diff_SOURCES = tests/fuzz/fuzz_diff.c tests/fuzz/replay.c
tests_fuzz_replay_diff_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_diff_LDADD = $(fuzz_front_libs)
tests_fuzz_replay_hook_SOURCES = tests/fuzz/fuzz_hook.c tests/fuzz/replay.c
tests_fuzz_replay_hook_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_hook_LDADD = $(fuzz_front_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_diff tests/fuzz/fuzz_hook
tests_fuzz_fuzz_diff_SOURCES = tests/fuzz/fuzz_diff.c
tests_fuzz_fuzz_diff_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_diff_LDADD = $(fuzz_front_libs)
tests_fuzz_fuzz_diff_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_hook_SOURCES = tests/fuzz/fuzz_hook.c
tests_fuzz_fuzz_hook_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_hook_LDADD = $(fuzz_front_libs)
tests_fuzz_fuzz_hook_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/diff tests/fuzz/corpus/hook \
	tests/fuzz/corpus/upgrade

check_PROGRAMS += tests/fuzz/replay_resp
tests_fuzz_replay_resp_SOURCES = tests/fuzz/fuzz_resp.c tests/fuzz/replay.c
tests_fuzz_replay_resp_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_resp_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_resp
tests_fuzz_fuzz_resp_SOURCES = tests/fuzz/fuzz_resp.c
tests_fuzz_fuzz_resp_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_resp_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_resp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/resp

check_PROGRAMS += tests/fuzz/replay_ghost
tests_fuzz_replay_ghost_SOURCES = tests/fuzz/fuzz_ghost.c tests/fuzz/replay.c
tests_fuzz_replay_ghost_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_replay_ghost_LDADD = $(fuzz_libs)
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_ghost
tests_fuzz_fuzz_ghost_SOURCES = tests/fuzz/fuzz_ghost.c
tests_fuzz_fuzz_ghost_CPPFLAGS = $(fuzz_cppflags)
tests_fuzz_fuzz_ghost_LDADD = $(fuzz_libs)
tests_fuzz_fuzz_ghost_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
EXTRA_DIST += tests/fuzz/corpus/ghost
