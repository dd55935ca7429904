from django.db import connection

from xinglin.ledger.actions.erasure import unlocked


def forget_organization(*, organization_id: int) -> int:
    """Delete every touch of a hospital that leaves the installation; returns how many.

    Only for taking a whole hospital away (the demo): the caller removes its other rows in the same
    transaction and rebuilds the lake afterwards.
    """
    with unlocked(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_touch WHERE organization_id = %s", [organization_id])
        return int(cursor.rowcount)
