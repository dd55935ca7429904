"""Which words lead here, and which the hospital watches."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.portal.models import SearchWord, WatchedWord
from xinglin.portal.permissions import Permission

DAYS = 90
SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """A word that led people here in the last 90 days: how often, to how many pages, most to ``page``."""

    word: str
    count: int
    pages: int
    page: str
    hosts: tuple[str, ...]
    is_watched: bool


def list_watched_words(*, actor: Actor, now: datetime) -> QuerySet[WatchedWord]:
    """Watched words with ``visits``, how many came by them, alone or with more, in 90 days."""
    require(actor, Permission.VIEW_SITE)
    counted = (
        SearchWord.objects.filter(
            organization_id=OuterRef("organization_id"), word__contains=OuterRef("word"), day__gte=_since(now)
        )
        .values("organization_id")
        .annotate(n=Sum("count"))
        .values("n")
    )
    rows: Any = WatchedWord.objects.visible_to(actor)
    found: QuerySet[WatchedWord] = rows.annotate(
        visits=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    )
    return found


def get_watched_word(*, actor: Actor, public_id: UUID) -> WatchedWord:
    """One watched word; NotFound."""
    require(actor, Permission.VIEW_SITE)
    row = WatchedWord.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def list_led(*, actor: Actor, now: datetime) -> list[Led]:
    """The words that led most people here in the last 90 days; at most 50."""
    require(actor, Permission.VIEW_SITE)
    rows = SearchWord.objects.filter(organization_id=actor.organization_id or -1, day__gte=_since(now))
    sums = rows.values("word").annotate(n=Sum("count"), pages=Count("page", distinct=True))
    top = list(sums.order_by("-n", "word")[:SHOWN])
    words = [line["word"] for line in top]
    watched = set(WatchedWord.objects.visible_to(actor).filter(word__in=words).values_list("word", flat=True))
    best: dict[str, str] = {}
    hosts: dict[str, set[str]] = {}
    pairs = (
        rows.filter(word__in=words).values("word", "page", "host").annotate(n=Sum("count"), last=Max("day"))
    )
    for line in pairs.order_by("-n", F("last").desc(), "page"):
        best.setdefault(line["word"], line["page"])
        hosts.setdefault(line["word"], set()).add(line["host"])
    return [
        Led(
            word=line["word"],
            count=line["n"],
            pages=line["pages"],
            page=best[line["word"]],
            hosts=tuple(sorted(host for host in hosts[line["word"]] if host)),
            is_watched=line["word"] in watched,
        )
        for line in top
    ]


def _since(now: datetime) -> Any:
    return timezone.localdate(now) - timedelta(days=DAYS - 1)
