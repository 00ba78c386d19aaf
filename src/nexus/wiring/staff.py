"""What staff do with accounts, and what is known of what they did."""

from nexus.adapters.sql.queries.audit import SqlAuditQueries
from nexus.adapters.sql.queries.staff_users import SqlStaffUserQueries
from nexus.application.staff_users import ChangeUser
from nexus.entrypoints.http.audit import audit_blueprint
from nexus.entrypoints.http.staff_users import staff_users_blueprint
from nexus.wiring.credentials import Credentials
from nexus.wiring.identity import Identity
from nexus.wiring.technology import Once


class Staff(Credentials):
    change_user = Once(ChangeUser, start_work=Identity.work.provider, now=Identity.clock)
    staff_users = Once(
        staff_users_blueprint,
        change_user=change_user,
        queries=Once(SqlStaffUserQueries, Identity.reader),
    )
    audit = Once(audit_blueprint, queries=Once(SqlAuditQueries, Identity.reader))
