pkglibexec_PROGRAMS = terrarium-habitat terrarium-holder
terrarium_holder_SOURCES = \
	base/wire.h \
	%D%/holder/clients.c %D%/holder/holder.h \
	%D%/holder/main.c \
	%D%/holder/ring.c %D%/holder/ring.h \
	%D%/holder/tree.c %D%/holder/tree.h
noinst_LIBRARIES += %D%/libhabitat.a
%C%_libhabitat_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(SQLITE_CFLAGS) \
	$(MHD_CFLAGS) $(VTERM_CFLAGS)
%C%_libhabitat_a_SOURCES = \
	%D%/agent.h %D%/agent_json.c %D%/agent_link.c %D%/agent_output.c \
	%D%/agents.c \
	%D%/asks.c %D%/asks.h \
	%D%/body.c %D%/body.h \
	%D%/db.c %D%/db.h \
	%D%/event.c %D%/event.h \
	%D%/habitat.h \
	%D%/limits.h \
	%D%/lines.c %D%/lines.h \
	%D%/objective.c %D%/objective.h \
	%D%/paths.c %D%/paths.h \
	%D%/protocol.h \
	%D%/pheromone.c %D%/pheromone.h \
	%D%/proposal.c %D%/proposal.h \
	%D%/report.c %D%/report.h \
	%D%/risk_rules.c %D%/risk_rules.h \
	%D%/route.c %D%/route_events.c \
	%D%/schema.c %D%/schema.h \
	%D%/screen.c %D%/screen.h \
	%D%/server.c %D%/server.h \
	%D%/speech.c %D%/speech.h %D%/speech_priv.h \
	%D%/speech_claude.c %D%/speech_codex.c \
	%D%/speech_gemini.c %D%/speech_opencode.c \
	%D%/status_record.c %D%/status_record.h \
	%D%/stream.c %D%/stream.h \
	%D%/holder/tree.c
terrarium_habitat_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(SQLITE_CFLAGS)
terrarium_habitat_SOURCES = %D%/main.c
terrarium_habitat_LDADD = %D%/libhabitat.a data/libdata.a base/libbase.a \
	$(MHD_LIBS) $(SQLITE_LIBS) $(VTERM_LIBS) $(YAJL_LIBS) $(UV_LIBS)
