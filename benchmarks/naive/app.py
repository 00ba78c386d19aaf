"""The floor: the same catalogue as one would write it without thought.

flask-smorest, the ORM, marshmallow, COUNT(*) and ILIKE over the tables of Nexus, which it only
reads. It is no caricature: each relation is loaded by one statement, not by one for each row.
"""

import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Flask
from flask_smorest import Api, Blueprint, abort
from marshmallow import Schema, fields, validate
from sqlalchemy import Select, create_engine, func, or_, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import scoped_session, sessionmaker, undefer

from benchmarks.naive.messages import ListedProduct, ShownCategory, ShownProduct
from benchmarks.naive.tables import Category, Product

ORDERINGS = {"price": (Product.price_minor, Product.id), "name": (Product.name, Product.id)}
NEWEST = (Product.created_at.desc(), Product.id.desc())

db = scoped_session(sessionmaker())
catalogue = Blueprint("catalogue", __name__, url_prefix="/api/v1")


class ProductsQuery(Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(min=1))
    page_size = fields.Integer(load_default=12, validate=validate.Range(min=1, max=100))
    search = fields.String()
    category = fields.String()
    ordering = fields.String(validate=validate.OneOf(ORDERINGS))


class ProductPage(Schema):
    count = fields.Integer()
    results = fields.List(fields.Nested(ListedProduct))


@catalogue.get("/categories")
@catalogue.response(200, ShownCategory(many=True))
def list_categories() -> Sequence[Category]:
    query = select(Category).where(Category.is_active).options(undefer(Category.product_count))
    return db.scalars(query.order_by(Category.position, Category.name)).all()


@catalogue.get("/products")
@catalogue.arguments(ProductsQuery, location="query")
@catalogue.response(200, ProductPage)
def list_products(wanted: dict[str, Any]) -> dict[str, Any]:
    found = matching(wanted)
    count = db.scalar(select(func.count()).select_from(found.subquery()))
    page = found.order_by(*ORDERINGS.get(wanted.get("ordering", ""), NEWEST))
    page = page.limit(wanted["page_size"]).offset((wanted["page"] - 1) * wanted["page_size"])
    return {"count": count, "results": db.scalars(page).all()}


@catalogue.get("/products/<uuid:product_id>")
@catalogue.response(200, ShownProduct)
def show_product(product_id: UUID) -> Product | None:
    product = db.get(Product, product_id)
    if product is None or not product.is_active:
        abort(404)
    return product


def matching(wanted: dict[str, Any]) -> Select[Product]:
    found = select(Product).where(Product.status == "active")
    if "category" in wanted:
        found = found.where(Product.categories.any(Category.slug == wanted["category"]))
    if "search" in wanted:
        like = f"%{wanted['search']}%"
        found = found.where(or_(Product.name.ilike(like), Product.description.ilike(like)))
    return found


def application() -> Flask:
    app = Flask("naive")
    app.config |= {"API_TITLE": "Naive", "API_VERSION": "v1", "OPENAPI_VERSION": "3.0.3"}
    url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
    db.configure(bind=create_engine(url))
    Api(app).register_blueprint(catalogue)

    @app.teardown_appcontext
    def forget(_: BaseException | None) -> None:
        db.remove()

    return app
