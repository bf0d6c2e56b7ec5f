-- ── clusters: two levels, what people decided, what changed, where things lie on the map ─────────────────────
-- A cluster without a parent is a topic; one with a parent is a sub-topic of it and vanishes with it.
ALTER TABLE clusters
    ADD COLUMN pinned boolean NOT NULL DEFAULT false,
    ADD COLUMN parent_id bigint CONSTRAINT fk_clusters_parent_id_clusters REFERENCES clusters ON DELETE CASCADE,
    -- where its name stands on the map, 0 to 1
    ADD COLUMN x real,
    ADD COLUMN y real;
-- whether a name is taken, in one look
CREATE INDEX ix_clusters_owner_id_name ON clusters (owner_id, name);
CREATE INDEX ix_clusters_parent_id ON clusters (parent_id) WHERE parent_id IS NOT NULL;

ALTER TABLE documents
    ADD COLUMN subcluster_id bigint CONSTRAINT fk_documents_subcluster_id_clusters REFERENCES clusters ON DELETE SET NULL;
CREATE INDEX ix_documents_subcluster_id ON documents (subcluster_id)
    WHERE deleted_at IS NULL AND subcluster_id IS NOT NULL;

-- the map, apart from documents: it is written anew at every grouping. `grouped` is false for a document that was only
-- put beside its neighbours since.
CREATE TABLE document_places (
    document_id bigint NOT NULL CONSTRAINT pk_document_places PRIMARY KEY
        CONSTRAINT fk_document_places_document_id_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    x real NOT NULL,
    y real NOT NULL,
    grouped boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_document_places_owner_id ON document_places (owner_id, grouped);

-- one row for each board that has been grouped as a whole
CREATE TABLE board_groupings (
    owner_id bigint NOT NULL CONSTRAINT pk_board_groupings PRIMARY KEY
        CONSTRAINT fk_board_groupings_owner_id_users REFERENCES users ON DELETE CASCADE,
    model text NOT NULL,
    documents integer NOT NULL,
    grouped_at timestamptz NOT NULL DEFAULT now()
);

-- what became of clusters; without a key to them, for it tells of those that are gone
CREATE TABLE cluster_changes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_cluster_changes PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_cluster_changes_owner_id_users REFERENCES users ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL CONSTRAINT ck_cluster_changes_kind CHECK (kind IN
        ('created', 'vanished', 'split', 'merged', 'renamed', 'moved', 'joined', 'recluster')),
    cluster_id bigint,
    cluster_name text NOT NULL,
    documents integer NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_cluster_changes_owner_id ON cluster_changes (owner_id, id DESC);
CREATE INDEX ix_cluster_changes_at ON cluster_changes (at);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['document_places', 'board_groupings', 'cluster_changes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
