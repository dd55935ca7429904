from typing import Any, ClassVar, Never
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.core.ids import numbered_uuid7
from xinglin.ledger.channels import label_of
from xinglin.ledger.kinds import find_kind


class AppendOnly(TypeError):
    """The ledger is only ever added to; a correction is a new touch."""


class PropsField(models.JSONField):
    """JSON that our own encoder wrote: SQLite need not parse every row once more to check it."""

    def db_check(self, connection: Any) -> None:
        return None


class TouchQuerySet(models.QuerySet["Touch"]):
    def visible_to(self, actor: Actor) -> "TouchQuerySet":
        return self.filter(organization_id=actor.organization_id or 0)

    def standing(self) -> "TouchQuerySet":
        """Without the touches of imports that were undone."""
        return self.exclude(import_id__in=VoidedImport.objects.values("import_id"))

    def update(self, **kwargs: Any) -> Never:
        raise AppendOnly

    def delete(self) -> Never:
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> Never:
        raise AppendOnly


class Touch(models.Model):
    """One thing that happened between the hospital and a person. Append-only.

    ``at`` is when it happened, ``recorded_at`` when we learnt of it; ``seq`` grows in the order of
    recording and is the lake's watermark; ``id`` is made of these. References carry no foreign key, so
    that the table may be cut into partitions by ``seq`` and old ones be taken off; nothing points to it
    either. Database triggers refuse every change outside of an erasure (see ``actions.erasure``).
    """

    seq = models.BigAutoField(primary_key=True)
    organization_id = models.BigIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    patient_id = models.BigIntegerField(null=True)
    visitor = models.UUIDField(null=True)
    channel = models.CharField(max_length=32, blank=True)
    campaign_id = models.BigIntegerField(null=True)
    content_id = models.BigIntegerField(null=True)
    event_id = models.BigIntegerField(null=True)
    partner_id = models.BigIntegerField(null=True)
    staff_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    amount_fen = models.BigIntegerField(null=True)
    import_id = models.BigIntegerField(null=True)
    props = PropsField(default=dict)
    dedupe_key = models.CharField(max_length=200, null=True)

    objects: ClassVar[Any] = models.Manager.from_queryset(TouchQuerySet)()

    class Meta:
        verbose_name = _("触点")
        constraints = [
            # Not unique=True: PostgreSQL would get a second index on the text, for LIKE.
            models.UniqueConstraint(
                fields=["dedupe_key"], name="ledger_touch_once", condition=Q(dedupe_key__isnull=False)
            )
        ]
        indexes = [
            # One person's touches are few: sorting them is cheaper than keeping them sorted.
            models.Index(fields=["patient_id"], name="ledger_touch_person"),
            models.Index(fields=["organization_id", "kind", "at"], name="ledger_touch_kind"),
            models.Index(fields=["visitor"], name="ledger_touch_visitor", condition=Q(visitor__isnull=False)),
            models.Index(
                fields=["import_id"], name="ledger_touch_import", condition=Q(import_id__isnull=False)
            ),
        ]

    @property
    def id(self) -> UUID:
        """Time-ordered UUID (version 7), as others address the touch; see ``queries.find_touch``."""
        return numbered_uuid7(at=self.recorded_at, number=self.seq, of=self.organization_id)

    @property
    def label(self) -> Any:
        """The kind in words; its code where no module declares it any more."""
        kind = find_kind(self.kind)
        return kind.label if kind else self.kind

    @property
    def channel_label(self) -> Any:
        return label_of(self.channel)

    @property
    def icon(self) -> str:
        kind = find_kind(self.kind)
        return kind.icon if kind else "point"

    def save(self, *args: Any, **kwargs: Any) -> Never:
        raise AppendOnly

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise AppendOnly


class VisitorLink(models.Model):
    """An anonymous visitor who turned out to be a known patient. The first link stands."""

    id = models.BigAutoField(primary_key=True)
    organization_id = models.BigIntegerField()
    visitor = models.UUIDField()
    patient_id = models.BigIntegerField(db_index=True)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "visitor"], name="ledger_visitor_once")
        ]


class VoidedImport(models.Model):
    """An import that was undone: its touches stay in the ledger and count nowhere."""

    import_id = models.BigIntegerField(primary_key=True)
    organization_id = models.BigIntegerField()
    voided_at = models.DateTimeField()
    actor_name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    lake_done_at = models.DateTimeField(null=True, db_index=True)


class Erasure(models.Model):
    """A person taken out of the ledger: ``-id`` stands in their place, amounts and dates remain.

    ``patient_id`` is kept only until the lake has followed.
    """

    id = models.BigAutoField(primary_key=True)
    organization_id = models.BigIntegerField()
    patient_id = models.BigIntegerField(null=True)
    visitors = models.JSONField(default=list)
    last_seq = models.BigIntegerField(default=0)  # later touches of that number are not meant
    erased_at = models.DateTimeField()
    touches = models.PositiveBigIntegerField(default=0)
    actor_name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    lake_done_at = models.DateTimeField(null=True, db_index=True)


class Unlock(models.Model):
    """A row lives here only inside a transaction that may change touches; the triggers look for it."""

    id = models.BigAutoField(primary_key=True)


class LakeLease(models.Model):
    """Who writes the lake; one row, taken over when it has run out."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField()
