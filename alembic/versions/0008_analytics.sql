-- ── the numbers of a board, computed ahead ──────────────────────────────────────────────────────────────────
ALTER TABLE documents ADD COLUMN word_count integer;

-- one row for each board; `version` is that of the way of counting
CREATE TABLE analytics (
    owner_id bigint NOT NULL CONSTRAINT pk_analytics PRIMARY KEY
        CONSTRAINT fk_analytics_owner_id_users REFERENCES users ON DELETE CASCADE,
    version smallint NOT NULL,
    numbers jsonb NOT NULL,
    etag text NOT NULL,
    computed_at timestamptz NOT NULL
);
-- A mark for each statement that changed what is counted. Marks are only ever added and taken away: nobody waits for
-- anybody, as two transactions would for one counter. Who counts reads the marks first and takes away those it read.
CREATE TABLE analytics_changes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_analytics_changes PRIMARY KEY,
    owner_id bigint NOT NULL
);
CREATE INDEX ix_analytics_changes_owner_id ON analytics_changes (owner_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['analytics', 'analytics_changes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;

CREATE FUNCTION mark_analytics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analytics_changes (owner_id) SELECT DISTINCT owner_id FROM changed;
    RETURN NULL;
END $$;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['documents', 'clusters', 'concepts', 'document_concepts', 'tags', 'document_tags',
                             'duplicate_pairs', 'duplicate_verdicts']
    LOOP
        EXECUTE format('CREATE TRIGGER mark_analytics_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION mark_analytics()', t);
        EXECUTE format('CREATE TRIGGER mark_analytics_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION mark_analytics()', t);
        EXECUTE format('CREATE TRIGGER mark_analytics_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION mark_analytics()', t);
    END LOOP;
END $$;

-- a job that ends changes how long jobs waited and what failed; that of counting itself changes nothing worth counting
CREATE FUNCTION mark_analytics_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO analytics_changes (owner_id) VALUES (NEW.owner_id);
    RETURN NULL;
END $$;
CREATE TRIGGER mark_analytics AFTER UPDATE ON jobs FOR EACH ROW
    WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
          AND NEW.kind NOT IN ('refresh_analytics', 'clean_up', 'reembed_board'))
    EXECUTE FUNCTION mark_analytics_of_job();
