"""Keeping the price list: every word passes the rules for disclosed facts before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import review
from xinglin.compliance.review import EvidenceNeeded, Judgement, Part, SamePerson
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.events import publish
from xinglin.directory.queries import hospital_id
from xinglin.prices import queries, rules
from xinglin.prices.events import PriceListChanged
from xinglin.prices.models import PriceItem, PriceNotice
from xinglin.prices.permissions import Permission

if TYPE_CHECKING:
    from xinglin.directory.models import Department

#: Rules about offers only ask in a text; a price list has no place for one.
OFFERS = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFacts:
    """What an entry says; money in fen, days inclusive."""

    code: str
    name: str
    unit: str
    price_fen: int
    department: "Department | None" = None
    notes: str = ""
    insurance: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    position: int = 0


class AlreadyListed(Conflict):
    code = "already-listed"
    default = _("这个编码已经在价目里，请直接改那一条")


@transaction.atomic
def add_price(*, actor: Actor, facts: PriceFacts, now: datetime) -> PriceItem:
    """A new entry; held for a second look where the rules ask for one.

    Raises Invalid with the fields at fault (what the law forbids among them), AlreadyListed.
    """
    require(actor, Permission.EDIT_PRICE)
    item = PriceItem(organization_id=hospital_id(actor))
    write(item, facts, actor=actor, now=now)
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError as error:
        raise AlreadyListed(fields={"code": [AlreadyListed.default]}) from error
    audit.record(actor, "prices.price.added", item, at=now, label=item.name, **_as_fact(item))
    publish(PriceListChanged(organization_id=item.organization_id))
    return item


@transaction.atomic
def change_price(*, actor: Actor, public_id: UUID, facts: PriceFacts, now: datetime) -> PriceItem:
    """Replace what an entry says; other words are judged anew. Raises like ``add_price``, NotFound."""
    item = queries.get_price(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_PRICE, item.organization_id)
    before = _as_fact(item)
    write(item, facts, actor=actor, now=now)
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError as error:
        raise AlreadyListed(fields={"code": [AlreadyListed.default]}) from error
    audit.record(
        actor, "prices.price.changed", item, at=now, label=item.name, before=before, **_as_fact(item)
    )
    publish(PriceListChanged(organization_id=item.organization_id))
    return item


@transaction.atomic
def end_price(*, actor: Actor, public_id: UUID, last_day: date, now: datetime) -> PriceItem:
    """Let an entry end with a day; the public list drops it the day after. Raises Invalid, NotFound."""
    item = queries.get_price(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_PRICE, item.organization_id)
    if last_day < item.valid_from:
        raise Invalid(fields={"last_day": [_("不能早于生效日 %(day)s") % {"day": item.valid_from}]})
    item.valid_until = last_day
    item.save(update_fields=["valid_until", "updated_at"])
    audit.record(actor, "prices.price.ended", item, at=now, label=item.name, until=last_day.isoformat())
    publish(PriceListChanged(organization_id=item.organization_id))
    return item


@transaction.atomic
def release_price(*, actor: Actor, public_id: UUID, note: str, now: datetime) -> PriceItem:
    """Show a held entry after a second person's look, judged anew.

    Raises Conflict, SamePerson, EvidenceNeeded, Invalid where the rules now forbid it, NotFound.
    """
    item = queries.get_price(actor=actor, public_id=public_id, lock=True)
    require(actor, Permission.EDIT_PRICE, item.organization_id)
    if not item.is_held:
        raise Conflict(_("这一条没有待核的地方"))
    if actor.user_id is None or actor.user_id == item.written_by_id:
        raise SamePerson
    if not note.strip():
        raise EvidenceNeeded(fields={"note": [_("请写明看过什么证据")]})
    item.verdict = judge(item, now=now).as_json(now=now)
    item.is_held, item.release_note = False, note.strip()[:500]
    item.released_by_id, item.released_at = actor.user_id, now
    item.save()
    audit.record(actor, "prices.price.approved", item, at=now, label=item.name, reason=note)
    publish(PriceListChanged(organization_id=item.organization_id))
    return item


@transaction.atomic
def save_notice(*, actor: Actor, complaint_phone: str, note: str, now: datetime) -> PriceNotice:
    """Whom to call about a price, and a sentence above the list. Raises Invalid."""
    require(actor, Permission.EDIT_PRICE)
    note = note.strip()
    texts = {"note": note}
    if note and (problems := _problems(_judged(texts, organization_id=hospital_id(actor), now=now), texts)):
        raise Invalid(fields={"note": problems})
    row, _made = PriceNotice.objects.get_or_create(organization_id=hospital_id(actor))
    row.complaint_phone, row.note = complaint_phone.strip()[:30], note[:300]
    row.save(update_fields=["complaint_phone", "note", "updated_at"])
    audit.record(actor, "prices.price_notice.edited", row, at=now)
    return row


def record_export(*, actor: Actor, count: int, now: datetime) -> None:
    """Somebody took the list along."""
    require(actor, Permission.VIEW_PRICE)
    audit.record(actor, "prices.price.exported", None, at=now, count=count)


def judge(item: PriceItem, *, now: datetime) -> Judgement:
    """What the rules for disclosed facts say of an entry. Raises Invalid where it may not be said."""
    texts = rules.texts_of(name=item.name, unit=item.unit, notes=item.notes)
    judgement = _judged(texts, organization_id=item.organization_id, now=now)
    if problems := _problems(judgement, texts):
        in_name = rules.promotion_in(item.name) or not item.notes
        raise Invalid(fields={"name" if in_name else "notes": problems})
    return judgement


def _judged(texts: Mapping[str, str], *, organization_id: int, now: datetime) -> Judgement:
    meta = {"page_class": "disclosure", "publish_at": now.isoformat()}
    parts = [Part(key=key, kind="web_page", text=text, meta=meta) for key, text in texts.items()]
    return review.judge_parts(parts, now=now, organization_id=organization_id)


def _problems(judgement: Judgement, texts: Mapping[str, str]) -> list[object]:
    found: list[object] = [
        f"{finding.message}" for _key, finding in judgement.findings if finding.severity == "block"
    ]
    offers = [f.quote for _key, f in judgement.findings if f.family == OFFERS and f.severity != "block"]
    if offer := rules.promotion_in("\n".join(texts.values())) or next(iter(offers), ""):
        found.append(
            _("「%(words)s」是促销，价目只写项目和价格（医疗广告认定指南第六条）；请去掉") % {"words": offer}
        )
    return found


def facts_of(item: PriceItem) -> PriceFacts:
    """What an entry says now."""
    return PriceFacts(**{one.name: getattr(item, one.name) for one in fields(PriceFacts)})


def write(item: PriceItem, facts: PriceFacts, *, actor: Actor, now: datetime) -> None:
    """Put the facts into the row, judged; not saved. Raises Invalid with the fields at fault."""
    before = (item.name, item.unit, item.notes)
    for one in fields(facts):
        value = getattr(facts, one.name)
        setattr(item, one.name, value.strip() if isinstance(value, str) else value)
    item.valid_from = facts.valid_from or item.valid_from or timezone.localdate(now)
    _require_whole(item)
    if item.verdict and before == (item.name, item.unit, item.notes):
        return
    judgement = judge(item, now=now)
    item.verdict = judgement.as_json(now=now)
    item.is_held = judgement.verdict != "pass"
    item.written_by_id = actor.user_id
    item.released_by_id, item.released_at, item.release_note = None, None, ""


def _require_whole(item: PriceItem) -> None:
    wrong: dict[str, list[object]] = {}
    longest = {"code": 40, "name": rules.MOST_NAME, "unit": 20}
    for name, length in longest.items():
        value = getattr(item, name)
        if not value:
            wrong[name] = [_("这一栏要填")]
        elif len(value) > length:
            wrong[name] = [_("最多 %(n)s 个字") % {"n": length}]
    if len(item.notes) > rules.MOST_NOTES:
        wrong["notes"] = [_("最多 %(n)s 个字") % {"n": rules.MOST_NOTES}]
    if not 0 <= item.price_fen <= rules.MOST_FEN:
        wrong["price_fen"] = [_("请填金额，如 129.16，最多两位小数")]
    if item.insurance and item.insurance not in PriceItem.Insurance.values:
        wrong["insurance"] = [_("请选医保甲类、医保乙类或自费")]
    if item.valid_until is not None and item.valid_until < item.valid_from:
        wrong["valid_until"] = [_("不能早于生效日 %(day)s") % {"day": item.valid_from}]
    if item.department is not None and item.department.organization_id != item.organization_id:
        wrong["department"] = [_("没有这个科室")]
    if wrong:
        raise Invalid(fields=wrong)


def _as_fact(item: PriceItem) -> dict[str, Any]:
    return {
        "code": item.code,
        "price_fen": item.price_fen,
        "valid_from": item.valid_from.isoformat() if item.valid_from else "",
        "valid_until": item.valid_until.isoformat() if item.valid_until else "",
        "is_held": item.is_held,
    }
