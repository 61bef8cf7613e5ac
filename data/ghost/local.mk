data_libdata_a_SOURCES += \
	data/ghost/read.c data/ghost/read.h \
	data/ghost/scan.c data/ghost/scan.h \
	data/ghost/source.c data/ghost/source.h
