"""suggestions"""

from alembic import op
from sqlalchemy import text

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
# The first letters of each consonant's rows of eight, and what stands for them.
CONSONANTS = {
    **dict(zip("ለመረሰሠሸቀበቨተቸነኘአዐከወ", "lmrssxqbvtcneaakw", strict=True)),
    **dict(zip("ሀሐኀኈኸዀዘዠየደዸጀገጐጘጠጨጰጸፀፈፐ", "hhhhhhz7yddjgggou2iifp", strict=True)),
    **dict(zip("ቈቐቘኰ", "qqqk", strict=True)),
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
            SELECT btrim(translate(lower(regexp_replace(
                normalize(written, NFKD), '[\u0300-\u036f\u135d-\u135f]', '', 'g')),
                {translation(same | gaps)}))
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
            SELECT translate(plain, {translation(rows)})
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
ALIKE = """
CREATE OR REPLACE FUNCTION nexus_alike(wanted text) RETURNS TABLE (product_id uuid, likeness real)
    LANGUAGE sql STABLE SET pg_trgm.word_similarity_threshold = 0.4 AS $$
    SELECT id, word_similarity(nexus_consonants(nexus_plain(wanted)), alike) FROM products
    WHERE nexus_consonants(nexus_plain(wanted)) <% alike
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
    # One statement, so that the table is written anew once.
    op.execute(f"""
        ALTER TABLE products DROP COLUMN search,
            ADD COLUMN search tsvector GENERATED ALWAYS AS ({SEARCH}) STORED,
            ADD COLUMN plain_name text COLLATE "C"
                GENERATED ALWAYS AS (nexus_plain(name)) STORED,
            ADD COLUMN alike text
                GENERATED ALWAYS AS (nexus_consonants(nexus_plain(name || ' ' || brand))) STORED
    """)
    op.create_index("ix_products_search", "products", ["search"], postgresql_using="gin")
    op.create_index(
        "ix_products_alike",
        "products",
        ["alike"],
        postgresql_using="gin",
        postgresql_ops={"alike": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_products_plain_name",
        "products",
        ["plain_name", "id"],
        postgresql_where=text("status = 'active'"),
    )
    op.execute(ALIKE)
    op.execute(SORT_NAME)
    op.execute(RELIST)


def downgrade() -> None:
    op.execute(SORT_NAME_BEFORE)
    op.execute(RELIST)
    op.execute(ALIKE_BEFORE)
    op.execute(f"""
        ALTER TABLE products DROP COLUMN alike, DROP COLUMN plain_name, DROP COLUMN search,
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
