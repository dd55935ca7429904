"""From the facts of an item to the word that lists show."""

from xinglin.content.rules.kinds import Stage


def stage_of(
    *,
    status: str,
    open_level: str = "",
    is_checked: bool = False,
    is_idea: bool = False,
    is_scheduled: bool = False,
    is_newest_public: bool = False,
    is_measured: bool = False,
    gone: str = "",
) -> Stage:
    """Where an item stands by its newest version: ``status`` of it, and what is known beside.

    ``gone`` is "expired" or "retracted" for an item that was public with this very version.
    """
    if status == "in_review" and open_level:
        return Stage(open_level)
    if status == "rejected":
        return Stage.REJECTED
    if status == "approved":
        if is_newest_public:
            return Stage.MEASURED if is_measured else Stage.PUBLISHED
        if is_scheduled:
            return Stage.SCHEDULED
        return Stage(gone) if gone else Stage.APPROVED
    if status == "retired":
        return Stage.RETRACTED
    if is_idea:
        return Stage.IDEA
    return Stage.SELF_CHECK if is_checked else Stage.DRAFT
