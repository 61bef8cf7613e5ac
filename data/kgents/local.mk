data_libdata_a_SOURCES += \
	data/kgents/read_agent.c \
	data/kgents/read_objects.c \
	data/kgents/read_pheromone.c \
	data/kgents/read_proposal.c
