noinst_LIBRARIES += %D%/libfront.a
%C%_libfront_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) \
	-DPKGLIBEXECDIR='"$(pkglibexecdir)"'
%C%_libfront_a_SOURCES = \
	%D%/agents.c \
	%D%/client.c %D%/client.h \
	%D%/front.h \
	%D%/habitat.c \
	%D%/journal.c \
	%D%/observe.c \
	%D%/speak.c \
	%D%/verbs.c \
	habitat/paths.c
