data_libdata_a_SOURCES += \
	data/graph/query.c data/graph/query.h \
	data/graph/rows.c data/graph/rows.h \
	data/graph/view.c data/graph/view.h
