data_libdata_a_SOURCES += \
	data/net/connection.c data/net/connection.h \
	data/net/easy.c data/net/easy.h \
	data/net/http.c data/net/http.h \
	data/net/policy.c data/net/policy.h \
	data/net/resp.c data/net/resp.h \
	data/net/resp_reader.c \
	data/net/sse.c data/net/sse.h \
	data/net/upgrade.c data/net/upgrade.h \
	data/net/websocket.c data/net/websocket.h
