"""What audiences write into the ledger: who came in, who went."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import touch_kind


@touch_kind("audience.entered", label=_("进入人群"), icon="user-plus", title=("name",))
@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceEntered:
    """A refresh found the person in an audience they were not in before; ``name`` as it was then."""

    audience: int
    name: str


@touch_kind("audience.left", label=_("离开人群"), icon="user-minus", title=("name",))
@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceLeft:
    """A refresh no longer found the person in an audience they were in."""

    audience: int
    name: str
