-- ── what people add to their documents ──────────────────────────────────────────────────────────────────────
-- `key` is the name as names are compared; a rule says to which documents the tag is put by itself
CREATE TABLE tags (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_tags PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_tags_owner_id_users REFERENCES users ON DELETE CASCADE,
    key text NOT NULL,
    name text NOT NULL,
    colour text NOT NULL,
    rule jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_tags_owner_id UNIQUE (owner_id, key)
);
CREATE TABLE document_tags (
    document_id bigint NOT NULL CONSTRAINT fk_document_tags_document_id_documents REFERENCES documents ON DELETE CASCADE,
    tag_id bigint NOT NULL CONSTRAINT fk_document_tags_tag_id_tags REFERENCES tags ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    source text NOT NULL CONSTRAINT ck_document_tags_source CHECK (source IN ('person', 'rule')),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_document_tags PRIMARY KEY (document_id, tag_id)
);
CREATE INDEX ix_document_tags_tag_id ON document_tags (tag_id);
-- tags that a person took off a document: no rule puts them back
CREATE TABLE document_tags_refused (
    document_id bigint NOT NULL
        CONSTRAINT fk_document_tags_refused_document_id_documents REFERENCES documents ON DELETE CASCADE,
    tag_id bigint NOT NULL CONSTRAINT fk_document_tags_refused_tag_id_tags REFERENCES tags ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    CONSTRAINT pk_document_tags_refused PRIMARY KEY (document_id, tag_id)
);
CREATE INDEX ix_document_tags_refused_tag_id ON document_tags_refused (tag_id);

CREATE TABLE notes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_notes PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_notes_owner_id_users REFERENCES users ON DELETE CASCADE,
    document_id bigint NOT NULL CONSTRAINT fk_notes_document_id_documents REFERENCES documents ON DELETE CASCADE,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_notes_document_id ON notes (document_id, created_at, id);
CREATE INDEX ix_notes_owner_id ON notes (owner_id);

-- a run of a document's text, kept with its words and those around it: by these it is found again in another reading
CREATE TABLE highlights (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_highlights PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_highlights_owner_id_users REFERENCES users ON DELETE CASCADE,
    document_id bigint NOT NULL CONSTRAINT fk_highlights_document_id_documents REFERENCES documents ON DELETE CASCADE,
    "start" integer NOT NULL,
    "end" integer NOT NULL,
    quote text NOT NULL,
    before text NOT NULL DEFAULT '',
    after text NOT NULL DEFAULT '',
    colour text NOT NULL,
    note text,
    lost boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_highlights_document_id ON highlights (document_id, "start", id);
CREATE INDEX ix_highlights_owner_id ON highlights (owner_id);

CREATE TABLE saved_searches (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_saved_searches PRIMARY KEY,
    owner_id bigint NOT NULL CONSTRAINT fk_saved_searches_owner_id_users REFERENCES users ON DELETE CASCADE,
    key text NOT NULL,
    name text NOT NULL,
    q text NOT NULL,
    filters jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_saved_searches_owner_id UNIQUE (owner_id, key)
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['tags', 'document_tags', 'document_tags_refused', 'notes', 'highlights', 'saved_searches']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
