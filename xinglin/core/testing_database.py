"""For the second run of the tests, on another database: what no database has a say in is asked once."""

import pytest

_USES = {"db", "transactional_db", "django_db_setup"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    alone = [
        item
        for item in items
        if item.get_closest_marker("django_db") is None and not _USES & set(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=alone)
    items[:] = [item for item in items if item not in set(alone)]
