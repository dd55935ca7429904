"""What one may do with journeys."""

from xinglin.journeys.actions.calls import renew_secret, retry_calls
from xinglin.journeys.actions.editing import (
    JourneyClosed,
    copy_journey,
    create_journey,
    discard_draft,
    rename_journey,
    save_draft,
)
from xinglin.journeys.actions.points import correct_points, spend_points
from xinglin.journeys.actions.running import (
    NotReady,
    end_journey,
    go_live,
    move_people,
    pause_journey,
    resume_journey,
)
from xinglin.journeys.actions.tasks import finish_task, finish_tasks
from xinglin.journeys.actions.testing import start_test, stop_test
from xinglin.journeys.engine.leaving import take_out_some

__all__ = [
    "JourneyClosed",
    "NotReady",
    "copy_journey",
    "correct_points",
    "create_journey",
    "discard_draft",
    "end_journey",
    "finish_task",
    "finish_tasks",
    "go_live",
    "move_people",
    "pause_journey",
    "rename_journey",
    "renew_secret",
    "resume_journey",
    "retry_calls",
    "save_draft",
    "spend_points",
    "start_test",
    "stop_test",
    "take_out_some",
]
