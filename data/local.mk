noinst_LIBRARIES += %D%/libdata.a
%C%_libdata_a_CPPFLAGS = $(AM_CPPFLAGS) $(UV_CFLAGS) $(CURL_CFLAGS) \
	$(YAJL_CFLAGS) $(YAML_CFLAGS) $(PCRE2_CFLAGS) \
	$(PQ_CFLAGS)
%C%_libdata_a_SOURCES =
include data/json/local.mk
include data/net/local.mk
include data/kube/local.mk
include data/pg/local.mk
data_libdata_a_SOURCES += \
	data/activity.c data/activity.h \
	data/agent.h data/facts.h data/object.h data/pheromone.h \
	data/plane.h data/workload.h \
	data/decay.c data/decay.h \
	data/delay.c data/delay.h \
	data/health.c data/health.h \
	data/kinds.c data/kinds.h \
	data/proposal.c data/proposal.h \
	data/rights.c data/rights.h \
	data/risk.c data/risk.h \
	data/store.c data/store.h data/store_priv.h \
	data/run.h data/store_run.c data/asked.h \
	data/store_agent.c data/store_operator.c data/store_proposal.c \
	data/store_settle.c \
	data/store_signal.c data/store_workload.c \
	data/thoughts.c data/thoughts.h
data_libdata_a_SOURCES += \
	data/kube/act.c data/kube/act.h data/kube/act_priv.h \
	data/kube/act_proposal.c data/kube/act_agent.c \
	data/kube/reread.c data/kube/reread.h \
	data/kube/rights_review.c data/kube/rights_review.h \
	data/kube/act_create.c data/kube/act_create.h \
	data/kube/compose.c data/kube/compose.h \
	data/kube/dry_run.c data/kube/dry_run.h \
	data/kube/act_say.c data/kube/act_say.h \
	data/kube/say.c data/kube/say.h \
	data/kube/sender.c data/kube/sender.h \
	data/kube/client.c data/kube/client.h data/kube/client_priv.h \
	data/kube/exec_status.c data/kube/exec_status.h \
	data/kube/fetch.c data/kube/fetch.h \
	data/kube/forward.c data/kube/forward.h data/kube/forward_ports.c \
	data/kube/list_watch.c data/kube/list_watch.h \
	data/kube/logs.c data/kube/logs.h \
	data/kube/read_event.c data/kube/read_workload.c \
	data/kube/reader.c data/kube/reader.h data/kube/reader_priv.h \
	data/kube/pod_of.c data/kube/pod_of.h \
	data/kube/reach.c data/kube/reach.h \
	data/kube/socket.c data/kube/socket.h \
	data/kube/source.c data/kube/source.h \
	data/kube/tail.c data/kube/tail.h \
	data/kube/tether.c data/kube/tether.h \
	data/logline.c data/logline.h \
	data/source.c data/source.h data/source_impl.h
data_libdata_a_SOURCES += \
	data/act/halt.c data/act/halt.h \
	data/act/halt_stage.c data/act/halt_stage.h \
	data/act/before.c data/act/before.h \
	data/act/observed.c data/act/observed.h \
	data/act/created.c data/act/created.h \
	data/act/gate.c data/act/gate.h data/act/gate_priv.h \
	data/act/gate_record.c data/act/gate_send.c \
	data/act/journal.c data/act/journal.h \
	data/act/opening.c data/act/opening.h \
	data/act/plan.c data/act/plan.h data/act/tried.h \
	data/tether/holder.c data/tether/holder.h \
	data/tether/tether.c data/tether/tether.h data/tether/tether_impl.h \
	data/fracta/act.c data/fracta/act.h \
	data/fracta/read.c data/fracta/read.h \
	data/fracta/source.c data/fracta/source.h
include data/kgents/local.mk
data_libdata_a_SOURCES += \
	data/fields.c data/fields.h \
	data/filter.c data/filter.h \
	data/heat.c data/heat.h \
	data/view.c data/view.h
data_libdata_a_SOURCES += \
	data/check.c data/check.h \
	data/dump.c data/dump.h \
	data/picture.c
