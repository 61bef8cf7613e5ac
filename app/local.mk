bin_PROGRAMS += terrarium
terrarium_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(UTF8PROC_CFLAGS)
terrarium_SOURCES = \
	%D%/beside.c %D%/beside.h \
	%D%/config_verb.c %D%/config_verb.h \
	%D%/console.c %D%/console.h \
	%D%/doctor.c %D%/doctor.h \
	%D%/editing.c %D%/editing.h \
	%D%/fleet.c %D%/fleet.h \
	%D%/forward.c %D%/forward.h \
	%D%/main.c \
	%D%/notify.c %D%/notify.h \
	%D%/options.c %D%/options.h \
	%D%/presets.c %D%/presets.h \
	%D%/picture_file.c %D%/picture_file.h \
	%D%/reaching.c %D%/reaching.h \
	%D%/snapshot.c %D%/snapshot.h \
	%D%/tethering.c %D%/tethering.h \
	%D%/tunnel.c %D%/tunnel.h
terrarium_LDADD = front/libfront.a settings/libsettings.a widgets/libwidgets.a tui/libtui.a data/libdata.a \
	base/libbase.a $(NET_LIBS) $(PQ_LIBS) $(YAJL_LIBS) $(YAML_LIBS) $(PCRE2_LIBS) \
	$(UTF8PROC_LIBS) $(VTERM_LIBS) $(NCURSES_LIBS) $(UV_LIBS)
