"""Names of journeys, for the messages that they send."""

from collections.abc import Collection, Mapping

from xinglin.journeys.models import Journey
from xinglin.outreach.queries import names_journeys


@names_journeys
def _names(organization_id: int, ids: Collection[int]) -> Mapping[int, str]:
    rows = Journey.objects.filter(organization_id=organization_id, pk__in=ids)
    return dict(rows.values_list("pk", "name"))
