crddir = $(pkgdatadir)/crds
dist_crd_DATA = \
	share/crds/agents.yaml \
	share/crds/agentservers.yaml \
	share/crds/memories.yaml \
	share/crds/morpheusgateways.yaml \
	share/crds/pheromones.yaml \
	share/crds/proposals.yaml \
	share/crds/umwelts.yaml
rbacdir = $(pkgdatadir)/rbac
dist_rbac_DATA = share/rbac/operator.yaml share/rbac/viewer.yaml
