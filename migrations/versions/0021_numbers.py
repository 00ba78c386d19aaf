"""Words are found in either number, and only what is nearly as near as the nearest is meant."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# The singular for the plural of an English word, and the other way round; among them what is none.
NUMBERS = r"""
CREATE FUNCTION nexus_numbers(word text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN word ~ '^[a-z]{3,}$' THEN ARRAY[
        word || 's', word || 'es', regexp_replace(word, 'y$', 'ies'),
        regexp_replace(word, 'ies$', 'y'), regexp_replace(word, 'es$', ''),
        regexp_replace(word, '([^s])s$', '\1')
    ] END
$$
"""
# Every word must be there, in a number that some product's name has it in; in `begun` the last one
# may be a beginning, as it may be still being written.
ASKED = r"""
CREATE FUNCTION nexus_asked(written text, OUT whole tsquery, OUT begun tsquery)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    word text;
    others text;
BEGIN
    whole := plainto_tsquery('nexus', nexus_plain(written));
    begun := nexus_words(written);
    FOR word, others IN
        SELECT quote_literal(it.word), string_agg(quote_literal(k.word), ' | ')
        FROM unnest(tsvector_to_array(to_tsvector('nexus', nexus_plain(written)))) AS it (word)
        JOIN known_words k ON k.word = ANY (nexus_numbers(it.word)) AND k.word <> it.word
        GROUP BY it.word
    LOOP
        others := word || ' | ' || others;
        whole := ts_rewrite(whole, word::tsquery, others::tsquery);
        -- To rewrite a word is to rewrite the beginning of one too, so that it is put back.
        IF strpos(begun::text, word || ':*') > 0 THEN
            others := word || ':* | ' || others;
        END IF;
        begun := ts_rewrite(begun, word::tsquery, others::tsquery);
    END LOOP;
END $$
"""
MEANT = """
CREATE OR REPLACE FUNCTION nexus_meant(written text) RETURNS tsquery
    LANGUAGE sql STABLE STRICT PARALLEL SAFE SET pg_trgm.similarity_threshold = 0.25
    SET enable_seqscan = off AS $$
    SELECT coalesce(string_agg('(' || one.words || ')', ' & '), '')::tsquery
    FROM (
        SELECT word FROM unnest(tsvector_to_array(to_tsvector('nexus', nexus_plain(written))))
            AS it (word) LIMIT 8
    ) AS typed CROSS JOIN LATERAL (
        SELECT string_agg(quote_literal(word), ' | ') AS words FROM (
            SELECT typed.word
            UNION
            {nearest}
        ) AS it
    ) AS one
$$
"""
_NEAR = """
            FROM known_words k
            WHERE k.alike % nexus_consonants(typed.word) AND k.word <> typed.word AND (
                NOT EXISTS (SELECT FROM known_words e WHERE e.word = typed.word)
                OR NOT EXISTS (
                    SELECT FROM products p
                    WHERE p.search @@ quote_literal(typed.word)::tsquery AND p.status = 'active'))
            GROUP BY k.word"""
_NEARNESS = "max(similarity(k.alike, nexus_consonants(typed.word)))"
BEFORE = f"(SELECT k.word {_NEAR} ORDER BY {_NEARNESS} DESC, k.word LIMIT 3)"
# What is much farther away than something else was hardly meant.
NEAREST = f"""(SELECT near.word FROM (
                SELECT k.word, {_NEARNESS} AS nearness, max({_NEARNESS}) OVER () AS most {_NEAR}
            ) AS near
            WHERE nearness >= 0.8 * most ORDER BY nearness DESC, word LIMIT 3)"""


def upgrade() -> None:
    op.execute(NUMBERS)
    op.execute(ASKED)
    op.execute(MEANT.format(nearest=NEAREST))


def downgrade() -> None:
    op.execute(MEANT.format(nearest=BEFORE))
    op.execute("DROP FUNCTION nexus_asked(text)")
    op.execute("DROP FUNCTION nexus_numbers(text)")
