noinst_LIBRARIES += %D%/libdata.a
%C%_libdata_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(CURL_CFLAGS) \
	$(YAJL_CFLAGS) $(YAML_CFLAGS) $(PCRE2_CFLAGS) \
	$(PQ_CFLAGS)
%C%_libdata_a_SOURCES =
include data/act/local.mk
include data/ghost/local.mk
include data/graph/local.mk
include data/json/local.mk
include data/kgents/local.mk
include data/kube/local.mk
include data/net/local.mk
include data/pg/local.mk
include data/tether/local.mk
data_libdata_a_SOURCES += \
	data/activity.c data/activity.h \
	data/agent.h \
	data/asked.h \
	data/check.c data/check.h \
	data/decay.c data/decay.h \
	data/delay.c data/delay.h \
	data/dump.c data/dump.h \
	data/event_ids.c data/event_ids.h \
	data/facts.h \
	data/fields.c data/fields.h \
	data/filter.c data/filter.h \
	data/health.c data/health.h \
	data/heat.c data/heat.h \
	data/identity.c data/identity.h \
	data/kinds.c data/kinds.h \
	data/logline.c data/logline.h \
	data/object.h \
	data/pheromone.h \
	data/picture.c \
	data/plane.h \
	data/proposal.c data/proposal.h \
	data/rights.c data/rights.h \
	data/risk.c data/risk.h \
	data/run.h \
	data/source.c data/source.h \
	data/source_impl.h \
	data/store.c data/store.h \
	data/store_agent.c \
	data/store_operator.c \
	data/store_priv.h \
	data/store_proposal.c \
	data/store_run.c \
	data/store_settle.c \
	data/store_signal.c \
	data/store_work.c \
	data/store_workload.c \
	data/thoughts.c data/thoughts.h \
	data/view.c data/view.h \
	data/workload.h
data_libdata_a_SOURCES += \
	data/fracta/act.c data/fracta/act.h \
	data/fracta/backoff.c data/fracta/backoff.h \
	data/fracta/control.c data/fracta/control.h \
	data/fracta/control_act.c data/fracta/control_act.h \
	data/fracta/document.c data/fracta/document.h \
	data/fracta/dry_run.c data/fracta/dry_run.h \
	data/fracta/gateway.c data/fracta/gateway.h \
	data/fracta/plain_http.c data/fracta/plain_http.h \
	data/fracta/graph_read.c data/fracta/graph_read.h \
	data/fracta/graph_source.c data/fracta/graph_source.h \
	data/fracta/graph_url.c data/fracta/graph_url.h \
	data/fracta/mission.c data/fracta/mission.h \
	data/fracta/output.c data/fracta/output.h \
	data/fracta/overlap.c data/fracta/overlap.h \
	data/fracta/pg_feed.c \
	data/fracta/pg_marks.c data/fracta/pg_marks.h \
	data/fracta/pg_poll.c \
	data/fracta/pg_read.c data/fracta/pg_read.h \
	data/fracta/pg_read_event.c \
	data/fracta/pg_source.c data/fracta/pg_source.h \
	data/fracta/pg_source_priv.h \
	data/fracta/poll.c data/fracta/poll.h \
	data/fracta/read.c data/fracta/read.h \
	data/fracta/sender.c data/fracta/sender.h \
	data/fracta/source.c data/fracta/source.h \
	data/fracta/watch.c data/fracta/watch.h
