-- A concept met under several names: `document_concepts` stays what was read, `merged_into` says what is shown.
-- `merged_into` is flat (the concept that is shown), `merged_with` the one it was put together with, so that taking
-- them apart again gives exactly what was there before.
ALTER TABLE concepts
    ADD COLUMN spelling text NOT NULL DEFAULT '',
    ADD COLUMN merged_into bigint CONSTRAINT fk_concepts_merged_into_concepts REFERENCES concepts ON DELETE SET NULL,
    ADD COLUMN merged_with bigint CONSTRAINT fk_concepts_merged_with_concepts REFERENCES concepts ON DELETE SET NULL,
    ADD COLUMN merged_how text CONSTRAINT ck_concepts_merged_how CHECK (merged_how IN
        ('spelling', 'acronym', 'meaning', 'person')),
    ADD COLUMN kept_apart boolean NOT NULL DEFAULT false;
CREATE INDEX ix_concepts_spelling ON concepts (owner_id, spelling);
CREATE INDEX ix_concepts_shown ON concepts (coalesce(merged_into, id));
CREATE INDEX ix_concepts_merged_into ON concepts (merged_into);
CREATE INDEX ix_concepts_merged_with ON concepts (merged_with);

-- "World Health Organization (WHO)", as a document says it
CREATE TABLE concept_acronyms (
    document_id bigint NOT NULL CONSTRAINT fk_concept_acronyms_document_id_documents REFERENCES documents ON DELETE CASCADE,
    short text NOT NULL,
    spelling text NOT NULL,
    owner_id bigint NOT NULL,
    CONSTRAINT pk_concept_acronyms PRIMARY KEY (document_id, short, spelling)
);
CREATE INDEX ix_concept_acronyms_short ON concept_acronyms (owner_id, short);
CREATE INDEX ix_concept_acronyms_spelling ON concept_acronyms (owner_id, spelling);

-- what the name of a concept means, for finding those that mean the same
CREATE TABLE concept_vectors (
    concept_id bigint NOT NULL CONSTRAINT fk_concept_vectors_concept_id_concepts REFERENCES concepts ON DELETE CASCADE,
    model text NOT NULL,
    owner_id bigint NOT NULL,
    embedding halfvec NOT NULL,
    CONSTRAINT pk_concept_vectors PRIMARY KEY (concept_id, model)
);
CREATE INDEX ix_concept_vectors_owner_id ON concept_vectors (owner_id);
CREATE INDEX ix_concept_vectors_embedding_384 ON concept_vectors USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops)
    WHERE vector_dims(embedding) = 384;

-- The one place that says which concepts a document shows: one row for each concept, with the strongest of the
-- spellings it was met under. Whoever asks for an owner, a document or a concept is answered through the indexes.
CREATE VIEW shown_concepts WITH (security_invoker = true) AS
    SELECT DISTINCT ON (met.owner_id, met.document_id, coalesce(concepts.merged_into, concepts.id))
           met.owner_id, met.document_id, coalesce(concepts.merged_into, concepts.id) AS concept_id,
           met.concept_id AS spelling_id, met.rank, met.confidence, met.quote, met."start", met."end", met.passage_id
    FROM document_concepts AS met JOIN concepts ON concepts.id = met.concept_id
    ORDER BY met.owner_id, met.document_id, coalesce(concepts.merged_into, concepts.id), met.rank;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['concept_acronyms', 'concept_vectors']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_rows ON %I USING (
            owner_id::text = current_setting(''syncboard.principal'', true)
            OR current_setting(''syncboard.principal'', true) = ''*'')', t);
    END LOOP;
END $$;
