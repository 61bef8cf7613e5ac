noinst_LIBRARIES += %D%/libsettings.a
%C%_libsettings_a_CPPFLAGS = $(AM_CPPFLAGS) $(YAML_CFLAGS)
%C%_libsettings_a_SOURCES = \
	%D%/project.c %D%/project.h \
	%D%/schema.c %D%/schema.h \
	%D%/secret.c %D%/secret.h \
	%D%/settings.c %D%/settings.h \
	%D%/show.c %D%/show.h
