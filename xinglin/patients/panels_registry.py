"""What other modules add to a patient's page and to the side panel of the list.

A module registers in its ``panels.py``: sections beside the timeline, actions in the head.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from xinglin.core.actor import Actor

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A section: its title and a template (under 60 lines) that gets ``context`` and ``patient``.

    ``is_waiting`` puts it on top with the mark of what waits for this person.
    """

    title: Any
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    url_label: Any = ""
    is_waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientAction:
    """A button in the head of the record; the first with ``is_primary`` is the filled one."""

    label: Any
    url: str
    icon: str
    is_primary: bool = False


PanelProvider = Callable[..., Panel | None]
ActionProvider = Callable[..., PatientAction | None]
_panels: list[tuple[int, PanelProvider]] = []
_actions: list[tuple[int, ActionProvider]] = []


def patient_panel(*, order: int = 50) -> Callable[[PanelProvider], PanelProvider]:
    """Register ``f(actor, patient, *, now) -> Panel | None``; it checks its own permission."""

    def register(provider: PanelProvider) -> PanelProvider:
        _panels.append((order, provider))
        return provider

    return register


def patient_action(*, order: int = 50) -> Callable[[ActionProvider], ActionProvider]:
    """Register ``f(actor, patient, *, now) -> PatientAction | None``."""

    def register(provider: ActionProvider) -> ActionProvider:
        _actions.append((order, provider))
        return provider

    return register


def panels_for(actor: Actor, patient: "Patient", *, now: datetime) -> list[Panel]:
    """Sections for this person in order, those that wait first."""
    ordered = sorted(_panels, key=lambda pair: pair[0])
    panels = [panel for _, provider in ordered if (panel := provider(actor, patient, now=now))]
    return sorted(panels, key=lambda panel: not panel.is_waiting)


def actions_for(actor: Actor, patient: "Patient", *, now: datetime) -> list[PatientAction]:
    ordered = sorted(_actions, key=lambda pair: pair[0])
    return [action for _, provider in ordered if (action := provider(actor, patient, now=now))]
