-- ── search: the words of names, for suggestions while somebody types ────────────────────────────────────────
-- `word` is in the order of its bytes: what begins with some letters is a range of the index
CREATE TABLE suggestion_words (
    owner_id bigint NOT NULL CONSTRAINT fk_suggestion_words_owner_id_users REFERENCES users ON DELETE CASCADE,
    kind text NOT NULL,
    word text COLLATE "C" NOT NULL,
    item_id bigint NOT NULL,
    CONSTRAINT pk_suggestion_words PRIMARY KEY (owner_id, kind, word, item_id)
);
CREATE INDEX ix_suggestion_words_item_id ON suggestion_words (item_id, kind);
ALTER TABLE suggestion_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE suggestion_words FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON suggestion_words USING (
    owner_id::text = current_setting('syncboard.principal', true)
    OR current_setting('syncboard.principal', true) = '*');

-- small letters without accents; of a run of Chinese, Japanese or Thai, which has no spaces, every end of it
CREATE FUNCTION words_of_name(name text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT left(substr(word, first), 60)
    FROM regexp_split_to_table(
             lower(regexp_replace(normalize(left(name, 400), NFKD), '[\u0300-\u036f]', '', 'g')), '[^[:alnum:]]+') AS word,
         generate_series(1, CASE WHEN word ~ '[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]'
                                 THEN least(length(word), 60) ELSE 1 END) AS first
    WHERE word <> ''
$$;
-- arguments: the kind, and the column with the name
CREATE FUNCTION keep_suggestion_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE name text := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ->> TG_ARGV[1] END;
BEGIN
    IF TG_OP = 'UPDATE' AND name IS NOT DISTINCT FROM to_jsonb(OLD) ->> TG_ARGV[1] THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM suggestion_words WHERE item_id = OLD.id AND kind = TG_ARGV[0] AND owner_id = OLD.owner_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO suggestion_words (owner_id, kind, word, item_id)
            SELECT NEW.owner_id, TG_ARGV[0], word, NEW.id FROM words_of_name(name) AS word ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE named text[];
BEGIN
    FOREACH named SLICE 1 IN ARRAY ARRAY[
        ['documents', 'document', 'title'], ['concepts', 'concept', 'name'], ['clusters', 'cluster', 'name'],
        ['tags', 'tag', 'name'], ['saved_searches', 'saved_search', 'name']]
    LOOP
        EXECUTE format('INSERT INTO suggestion_words (owner_id, kind, word, item_id)
            SELECT n.owner_id, %2$L, word, n.id FROM %1$I AS n, words_of_name(n.%3$I) AS word', VARIADIC named);
        EXECUTE format('CREATE TRIGGER keep_suggestion_words AFTER INSERT OR DELETE OR UPDATE OF %3$I ON %1$I
            FOR EACH ROW EXECUTE FUNCTION keep_suggestion_words(%2$L, %3$L)', VARIADIC named);
    END LOOP;
END $$;

-- ── search: words of one person's passages ──────────────────────────────────────────────────────────────────
-- with the owner in it the index meets only that person's passages, however many others have the word
CREATE EXTENSION IF NOT EXISTS btree_gin;
DROP INDEX ix_passage_words_words;
CREATE INDEX ix_passage_words_words ON passage_words USING gin (owner_id, words) WITH (gin_pending_list_limit = 1024);
-- shares of the three thousand commonest words instead of the thousand commonest: these are not counted
ALTER TABLE passage_words ALTER COLUMN words SET STATISTICS 300;
CREATE INDEX ix_documents_owner_id_language ON documents (owner_id, language)
    WHERE deleted_at IS NULL AND language IS NOT NULL;

-- ── embedding models ────────────────────────────────────────────────────────────────────────────────────────
-- Which model the board is answered by. Nobody's in particular, so without a wall.
CREATE TABLE embedding_models (
    model text NOT NULL CONSTRAINT pk_embedding_models PRIMARY KEY,
    state text NOT NULL CONSTRAINT ck_embedding_models_state CHECK (state IN ('serving', 'preparing')),
    -- false while passages may lack a vector of it
    complete boolean NOT NULL DEFAULT true,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX uq_embedding_models_serving ON embedding_models (state) WHERE state = 'serving';
INSERT INTO embedding_models (model, state)
    SELECT model, 'serving' FROM document_vectors GROUP BY model ORDER BY count(*) DESC LIMIT 1;

-- vectors of another length than the packaged model's are found by index too; an index without rows costs nothing
DO $$
DECLARE length integer;
BEGIN
    FOREACH length IN ARRAY ARRAY[256, 512, 768, 1024, 1536, 2048, 3072]
    LOOP
        EXECUTE format('CREATE INDEX ix_passage_vectors_embedding_%1$s ON passage_vectors
            USING hnsw ((embedding::halfvec(%1$s)) halfvec_cosine_ops) WHERE vector_dims(embedding) = %1$s', length);
        EXECUTE format('CREATE INDEX ix_document_vectors_embedding_%1$s ON document_vectors
            USING hnsw ((embedding::halfvec(%1$s)) halfvec_cosine_ops) WHERE vector_dims(embedding) = %1$s', length);
        EXECUTE format('CREATE INDEX ix_clusters_centroid_%1$s ON clusters
            USING hnsw ((centroid::halfvec(%1$s)) halfvec_cosine_ops) WHERE vector_dims(centroid) = %1$s', length);
    END LOOP;
END $$;
