data_libdata_a_SOURCES += \
	data/kube/act.c data/kube/act.h \
	data/kube/act_agent.c \
	data/kube/act_create.c data/kube/act_create.h \
	data/kube/act_priv.h \
	data/kube/act_proposal.c \
	data/kube/act_say.c data/kube/act_say.h \
	data/kube/auth.c data/kube/auth.h \
	data/kube/auth_priv.h \
	data/kube/base64.c data/kube/base64.h \
	data/kube/client.c data/kube/client.h \
	data/kube/client_priv.h \
	data/kube/compose.c data/kube/compose.h \
	data/kube/config.c \
	data/kube/config_cluster.c \
	data/kube/config_exec.c \
	data/kube/config_merge.c \
	data/kube/config_pod.c \
	data/kube/config_priv.h \
	data/kube/config_user.c \
	data/kube/dry_run.c data/kube/dry_run.h \
	data/kube/exec.c data/kube/exec.h \
	data/kube/exec_credential.c data/kube/exec_credential.h \
	data/kube/exec_status.c data/kube/exec_status.h \
	data/kube/exec_text.c data/kube/exec_text.h \
	data/kube/fetch.c data/kube/fetch.h \
	data/kube/forward.c data/kube/forward.h \
	data/kube/forward_ports.c \
	data/kube/kubeconfig.h \
	data/kube/lines.c data/kube/lines.h \
	data/kube/list_watch.c data/kube/list_watch.h \
	data/kube/logs.c data/kube/logs.h \
	data/kube/path.c data/kube/path.h \
	data/kube/pem_files.c data/kube/pem_files.h \
	data/kube/pod_of.c data/kube/pod_of.h \
	data/kube/reach.c data/kube/reach.h \
	data/kube/read_event.c \
	data/kube/read_workload.c \
	data/kube/reader.c data/kube/reader.h \
	data/kube/reader_priv.h \
	data/kube/reread.c data/kube/reread.h \
	data/kube/rights_review.c data/kube/rights_review.h \
	data/kube/say.c data/kube/say.h \
	data/kube/secret.c data/kube/secret.h \
	data/kube/service.c data/kube/service.h \
	data/kube/sender.c data/kube/sender.h \
	data/kube/server_url.c data/kube/server_url.h \
	data/kube/smallfile.c data/kube/smallfile.h \
	data/kube/socket.c data/kube/socket.h \
	data/kube/source.c data/kube/source.h \
	data/kube/tail.c data/kube/tail.h \
	data/kube/tether.c data/kube/tether.h \
	data/kube/yaml.c data/kube/yaml.h \
	data/kube/yaml_at.c \
	data/kube/yaml_json.c \
	data/kube/yaml_priv.h
