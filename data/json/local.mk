data_libdata_a_SOURCES += \
	data/json/cut.c data/json/cut.h \
	data/json/pick.c data/json/pick.h \
	data/json/write.c data/json/write.h
data_libdata_a_SOURCES += data/json/to_yaml.c data/json/to_yaml.h
