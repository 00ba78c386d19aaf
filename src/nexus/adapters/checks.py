"""Whether what the shop stands on answers. Each check says what it found, or raises."""

from typing import Any

import requests
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis import Redis
from sqlalchemy import Engine

from nexus.adapters.smtp import SmtpServer
from nexus.adapters.sql.migrations import FOLDER

PATIENCE = 5


class NotWell(Exception):
    """It answers, and yet it is not as it should be."""


def check_database(engine: Engine) -> str:
    with engine.connect() as db:
        version = db.exec_driver_sql("SHOW server_version").scalar_one()
    return f"PostgreSQL {version.split()[0]}"


def check_migrations(engine: Engine) -> str:
    """Raise NotWell unless every migration that comes with this code was made, and no other."""
    wanted = ScriptDirectory(str(FOLDER)).get_current_head()
    with engine.connect() as db:
        found = MigrationContext.configure(db).get_current_revision()
    if found != wanted:
        raise NotWell(f"is at {found or 'nothing'}, and the code needs {wanted}")
    return f"at {found}, the latest"


def check_redis(redis: Redis) -> str:
    found: Any = redis.info("server")
    name = "Valkey" if "valkey_version" in found else "Redis"
    return f"{name} {found.get('valkey_version') or found['redis_version']}"


def check_smtp(server: SmtpServer) -> str:
    with server.session() as smtp:
        smtp.noop()
    return f"{server.host}:{server.port} answers"


def check_gateway(url: str) -> str:
    """Any answer will do: nothing is asked for, so that it works without a key."""
    status = requests.get(url, timeout=PATIENCE, allow_redirects=False).status_code
    if status >= 500:
        raise NotWell(f"answers {status}")
    return f"{url} answers"
