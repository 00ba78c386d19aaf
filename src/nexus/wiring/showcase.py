"""Pictures, collections, and what goes well together."""

from nexus.adapters.sql.queries.images import SqlImageQueries
from nexus.application.catalog.images import ChangeImage, RemoveImage, RemovePictures
from nexus.entrypoints.http.images import images_blueprint
from nexus.wiring.exchange import Exchange
from nexus.wiring.technology import Once


class Showcase(Exchange):
    change_image = Once(ChangeImage, start_work=Exchange.work.provider, now=Exchange.clock)
    remove_image = Once(RemoveImage, start_work=Exchange.work.provider, now=Exchange.clock)
    remove_pictures = Once(RemovePictures, store=Exchange.image_store)
    images = Once(
        images_blueprint,
        attach_image=Exchange.attach_image,
        change_image=change_image,
        remove_image=remove_image,
        queries=Once(SqlImageQueries, Exchange.reader, media=Exchange.media_url),
    )
