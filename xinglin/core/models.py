from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor, Scope
from xinglin.core.ids import uuid7

Row = TypeVar("Row", bound="ScopedModel", covariant=True)


class ScopedQuerySet(models.QuerySet[Row]):
    def visible_to(self, actor: Actor) -> Self:
        """Rows of the actor's hospital, narrowed by the actor's scope where the model knows an owner."""
        mine = self.filter(organization_id=actor.organization_id)
        narrowed = self.model.within_scope(actor)
        return mine if narrowed is None else mine.filter(narrowed)


class ScopedModel(models.Model):
    """A row that belongs to one hospital; addressed from outside by ``public_id`` alone.

    ``SCOPE_FIELDS`` names the column that says whose row it is, for each scope narrower than all; a scope
    it does not name falls back to the narrowest it does. ``SCOPE_OF`` names the foreign key to the row that
    decides instead. A model without either is seen by the whole hospital.
    """

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {}
    SCOPE_OF: ClassVar[str] = ""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("directory.Organization", models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = models.Manager.from_queryset(ScopedQuerySet)()

    class Meta:
        abstract = True

    @classmethod
    def within_scope(cls, actor: Actor) -> models.Q | None:
        """The condition of the actor's scope; None where it does not narrow."""
        if cls.SCOPE_OF:
            owner: Any = cls._meta.get_field(cls.SCOPE_OF).related_model
            within = owner.within_scope(actor)
            rows = None if within is None else owner.objects.filter(within)
            return None if rows is None else models.Q(**{f"{cls.SCOPE_OF}__in": rows})
        if actor.is_system or actor.scope == Scope.ALL or not cls.SCOPE_FIELDS:
            return None
        known = actor.scope if actor.scope in cls.SCOPE_FIELDS else next(iter(cls.SCOPE_FIELDS))
        own = frozenset({actor.staff_id} if actor.staff_id else ())
        values = {
            Scope.OWN: own,
            Scope.TEAM: actor.team_staff_ids | own,
            Scope.DEPARTMENT: actor.department_ids,
        }.get(known, frozenset())
        return models.Q(**{f"{cls.SCOPE_FIELDS[known]}__in": values})


class AuditEntry(models.Model):
    """Who did what to which row, when and why. Append-only."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    organization_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120)
    role = models.CharField(max_length=32, blank=True)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("操作记录")
        indexes = [
            models.Index(fields=["organization_id", "-id"], name="core_audit_org"),
            models.Index(fields=["object_type", "object_id"], name="core_audit_object"),
        ]


class DomainEvent(models.Model):
    """An event waiting to be handed to its receivers; written in the transaction that caused it."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=160)
    payload = models.JSONField()
    published_at = models.DateTimeField(auto_now_add=True)
    pending = models.JSONField(default=list)  # receivers that have not taken it yet

    class Meta:
        indexes = [models.Index(fields=["id"], name="core_event_order")]


class RateCount(models.Model):
    """How often something happened in one window; counted in the database, so over all processes."""

    key = models.CharField(max_length=160, primary_key=True)
    window_ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)


class Job(models.Model):
    """One piece of background work; what a person sees as a long task."""

    class Status(models.TextChoices):
        READY = "ready", _("排队中")
        LEASED = "leased", _("进行中")
        DONE = "done", _("已完成")
        DEAD = "dead", _("没有完成")
        CANCELLED = "cancelled", _("已取消")

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    organization_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=80)
    title = models.CharField(max_length=200, blank=True)
    args = models.JSONField(default=dict)
    queue = models.CharField(max_length=32, default="default")
    priority = models.SmallIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    run_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    dedupe_key = models.CharField(max_length=160, null=True, unique=True)
    cursor = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)
    is_periodic = models.BooleanField(default=False)
    run_again = models.BooleanField(default=False)  # asked for once more while it was running
    cancel_requested = models.BooleanField(default=False)
    error = models.TextField(blank=True)
    result_file = models.CharField(max_length=300, blank=True)
    result_name = models.CharField(max_length=160, blank=True)
    result_url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "-priority", "run_at"],
                name="core_job_ready",
                condition=models.Q(status="ready"),
            ),
            models.Index(fields=["lease_until"], name="core_job_leased", condition=models.Q(status="leased")),
            models.Index(fields=["organization_id", "-id"], name="core_job_org"),
        ]

    @property
    def is_finished(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.DEAD, self.Status.CANCELLED}

    @property
    def percent(self) -> int | None:
        """Share done, 0 to 100; None while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None


class JobLine(models.Model):
    """One line of a job's log."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="lines")
    at = models.DateTimeField()
    level = models.CharField(max_length=8, default="info")
    text = models.CharField(max_length=500)

    class Meta:
        indexes = [models.Index(fields=["job", "id"], name="core_jobline_job")]


class Periodic(models.Model):
    """When a periodic job is due next; whoever moves ``next_at`` on enqueues it."""

    name = models.CharField(max_length=80, primary_key=True)
    next_at = models.DateTimeField()


class Worker(models.Model):
    """A worker process that says it is alive."""

    name = models.CharField(max_length=80, primary_key=True)
    seen_at = models.DateTimeField()
    started_at = models.DateTimeField()
