"""Words for what the touches of outreach carry, and the gate's answer below a refused message."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.ledger.wording import Note, fixed_words, note_for, words_for
from xinglin.outreach import queries
from xinglin.outreach.models import HandTask
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.rules.gate import GateRules, explain

fixed_words("outcome", HandTask.Outcome.choices, label=gettext_lazy("结果"))


@words_for("message", label=gettext_lazy("消息"))
def _messages(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    return {
        value: f"《{title}》" for value, title in queries.titles_of_messages(organization_id, values).items()
    }


@words_for("campaign_id", label=gettext_lazy("群发"))
def _campaigns(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    names = queries.names_of_campaigns(organization_id, values)
    return {value: _("群发「%(name)s」") % {"name": name} for value, name in names.items()}


@words_for("provider", label=gettext_lazy("通道"))
def _providers(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    return {value: _("本机收件箱") for value in values if value == "sink"}


@words_for("message.refused:reason", label=gettext_lazy("原因"))
def _reasons(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    rules = rules_for(organization_id)
    checks = {value: rules.check(value) for value in values}
    return {value: check.refusal for value, check in checks.items() if check}


@note_for("message.refused")
def _refused(organization_id: int, touches: Collection[Any]) -> Mapping[int, Note]:
    """The checks one by one, as decided then; with rule and version."""
    rules = rules_for(organization_id)
    failed = queries.failed_checks_of(organization_id, touches)
    return {
        touch.seq: Note("outreach/_refused_note.html", _answer(rules, touch.props, failed.get(touch.seq)))
        for touch in touches
    }


def _answer(rules: GateRules, props: Mapping[str, Any], bits: int | None) -> dict[str, Any]:
    """The gate's answer; where only the first "no" is known, what comes after it was not asked."""
    check = rules.check(props.get("reason", ""))
    lines = explain(rules=rules, failed_checks=bits or (1 << check.bit if check else 0))
    outcomes = ["pass" if line.is_passed else "fail" for line in lines]
    if bits is None and "fail" in outcomes:
        first = outcomes.index("fail")
        outcomes[first + 1 :] = ["skip"] * (len(outcomes) - first - 1)
    failed = [line for line in lines if not line.is_passed]
    return {
        "reason": "；".join(line.refusal for line in failed),
        "checks": [
            {"label": line.short, "outcome": outcome} for line, outcome in zip(lines, outcomes, strict=True)
        ],
        "basis": [line.citation for line in failed],
        "version": props.get("rules", ""),
    }
