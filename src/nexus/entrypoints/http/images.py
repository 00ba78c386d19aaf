from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from nexus.application.catalog.images import AttachImage, ChangeImage, RemoveImage
from nexus.application.ports.images import ImageQueries
from nexus.domain.images import LAST_POSITION
from nexus.entrypoints.http.access import VISITOR, open_to, staff
from nexus.entrypoints.http.catalog_fields import CATALOG_WRITE, sees_hidden
from nexus.entrypoints.http.etags import created, expected_versions, tagged
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.product_messages import ShownImage
from nexus.entrypoints.http.schemas import Flag, Number, Text, Whole
from nexus.entrypoints.http.uploads import File, FileRoutes, takes_file

MOST_BYTES = 5 * 1024 * 1024
_POSITIONS = validate.Range(min=0, max=LAST_POSITION)


class ImageForm(Schema):
    """A picture and what is said of it. Without a position it comes behind the others.

    Where another one stands already, that one moves along.
    """

    file = File(most=MOST_BYTES, required=True)
    alt_text = Text(most=300)
    is_main = Flag()
    position = Number(validate=_POSITIONS)
    variant_id = fields.UUID()


class ImageChanges(Schema):
    alt_text = Text(most=300, metadata={"example": "The mug from above"})
    is_main = Flag()
    position = Whole(validate=_POSITIONS)
    variant_id = fields.UUID(allow_none=True)


def images_blueprint(
    *,
    attach_image: AttachImage,
    change_image: ChangeImage,
    remove_image: RemoveImage,
    queries: ImageQueries,
) -> FileRoutes:
    blueprint = FileRoutes("images", __name__, description="Pictures of products")

    @blueprint.get("/products/<product>/images")
    @blueprint.response(200, ShownImage(many=True))
    @open_to(VISITOR)
    def list_images(product: str) -> Response:
        """List the images of a product, in order."""
        return tagged(queries.images_of(product, hidden=sees_hidden()))

    @blueprint.post("/products/<product>/images")
    @blueprint.arguments(ImageForm, location="files")
    @blueprint.response(201, ShownImage)
    @takes_file(MOST_BYTES)
    @open_to(staff(CATALOG_WRITE))
    def add_image(form: dict[str, Any], product: str) -> Response:
        """Add a picture: JPEG, PNG or WebP, whatever its name; the first is the main image.

        It is made anew from its pixels, upright, with a thumbnail beside it. Of an animation the
        first frame is taken. A product has at most 50 images: 409 `too_many_images`.
        """
        id_ = attach_image(product=product, content=form.pop("file"), **form)
        return created(queries.image(id_, hidden=True), f"{API}/images")

    @blueprint.get("/images/<uuid:image_id>")
    @blueprint.response(200, ShownImage)
    @open_to(VISITOR)
    def show_image(image_id: UUID) -> Response:
        """Show one image."""
        return tagged(queries.image(image_id, hidden=sees_hidden()))

    @blueprint.patch("/images/<uuid:image_id>")
    @blueprint.arguments(ImageChanges, example={"alt_text": "From above", "is_main": True})
    @blueprint.response(200, ShownImage)
    @open_to(staff(CATALOG_WRITE))
    def patch_image(body: dict[str, Any], image_id: UUID) -> Response:
        """Change some of an image. The main one ceases to be so when another one is made it."""
        change_image(image_id=image_id, changes=body, expected=expected_versions())
        return tagged(queries.image(image_id, hidden=True))

    @blueprint.delete("/images/<uuid:image_id>")
    @blueprint.response(204)
    @open_to(staff(CATALOG_WRITE))
    def delete_image(image_id: UUID) -> None:
        """Remove an image; after the main one the first of the others is it."""
        remove_image(image_id=image_id, expected=expected_versions())

    return blueprint
