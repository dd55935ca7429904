"""The demo's posted prices."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from xinglin.config.demo.hospital import Hospital
from xinglin.directory.queries import actor_for
from xinglin.prices import actions


def post_prices(hospital: Hospital, *, now: datetime) -> None:
    """The list of prices.yaml, one entry that has ended and one that waits for a second look."""
    path = Path(__file__).with_name("prices.yaml")
    spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    actor, first = actor_for(hospital.members["content"]), (now - timedelta(days=120)).date()
    at = now - timedelta(days=30)
    for number, row in enumerate([*spec["items"], spec["held"], spec["ended"]], 1):
        code, name, department, unit, yuan, insurance, notes = row
        facts = actions.PriceFacts(
            code=code,
            name=name,
            department=hospital.departments.get(department),
            unit=unit,
            price_fen=yuan * 100,
            insurance=insurance,
            notes=notes,
            valid_from=first,
            position=10 * number,
        )
        made = actions.add_price(actor=actor, facts=facts, now=at)
    actions.end_price(actor=actor, public_id=made.public_id, last_day=at.date(), now=at)
    actions.save_notice(actor=actor, now=at, **spec["notice"])
