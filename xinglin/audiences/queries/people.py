"""People behind ids, masked, as far as the actor may see them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.utils.translation import pgettext

from xinglin.core.actor import Actor
from xinglin.core.masking import mask_name
from xinglin.patients import queries as patients


@dataclass(frozen=True, slots=True)
class Shown:
    """A person as lists show them: name and phone masked."""

    patient_id: int
    public_id: UUID
    name: str
    sex: str
    age: int | None
    phone: str
    province: str
    city: str
    district: str
    community: str
    source: str
    created_on: date

    @property
    def sex_label(self) -> str:
        return {"F": pgettext("人群条件", "女"), "M": pgettext("人群条件", "男")}.get(self.sex, "")


def people_by_id(actor: Actor, ids: list[int], *, day: date, with_phone: bool = False) -> list[Shown]:
    """The people behind the ids whom the actor may see, in the order of the ids. Raises PermissionDenied."""
    midnight = datetime.combine(day, time(), UTC)  # no filter is asked for, so the moment decides nothing
    rows = {p.pk: p for p in patients.list_patients(actor, now=midnight).filter(pk__in=ids)}
    return [
        Shown(
            patient_id=p.pk,
            public_id=p.public_id,
            name=mask_name(p.name),
            sex=p.sex,
            age=p.age_on(day),
            phone=p.masked_phone if with_phone else "",
            province=p.province,
            city=p.city,
            district=p.district,
            community=p.community,
            source=p.source_channel,
            created_on=p.created_at.date(),
        )
        for p in (rows[i] for i in ids if i in rows)
    ]
