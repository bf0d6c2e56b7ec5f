-- an address is on the board from the moment it is accepted; its bytes follow when they have been fetched
ALTER TABLE documents ALTER COLUMN blob_sha256 DROP NOT NULL;
-- what came out of an archive or a mail knows where from
ALTER TABLE documents ADD COLUMN parent_id bigint
    CONSTRAINT fk_documents_parent_id_documents REFERENCES documents ON DELETE SET NULL;
CREATE INDEX ix_documents_parent_id ON documents (parent_id) WHERE parent_id IS NOT NULL;

-- a waiting job that somebody paused is not claimed
ALTER TABLE jobs ADD COLUMN paused boolean NOT NULL DEFAULT false;
CREATE OR REPLACE FUNCTION jobs_guard() RETURNS trigger LANGUAGE plpgsql AS $$
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
        NEW.units_done, NEW.units_failed, NEW.units_total, NEW.warnings, NEW.document_id, NEW.paused)
       IS DISTINCT FROM
       (OLD.state, OLD.step, OLD.stage, OLD.message, OLD.percent, OLD.attempt, OLD.cancel_requested_at,
        OLD.units_done, OLD.units_failed, OLD.units_total, OLD.warnings, OLD.document_id, OLD.paused) THEN
        NEW.updated_at := clock_timestamp();
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END $$;

-- every address that leads to a document, normalised: as given, after redirects, canonical
CREATE TABLE document_urls (
    owner_id bigint NOT NULL CONSTRAINT fk_document_urls_owner_id_users REFERENCES users ON DELETE CASCADE,
    url text NOT NULL,
    document_id bigint NOT NULL CONSTRAINT fk_document_urls_document_id_documents REFERENCES documents ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_document_urls PRIMARY KEY (owner_id, url)
);
CREATE INDEX ix_document_urls_document_id ON document_urls (document_id);

-- what an archive or a mail holds, member by member, and what became of each: a document, or the reason why not
CREATE TABLE document_members (
    archive_id bigint NOT NULL CONSTRAINT fk_document_members_archive_id_documents REFERENCES documents ON DELETE CASCADE,
    ordinal integer NOT NULL,
    owner_id bigint NOT NULL,
    name text NOT NULL,
    size_bytes bigint NOT NULL,
    outcome text NOT NULL CONSTRAINT ck_document_members_outcome CHECK (outcome IN ('new', 'already_here', 'failed', 'skipped')),
    error jsonb,
    document_id bigint CONSTRAINT fk_document_members_document_id_documents REFERENCES documents ON DELETE SET NULL,
    CONSTRAINT pk_document_members PRIMARY KEY (archive_id, ordinal)
);
CREATE INDEX ix_document_members_document_id ON document_members (document_id) WHERE document_id IS NOT NULL;

-- pages that were read as pictures: size in pixels, and where each word stands on them; or why one could not be read
CREATE TABLE document_pages (
    document_id bigint NOT NULL CONSTRAINT fk_document_pages_document_id_documents REFERENCES documents ON DELETE CASCADE,
    page integer NOT NULL,
    owner_id bigint NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    rotation smallint NOT NULL DEFAULT 0,
    engine text NOT NULL,
    confidence real NOT NULL,
    boxes jsonb NOT NULL DEFAULT '[]',
    error jsonb,
    CONSTRAINT pk_document_pages PRIMARY KEY (document_id, page)
);

-- a small picture of the document, made by the worker that read it: a list of documents shows fifty at once
CREATE TABLE document_thumbnails (
    document_id bigint NOT NULL CONSTRAINT pk_document_thumbnails PRIMARY KEY
        CONSTRAINT fk_document_thumbnails_document_id_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    picture bytea NOT NULL
);

-- uploads under way; how far each is, the size of its file says
CREATE TABLE resumable_uploads (
    id uuid NOT NULL CONSTRAINT pk_resumable_uploads PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_resumable_uploads_owner_id_users REFERENCES users ON DELETE CASCADE,
    length bigint NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    job_id uuid CONSTRAINT fk_resumable_uploads_job_id_jobs REFERENCES jobs ON DELETE SET NULL,
    document_id bigint CONSTRAINT fk_resumable_uploads_document_id_documents REFERENCES documents ON DELETE SET NULL,
    duplicate boolean NOT NULL DEFAULT false,
    finished_at timestamptz
);
CREATE INDEX ix_resumable_uploads_owner_id ON resumable_uploads (owner_id);
CREATE INDEX ix_resumable_uploads_expires_at ON resumable_uploads (expires_at);

-- when each host may be asked again; nobody's in particular, so without a wall
CREATE TABLE fetch_hosts (
    host text NOT NULL CONSTRAINT pk_fetch_hosts PRIMARY KEY,
    next_at timestamptz NOT NULL DEFAULT now()
);
-- a job's own moment in the line of a host, kept while it waits for it, and how often the host said "later" to it
CREATE TABLE fetch_turns (
    job_id uuid NOT NULL CONSTRAINT pk_fetch_turns PRIMARY KEY
        CONSTRAINT fk_fetch_turns_job_id_jobs REFERENCES jobs ON DELETE CASCADE,
    host text NOT NULL,
    at timestamptz NOT NULL,
    busy integer NOT NULL DEFAULT 0
);

-- the lines of a batch as they were given; the id of a batch is that of its job
CREATE TABLE batch_items (
    batch_id uuid NOT NULL CONSTRAINT fk_batch_items_batch_id_jobs REFERENCES jobs ON DELETE CASCADE,
    ordinal integer NOT NULL,
    owner_id bigint NOT NULL,
    given text NOT NULL,
    verdict text NOT NULL,
    job_id uuid CONSTRAINT fk_batch_items_job_id_jobs REFERENCES jobs ON DELETE SET NULL,
    document_id bigint CONSTRAINT fk_batch_items_document_id_documents REFERENCES documents ON DELETE SET NULL,
    error jsonb,
    CONSTRAINT pk_batch_items PRIMARY KEY (batch_id, ordinal)
);
CREATE INDEX ix_batch_items_job_id ON batch_items (job_id);
CREATE INDEX ix_batch_items_document_id ON batch_items (document_id);
CREATE INDEX ix_jobs_batches ON jobs (owner_id, created_at DESC, id DESC) WHERE kind = 'process_batch';

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['batch_items', 'document_urls', 'document_members', 'document_pages', 'document_thumbnails', 'resumable_uploads']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
