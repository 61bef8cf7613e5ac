# Frames against files; UPDATE=1 ./tests/golden/test_frame writes them anew.

check_PROGRAMS += tests/golden/test_frame
TESTS += tests/golden/test_frame
tests_golden_test_frame_SOURCES = tests/golden/test_frame.c tests/support/cm.h
tests_golden_test_frame_CPPFLAGS = $(fleet_cppflags) \
	-DGOLDEN_DIR='"$(abs_top_srcdir)/tests/golden"'
tests_golden_test_frame_LDADD = tests/support/libfleet.a $(fleet_libs)

EXTRA_DIST += \
	tests/golden/ascii.roles \
	tests/golden/ascii.screen \
	tests/golden/by-target.roles \
	tests/golden/by-target.screen \
	tests/golden/decided.roles \
	tests/golden/decided.screen \
	tests/golden/decision-new.roles \
	tests/golden/decision-new.screen \
	tests/golden/decision-small.roles \
	tests/golden/decision-small.screen \
	tests/golden/decision.roles \
	tests/golden/decision.screen \
	tests/golden/default.roles \
	tests/golden/default.screen \
	tests/golden/detail-failed.roles \
	tests/golden/detail-failed.screen \
	tests/golden/detail.roles \
	tests/golden/detail.screen \
	tests/golden/empty-small.roles \
	tests/golden/empty-small.screen \
	tests/golden/empty.roles \
	tests/golden/empty.screen \
	tests/golden/explain-signal.roles \
	tests/golden/explain-signal.screen \
	tests/golden/explain.roles \
	tests/golden/explain.screen \
	tests/golden/frozen.roles \
	tests/golden/frozen.screen \
	tests/golden/help-small.roles \
	tests/golden/help-small.screen \
	tests/golden/help.roles \
	tests/golden/help.screen \
	tests/golden/large.roles \
	tests/golden/large.screen \
	tests/golden/least.roles \
	tests/golden/least.screen \
	tests/golden/notice.roles \
	tests/golden/notice.screen \
	tests/golden/paused.roles \
	tests/golden/paused.screen \
	tests/golden/plain.roles \
	tests/golden/plain.screen \
	tests/golden/prompt-bad.roles \
	tests/golden/prompt-bad.screen \
	tests/golden/prompt.roles \
	tests/golden/prompt.screen \
	tests/golden/signals.roles \
	tests/golden/signals.screen \
	tests/golden/small.roles \
	tests/golden/small.screen \
	tests/golden/stale-small.roles \
	tests/golden/stale-small.screen \
	tests/golden/stale.roles \
	tests/golden/stale.screen \
	tests/golden/tiny.roles \
	tests/golden/tiny.screen \
	tests/golden/wall-empty.roles \
	tests/golden/wall-empty.screen \
	tests/golden/wall.roles \
	tests/golden/wall.screen \
	tests/golden/zoom-agents.roles \
	tests/golden/zoom-agents.screen \
	tests/golden/zoom-thoughts.roles \
	tests/golden/zoom-thoughts.screen
