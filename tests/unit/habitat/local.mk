# The habitat's own readers.
unit_habitat_libs = habitat/libhabitat.a data/libdata.a base/libbase.a \
	$(YAJL_LIBS) $(PCRE2_LIBS) $(UV_LIBS) $(CMOCKA_LIBS)
unit_habitat_cppflags = $(unit_cppflags) \
	-DFIXTURES='"$(abs_top_srcdir)/tests/fixtures"'

unit_habitat_programs = tests/unit/habitat/test_lines \
	tests/unit/habitat/test_speech
check_PROGRAMS += $(unit_habitat_programs)
TESTS += $(unit_habitat_programs)

tests_unit_habitat_test_lines_SOURCES = tests/unit/habitat/test_lines.c tests/support/cm.h
tests_unit_habitat_test_lines_CPPFLAGS = $(unit_habitat_cppflags)
tests_unit_habitat_test_lines_LDADD = $(unit_habitat_libs)

tests_unit_habitat_test_speech_SOURCES = tests/unit/habitat/test_speech.c tests/support/cm.h
tests_unit_habitat_test_speech_CPPFLAGS = $(unit_habitat_cppflags)
tests_unit_habitat_test_speech_LDADD = $(unit_habitat_libs)

EXTRA_DIST += tests/fixtures/agents/claude.jsonl \
	tests/fixtures/agents/codex.jsonl \
	tests/fixtures/agents/gemini.jsonl \
	tests/fixtures/agents/opencode.jsonl
