"""Operations of migrations that Django has not."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateModels(Operation):
    """Several ``CreateModel`` at once: the state's models are rendered once, not once a model.

    Every new model makes Django render all that it is related to, and through the hospital everything is: a
    fresh database of 120 tables cost 8,900 renderings, nearly all the time that ``migrate`` took.
    """

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = list(models)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.models], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        vars(state).pop("apps", None)
        for one in self.models:
            one.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for one in self.models:
            one.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for one in reversed(self.models):
            one.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name: str, app_label: str) -> bool:
        return any(one.references_model(name, app_label) for one in self.models)

    def describe(self) -> str:
        return f"Create models {', '.join(one.name for one in self.models)}"


def together(operations: Sequence[Operation]) -> list[Operation]:
    """The same operations, every run of ``CreateModel`` as one."""
    found: list[Operation] = []
    for one in operations:
        if isinstance(one, CreateModel) and found and isinstance(found[-1], CreateModels):
            found[-1].models.append(one)
        else:
            found.append(CreateModels([one]) if isinstance(one, CreateModel) else one)
    return found
