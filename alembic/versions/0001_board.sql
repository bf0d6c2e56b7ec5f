CREATE EXTENSION IF NOT EXISTS vector;

-- ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_users PRIMARY KEY,
    username text NOT NULL CONSTRAINT uq_users_username UNIQUE,
    password_hash text NOT NULL,
    role text NOT NULL CONSTRAINT ck_users_role CHECK (role IN ('owner', 'member')),
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE TABLE tokens (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_tokens PRIMARY KEY,
    user_id bigint NOT NULL CONSTRAINT fk_tokens_user_id_users REFERENCES users ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT ck_tokens_kind CHECK (kind IN ('session', 'api_key')),
    hash bytea NOT NULL CONSTRAINT uq_tokens_hash UNIQUE,
    name text NOT NULL DEFAULT '',
    prefix text NOT NULL DEFAULT '',
    scopes text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX ix_tokens_user_id ON tokens (user_id);
CREATE TABLE invitations (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_invitations PRIMARY KEY,
    hash bytea NOT NULL CONSTRAINT uq_invitations_hash UNIQUE,
    created_by bigint NOT NULL CONSTRAINT fk_invitations_created_by_users REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_by bigint CONSTRAINT fk_invitations_used_by_users REFERENCES users ON DELETE SET NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
-- keyed by the name that was tried, known or not, so that the delay tells nothing about who exists
CREATE TABLE login_failures (
    username text NOT NULL CONSTRAINT pk_login_failures PRIMARY KEY,
    failures integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    retry_at timestamptz NOT NULL
);
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id bigint,
    action text NOT NULL,
    subject text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE idempotency_keys (
    owner_id bigint NOT NULL CONSTRAINT fk_idempotency_keys_owner_id_users REFERENCES users ON DELETE CASCADE,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    response json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (owner_id, key)
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

-- ── knowledge ───────────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE clusters (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_clusters PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_clusters_owner_id_users REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    name_source text NOT NULL DEFAULT 'auto' CONSTRAINT ck_clusters_name_source CHECK (name_source IN ('auto', 'person')),
    model text NOT NULL,
    centroid halfvec NOT NULL,
    document_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_clusters_owner_id ON clusters (owner_id);
CREATE INDEX ix_clusters_centroid_384 ON clusters USING hnsw ((centroid::halfvec(384)) halfvec_cosine_ops)
    WHERE vector_dims(centroid) = 384;
CREATE TABLE documents (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_documents PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_documents_owner_id_users REFERENCES users ON DELETE CASCADE,
    kind text NOT NULL,
    title text NOT NULL,
    filename text NOT NULL,
    media_type text NOT NULL DEFAULT 'application/octet-stream',
    blob_sha256 text NOT NULL,
    size_bytes bigint NOT NULL,
    source_url text,
    status text NOT NULL DEFAULT 'queued' CONSTRAINT ck_documents_status CHECK (status IN
        ('pending', 'queued', 'extracting', 'processing_chunks', 'completed', 'partial_error', 'error', 'cancelled')),
    error jsonb,
    warnings jsonb NOT NULL DEFAULT '[]',
    language text,
    char_count integer,
    text_sha256 text,
    cluster_id bigint CONSTRAINT fk_documents_cluster_id_clusters REFERENCES clusters ON DELETE SET NULL,
    cluster_source text NOT NULL DEFAULT 'auto' CONSTRAINT ck_documents_cluster_source CHECK (cluster_source IN ('auto', 'person')),
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE INDEX ix_documents_owner_id_created_at ON documents (owner_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX ix_documents_cluster_id ON documents (cluster_id) WHERE deleted_at IS NULL;
-- the same bytes of one person are one document; two uploads at the same moment meet here
CREATE UNIQUE INDEX uq_documents_owner_id_blob_sha256 ON documents (owner_id, blob_sha256) WHERE deleted_at IS NULL;
CREATE INDEX ix_documents_blob_sha256 ON documents (blob_sha256);
CREATE INDEX ix_documents_text_sha256 ON documents (owner_id, text_sha256) WHERE deleted_at IS NULL;
-- the text lives apart: lists of documents stay narrow
CREATE TABLE document_texts (
    document_id bigint NOT NULL CONSTRAINT pk_document_texts PRIMARY KEY
        CONSTRAINT fk_document_texts_document_id_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    text text NOT NULL,
    parts jsonb NOT NULL DEFAULT '[]',
    extractor text NOT NULL
);
CREATE TABLE document_vectors (
    document_id bigint NOT NULL CONSTRAINT fk_document_vectors_document_id_documents REFERENCES documents ON DELETE CASCADE,
    model text NOT NULL,
    owner_id bigint NOT NULL,
    embedding halfvec NOT NULL,
    CONSTRAINT pk_document_vectors PRIMARY KEY (document_id, model)
);
CREATE INDEX ix_document_vectors_owner_id ON document_vectors (owner_id);
CREATE INDEX ix_document_vectors_embedding_384 ON document_vectors USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops)
    WHERE vector_dims(embedding) = 384;
CREATE TABLE passages (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_passages PRIMARY KEY,
    document_id bigint NOT NULL CONSTRAINT fk_passages_document_id_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    ordinal integer NOT NULL,
    text text NOT NULL,
    "start" integer NOT NULL,
    "end" integer NOT NULL,
    heading text,
    place jsonb NOT NULL DEFAULT '{}',
    text_sha256 bytea NOT NULL,
    CONSTRAINT uq_passages_document_id UNIQUE (document_id, ordinal)
);
-- The full-text index of the passages. It has no row-level security, on purpose: behind such a wall PostgreSQL uses an
-- index only for leakproof operators, which @@ is not, and would read every passage of the board for each search. It
-- holds no text, its queries name the owner, and what they find is read through the wall of `passages`.
CREATE TABLE passage_words (
    passage_id bigint NOT NULL CONSTRAINT pk_passage_words PRIMARY KEY
        CONSTRAINT fk_passage_words_passage_id_passages REFERENCES passages ON DELETE CASCADE,
    document_id bigint NOT NULL,
    owner_id bigint NOT NULL,
    length integer NOT NULL,
    words tsvector NOT NULL
);
CREATE INDEX ix_passage_words_owner_id ON passage_words (owner_id);
CREATE INDEX ix_passage_words_document_id ON passage_words (document_id);
CREATE INDEX ix_passage_words_words ON passage_words USING gin (words);
CREATE TABLE passage_vectors (
    passage_id bigint NOT NULL CONSTRAINT fk_passage_vectors_passage_id_passages REFERENCES passages ON DELETE CASCADE,
    model text NOT NULL,
    owner_id bigint NOT NULL,
    embedding halfvec NOT NULL,
    CONSTRAINT pk_passage_vectors PRIMARY KEY (passage_id, model)
);
-- a small board is scanned exactly, which is faster than walking a graph full of other people's passages
CREATE INDEX ix_passage_vectors_owner_id ON passage_vectors (owner_id);
CREATE INDEX ix_passage_vectors_embedding_384 ON passage_vectors USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops)
    WHERE vector_dims(embedding) = 384;
CREATE TABLE concepts (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_concepts PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_concepts_owner_id_users REFERENCES users ON DELETE CASCADE,
    key text NOT NULL,
    name text NOT NULL,
    category text NOT NULL DEFAULT 'topic',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_concepts_owner_id UNIQUE (owner_id, key)
);
CREATE TABLE document_concepts (
    document_id bigint NOT NULL CONSTRAINT fk_document_concepts_document_id_documents REFERENCES documents ON DELETE CASCADE,
    concept_id bigint NOT NULL CONSTRAINT fk_document_concepts_concept_id_concepts REFERENCES concepts ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    rank integer NOT NULL,
    confidence real NOT NULL,
    quote text NOT NULL,
    "start" integer NOT NULL,
    "end" integer NOT NULL,
    passage_id bigint CONSTRAINT fk_document_concepts_passage_id_passages REFERENCES passages ON DELETE SET NULL,
    CONSTRAINT pk_document_concepts PRIMARY KEY (document_id, concept_id)
);
CREATE INDEX ix_document_concepts_concept_id ON document_concepts (concept_id);

-- ── the job engine ──────────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE queues (
    name text NOT NULL CONSTRAINT pk_queues PRIMARY KEY,
    paused boolean NOT NULL DEFAULT false,
    canary_rung_at timestamptz,
    canary_at timestamptz,
    canary_worker text,
    publish_failed_at timestamptz,
    published_at timestamptz
);
INSERT INTO queues (name) VALUES ('uploads'), ('analysis'), ('low_priority');
CREATE TABLE jobs (
    id uuid NOT NULL CONSTRAINT pk_jobs PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_jobs_owner_id_users REFERENCES users ON DELETE CASCADE,
    kind text NOT NULL,
    step text NOT NULL,
    queue text NOT NULL CONSTRAINT fk_jobs_queue_queues REFERENCES queues,
    priority smallint NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'PENDING' CONSTRAINT ck_jobs_state CHECK (state IN
        ('PENDING', 'PROCESSING', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')),
    fence bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    lease_until timestamptz,
    worker text,
    not_before timestamptz NOT NULL DEFAULT now(),
    ring_at timestamptz NOT NULL DEFAULT now(),
    rung_at timestamptz,
    rings integer NOT NULL DEFAULT 0,
    cancel_requested_at timestamptz,
    stage text NOT NULL DEFAULT 'queued',
    message text NOT NULL DEFAULT '',
    percent real NOT NULL DEFAULT 0 CONSTRAINT ck_jobs_percent CHECK (percent BETWEEN 0 AND 100),
    unit_kind text,
    units_done integer NOT NULL DEFAULT 0,
    units_failed integer NOT NULL DEFAULT 0,
    units_total integer,
    fanned_out boolean NOT NULL DEFAULT false,
    input jsonb NOT NULL DEFAULT '{}',
    result jsonb,
    error jsonb,
    warnings jsonb NOT NULL DEFAULT '[]',
    document_id bigint CONSTRAINT fk_jobs_document_id_documents REFERENCES documents ON DELETE SET NULL,
    parent_id uuid CONSTRAINT fk_jobs_parent_id_jobs REFERENCES jobs ON DELETE SET NULL,
    retry_of uuid CONSTRAINT fk_jobs_retry_of_jobs REFERENCES jobs ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    queued_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    stage_started_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    version bigint NOT NULL DEFAULT 0,
    -- a running step holds a lease, or has handed its work to units
    CONSTRAINT ck_jobs_lease CHECK ((lease_until IS NOT NULL) = (state = 'PROCESSING' AND NOT fanned_out)),
    CONSTRAINT ck_jobs_fanned_out CHECK (NOT fanned_out OR state = 'PROCESSING'),
    CONSTRAINT ck_jobs_finished CHECK ((finished_at IS NOT NULL) = (state IN ('SUCCESS', 'FAILURE', 'REVOKED')))
);
CREATE INDEX ix_jobs_waiting ON jobs (queue, priority, turn, id) WHERE state IN ('PENDING', 'RETRY');
CREATE INDEX ix_jobs_ring_at ON jobs (queue, ring_at) WHERE state IN ('PENDING', 'RETRY');
CREATE INDEX ix_jobs_owner_open ON jobs (owner_id, queue, priority, turn)
    WHERE state IN ('PENDING', 'RETRY', 'PROCESSING');
CREATE INDEX ix_jobs_owner_finished ON jobs (owner_id, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX ix_jobs_lease_until ON jobs (lease_until) WHERE state = 'PROCESSING';
CREATE INDEX ix_jobs_owner_id ON jobs (owner_id, created_at DESC, id DESC);
CREATE INDEX ix_jobs_document_id ON jobs (document_id);
CREATE INDEX ix_jobs_parent_id ON jobs (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX ix_jobs_finished ON jobs (kind, finished_at DESC) WHERE state = 'SUCCESS';
-- a finished job is retried as one new job, however often the button is pressed
CREATE UNIQUE INDEX uq_jobs_retry_of ON jobs (retry_of) WHERE retry_of IS NOT NULL;

CREATE FUNCTION jobs_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('SUCCESS', 'FAILURE', 'REVOKED') THEN
        -- a document or a parent may be deleted from under a finished job; nothing else about it ever changes
        IF to_jsonb(NEW) - '{document_id,parent_id,retry_of}'::text[]
           IS DISTINCT FROM to_jsonb(OLD) - '{document_id,parent_id,retry_of}'::text[] THEN
            RAISE EXCEPTION 'job % is finished (%) and cannot change', OLD.id, OLD.state USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'the fence of job % cannot fall', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.percent := GREATEST(NEW.percent, OLD.percent);
    IF NEW.stage <> OLD.stage OR NEW.state <> OLD.state THEN
        NEW.stage_started_at := clock_timestamp();
    END IF;
    -- a heartbeat or a doorbell is no news to anybody who watches the job
    IF (NEW.state, NEW.step, NEW.stage, NEW.message, NEW.percent, NEW.attempt, NEW.cancel_requested_at,
        NEW.units_done, NEW.units_failed, NEW.units_total, NEW.warnings, NEW.document_id)
       IS DISTINCT FROM
       (OLD.state, OLD.step, OLD.stage, OLD.message, OLD.percent, OLD.attempt, OLD.cancel_requested_at,
        OLD.units_done, OLD.units_failed, OLD.units_total, OLD.warnings, OLD.document_id) THEN
        NEW.updated_at := clock_timestamp();
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_guard BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION jobs_guard();

CREATE TABLE job_attempts (
    job_id uuid NOT NULL CONSTRAINT fk_job_attempts_job_id_jobs REFERENCES jobs ON DELETE CASCADE,
    fence bigint NOT NULL,
    owner_id bigint NOT NULL,
    step text NOT NULL,
    attempt integer NOT NULL,
    worker text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    outcome text,
    error jsonb,
    stages jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT pk_job_attempts PRIMARY KEY (job_id, fence)
);
CREATE TABLE units (
    job_id uuid NOT NULL CONSTRAINT fk_units_job_id_jobs REFERENCES jobs ON DELETE CASCADE,
    ordinal integer NOT NULL,
    owner_id bigint NOT NULL,
    step text NOT NULL,
    queue text NOT NULL CONSTRAINT fk_units_queue_queues REFERENCES queues,
    priority smallint NOT NULL DEFAULT 0,
    turn bigint NOT NULL DEFAULT 0,
    -- what the unit's result depends on: content hash, parser version, options; and which part of the content
    content_key text NOT NULL,
    span text NOT NULL,
    state text NOT NULL DEFAULT 'PENDING' CONSTRAINT ck_units_state CHECK (state IN
        ('PENDING', 'PROCESSING', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED')),
    fence bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL,
    lease_until timestamptz,
    worker text,
    not_before timestamptz NOT NULL DEFAULT now(),
    ring_at timestamptz NOT NULL DEFAULT now(),
    rung_at timestamptz,
    rings integer NOT NULL DEFAULT 0,
    input jsonb NOT NULL DEFAULT '{}',
    result jsonb,
    error jsonb,
    reused boolean NOT NULL DEFAULT false,
    started_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT pk_units PRIMARY KEY (job_id, ordinal),
    CONSTRAINT uq_units_job_id UNIQUE (job_id, content_key, span),
    CONSTRAINT ck_units_lease CHECK ((lease_until IS NOT NULL) = (state = 'PROCESSING'))
);
CREATE INDEX ix_units_waiting ON units (queue, priority, turn, job_id) WHERE state IN ('PENDING', 'RETRY');
CREATE INDEX ix_units_ring_at ON units (queue, ring_at) WHERE state IN ('PENDING', 'RETRY');
CREATE INDEX ix_units_lease_until ON units (lease_until) WHERE state = 'PROCESSING';
CREATE INDEX ix_units_finished ON units (owner_id, content_key, span) WHERE state = 'SUCCESS';

-- ── the second wall: row-level security ─────────────────────────────────────────────────────────────────────
-- Every query already names its principal. Should one forget, these policies show it nothing at all.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['idempotency_keys', 'clusters', 'documents', 'document_texts', 'document_vectors',
                             'passages', 'passage_vectors', 'concepts', 'document_concepts', 'jobs', 'job_attempts', 'units']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
