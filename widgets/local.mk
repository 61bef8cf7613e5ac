noinst_LIBRARIES += %D%/libwidgets.a
%C%_libwidgets_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(UTF8PROC_CFLAGS)
%C%_libwidgets_a_SOURCES = \
	%D%/agents.c %D%/panes.h \
	%D%/command.c %D%/command.h \
	%D%/control.c %D%/control.h \
	%D%/decision.c \
	%D%/detail.c \
	%D%/dialog.c %D%/dialog.h %D%/dialog_draw.c \
	%D%/field.c %D%/field.h \
	%D%/form.c %D%/form.h \
	%D%/work.c %D%/work.h \
	%D%/graph.c %D%/graph.h \
	%D%/graph_lines.c %D%/graph_page.c \
	%D%/objective.c %D%/objective.h \
	%D%/want.c %D%/want.h \
	%D%/digits.c %D%/digits.h \
	%D%/empty.c %D%/empty.h \
	%D%/frame.c \
	%D%/halt.c %D%/halt.h \
	%D%/header.c \
	%D%/heatmap.c \
	%D%/keymap.c %D%/keymap.h \
	%D%/lines.c %D%/lines.h \
	%D%/log_view.c %D%/log_view.h %D%/logs.c \
	%D%/look.c %D%/look.h \
	%D%/objects.c \
	%D%/page.c %D%/page.h \
	%D%/popups.c \
	%D%/proposals.c \
	%D%/reach.c %D%/reach.h \
	%D%/roster.c %D%/roster.h \
	%D%/scroll.c %D%/scroll.h \
	%D%/target.c %D%/target.h \
	%D%/tether.c \
	%D%/thoughts.c \
	%D%/ui.c %D%/ui.h \
	%D%/wall.c
