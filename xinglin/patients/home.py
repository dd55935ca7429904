from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor, Scope
from xinglin.core.home import Card, home_card
from xinglin.patients import queries
from xinglin.patients.models import Import, Patient
from xinglin.patients.permissions import Permission


@home_card(order=40)
def new_people(actor: Actor, *, now: datetime) -> Card | None:
    """How many people got a record in the last thirty days; who sees the month's report has it there."""
    if not actor.can(Permission.VIEW_PATIENT) or actor.can("insights.report.view"):
        return None
    rows = Patient.objects.visible_to(actor).filter(created_at__gte=now - timedelta(days=30))
    count = rows.order_by()[:10_001].count()
    return Card(
        title=_("近 30 天新建档"),
        value=count if count <= 10_000 else _("超过 1 万"),
        unit=_("人"),
        url=f"{reverse('patients:list')}?added=30",
    )


@home_card(order=15)
def open_imports(actor: Actor, *, now: datetime) -> Card | None:
    """Files that were uploaded and wait for a confirmation, or broke off."""
    if not actor.can(Permission.RUN_IMPORT):
        return None
    waiting = Import.objects.visible_to(actor).filter(
        status__in=[Import.Status.CHECKED, Import.Status.FAILED], updated_at__gte=now - timedelta(days=14)
    )
    rows = [
        (
            item.file_name,
            str(item.get_status_display()),
            reverse("patients:import-detail", args=[item.public_id]),
        )
        for item in waiting.order_by("-id")[:5]
    ]
    if not rows:
        return None
    return Card(
        title=_("等我确认的导入"),
        value=len(rows),
        url=reverse("patients:import-list"),
        tone="wait",
        rows=rows,
        icon="upload",
    )


@home_card(order=16)
def erasures_to_decide(actor: Actor, *, now: datetime) -> Card | None:
    """People who want their data erased; a second colleague has to confirm."""
    if not actor.can(Permission.ERASE_PATIENT):
        return None
    rows = [
        (
            one.record_number,
            f"{one.asked_by_name} · {timezone.localtime(one.asked_at):%m-%d}",
            reverse("patients:erasure", args=[one.patient.public_id]),
        )
        for one in queries.list_erasures_to_decide(actor)[:5]
    ]
    if not rows:
        return None
    return Card(
        title=_("删除申请待确认"),
        tone="wait",
        rows=rows,
        url=reverse("patients:erasure-list"),
        icon="shield-check",
        action=_("看"),
    )


@home_card(order=55)
def lately_registered(actor: Actor, *, now: datetime) -> Card | None:
    """The latest records of those who look after people of their own."""
    if not actor.can(Permission.EDIT_PATIENT) or actor.scope == Scope.ALL:
        return None
    latest = Patient.objects.visible_to(actor).order_by("-id")[:5]
    rows = [
        (
            one.name,
            f"{timezone.localtime(one.created_at):%m-%d}",
            reverse("patients:detail", args=[one.public_id]),
        )
        for one in latest
    ]
    return Card(title=_("最近建档"), rows=rows, url=reverse("patients:list")) if rows else None


@home_card(order=7)
def first_people(actor: Actor, *, now: datetime) -> Card | None:
    """A step of the beginning: the hospital's first list of patients."""
    if not (actor.can("directory.organization.edit") and actor.can(Permission.RUN_IMPORT)):
        return None
    there = Patient.objects.filter(organization_id=actor.organization_id or 0).exists()
    url = reverse("patients:import-create")
    return Card(title="", tone="setup", rows=[(_("导入第一份患者名单"), there, url)])
