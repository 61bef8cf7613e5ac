# The habitat's own readers.
habitat_reader_libs = habitat/libhabitat.a data/libdata.a base/libbase.a \
	$(YAJL_LIBS) $(PCRE2_LIBS) $(UV_LIBS) $(CMOCKA_LIBS)
habitat_reader_cppflags = $(unit_cppflags) \
	-DFIXTURES='"$(abs_top_srcdir)/tests/fixtures"'

habitat_reader_programs = tests/unit/habitat/test_long_lines \
	tests/unit/habitat/test_speech
check_PROGRAMS += $(habitat_reader_programs)
TESTS += $(habitat_reader_programs)

tests_unit_habitat_test_long_lines_SOURCES = tests/unit/habitat/test_long_lines.c tests/support/cm.h
tests_unit_habitat_test_long_lines_CPPFLAGS = $(habitat_reader_cppflags)
tests_unit_habitat_test_long_lines_LDADD = $(habitat_reader_libs)

tests_unit_habitat_test_speech_SOURCES = tests/unit/habitat/test_speech.c tests/support/cm.h
tests_unit_habitat_test_speech_CPPFLAGS = $(habitat_reader_cppflags)
tests_unit_habitat_test_speech_LDADD = $(habitat_reader_libs)

EXTRA_DIST += tests/fixtures/agents/claude.jsonl \
	tests/fixtures/agents/codex.jsonl \
	tests/fixtures/agents/gemini.jsonl \
	tests/fixtures/agents/opencode.jsonl
