"""The kit and its logos."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import checker
from xinglin.content import queries
from xinglin.content.brand.look import colours_of, fingerprint_of, logos_on, open_picture
from xinglin.content.brand.svg import as_svg
from xinglin.content.models import BrandKit, LogoVersion
from xinglin.content.permissions import Permission
from xinglin.content.rules import brand as rules
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.directory.queries import hospital_id

#: Newest retired logos that a picture is searched for.
SEARCHED = 5


@transaction.atomic
def save_brand_kit(
    *,
    actor: Actor,
    colours: Iterable[Mapping[str, Any]],
    slogans: str,
    story: str,
    names: str,
    now: datetime,
) -> BrandKit:
    """Replace colours, slogans, story and names. A slogan the law forbids is refused with its article.

    Raises Invalid with the fields at fault.
    """
    require(actor, Permission.EDIT_BRAND)
    wrong: dict[str, list[object]] = {}
    kept: list[dict[str, str]] = []
    try:
        kept = rules.clean_colours(colours)
    except ValueError as error:
        wrong["colours"] = [_("「%(value)s」不是颜色或用途") % {"value": error}]
    primary = next((row["hex"] for row in kept if row["role"] == "primary"), "")
    if primary and rules.contrast(primary, "#FFFFFF") < 4.5:
        wrong["colours"] = [_("主色太浅，白字在上面看不清（对比度要 4.5 以上）")]
    for line in (line.strip() for line in slogans.splitlines() if line.strip()):
        if problem := forbidden_in(line, now=now):
            wrong.setdefault("slogans", []).append(f"「{line}」：{problem}")
    if wrong:
        raise Invalid(fields=wrong)
    kit, _made = BrandKit.objects.get_or_create(organization_id=hospital_id(actor))
    kit.colours, kit.slogans, kit.story, kit.names = kept, slogans.strip(), story.strip(), names.strip()
    kit.save(update_fields=["colours", "slogans", "story", "names", "updated_at"])
    audit.record(actor, "content.brand.saved", kit, at=now, colours=[row["hex"] for row in kept])
    return kit


def forbidden_in(text: str, *, now: datetime) -> str:
    """Why a slogan may not be used in public, with its article; "" if it may."""
    item = checker.Item(id="slogan", kind="ad", text=text, meta={"part": "slogan"})
    for finding in checker.check(item, now=now).findings:
        if finding.severity == "block" and finding.start is not None:
            return f"{finding.message}（{'、'.join(finding.article)}）"
    return ""


@transaction.atomic
def add_logo(*, actor: Actor, name: str, data: bytes, now: datetime) -> LogoVersion:
    """Keep a logo and make it the current one; the one before is retired.

    Raises Invalid (``name``, ``file``), Conflict for a file that is there already.
    """
    require(actor, Permission.EDIT_BRAND)
    if not name.strip():
        raise Invalid(fields={"name": [_("给这一版起个名字，例如「2026 标准版」")]})
    svg, kind = as_svg(data)
    fingerprint = fingerprint_of(svg)
    _retire_current(hospital_id(actor), now=now)
    try:
        with transaction.atomic():
            logo = LogoVersion.objects.create(
                organization_id=hospital_id(actor),
                name=name.strip()[:80],
                svg=svg,
                kind=kind,
                digest=sha256(data).hexdigest(),
                fingerprint=fingerprint,
                is_current=True,
            )
    except IntegrityError as error:
        raise Conflict(fields={"file": [_("这个文件已经登记过，可以直接恢复那一版")]}) from error
    audit.record(actor, "content.logo.added", logo, at=now, label=logo.name)
    return logo


@transaction.atomic
def make_logo_current(*, actor: Actor, public_id: UUID, now: datetime) -> LogoVersion:
    """Use an earlier logo again."""
    logo = queries.get_logo(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_BRAND, logo.organization_id)
    _retire_current(logo.organization_id, now=now)
    logo.is_current, logo.retired_at = True, None
    logo.save(update_fields=["is_current", "retired_at", "updated_at"])
    audit.record(actor, "content.logo.restored", logo, at=now, label=logo.name)
    return logo


@transaction.atomic
def retire_logo(*, actor: Actor, public_id: UUID, now: datetime) -> LogoVersion:
    """A logo may no longer be used; without another, the house's blossom stands in."""
    logo = queries.get_logo(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_BRAND, logo.organization_id)
    logo.is_current, logo.retired_at = False, now
    logo.save(update_fields=["is_current", "retired_at", "updated_at"])
    audit.record(actor, "content.logo.retired", logo, at=now, label=logo.name)
    return logo


def _retire_current(organization_id: int, *, now: datetime) -> None:
    current = LogoVersion.objects.filter(organization_id=organization_id, is_current=True)
    current.update(is_current=False, retired_at=now, updated_at=now)


def check_artwork(*, actor: Actor, data: bytes, words: str) -> dict[str, Any]:
    """What is wrong with a finished picture: logo version, banned colours, missing name.

    ``words`` is the text that stands on it. Returns ``findings``, ``colours`` (hex with share, largest
    first) and ``logos`` (name with certainty). Nothing is kept. Raises Invalid (``file``).
    """
    require(actor, Permission.VIEW_BRAND)
    picture = open_picture(data)
    kit, logos = queries.find_kit(hospital_id(actor)), list(queries.list_logos(actor=actor)[: SEARCHED + 1])
    current = next((logo for logo in logos if logo.is_current), None)
    seen = logos_on(picture, {logo.name: logo.svg for logo in logos})
    colours = colours_of(picture)
    findings = [
        *rules.check_logo(
            current=current.name if current else None,
            used=current.name if current and current.name in seen else None,
            retired=[logo.name for logo in logos if not logo.is_current and logo.name in seen],
        ),
        *rules.check_colours(colours, kit.colours if kit else []),
        *rules.check_names(words, queries.names_of_hospital(actor=actor)),
    ]
    return {
        "findings": [finding.as_dict() for finding in findings],
        "colours": sorted(colours.items(), key=lambda pair: -pair[1])[:8],
        "logos": seen,
    }
