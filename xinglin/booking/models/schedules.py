"""When doctors see patients: the weekly template, leaves, and the slots made of both."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.booking.rules import Shift, Window
from xinglin.core.actor import Scope
from xinglin.core.models import ScopedModel

WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


class Schedule(ScopedModel):
    """One line of a practitioner's week (FHIR R4 Schedule): every Monday 08:00–12:00, 20 minutes, 1 place."""

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {
        Scope.OWN: "practitioner_id",
        Scope.DEPARTMENT: "department_id",
    }

    practitioner = models.ForeignKey("directory.Staff", models.PROTECT, related_name="+")
    department = models.ForeignKey("directory.Department", models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()
    slot_minutes = models.PositiveSmallIntegerField(default=20)
    capacity = models.PositiveSmallIntegerField(default=1)
    place = models.CharField(max_length=80, blank=True, default="")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("weekday", "starts", "id")
        indexes = (models.Index(fields=["practitioner", "weekday"], name="booking_schedule_week"),)
        constraints = (
            models.CheckConstraint(name="booking_schedule_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(
                name="booking_schedule_starts_before_ends", condition=Q(starts__lt=F("ends"))
            ),
            models.CheckConstraint(
                name="booking_schedule_slot_length", condition=Q(slot_minutes__gte=5, slot_minutes__lte=240)
            ),
            models.CheckConstraint(
                name="booking_schedule_capacity", condition=Q(capacity__gte=1, capacity__lte=200)
            ),
            models.CheckConstraint(
                name="booking_schedule_valid_period",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def shift(self) -> Shift:
        """The line as plain values."""
        return Shift(
            weekday=self.weekday,
            starts=self.starts,
            ends=self.ends,
            slot_minutes=self.slot_minutes,
            capacity=self.capacity,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )

    @property
    def weekday_label(self) -> str:
        """The weekday in words."""
        return str(WEEKDAYS[self.weekday])


class ScheduleException(ScopedModel):
    """A leave: no slot is offered while it lasts."""

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {Scope.OWN: "practitioner_id"}

    practitioner = models.ForeignKey("directory.Staff", models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ("starts_at", "id")
        indexes = (models.Index(fields=["practitioner", "ends_at"], name="booking_leave_practitioner"),)
        constraints = (
            models.CheckConstraint(
                name="booking_leave_starts_before_ends", condition=Q(starts_at__lt=F("ends_at"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}–{self.ends_at:%Y-%m-%d %H:%M}"

    @property
    def window(self) -> Window:
        """The leave as plain values."""
        return Window(self.starts_at, self.ends_at)


class Slot(ScopedModel):
    """A piece of a practitioner's day with room for ``capacity`` patients (FHIR R4 Slot).

    ``booked_count`` counts appointments that are not cancelled; the database refuses one too many.
    """

    SCOPE_FIELDS: ClassVar[dict[Scope, str]] = {
        Scope.OWN: "practitioner_id",
        Scope.DEPARTMENT: "department_id",
    }

    practitioner = models.ForeignKey("directory.Staff", models.PROTECT, related_name="+")
    department = models.ForeignKey("directory.Department", models.PROTECT, related_name="+")
    schedule = models.ForeignKey(Schedule, models.SET_NULL, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(default=1)
    booked_count = models.PositiveSmallIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    closed_reason = models.CharField(max_length=80, blank=True, default="")
    place = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        ordering = ("starts_at", "id")
        indexes = (
            models.Index(fields=["organization", "starts_at"], name="booking_slot_day"),
            models.Index(fields=["department", "starts_at"], name="booking_slot_department"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["practitioner", "starts_at"], name="booking_slot_one_per_practitioner_moment"
            ),
            models.CheckConstraint(
                name="booking_slot_starts_before_ends", condition=Q(starts_at__lt=F("ends_at"))
            ),
            models.CheckConstraint(
                name="booking_slot_never_oversold", condition=Q(booked_count__lte=F("capacity"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def free_count(self) -> int:
        """Places left; none when the slot is closed."""
        return max(self.capacity - self.booked_count, 0) if self.is_open else 0
