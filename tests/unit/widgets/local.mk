# What needs the fake fleet: data above the store, widgets, options.

fleet_cppflags = $(AM_CPPFLAGS) $(UV_CFLAGS) $(CURL_CFLAGS) $(YAJL_CFLAGS) \
	$(YAML_CFLAGS) $(PCRE2_CFLAGS) $(NCURSES_CFLAGS) $(UTF8PROC_CFLAGS) \
	$(CMOCKA_CFLAGS)
fleet_libs = front/libfront.a widgets/libwidgets.a tui/libtui.a data/libdata.a \
	base/libbase.a $(YAJL_LIBS) $(YAML_LIBS) $(NET_LIBS) $(PQ_LIBS) $(PCRE2_LIBS) \
	$(UTF8PROC_LIBS) $(VTERM_LIBS) $(NCURSES_LIBS) $(UV_LIBS) $(CMOCKA_LIBS) -lm

check_LIBRARIES += tests/support/libfleet.a
tests_support_libfleet_a_SOURCES = tests/support/fleet.c tests/support/fleet.h \
	tests/support/graph.c tests/support/graph.h
tests_support_libfleet_a_CPPFLAGS = $(fleet_cppflags)

fleet_programs = \
	tests/unit/data/test_check \
	tests/unit/data/test_dump \
	tests/unit/data/test_filter \
	tests/unit/data/test_heat \
	tests/unit/data/test_view \
	tests/unit/widgets/test_control \
	tests/unit/widgets/test_dialog \
	tests/unit/widgets/test_field \
	tests/unit/widgets/test_graph \
	tests/unit/widgets/test_keymap \
	tests/unit/app/test_options \
	tests/unit/settings/test_settings

check_PROGRAMS += $(fleet_programs) tests/support/dump_fleet
TESTS += $(fleet_programs) tests/unit/schema.py

tests_unit_data_test_check_SOURCES = tests/unit/data/test_check.c tests/support/cm.h
tests_unit_data_test_check_CPPFLAGS = $(fleet_cppflags)
tests_unit_data_test_check_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_data_test_dump_SOURCES = tests/unit/data/test_dump.c tests/support/cm.h
tests_unit_data_test_dump_CPPFLAGS = $(fleet_cppflags)
tests_unit_data_test_dump_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_data_test_filter_SOURCES = tests/unit/data/test_filter.c tests/support/cm.h
tests_unit_data_test_filter_CPPFLAGS = $(fleet_cppflags)
tests_unit_data_test_filter_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_data_test_heat_SOURCES = tests/unit/data/test_heat.c tests/support/cm.h
tests_unit_data_test_heat_CPPFLAGS = $(fleet_cppflags)
tests_unit_data_test_heat_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_data_test_view_SOURCES = tests/unit/data/test_view.c tests/support/cm.h
tests_unit_data_test_view_CPPFLAGS = $(fleet_cppflags)
tests_unit_data_test_view_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_widgets_test_control_SOURCES = tests/unit/widgets/test_control.c tests/support/cm.h
tests_unit_widgets_test_control_CPPFLAGS = $(fleet_cppflags)
tests_unit_widgets_test_control_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_widgets_test_dialog_SOURCES = tests/unit/widgets/test_dialog.c tests/support/cm.h
tests_unit_widgets_test_dialog_CPPFLAGS = $(fleet_cppflags)
tests_unit_widgets_test_dialog_LDADD = $(fleet_libs)

tests_unit_widgets_test_field_SOURCES = tests/unit/widgets/test_field.c tests/support/cm.h
tests_unit_widgets_test_field_CPPFLAGS = $(fleet_cppflags)
tests_unit_widgets_test_field_LDADD = $(fleet_libs)

tests_unit_widgets_test_graph_SOURCES = tests/unit/widgets/test_graph.c tests/support/cm.h
tests_unit_widgets_test_graph_CPPFLAGS = $(fleet_cppflags)
tests_unit_widgets_test_graph_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_widgets_test_keymap_SOURCES = tests/unit/widgets/test_keymap.c tests/support/cm.h
tests_unit_widgets_test_keymap_CPPFLAGS = $(fleet_cppflags)
tests_unit_widgets_test_keymap_LDADD = tests/support/libfleet.a $(fleet_libs)

tests_unit_app_test_options_SOURCES = tests/unit/app/test_options.c \
	app/options.c app/options.h tests/support/cm.h
tests_unit_app_test_options_CPPFLAGS = $(fleet_cppflags)
tests_unit_app_test_options_LDADD = $(fleet_libs)

tests_unit_settings_test_settings_SOURCES = tests/unit/settings/test_settings.c \
	tests/support/cm.h
tests_unit_settings_test_settings_CPPFLAGS = $(fleet_cppflags)
tests_unit_settings_test_settings_LDADD = settings/libsettings.a $(fleet_libs)

# The dump keeps to its schema.
tests_support_dump_fleet_SOURCES = tests/support/dump_fleet.c
tests_support_dump_fleet_CPPFLAGS = $(fleet_cppflags)
tests_support_dump_fleet_LDADD = tests/support/libfleet.a data/libdata.a \
	base/libbase.a $(YAJL_LIBS) $(YAML_LIBS) $(NET_LIBS) $(PQ_LIBS) $(PCRE2_LIBS) \
	$(UV_LIBS) -lm
dist_check_SCRIPTS += tests/unit/schema.py
EXTRA_DIST += docs/snapshot-schema.json

# The graph's source against a real server: tests/integration/test_graph.py
check_PROGRAMS += tests/support/graph_probe
tests_support_graph_probe_SOURCES = tests/support/graph_probe.c
tests_support_graph_probe_CPPFLAGS = $(fleet_cppflags)
tests_support_graph_probe_LDADD = $(fleet_libs)
