# The themes are installed as files and compiled in from the same files.
THEMES = %D%/mono.theme %D%/moss.theme
themesdir = $(pkgdatadir)/themes
dist_themes_DATA = $(THEMES)

nodist_tui_libtui_a_SOURCES = %D%/builtin.c
BUILT_SOURCES += %D%/builtin.c
CLEANFILES += %D%/builtin.c
EXTRA_DIST += %D%/builtin.awk

%D%/builtin.c: $(THEMES) %D%/builtin.awk
	$(AM_V_GEN)$(MKDIR_P) %D%
	$(AM_V_at)LC_ALL=C $(AWK) -f $(srcdir)/%D%/builtin.awk \
	    $(srcdir)/%D%/mono.theme $(srcdir)/%D%/moss.theme > $@-t
	$(AM_V_at)mv $@-t $@
