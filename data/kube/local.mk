data_libdata_a_SOURCES += \
	data/kube/auth.c data/kube/auth.h data/kube/auth_priv.h \
	data/kube/base64.c data/kube/base64.h \
	data/kube/config.c data/kube/kubeconfig.h data/kube/config_priv.h \
	data/kube/config_cluster.c \
	data/kube/config_exec.c \
	data/kube/config_merge.c \
	data/kube/config_pod.c \
	data/kube/config_user.c \
	data/kube/exec.c data/kube/exec.h \
	data/kube/exec_credential.c data/kube/exec_credential.h \
	data/kube/exec_text.c data/kube/exec_text.h \
	data/kube/secret.c data/kube/secret.h \
	data/kube/server_url.c data/kube/server_url.h \
	data/kube/pem_files.c data/kube/pem_files.h \
	data/kube/smallfile.c data/kube/smallfile.h \
	data/kube/yaml.c data/kube/yaml.h data/kube/yaml_priv.h \
	data/kube/yaml_at.c \
	data/kube/yaml_json.c
