"""Many model objects into their table at once, without the ORM's cost for each value."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils import timezone

from xinglin.core import bulk, crypto
from xinglin.core.fields import EncryptedText


def save_all(rows: Sequence[models.Model]) -> None:
    """Insert unsaved objects of one model, inside a transaction; each gets its primary key."""
    if not rows:
        return
    model = type(rows[0])
    fields = model._meta.concrete_fields
    now = timezone.now()
    stamps = [f.attname for f in fields if getattr(f, "auto_now", False) or getattr(f, "auto_now_add", False)]
    # As plain values, not wrapped for a driver: both ways of writing take bytes, dict and list.
    secret = {i: f.context for i, f in enumerate(fields) if isinstance(f, EncryptedText)}
    names = [f.attname for f in fields]

    def line(row: Any, pk: int) -> list[Any]:
        row.pk = pk
        for name in stamps:
            setattr(row, name, now)
        for field in fields:  # a key of an object that has been saved since
            if isinstance(field, models.ForeignKey) and (other := field.get_cached_value(row, None)):
                setattr(row, field.attname, other.pk)
        values = [getattr(row, name) for name in names]
        for i in secret:
            values[i] = crypto.encrypt(values[i], secret[i]) if values[i] else None
        return values

    ids = bulk.reserve_ids(model, len(rows))
    bulk.insert_rows(
        model, [str(f.column) for f in fields], [line(row, pk) for row, pk in zip(rows, ids, strict=True)]
    )
    for row in rows:
        row._state.adding, row._state.db = False, "default"
