# The manual is made from the program's own tables.
noinst_PROGRAMS += man/mkman
man_mkman_SOURCES = man/mkman.c app/options.c app/options.h
man_mkman_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(UTF8PROC_CFLAGS)
man_mkman_LDADD = front/libfront.a widgets/libwidgets.a tui/libtui.a data/libdata.a \
	base/libbase.a $(YAJL_LIBS) $(PCRE2_LIBS) $(UTF8PROC_LIBS) \
	$(VTERM_LIBS) $(NCURSES_LIBS) $(UV_LIBS) $(NET_LIBS) $(PQ_LIBS) $(YAML_LIBS)
nodist_man_MANS += man/terrarium.1
CLEANFILES += man/terrarium.1
man/terrarium.1: man/mkman$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./man/mkman > $@.tmp && mv $@.tmp $@
