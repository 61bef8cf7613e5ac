# Own terminfo entries (see share/terminfo/terrarium.ti), compiled into
# terminfo/ of the build tree, where a program that was not installed finds
# them beside itself, and installed with the data.
TERMINFO_SOURCE = $(top_srcdir)/share/terminfo/terrarium.ti
TERMINFO_STAMP = terminfo/stamp
EXTRA_DIST += share/terminfo/terrarium.ti
CLEANFILES += $(TERMINFO_STAMP)

all-local: $(TERMINFO_STAMP)

$(TERMINFO_STAMP): $(TERMINFO_SOURCE)
	$(AM_V_GEN)$(MKDIR_P) terminfo
	$(AM_V_at)tic -x -o terminfo $(TERMINFO_SOURCE)
	$(AM_V_at)touch $@

install-data-hook: install-terminfo
uninstall-hook: uninstall-terminfo
clean-local: clean-terminfo
check_DATA = $(TERMINFO_STAMP)

.PHONY: install-terminfo uninstall-terminfo clean-terminfo
install-terminfo: $(TERMINFO_STAMP)
	$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/terminfo"
	tic -x -o "$(DESTDIR)$(pkgdatadir)/terminfo" $(TERMINFO_SOURCE)
uninstall-terminfo:
	rm -rf "$(DESTDIR)$(pkgdatadir)/terminfo"
clean-terminfo:
	rm -rf terminfo
