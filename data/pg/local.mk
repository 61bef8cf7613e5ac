data_libdata_a_SOURCES += \
	data/pg/connect.c data/pg/connect.h \
	data/pg/explain.c data/pg/explain.h \
	data/pg/follow.c data/pg/follow.h \
	data/pg/link.c data/pg/link.h \
	data/pg/link_begin.c data/pg/link_priv.h \
	data/pg/policy.c data/pg/policy.h \
	data/pg/quote.c data/pg/quote.h \
	data/pg/received.c data/pg/received.h \
	data/pg/tail.c data/pg/tail.h \
	data/pg/target.h
