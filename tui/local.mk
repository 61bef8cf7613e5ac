noinst_LIBRARIES += %D%/libtui.a
%C%_libtui_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(NCURSES_CFLAGS) \
	$(UTF8PROC_CFLAGS) $(VTERM_CFLAGS)
%C%_libtui_a_SOURCES = \
	%D%/canvas.c %D%/canvas.h \
	%D%/grid.c %D%/grid.h \
	%D%/glyphs.c %D%/glyphs.h \
	%D%/keys.h \
	%D%/rect.h \
	%D%/roles.c %D%/roles.h \
	%D%/text.c %D%/text.h \
	%D%/paint.c %D%/paint.h \
	%D%/render.h %D%/render_ansi.c \
	%D%/render_svg.c %D%/render_text.c \
	%D%/term.c %D%/term.h %D%/term_priv.h \
	%D%/term_curses.c %D%/term_frame.c %D%/term_keys.c \
	%D%/term_tty.c %D%/term_type.c \
	%D%/theme.c %D%/theme.h %D%/theme_builtin.h \
	%D%/theme_colour.c %D%/theme_load.c
