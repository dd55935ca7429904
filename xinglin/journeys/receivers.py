from xinglin.audiences.usage import Use, audience_user
from xinglin.journeys import queries


@audience_user("journeys")
def journeys_of_audience(*, organization_id: int, audience_id: int) -> list[Use]:
    """Journeys whose trigger lets an audience in and that have not ended."""
    rows = queries.journeys_of_audience(organization_id=organization_id, audience_id=audience_id)
    return [Use(label=row.name, url=f"/journeys/{row.public_id}/") for row in rows[:50]]
