data_libdata_a_SOURCES += \
	data/act/before.c data/act/before.h \
	data/act/created.c data/act/created.h \
	data/act/gate.c data/act/gate.h \
	data/act/gate_priv.h \
	data/act/gate_record.c \
	data/act/gate_send.c \
	data/act/halt.c data/act/halt.h \
	data/act/halt_stage.c data/act/halt_stage.h \
	data/act/journal.c data/act/journal.h \
	data/act/observed.c data/act/observed.h \
	data/act/opening.c data/act/opening.h \
	data/act/plan.c data/act/plan.h \
	data/act/tried.h
