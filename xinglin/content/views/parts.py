"""What the record, the side panel and the review page share."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.forms import CommentForm
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.content.panels_registry import panels_for
from xinglin.content.permissions import FOR_LEVEL, Permission
from xinglin.content.rules.blocks import plain_text
from xinglin.content.rules.kinds import LIVE_STAGES, REVIEW_STAGES, Level, Stage
from xinglin.content.rules.page_class import CONSEQUENCES, PageClass
from xinglin.content.rules.quotes import still_says
from xinglin.core.access import StaffRequest
from xinglin.core.actor import Actor
from xinglin.directory.queries import get_own_organization, names_of_users

STEPS = {"draft": _("起草"), "self_check": _("自检"), "scheduled": _("排期"), "published": _("发布")}
TONES = {
    Stage.REJECTED: "blocked",
    Stage.APPROVED: "active",
    Stage.SCHEDULED: "active",
    Stage.EXPIRED: "off",
    Stage.RETRACTED: "off",
}


def stage_tone(stage: str) -> str:
    """How the state of an item is drawn."""
    if stage in LIVE_STAGES:
        return "done"
    return "wait" if stage in REVIEW_STAGES else TONES.get(Stage(stage), "draft")


def rights(actor: Actor) -> dict[str, bool]:
    """What this person may do, for the buttons; the actions ask again."""
    return {
        "edit": actor.can(Permission.EDIT_CONTENT),
        "publish": actor.can(Permission.PUBLISH_CONTENT),
        "review": any(actor.can(code) for code in FOR_LEVEL.values()),
        "certificate": actor.can(Permission.EDIT_CERTIFICATE),
        "case": actor.can(Permission.EDIT_CASE),
        "policy": actor.can(Permission.EDIT_POLICY),
        "plan": actor.can(Permission.EDIT_PLAN),
    }


def step_list(item: ContentItem, newest: Any, reviews: list[Any]) -> tuple[list[dict[str, Any]], int]:
    """The steps bar of an item: draft, self-check, its levels, schedule, publish; and where it stands."""
    if reviews and newest.status != "draft":
        levels = [row.level for row in reviews if row.status != "void"] or [row.level for row in reviews]
    else:
        rules = queries.approval_rules(item.organization_id)
        levels = rules.levels_for(
            kind=item.kind, page_class=newest.page_class, verdict=newest.outcome or "pass"
        )
    last = ["scheduled", "published"] if item.is_on_site else ["published"]
    codes = ["draft", "self_check", *levels, *last]
    steps = [{"label": STEPS.get(code) or Level(code).label} for code in codes]
    if newest.status in ("draft", "rejected"):
        now = 2 if newest.outcome or newest.status == "rejected" else 1
    elif newest.status == "in_review":
        now = codes.index(item.stage) + 1 if item.stage in codes else 3
    elif item.published_id == newest.pk or item.stage in LIVE_STAGES:
        now = len(codes) + 1
    elif item.scheduled_id == newest.pk:
        now = len(codes)
    else:
        now = len(codes) - len(last) + 1
    return steps, now


def first_steps(actor: Actor) -> list[dict[str, Any]]:
    """The steps bar before anything is saved: those of an article."""
    rules = queries.approval_rules(actor.organization_id or 0)
    levels = rules.levels_for(kind="article", page_class="science", verdict="pass")
    codes = ["draft", "self_check", *levels, "scheduled", "published"]
    return [{"label": STEPS.get(code) or Level(code).label} for code in codes]


def parts_of(request: StaffRequest, item: ContentItem) -> dict[str, Any]:
    """Facts, newest text, levels, names: for panel and record."""
    newest = queries.newest_version(item)
    reviews = queries.reviews_of(newest)
    steps, now_at = step_list(item, newest, reviews)
    people = {row.decided_by_id for row in reviews} | {row.on_behalf_of_id for row in reviews}
    people |= {newest.created_by_id, newest.submitted_by_id, item.contributed_by_id}
    return {
        "newest": newest,
        "reviews": reviews,
        "steps": steps,
        "step_now": now_at,
        "tags": queries.tags_of(item),
        "authors": list(item.authors.all()),
        "authorisations": list(item.authorisations.all()),
        "names": names_of_users(user for user in people if user),
        "stage_tone": stage_tone(item.stage),
        "consequence": CONSEQUENCES[PageClass(newest.page_class)],
        "hospital": get_own_organization(request.actor),
        "may": rights(request.actor),
        "panels": panels_for(request.actor, newest, now=timezone.now()),
        "now": timezone.now(),
        "today": timezone.localdate(),
    }


def remarks_of(item: ContentItem, newest: ContentVersion, form: CommentForm | None = None) -> dict[str, Any]:
    """Colleagues' remarks with their authors' names, and whether the newest text still says what each is
    about; ``form`` is one that could not be kept."""
    rows = queries.comments_of(item)
    names = queries.names_of(row.author_id for row in rows)
    text = plain_text(newest.title, newest.summary, f"{newest.body}\n{newest.sources}")
    return {
        "remarks": [
            {"row": row, "author": names.get(row.author_id, ""), "stands": still_says(row.quote, text)}
            for row in rows
        ],
        "remark_form": form or CommentForm(),
    }
