-- documents merged into one; each can be undone for a while from what it changed
CREATE TABLE merges (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_merges PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_merges_owner_id_users REFERENCES users ON DELETE CASCADE,
    kept_id bigint CONSTRAINT fk_merges_kept_id_documents REFERENCES documents ON DELETE SET NULL,
    merged_ids bigint[] NOT NULL,
    moved jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT now(),
    undone_at timestamptz
);
CREATE INDEX ix_merges_owner_id ON merges (owner_id, at DESC, id DESC);
CREATE INDEX ix_merges_kept_id ON merges (kept_id);
-- every row a merge changed, in order: what identifies it, and its changed columns before and after; a row that the
-- merge added has no `before`
CREATE TABLE merge_changes (
    merge_id bigint NOT NULL CONSTRAINT fk_merge_changes_merge_id_merges REFERENCES merges ON DELETE CASCADE,
    ordinal integer NOT NULL,
    owner_id bigint NOT NULL,
    row_table text NOT NULL,
    row_key jsonb NOT NULL,
    before jsonb,
    after jsonb NOT NULL,
    CONSTRAINT pk_merge_changes PRIMARY KEY (merge_id, ordinal)
);

-- whoever still names a merged document is told which one it is now
ALTER TABLE documents ADD COLUMN merged_into bigint
    CONSTRAINT fk_documents_merged_into_documents REFERENCES documents ON DELETE SET NULL;
ALTER TABLE documents ADD COLUMN merge_id bigint CONSTRAINT fk_documents_merge_id_merges REFERENCES merges ON DELETE SET NULL;
CREATE INDEX ix_documents_merged_into ON documents (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_documents_merge_id ON documents (merge_id) WHERE merge_id IS NOT NULL;

-- a concept that a merged document brought along; without a place in this text its range is empty
ALTER TABLE document_concepts ADD COLUMN from_document_id bigint
    CONSTRAINT fk_document_concepts_from_document_id_documents REFERENCES documents ON DELETE SET NULL;
CREATE INDEX ix_document_concepts_from_document_id ON document_concepts (from_document_id)
    WHERE from_document_id IS NOT NULL;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['merges', 'merge_changes']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
