"""The channels that one message may take, one after the other, as ``Message.way`` keeps them."""

from collections.abc import Sequence


def way_from(channels: Sequence[str], channel: str, *, is_own: bool) -> str:
    """The rest of an order from ``channel`` on; the person's own channel has all the others after it."""
    if is_own:
        return ",".join([channel, *(name for name in channels if name != channel)])
    return ",".join(channels[channels.index(channel) :]) if channel in channels else channel


def later(way: str, channel: str) -> list[str]:
    """The channels of a way that come after one of them."""
    names = way.split(",") if way else []
    return names[names.index(channel) + 1 :] if channel in names else []


def after_failure(way: str, failed: str, channel: str) -> str:
    """The way of a message that goes on by ``channel``: those before it are exactly those that failed."""
    names = way.split(",")
    return ",".join([*names[: names.index(failed) + 1], channel, *later(way, channel)])
