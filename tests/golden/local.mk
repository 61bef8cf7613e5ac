# Frames against files; UPDATE=1 ./tests/golden/test_frame writes them anew.

check_PROGRAMS += tests/golden/test_frame
TESTS += tests/golden/test_frame
tests_golden_test_frame_SOURCES = tests/golden/test_frame.c tests/golden/golden.h \
	tests/support/cm.h
tests_golden_test_frame_CPPFLAGS = $(fleet_cppflags) \
	-DGOLDEN_DIR='"$(abs_top_srcdir)/tests/golden/frames"'
tests_golden_test_frame_LDADD = tests/support/libfleet.a $(fleet_libs)

EXTRA_DIST += tests/golden/frames
