"""Pictures, collections, and what goes well together."""

from nexus.adapters.sql.queries.collections import SqlCollectionQueries
from nexus.adapters.sql.queries.images import SqlImageQueries
from nexus.adapters.sql.queries.recommendations import SqlRecommendationQueries
from nexus.adapters.sql.recommendations import SqlBoughtTogether
from nexus.application.catalog.collections import (
    ChangeCollection,
    ChooseProducts,
    CreateCollection,
    PutIntoCollection,
    RemoveCollection,
    TakeFromCollection,
)
from nexus.application.catalog.images import (
    ChangeImage,
    RemoveImage,
    RemovePictures,
    SweepPictures,
)
from nexus.application.catalog.recommendations import CountBoughtTogether, ForgetViews
from nexus.entrypoints.http.collections import collections_blueprint
from nexus.entrypoints.http.images import images_blueprint
from nexus.entrypoints.http.recommendations import recommendations_blueprint
from nexus.wiring.exchange import Exchange
from nexus.wiring.technology import Once


class Showcase(Exchange):
    change_image = Once(ChangeImage, start_work=Exchange.work.provider, now=Exchange.clock)
    remove_image = Once(RemoveImage, start_work=Exchange.work.provider, now=Exchange.clock)
    remove_pictures = Once(RemovePictures, store=Exchange.image_store)
    sweep_pictures = Once(
        SweepPictures,
        start_work=Exchange.work.provider,
        now=Exchange.clock,
        store=Exchange.image_store,
    )
    create_collection = Once(CreateCollection, start_work=Exchange.work.provider)
    change_collection = Once(ChangeCollection, start_work=Exchange.work.provider)
    remove_collection = Once(RemoveCollection, start_work=Exchange.work.provider)
    choose_products = Once(ChooseProducts, start_work=Exchange.work.provider)
    put_into_collection = Once(PutIntoCollection, start_work=Exchange.work.provider)
    take_from_collection = Once(TakeFromCollection, start_work=Exchange.work.provider)
    collections = Once(
        collections_blueprint,
        create_collection=create_collection,
        change_collection=change_collection,
        remove_collection=remove_collection,
        choose_products=choose_products,
        put_into_collection=put_into_collection,
        take_from_collection=take_from_collection,
        queries=Once(
            SqlCollectionQueries,
            Exchange.reader,
            media=Exchange.media_url,
            catalog=Exchange.catalog_queries,
        ),
    )
    bought_together = Once(SqlBoughtTogether, Exchange.engine)
    count_bought_together = Once(CountBoughtTogether, pairs=bought_together, now=Exchange.clock)
    recommendation_queries = Once(
        SqlRecommendationQueries, Exchange.reader, media=Exchange.media_url
    )
    forget_views = Once(ForgetViews, start_work=Exchange.work.provider)
    recommendations = Once(
        recommendations_blueprint,
        forget_views=forget_views,
        queries=recommendation_queries,
    )
    images = Once(
        images_blueprint,
        attach_image=Exchange.attach_image,
        change_image=change_image,
        remove_image=remove_image,
        queries=Once(SqlImageQueries, Exchange.reader, media=Exchange.media_url),
    )
