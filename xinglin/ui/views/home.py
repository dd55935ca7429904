from collections.abc import Iterator

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from xinglin.core import home as registry
from xinglin.core.access import StaffRequest, render_page, signed_in
from xinglin.core.home import Card


@require_safe
@signed_in
def home(request: StaffRequest) -> HttpResponse:
    """The person's own start: what waits for them, their numbers, what changed."""
    now = timezone.now()
    cards = registry.cards_for(request.actor, now=now)
    tones = {card.tone for card in cards}
    # Every module may add its first steps, rows of (what, is it done, where); done with all, they are gone.
    setup = [row for card in cards if card.tone == "setup" for row in card.rows]
    context = {
        "now": now,
        "waiting": list(waiting_rows(cards)),
        "leads": [card for card in cards if card.tone == "lead"][:2],
        "fresh": next((card.fresh_as_of for card in cards if card.fresh_as_of), None),
        "funnels": [card for card in cards if card.tone == "funnel"],
        "feeds": [card for card in cards if card.tone == "feed"],
        "setup_rows": setup if not all(row[1] for row in setup) else [],
        "setup_done": sum(1 for row in setup if row[1]),
        "tiles": [card for card in cards if card.tone in {"", "ok", "bad", "warn"} and not card.rows][:8],
        "lists": [card for card in cards if card.tone in {"", "ok", "bad", "warn"} and card.rows],
        "is_empty": not tones - {"setup", "lead"},
    }
    return render_page(request, "ui/home.html", context)


def waiting_rows(cards: list[Card]) -> Iterator[dict[str, object]]:
    """What waits, one line each; a card without rows is a line by itself, unless nothing waits in it."""
    for card in cards:
        if card.tone != "wait":
            continue
        for label, value, url in card.rows:
            yield {
                "kind": card.title,
                "title": label,
                "due": value,
                "url": url or card.url,
                "icon": card.icon,
                "action": card.action,
            }
        if not card.rows and card.value:
            yield {
                "kind": "",
                "title": card.title,
                "due": card.value,
                "note": card.note,
                "url": card.url,
                "icon": card.icon,
                "action": card.action,
            }
