"""Why a person went on from a step, in words."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.journeys.rules.graph import Node
from xinglin.journeys.rules.words import Names, port_label

WHY = {
    "left": gettext_lazy("中途离开"), "moved": gettext_lazy("移到另一版"),
    "journey_ended": gettext_lazy("旅程结束了"), "no_booking": gettext_lazy("预约不在了"),
    "template": gettext_lazy("没有能用的模板，没有发"), "test": gettext_lazy("试走，只记不做"),
}  # fmt: skip


def why(node: Node, *, port: str, reason: str, names: Names, check_label: Callable[[str], str]) -> str:
    """``满足``, ``没等到``, ``没有发：免打扰``; "" where there is nothing to say.

    ``reason`` is the engine's word, a kind of touch, or a check of the gate, which ``check_label`` knows.
    """
    if port in ("left", "moved"):
        return _out(port, reason, names)
    if node.kind == "send" and reason and reason not in WHY:
        if reason == "quiet_hours":
            return _("夜间不发，顺延到可发的时候")
        return _("没有发：%(why)s") % {"why": check_label(reason)}
    if reason:
        return str(WHY.get(reason) or reason)
    if node.kind == "wait" and port == "next":
        return _("等的事发生了") if node.props.way == "touch" else _("时间到了")
    return port_label(port, node.kind) if len(node.ports) > 1 and port else ""


def _out(port: str, reason: str, names: Names) -> str:
    known = WHY.get(reason) or names.touches.get(reason) or reason
    return "：".join(dict.fromkeys(str(part) for part in (WHY[port], known) if part))
