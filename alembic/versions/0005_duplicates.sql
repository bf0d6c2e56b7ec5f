-- what the text of a document is like: the sorted hashes of its shingles (little-endian, four bytes each)
CREATE TABLE document_signatures (
    document_id bigint NOT NULL CONSTRAINT pk_document_signatures PRIMARY KEY
        CONSTRAINT fk_document_signatures_document_id_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    version smallint NOT NULL,
    digest bigint NOT NULL,
    text_sha256 text NOT NULL,
    shingle_count integer NOT NULL,
    shingles bytea NOT NULL,
    -- the embedding model under which its neighbours were looked up; none before that was done
    compared_model text,
    made_at timestamptz NOT NULL DEFAULT now()
);
-- hashes do not compress
ALTER TABLE document_signatures ALTER COLUMN shingles SET STORAGE EXTERNAL;
CREATE INDEX ix_document_signatures_owner_id ON document_signatures (owner_id);
-- what a picture looks like; without `grey` it could not be looked at, which is not tried again under this version
CREATE TABLE picture_signatures (
    document_id bigint NOT NULL CONSTRAINT pk_picture_signatures PRIMARY KEY
        CONSTRAINT fk_picture_signatures_document_id_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL,
    version smallint NOT NULL,
    digest bigint NOT NULL,
    grey bytea,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_picture_signatures_owner_id ON picture_signatures (owner_id);
-- The buckets: documents of one person with the same key of the same kind are candidates. Behind the wall of row-level
-- security the index serves all the same, for equality of integers is leakproof.
CREATE TABLE duplicate_bands (
    owner_id bigint NOT NULL,
    kind smallint NOT NULL,
    key bigint NOT NULL,
    document_id bigint NOT NULL CONSTRAINT fk_duplicate_bands_document_id_documents REFERENCES documents ON DELETE CASCADE,
    CONSTRAINT pk_duplicate_bands PRIMARY KEY (owner_id, kind, key, document_id)
);
CREATE INDEX ix_duplicate_bands_document_id ON duplicate_bands (document_id);
-- Every pair that was compared, by what was compared of it, and what came of it: without a layer they are no
-- duplicates. `share_a` is the part of a that is in b; `more_a` counts the paragraphs that only a has.
CREATE TABLE duplicate_pairs (
    a bigint NOT NULL CONSTRAINT fk_duplicate_pairs_a_documents REFERENCES documents ON DELETE CASCADE,
    b bigint NOT NULL CONSTRAINT fk_duplicate_pairs_b_documents REFERENCES documents ON DELETE CASCADE,
    compared text NOT NULL CONSTRAINT ck_duplicate_pairs_compared CHECK (compared IN ('words', 'meaning', 'picture')),
    owner_id bigint NOT NULL,
    layer text CONSTRAINT ck_duplicate_pairs_layer CHECK (layer IN ('exact', 'near', 'containment', 'semantic', 'image')),
    likeness real NOT NULL,
    share_a real NOT NULL,
    share_b real NOT NULL,
    more_a integer NOT NULL DEFAULT 0,
    more_b integer NOT NULL DEFAULT 0,
    compared_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_duplicate_pairs PRIMARY KEY (a, b, compared),
    CONSTRAINT ck_duplicate_pairs_order CHECK (a < b)
);
CREATE INDEX ix_duplicate_pairs_owner_id ON duplicate_pairs (owner_id) WHERE layer IS NOT NULL;
CREATE INDEX ix_duplicate_pairs_compared ON duplicate_pairs (owner_id, compared);
CREATE INDEX ix_duplicate_pairs_b ON duplicate_pairs (b);
-- what people said of pairs: these two are not duplicates
CREATE TABLE duplicate_verdicts (
    a bigint NOT NULL CONSTRAINT fk_duplicate_verdicts_a_documents REFERENCES documents ON DELETE CASCADE,
    b bigint NOT NULL CONSTRAINT fk_duplicate_verdicts_b_documents REFERENCES documents ON DELETE CASCADE,
    owner_id bigint NOT NULL CONSTRAINT fk_duplicate_verdicts_owner_id_users REFERENCES users ON DELETE CASCADE,
    verdict text NOT NULL DEFAULT 'different',
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_duplicate_verdicts PRIMARY KEY (a, b),
    CONSTRAINT ck_duplicate_verdicts_order CHECK (a < b)
);
CREATE INDEX ix_duplicate_verdicts_owner_id ON duplicate_verdicts (owner_id);
CREATE INDEX ix_duplicate_verdicts_b ON duplicate_verdicts (b);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['document_signatures', 'picture_signatures', 'duplicate_bands', 'duplicate_pairs', 'duplicate_verdicts']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
