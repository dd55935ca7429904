"""What a drawing still lacks to go live, node by node, as far as the drawing itself can tell."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from xinglin.journeys.rules.graph import MAY_END, Graph, Node
from xinglin.journeys.rules.props import Condition, Points, Send, Split, Tag, Task, Trigger, Wait, Webhook
from xinglin.journeys.rules.words import port_label


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend (``is_error``) or to know; ``node`` is the node's id, "" for the whole."""

    node: str
    code: str
    message: str
    is_error: bool = True


def problems(graph: Graph) -> list[Problem]:
    """Errors first, in the order of the drawing."""
    found = [*_whole(graph)]
    for node in graph.nodes.values():
        found += _of_node(node)
        if node.id not in graph.reached:
            found.append(Problem(node.id, "unreached", _("没有人会走到这里"), is_error=False))
            continue
        for port in node.ports:
            if graph.target(node.id, port) is None and (node.kind, port) not in MAY_END:
                message = _("出口“%(port)s”没有连到下一步：连一条线，或接一个“结束”") % {
                    "port": port_label(port, node.kind)
                }
                found.append(Problem(node.id, "dead-end", message))
    return sorted(found, key=lambda problem: not problem.is_error)


def _whole(graph: Graph) -> list[Problem]:
    found = []
    triggers = [node for node in graph.nodes.values() if node.kind == "trigger"]
    if len(triggers) != 1:
        found.append(Problem("", "trigger", _("要有且只有一个入口")))
    if any(target == node.id for node in triggers for target in graph.edges.values()):
        found.append(Problem(triggers[0].id, "trigger", _("不能有线连回入口")))
    if len(graph.ordered) < len(graph.nodes):
        missing = [name for name in graph.nodes if name not in {node.id for node in graph.ordered}]
        found.append(Problem(missing[0], "circle", _("这里绕成了圈：同一个人同一步只能走一次")))
    return found


def _of_node(node: Node) -> list[Problem]:
    check = _CHECKS.get(type(node.props))
    message = check(node.props) if check else ""
    return [Problem(node.id, "incomplete", message)] if message else []


def _trigger(props: Trigger) -> str:
    if props.on == "touch" and not props.kind:
        return _("选一种触点作为入口")
    if props.on == "date" and not props.field:
        return _("选一个日期")
    return _("选一个人群") if props.on in ("audience", "schedule") and not props.audience else ""


def _wait(props: Wait) -> str:
    if not props.way:
        return _("选一种等法，只选一种")
    return _("等多久？") if props.way == "for" and props.for_ and not props.for_.seconds else ""


def _condition(props: Condition) -> str:
    return "" if props.question else _("写一个条件")


def _split(props: Split) -> str:
    if len(props.shares) < 2:
        return _("至少分成两份")
    return "" if abs(sum(props.shares.values()) - 100) < 1e-6 else _("各份加起来要是 100 %")


def _send(props: Send) -> str:
    if not props.template:
        return _("选一个消息模板")
    return "" if props.channels else _("选至少一个渠道")


def _task(props: Task) -> str:
    return "" if props.text.strip() else _("写清楚要做什么")


def _tag(props: Tag) -> str:
    return "" if props.tag.strip() else _("写标签名")


def _points(props: Points) -> str:
    return "" if props.points else _("写给多少积分")


def _webhook(props: Webhook) -> str:
    return "" if props.url.startswith(("https://", "http://")) else _("写对方的网址，以 https:// 开头")


_CHECKS: dict[type, Callable[..., str]] = {
    Trigger: _trigger, Wait: _wait, Condition: _condition, Split: _split, Send: _send, Task: _task,
    Tag: _tag, Points: _points, Webhook: _webhook,
}  # fmt: skip
