tui_test_cppflags = $(AM_CPPFLAGS) $(UV_CFLAGS) $(NCURSES_CFLAGS) \
	$(UTF8PROC_CFLAGS) $(CMOCKA_CFLAGS)
tui_test_libs = tui/libtui.a base/libbase.a $(NCURSES_LIBS) \
	$(UTF8PROC_LIBS) $(UV_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/tui/test_text
TESTS += tests/unit/tui/test_text
tests_unit_tui_test_text_SOURCES = tests/unit/tui/test_text.c \
	tests/support/cm.h
tests_unit_tui_test_text_CPPFLAGS = $(tui_test_cppflags)
tests_unit_tui_test_text_LDADD = $(tui_test_libs)

check_PROGRAMS += tests/unit/tui/test_canvas
TESTS += tests/unit/tui/test_canvas
tests_unit_tui_test_canvas_SOURCES = tests/unit/tui/test_canvas.c \
	tests/support/cm.h
tests_unit_tui_test_canvas_CPPFLAGS = $(tui_test_cppflags)
tests_unit_tui_test_canvas_LDADD = $(tui_test_libs)

check_PROGRAMS += tests/unit/tui/test_theme
TESTS += tests/unit/tui/test_theme
tests_unit_tui_test_theme_SOURCES = tests/unit/tui/test_theme.c \
	tests/support/cm.h
tests_unit_tui_test_theme_CPPFLAGS = $(tui_test_cppflags)
tests_unit_tui_test_theme_LDADD = $(tui_test_libs)

check_PROGRAMS += tests/unit/tui/test_render
TESTS += tests/unit/tui/test_render
tests_unit_tui_test_render_SOURCES = tests/unit/tui/test_render.c \
	tests/support/cm.h
tests_unit_tui_test_render_CPPFLAGS = $(tui_test_cppflags)
tests_unit_tui_test_render_LDADD = $(tui_test_libs)

check_PROGRAMS += tests/unit/tui/test_term
TESTS += tests/unit/tui/test_term
tests_unit_tui_test_term_SOURCES = tests/unit/tui/test_term.c \
	tests/support/cm.h
tests_unit_tui_test_term_CPPFLAGS = $(tui_test_cppflags) \
	-DTERMINFO_BUILT='"$(abs_top_builddir)/terminfo"'
tests_unit_tui_test_term_LDADD = $(tui_test_libs)
