noinst_LIBRARIES += %D%/libfront.a
%C%_libfront_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(PQ_CFLAGS) \
	-DPKGLIBEXECDIR='"$(pkglibexecdir)"'
%C%_libfront_a_SOURCES = \
	%D%/agents.c \
	%D%/client.c %D%/client.h \
	%D%/diff.c %D%/diff.h \
	%D%/front.h \
	%D%/habitat.c \
	%D%/journal.c \
	%D%/hook.c %D%/hook.h \
	%D%/hook_name.c \
	%D%/hook_opencode.c \
	%D%/hook_read.c \
	%D%/hook_what.c \
	%D%/observe.c \
	%D%/postgres.c \
	%D%/practice.c %D%/practice_agent.c \
	%D%/speak.c \
	%D%/verbs.c \
	habitat/holder/tree.c habitat/paths.c
