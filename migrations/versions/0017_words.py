"""Words as they are meant, however they are written; and what lists are walked along."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Ethiopic letters that sound alike: each row is read as the first, through all vowels.
HOMOPHONES = (
    ("ሀሁሂሀሄህሆ", "ሐሑሒሓሔሕሖ", "ኀኁኂኃኄኅኆ", "ኸኹኺኻኼኽኾ"),
    ("ሰሱሲሳሴስሶሷ", "ሠሡሢሣሤሥሦሧ"),
    ("አኡኢአኤእኦ", "ዐዑዒዓዔዕዖ"),
    ("ጸጹጺጻጼጽጾ", "ፀፁፂፃፄፅፆ"),
    ("ሀአ", "ሃኣ"),
    ("ሆሁቆቁኮኩጎጉ", "ኈኍቈቍኰኵጐጕ"),
)
SEPARATORS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~፠፡።፣፤፥፦፧፨‘’“”–—…·«»"
# The ASCII ones of them. English is read many times faster than through the long translation.
ASCII_SEPARATORS = r"[!-/:-@\[-`{-~]"
# The first letters of each consonant's rows of eight, and what stands for them.
CONSONANTS = {
    **dict(zip("ለመረሰሠሸቀበቨተቸነኘአዐከወ", "lmrssxqbvtcneaakw", strict=True)),
    **dict(zip("ሀሐኀኈኸዀዘዠየደዸጀገጐጘጠጨጰጸፀፈፐ", "hhhhhhz7yddjgggou2iifp", strict=True)),
    **dict(zip("ቈቐቘኰ", "qqqk", strict=True)),
}


# What lists are sorted by, so that a walk begins in the index where it stands.
SORTED = {
    ("orders", "placed_at"): "placed_at",
    ("orders", "total"): "total_minor",
    ("payments", "created_at"): "created_at",
    ("payments", "amount"): "amount_minor",
    ("users", "created_at"): "created_at",
    ("users", "first_name"): "first_name",
    ("users", "last_name"): "last_name",
}


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def translation(changes: dict[str, str]) -> str:
    return f"{literal(''.join(changes))}, {literal(''.join(changes.values()))}"


def plain() -> str:
    """Text as it is compared: without case, accents, punctuation and homophones."""
    same = {
        other: first
        for heard, *others in HOMOPHONES
        for row in others
        for other, first in zip(row, heard, strict=True)
    }
    gaps = dict.fromkeys(SEPARATORS, " ")
    return f"""
        CREATE FUNCTION nexus_plain(written text) RETURNS text
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT btrim(CASE WHEN octet_length(written) = length(written)
                THEN lower(regexp_replace(written, '{ASCII_SEPARATORS}', ' ', 'g'))
                ELSE translate(lower(regexp_replace(
                    normalize(written, NFKD), '[\u0300-\u036f\u135d-\u135f]', '', 'g')),
                    {translation(same | gaps)})
            END)
        $$
    """


def consonants() -> str:
    """In Ethiopic a wrong vowel makes another letter: what is left is right in spite of it.

    It is spelt in Latin, as trigrams are made of no other letters where the locale is C.
    """
    rows = {chr(ord(it) + at): latin for it, latin in CONSONANTS.items() for at in range(8)}
    return f"""
        CREATE FUNCTION nexus_consonants(plain text) RETURNS text
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT CASE WHEN octet_length(plain) = length(plain) THEN plain
                ELSE translate(plain, {translation(rows)}) END
        $$
    """


# Every word must be there; the last one may be a beginning, as it may be still being written.
WORDS = """
CREATE FUNCTION nexus_words(written text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN numnode(words) > 0 THEN (words::text || ':*')::tsquery ELSE words END
    FROM plainto_tsquery('nexus', nexus_plain(written)) AS words
$$
"""
SORT_NAME = """
CREATE OR REPLACE FUNCTION nexus_sort_name(name text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT nexus_plain(name) $$
"""
SORT_NAME_BEFORE = """
CREATE OR REPLACE FUNCTION nexus_sort_name(name text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT lower(unaccent(name)) $$
"""
RELIST = "SELECT nexus_relist(array_agg(id)) FROM products HAVING count(*) > 0"
# Twice the same word does no harm, and nobody has to wait for whoever writes it at the same time.
LEARN = """
CREATE FUNCTION nexus_learn(written text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO known_words (word)
    SELECT DISTINCT it.word FROM unnest(written) AS each (name),
        unnest(tsvector_to_array(to_tsvector('nexus', nexus_plain(name)))) AS it (word)
    WHERE it.word ~ '[^0-9]' AND NOT EXISTS (SELECT FROM known_words k WHERE k.word = it.word)
$$;
CREATE FUNCTION nexus_learn_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM nexus_learn(array_agg(name || ' ' || brand)) FROM after;
    ELSE
        PERFORM nexus_learn(ARRAY[NEW.name || ' ' || NEW.brand]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER learn_words_after_insert AFTER INSERT ON products REFERENCING NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION nexus_learn_words();
CREATE TRIGGER learn_words_after_update AFTER UPDATE OF name, brand ON products FOR EACH ROW
    WHEN ((OLD.name, OLD.brand) IS DISTINCT FROM (NEW.name, NEW.brand))
    EXECUTE FUNCTION nexus_learn_words();
SELECT nexus_learn(array_agg(name || ' ' || brand)) FROM products
"""
# Each word as it is written, or one of those that are nearest to it where it is not known.
MEANT = """
CREATE FUNCTION nexus_meant(written text) RETURNS tsquery
    LANGUAGE sql STABLE STRICT PARALLEL SAFE SET pg_trgm.similarity_threshold = 0.25 AS $$
    SELECT coalesce(string_agg('(' || one.words || ')', ' & '), '')::tsquery
    FROM (
        SELECT word FROM unnest(tsvector_to_array(to_tsvector('nexus', nexus_plain(written))))
            AS it (word) LIMIT 8
    ) AS typed CROSS JOIN LATERAL (
        SELECT string_agg(quote_literal(word), ' | ') AS words FROM (
            SELECT typed.word
            UNION
            (SELECT k.word FROM known_words k
            WHERE k.alike % nexus_consonants(typed.word)
                AND NOT EXISTS (SELECT FROM known_words e WHERE e.word = typed.word)
            GROUP BY k.word
            ORDER BY max(similarity(k.alike, nexus_consonants(typed.word))) DESC, k.word LIMIT 3)
        ) AS it
    ) AS one
$$
"""
# An attribute is a text, a number, a yes or no, or a list of these: all of them as text.
SCALARS = """
CREATE FUNCTION nexus_scalars(value jsonb) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(it) WHEN 'number' THEN trim_scale((it #>> '{}')::numeric)::text
        ELSE it #>> '{}' END
    FROM jsonb_array_elements(
        CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END
    ) AS it WHERE jsonb_typeof(it) IN ('string', 'number', 'boolean')
$$
"""
ALIKE = """
CREATE OR REPLACE FUNCTION nexus_alike(wanted text) RETURNS TABLE (product_id uuid, likeness real)
    LANGUAGE sql STABLE AS $$
    SELECT p.id, ts_rank(p.search, meant)
    FROM nexus_meant(wanted) AS meant JOIN products p ON p.search @@ meant
$$
"""
ALIKE_BEFORE = """
CREATE OR REPLACE FUNCTION nexus_alike(wanted text) RETURNS TABLE (product_id uuid, likeness real)
    LANGUAGE sql STABLE SET pg_trgm.word_similarity_threshold = 0.45 AS $$
    SELECT id, word_similarity(wanted, name) FROM products WHERE wanted <% name
$$
"""
SEARCH = """
    setweight(to_tsvector('nexus', nexus_plain(name)), 'A')
    || setweight(to_tsvector('nexus', nexus_plain(brand || ' ' || nexus_joined(tags))), 'B')
    || setweight(to_tsvector('nexus', nexus_plain(short_description || ' ' || description)), 'C')
"""
SEARCH_BEFORE = """
    setweight(to_tsvector('nexus', translate(name, '-/_', '   ')), 'A')
    || setweight(to_tsvector('nexus', brand || ' ' || nexus_joined(tags)), 'B')
    || setweight(to_tsvector('nexus', short_description || ' ' || description), 'C')
"""


def upgrade() -> None:
    op.execute(plain())
    op.execute(consonants())
    op.execute(WORDS)
    op.drop_index("ix_products_name_trigrams", "products")
    op.create_table(
        "known_words",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.Column("alike", sa.Text(), sa.Computed("nexus_consonants(word)", persisted=True)),
    )
    op.create_index("ix_known_words_word", "known_words", ["word"])
    op.create_index(
        "ix_known_words_alike",
        "known_words",
        ["alike"],
        postgresql_using="gin",
        postgresql_ops={"alike": "gin_trgm_ops"},
    )
    # One statement, so that the table is written anew once.
    op.execute(f"""
        ALTER TABLE products DROP COLUMN search,
            ADD COLUMN search tsvector GENERATED ALWAYS AS ({SEARCH}) STORED
    """)
    op.create_index("ix_products_search", "products", ["search"], postgresql_using="gin")
    op.create_index(
        "ix_products_name_words",
        "products",
        [sa.text("ts_filter(search, '{a}')")],
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_categories_name_words",
        "categories",
        [sa.text("to_tsvector('nexus', nexus_plain(name))")],
        postgresql_using="gin",
    )
    for (table, name), column in SORTED.items():
        op.create_index(f"ix_{table}_{name}", table, [column, "id"])
    for statement in (SCALARS, LEARN, MEANT, ALIKE, SORT_NAME, RELIST):
        op.execute(statement)


def downgrade() -> None:
    op.execute(SORT_NAME_BEFORE)
    op.execute(RELIST)
    op.execute(ALIKE_BEFORE)
    for table, name in SORTED:
        op.drop_index(f"ix_{table}_{name}", table)
    op.drop_index("ix_categories_name_words", "categories")
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER learn_words_after_{event} ON products")
    for function in ("scalars(jsonb)", "learn_words()", "learn(text[])", "meant(text)"):
        op.execute(f"DROP FUNCTION nexus_{function}")
    op.drop_table("known_words")
    op.execute(f"""
        ALTER TABLE products DROP COLUMN search,
            ADD COLUMN search tsvector GENERATED ALWAYS AS ({SEARCH_BEFORE}) STORED
    """)
    op.create_index("ix_products_search", "products", ["search"], postgresql_using="gin")
    op.create_index(
        "ix_products_name_trigrams",
        "products",
        ["name"],
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    for function in ("words(text)", "consonants(text)", "plain(text)"):
        op.execute(f"DROP FUNCTION nexus_{function}")
