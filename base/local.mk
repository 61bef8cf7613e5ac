noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/buf.c %D%/buf.h \
	%D%/clock.c %D%/clock.h \
	%D%/error.c %D%/error.h \
	%D%/frames.c %D%/frames.h \
	%D%/hash.h \
	%D%/index.c %D%/index.h \
	%D%/intern.c %D%/intern.h \
	%D%/mask.c %D%/mask.h \
	%D%/moments.c %D%/moments.h \
	%D%/ranked.c %D%/ranked.h \
	%D%/span.h \
	%D%/when.c %D%/when.h \
	%D%/wire.h \
	%D%/xalloc.c %D%/xalloc.h
