"""Who is where. Integer keys and no foreign-key triggers: these rows move a million at a time."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.journeys.models.journey import Journey, JourneyNode, JourneyVersion


class JourneyLane(models.Model):
    """A share of a version's people (``patient_id % lanes``); one worker at a time holds it, by lease.

    ``seq`` is the last touch whose entries, wake-ups and leavings this lane has made. ``is_fast``: a test run
    that passes every wait at once.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(JourneyVersion, models.CASCADE, related_name="lanes", db_index=False)
    shard = models.PositiveSmallIntegerField()
    seq = models.BigIntegerField(default=0)
    is_fast = models.BooleanField(default=False)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "shard"], name="journeys_lane_once"),
            models.CheckConstraint(
                name="journeys_lane_leased_iff_worker",
                condition=Q(worker="", lease_until__isnull=True)
                | (~Q(worker="") & Q(lease_until__isnull=False)),
            ),
        ]


class Enrolment(models.Model):
    """One person in one journey for one occurrence: this booking, this birthday, or once (0).

    ``occurrence``: the booking's or visit's row id, the day as 20260601, the touch's number, or 0; below 0
    for a touch that names no booking. ``subject`` is what touches call the booking (its public id).
    ``due_at`` is when the node is to be left; empty while only a touch can end the waiting.
    """

    class State(models.IntegerChoices):
        INSIDE = 1, pgettext_lazy("旅程", "在里面")
        LEFT = 2, _("已离开")

    id = models.BigAutoField(primary_key=True)
    organization_id = models.BigIntegerField()
    journey = models.ForeignKey(
        Journey, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        JourneyVersion, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    lane = models.ForeignKey(
        JourneyLane, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    patient = models.ForeignKey(
        "patients.Patient", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    occurrence = models.BigIntegerField(default=0)
    subject = models.CharField(max_length=40, blank=True)
    state = models.SmallIntegerField(choices=State, default=State.INSIDE)
    node = models.ForeignKey(
        JourneyNode, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    entered_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    left_reason = models.CharField(max_length=24, blank=True)

    class Meta:
        verbose_name = _("旅程中的人")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "journey", "occurrence"], name="journeys_enrolment_once"
            ),
            models.CheckConstraint(
                name="journeys_enrolment_left_at_iff_left",
                condition=Q(state=1, left_at__isnull=True)
                | Q(state=2, left_at__isnull=False, due_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["node", "lane", "due_at", "id"],
                name="journeys_enrolment_due",
                condition=Q(state=1),
            ),
        ]


class JourneyStep(models.Model):
    """A node that was passed. The key makes a second passing impossible (a node belongs to one version)."""

    pk = models.CompositePrimaryKey("node_id", "patient_id", "occurrence")
    node = models.ForeignKey(
        JourneyNode, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    patient = models.ForeignKey(
        "patients.Patient", models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    occurrence = models.BigIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField()
    port = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=24, blank=True)

    class Meta:
        verbose_name = _("旅程的一步")


class NodeTally(models.Model):
    """How many came to a node (port ``in``) and left it by each port; kept with the steps themselves."""

    pk = models.CompositePrimaryKey("lane_id", "node_id", "port")
    lane = models.ForeignKey(JourneyLane, models.CASCADE, related_name="+", db_index=False)
    node = models.ForeignKey(JourneyNode, models.CASCADE, related_name="+")
    port = models.CharField(max_length=10)
    people = models.BigIntegerField(default=0)
