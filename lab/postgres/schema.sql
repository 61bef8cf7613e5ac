-- The tables of a fracta control plane, by their columns. Safe to run twice.
CREATE TABLE IF NOT EXISTS agents (
    task TEXT PRIMARY KEY,
    host_type TEXT NOT NULL DEFAULT '',
    resume_token TEXT NOT NULL DEFAULT '',
    workspace_path TEXT NOT NULL DEFAULT '',
    branch_name TEXT NOT NULL DEFAULT '',
    base_branch TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    last_output TEXT NOT NULL DEFAULT '',
    start_time TIMESTAMPTZ,
    mode TEXT NOT NULL DEFAULT '',
    current_intent TEXT NOT NULL DEFAULT '',
    mission_id BIGINT NOT NULL DEFAULT 0,
    objective_id TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS chessmaster (
    id INT PRIMARY KEY,
    status TEXT NOT NULL DEFAULT '',
    last_action TEXT NOT NULL DEFAULT '',
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS missions (
    id BIGSERIAL PRIMARY KEY,
    status TEXT NOT NULL DEFAULT 'pending',
    payload JSONB NOT NULL,
    agent_task TEXT,
    claimed_by TEXT,
    claimed_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    completed_at TIMESTAMPTZ,
    error TEXT NOT NULL DEFAULT '',
    priority INT NOT NULL DEFAULT 0,
    objective_id TEXT,
    parent_id BIGINT,
    depth INT NOT NULL DEFAULT 0,
    dedupe_key TEXT NOT NULL DEFAULT '',
    proposed_by TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS idx_missions_pending
    ON missions (status, priority DESC, created_at) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS idx_missions_claimed
    ON missions (status, claimed_at) WHERE status = 'claimed';
CREATE INDEX IF NOT EXISTS idx_missions_parent
    ON missions (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS idx_missions_objective
    ON missions (objective_id) WHERE objective_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS idx_missions_dedupe
    ON missions (objective_id, dedupe_key)
    WHERE dedupe_key <> '' AND status IN ('pending', 'claimed');
CREATE TABLE IF NOT EXISTS messages (
    id BIGSERIAL PRIMARY KEY,
    from_task TEXT NOT NULL,
    to_task TEXT NOT NULL,
    content TEXT NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS idx_messages_to ON messages (to_task, id);
CREATE TABLE IF NOT EXISTS cursors (
    task TEXT PRIMARY KEY,
    last_id BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS objectives (
    id TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    created_by TEXT NOT NULL DEFAULT '',
    max_missions INT NOT NULL DEFAULT 100,
    max_depth INT NOT NULL DEFAULT 5,
    max_runtime BIGINT NOT NULL DEFAULT 14400000000000,
    max_branching INT NOT NULL DEFAULT 5,
    max_tokens BIGINT NOT NULL DEFAULT 0,
    max_graph_writes INT NOT NULL DEFAULT 0,
    mission_count INT NOT NULL DEFAULT 0,
    finding_count INT NOT NULL DEFAULT 0,
    tokens_used BIGINT NOT NULL DEFAULT 0,
    graph_writes INT NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '',
    outcome_data JSONB
);
CREATE TABLE IF NOT EXISTS proposals (
    id BIGSERIAL PRIMARY KEY,
    objective_id TEXT NOT NULL,
    parent_mission BIGINT NOT NULL DEFAULT 0,
    proposed_by TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '',
    contract TEXT NOT NULL DEFAULT '',
    priority INT NOT NULL DEFAULT 0,
    dedupe_key TEXT NOT NULL DEFAULT '',
    rationale TEXT NOT NULL DEFAULT '',
    evidence JSONB,
    status TEXT NOT NULL DEFAULT 'pending',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    reviewed_at TIMESTAMPTZ,
    rejection_note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS idx_proposals_pending
    ON proposals (priority DESC, created_at) WHERE status = 'pending';
CREATE INDEX IF NOT EXISTS idx_proposals_objective ON proposals (objective_id);
CREATE TABLE IF NOT EXISTS agent_events (
    id BIGSERIAL PRIMARY KEY,
    task TEXT NOT NULL,
    event TEXT NOT NULL DEFAULT '',
    detail TEXT,
    timestamp TIMESTAMPTZ DEFAULT now(),
    event_id TEXT,
    component TEXT,
    category TEXT,
    resource TEXT,
    action TEXT,
    outcome TEXT,
    severity TEXT NOT NULL DEFAULT 'info',
    mission_id BIGINT NOT NULL DEFAULT 0,
    objective_id TEXT NOT NULL DEFAULT '',
    attrs_json JSONB
);
CREATE INDEX IF NOT EXISTS idx_agent_events_task
    ON agent_events (task, timestamp DESC);
GRANT SELECT ON ALL TABLES IN SCHEMA public TO viewer;
