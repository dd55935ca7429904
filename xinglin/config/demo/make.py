from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.db import transaction
from django.utils import timezone

from xinglin.booking import actions as booking
from xinglin.config.demo.contents import Library
from xinglin.config.demo.hospital import facts, make_hospitals
from xinglin.config.demo.journeys import Journeys
from xinglin.config.demo.members import fill_members
from xinglin.config.demo.people import People
from xinglin.config.demo.prices import post_prices
from xinglin.config.demo.scoring import fill_scores, measure_campaigns
from xinglin.config.demo.sending import fill_sending
from xinglin.config.demo.site import Site
from xinglin.config.demo.story import Story
from xinglin.config.demo.today import fill_today, start_of_day
from xinglin.config.demo.year import Year
from xinglin.content import actions as content
from xinglin.core import env
from xinglin.core.chance import seeded_chance
from xinglin.core.errors import Conflict
from xinglin.core.ids import seeded_ids
from xinglin.directory.models import Membership, Organization, Role, User
from xinglin.ledger import lake


@dataclass(frozen=True, slots=True)
class Account:
    """A way into the demo."""

    username: str
    password: str
    role_name: str


def slugs() -> list[str]:
    return [each["slug"] for each in facts()["hospitals"]]


def installation_is_empty() -> bool:
    return not Organization.objects.exists()


def demo_hospital_exists() -> bool:
    return Organization.objects.filter(slug=slugs()[0]).exists()


def accounts() -> list[Account]:
    """The demo's accounts with their roles, as the start-up message lists them."""
    members = Membership.objects.filter(organization__slug__in=slugs()).order_by("pk")
    return [
        Account(
            member.user.username, facts()["password"], f"{member.role.name}（{member.organization.name}）"
        )
        for member in members.select_related("user", "role", "organization")
    ]


def make_demo(
    *, people: int, seed: int, now: datetime | None = None, say: Callable[[int, int], None] | None = None
) -> None:
    """Fill the demo hospitals with ``people`` people (2 % of them in the second) and a year of touches.

    The same seed, size and moment give the same hospital. Raises Conflict when the demo is there already.
    """
    if demo_hospital_exists():
        raise Conflict("示范医院已经在了；先用 xinglin demo --remove 撤掉")
    now = (now or timezone.now()).replace(microsecond=0)
    ids = seeded_ids(seed=f"{seed}/{people}", at=start_of_day(now) - timedelta(days=1))
    with ids, seeded_chance(f"{seed}/{people}"):
        _make(people=people, seed=seed, now=now, say=say)
    _note().write_text(account_list(), encoding="utf-8")


def _make(*, people: int, seed: int, now: datetime, say: Callable[[int, int], None] | None) -> None:
    with transaction.atomic():
        hospitals = make_hospitals(now=start_of_day(now))
    number = 0
    for hospital, count in zip(hospitals, (people - people // 50, people // 50), strict=True):
        random = Random(f"{seed}/{hospital.organization.slug}")  # noqa: S311 (a demo, repeatable)
        maker = People(hospital, random=random, now=now, first_number=number)
        year = Year(hospital, random=random, now=now)
        for chunk in maker.make(count):
            year.live(chunk)
            number += len(chunk)
            if say:
                say(number, people)
        booking.generate_slots(actor=hospital.system, now=start_of_day(now))
        fill_today(hospital, random=random, now=now)
        fill_scores(hospital, random=random, now=now)
    lake.sync(now=timezone.now())
    story = Story(hospitals[0], seed=seed, now=now)
    story.tell()
    Journeys(hospitals[0], seed=seed, now=now).make()
    Site(hospitals[0], seed=seed, now=now).tell(people=people)
    Library(hospitals[0], seed=seed, now=now).write()
    post_prices(hospitals[0], now=now)
    lake.sync(now=timezone.now())
    fill_members(hospitals[0], now=now)
    fill_sending(hospitals[0], story.templates, random=story.random, now=now)
    lake.sync(now=timezone.now())
    content.measure_items(now=now)
    measure_campaigns(hospitals[0], now=now)


def join_demo(*, user_id: int | None, now: datetime) -> None:
    """Let the person who asked for the demo look around in it as its director, beside their own hospital."""
    user = User.objects.filter(pk=user_id or 0).first()
    hospital = Organization.objects.filter(slug=slugs()[0]).first()
    role = Role.objects.filter(code="director").first()
    if user is None or hospital is None or role is None:
        return
    Membership.objects.get_or_create(
        user=user, organization=hospital, defaults={"role": role, "scope": role.default_scope}
    )


def _note() -> Path:
    """Where the start-up message finds the demo's accounts."""
    return env.home() / "accounts.txt"


def account_list() -> str:
    """The demo's accounts as the commands print them."""
    rows = accounts()
    lines = [f"  {account.username:<12} {account.role_name}" for account in rows]
    return "\n".join([f"Demo accounts, all with the password {facts()['password']}:", "", *lines, ""])
