"""What journeys write into the ledger; ``journey`` and ``version`` say which, ``node`` where."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import touch_kind


@touch_kind("journey.entered", label=_("进入旅程"), icon="route", title=("journey",))
@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyEntered:
    """The person entered; ``occurrence`` is the booking, day or touch it is about."""

    journey: str
    version: int
    occurrence: int = 0


@touch_kind("journey.left", label=_("离开旅程"), icon="route-off", title=("journey",), tells=("reason",))
@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyLeft:
    """The person left, by an exit or for want of a further step."""

    journey: str
    version: int
    occurrence: int = 0
    reason: str = ""


@touch_kind(
    "journey.goal_reached",
    label=_("达成旅程目标"),
    icon="target",
    title=("journey",),
    tells=("goal",),
    tone="ok",
)
@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyGoalReached:
    """The person passed a goal: the journey's conversion."""

    journey: str
    version: int
    occurrence: int = 0
    goal: str = ""


@touch_kind("points.earned", label=_("得到积分"), icon="coin", title=("reason",), tells=("points",))
@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEarned:
    """Points given by a step of a journey."""

    points: int
    reason: str = ""
    journey: str = ""


@touch_kind("points.spent", label=_("用掉积分"), icon="coin-off", title=("reason",), tells=("points",))
@dataclass(frozen=True, slots=True, kw_only=True)
class PointsSpent:
    """Points taken for something; never more than there were."""

    points: int
    reason: str = ""


@touch_kind("points.corrected", label=_("更正积分"), icon="coin", title=("reason",), tells=("points",))
@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCorrected:
    """An entry that was wrong put right; below zero where it takes points away."""

    points: int
    reason: str = ""
