"""Slugs and SKUs are unique without being keys: who refers to a row waits for nobody writing it."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("products", "slug"), ("variants", "sku")):
        name = f"uq_{table}_{column}"
        op.drop_constraint(name, table)
        op.create_exclude_constraint(
            name, table, (column, "="), using="btree", deferrable=True, initially="IMMEDIATE"
        )


def downgrade() -> None:
    terms = {"deferrable": True, "initially": "IMMEDIATE"}
    op.drop_constraint("uq_variants_sku", "variants")
    op.create_unique_constraint("uq_variants_sku", "variants", ["sku"], **terms)
    op.drop_constraint("uq_products_slug", "products")
    op.create_unique_constraint("uq_products_slug", "products", ["slug"])
