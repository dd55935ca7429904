"""Takes an import back: what it made goes while nobody has touched it since, what it changed is restored.

Chunks are undone backwards, each in a transaction. A record stays when it was changed later or when
something from outside the import points to it; its touches are recorded anew, under no import, before
the import's own touches are voided.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction

from xinglin.core import db
from xinglin.core.actor import Actor
from xinglin.ledger import queries as ledger
from xinglin.ledger.actions import NewTouch, record_many, void_import
from xinglin.ledger.kinds import get_kind
from xinglin.patients.imports.chunk import Change
from xinglin.patients.imports.packing import unpack_changes
from xinglin.patients.models import Import, ImportChunk, Patient
from xinglin.patients.queries.search import SEARCH
from xinglin.patients.rules import identity

SIZE = 500


def undo(item: Import, *, actor: Actor, now: datetime, tick: Callable[[int, int], None]) -> Counter[str]:
    """Undo all chunks that are not undone yet; returns removed, restored and kept."""
    while True:
        with transaction.atomic():
            # A killed worker's server may have written another chunk since ``item`` was read.
            fresh = db.lock_rows(Import.objects.filter(pk=item.pk)).get()
            total = Counter(fresh.undo_counts)
            piece = item.pieces.filter(is_trial=False, is_undone=False).order_by("-number").first()
            if piece is None:
                break
            total += _undo_piece(item, piece, now)
            piece.is_undone = True
            piece.save(update_fields=["is_undone"])
            item.undo_counts = dict(total)
            item.save(update_fields=["undo_counts", "updated_at"])
        tick(item.chunks - piece.number, item.chunks)
    void_import(actor=actor, import_id=item.pk, reason=f"import {item.public_id}", now=now)
    return total


def _undo_piece(item: Import, piece: ImportChunk, now: datetime) -> Counter[str]:
    changes = unpack_changes(piece.changes)
    counts: Counter[str] = Counter()
    kept: list[str] = []
    for change in reversed([one for one in changes if one.before is not None]):
        done = _restore(change)
        counts["restored" if done else "kept"] += 1
        kept += [] if done else change.touches
    made: dict[str, list[Change]] = {}
    for change in reversed([one for one in changes if one.before is None]):
        made.setdefault(change.model, []).append(change)
    for label in sorted(made, key=lambda name: name == Patient._meta.label):  # people last
        for start in range(0, len(made[label]), SIZE):
            batch = made[label][start : start + SIZE]
            removed = _remove(apps.get_model(label), [one.pk for one in batch], piece.stamp)
            counts["removed"] += len(removed)
            counts["kept"] += len(batch) - len(removed)
            kept += [key for one in batch if one.pk not in removed for key in one.touches]
    _keep_touches(item, kept, now)
    return counts


def _restore(change: Change) -> bool:
    """Put the earlier values back if they are still the import's; False when somebody changed one."""
    model = apps.get_model(change.model)
    row = model._base_manager.filter(pk=change.pk).first()
    if row is None or change.before is None or change.after is None:
        return row is None
    names = [name for name in change.before if name != "updated_at"]
    if any(_plain(getattr(row, name)) != _plain(change.after[name]) for name in names):
        return False
    values = {name: change.before[name] for name in change.before}
    if row.updated_at != change.after.get("updated_at"):
        values.pop("updated_at", None)
    model._base_manager.filter(pk=change.pk).update(**values)
    if isinstance(row, Patient) and "name" in names:
        words = identity.search_words(row.organization_id, str(change.before["name"]))
        SEARCH.replace([(row.pk, words)])
    return True


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _remove(model: type[models.Model], ids: list[int], stamp: datetime) -> set[int]:
    """Delete those nobody has touched and nothing points to; returns which."""
    rows = model._base_manager.filter(pk__in=ids)
    if any(one.name == "updated_at" for one in model._meta.fields):
        there = set(rows.values_list("pk", flat=True))
        free = set(rows.filter(updated_at=stamp).values_list("pk", flat=True))
        gone = set(ids) - there
    else:
        free, gone = set(rows.values_list("pk", flat=True)), set()
    free -= _referenced(model, free)
    if model is Patient:
        SEARCH.remove(sorted(free))
    model._base_manager.filter(pk__in=free).delete()
    return free | gone


def _referenced(model: type[models.Model], ids: Iterable[int]) -> set[int]:
    """Ids that rows of other tables point to and that would not go along."""
    wanted, found = list(ids), set[int]()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or not wanted:
            continue
        # What follows its record when that is deleted says nothing, a consent or a protected row does.
        follows = relation.on_delete is models.CASCADE and relation.related_model._meta.label not in KEEPERS
        if follows or relation.on_delete is models.SET_NULL:
            continue
        name = relation.field.attname
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": wanted})
        found.update(rows.values_list(name, flat=True).distinct())
    return found


KEEPERS = {"patients.Consent"}


def _keep_touches(item: Import, keys: list[str], now: datetime) -> None:
    """Record the touches of what stays once more, outside the import."""
    if not keys:
        return
    reader = Actor.system(item.organization_id, "imports")
    full = [f"{item.organization_id}:{key}" for key in keys]
    for start in range(0, len(full), SIZE):
        touches = ledger.list_touches(actor=reader).filter(
            import_id=item.pk, dedupe_key__in=full[start : start + SIZE]
        )
        record_many((_again(touch) for touch in touches), now=now)


def _again(touch: Any) -> NewTouch:
    return NewTouch(
        props=get_kind(touch.kind).parse(touch.props),
        organization_id=touch.organization_id,
        at=touch.at,
        patient_id=touch.patient_id,
        visitor=touch.visitor,
        channel=touch.channel,
        campaign_id=touch.campaign_id,
        content_id=touch.content_id,
        event_id=touch.event_id,
        partner_id=touch.partner_id,
        staff_id=touch.staff_id,
        department_id=touch.department_id,
        amount_fen=touch.amount_fen,
        dedupe_key=f"{touch.dedupe_key.split(':', 1)[1]}:kept",
    )
