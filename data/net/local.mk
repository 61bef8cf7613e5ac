data_libdata_a_SOURCES += \
	data/net/http.c data/net/http.h \
	data/net/policy.c data/net/policy.h \
	data/net/sse.c data/net/sse.h
