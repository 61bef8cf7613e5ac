include tests/unit/local.mk
include tests/unit/habitat/local.mk
include tests/unit/tui/local.mk
include tests/unit/widgets/local.mk
include tests/golden/local.mk
include tests/fuzz/local.mk
include tests/integration/local.mk
