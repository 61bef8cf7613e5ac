data_libdata_a_SOURCES += \
	data/tether/holder.c data/tether/holder.h \
	data/tether/tether.c data/tether/tether.h \
	data/tether/tether_impl.h
