"""Operations of migrations that Django has not."""

import pytest
from django.db import connection, models
from django.db.migrations import AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from xinglin.core.operations import CreateModels, together

TABLES = {"core_first", "core_second"}


def operations() -> list[Operation]:
    key = models.BigAutoField(primary_key=True)
    return [
        CreateModel("First", [("id", key), ("name", models.CharField(max_length=9))]),
        CreateModel("Second", [("id", key), ("of", models.ForeignKey("core.First", models.CASCADE))]),
        AddIndex("First", models.Index(fields=["name"], name="core_first_name")),
        CreateModel("Third", [("id", key), ("of", models.ForeignKey("core.Second", models.CASCADE))]),
    ]


def test_only_runs_of_new_models_are_put_together_and_the_state_is_the_same() -> None:
    grouped = together(operations())
    assert [type(one) for one in grouped] == [CreateModels, AddIndex, CreateModels]

    apart, at_once = ProjectState(), ProjectState()
    assert apart.apps
    assert at_once.apps
    for one in operations():
        one.state_forwards("core", apart)
    for one in grouped:
        one.state_forwards("core", at_once)

    assert apart == at_once
    names = {model.__name__ for model in apart.apps.get_models()}
    assert {model.__name__ for model in at_once.apps.get_models()} == names == {"First", "Second", "Third"}


@pytest.mark.django_db(transaction=True)
def test_the_tables_come_and_go() -> None:
    (new, *_rest) = together(operations())
    before, after = ProjectState(), ProjectState()
    new.state_forwards("core", after)

    with connection.schema_editor() as editor:
        new.database_forwards("core", editor, before, after)
    assert set(connection.introspection.table_names()) >= TABLES

    with connection.schema_editor() as editor:
        new.database_backwards("core", editor, after, before)
    assert not TABLES & set(connection.introspection.table_names())
