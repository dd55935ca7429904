from xinglin.scores.models import Refusal


def refused_ids(organization_id: int) -> list[int]:
    """Patients who do not want to be scored."""
    return list(Refusal.objects.filter(organization_id=organization_id).values_list("patient_id", flat=True))


def find_refusal(patient_id: int) -> Refusal | None:
    return Refusal.objects.filter(patient_id=patient_id).first()
