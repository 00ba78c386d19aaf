"""RQ as a doorbell: it wakes a worker, and the outbox knows what there is to do."""

from collections.abc import Sequence
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.queue import EnqueueData
from rq.serializers import JSONSerializer

from nexus.application.ports.gateways import QueueUnavailable

QUEUE = "nexus"
REACT = "nexus.entrypoints.jobs.react"
# Shorter than the lease of a reaction, so that no two workers ever run it at once.
JOB_SECONDS = 50
KEPT_SECONDS = 600
# Who does not come for this many rings will not come for more, and is rung for again later.
MOST_RINGS = 5000


def redis_client(url: str, *, timeout: float) -> Redis:
    """Return a client that gives up after the timeout, at once, whatever the library's defaults."""
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=min(timeout, 1),
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
        client_name="nexus",
    )


def job_queue(redis: Redis) -> Queue:
    # RQ pickles unless told otherwise, and whoever writes pickles to Redis runs code in the worker.
    return Queue(QUEUE, connection=redis, serializer=JSONSerializer)


class RqQueue:
    """Rings once for each id, as long as the last ring for it was not heard."""

    def __init__(self, redis: Redis) -> None:
        self._queue = job_queue(redis)

    def wake(self, reaction_ids: Sequence[UUID]) -> None:
        try:
            if self._queue.count < MOST_RINGS:
                self._queue.enqueue_many([_ring(str(it)) for it in reaction_ids])
        except RedisError as error:
            raise QueueUnavailable from error


def _ring(reaction_id: str) -> EnqueueData:
    """A job that bears the id of its reaction: a second ring replaces the first."""
    return Queue.prepare_data(
        REACT,
        args=[reaction_id],
        job_id=reaction_id,
        timeout=JOB_SECONDS,
        ttl=KEPT_SECONDS,
        result_ttl=0,
        failure_ttl=KEPT_SECONDS,
    )
