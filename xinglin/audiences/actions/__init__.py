"""Use-cases of audiences."""

from xinglin.audiences.actions.counting import stop_count
from xinglin.audiences.actions.exporting import begin_export, export_name, write_export
from xinglin.audiences.actions.list_members import NotAList, put_back_on_list, remove_from_list
from xinglin.audiences.actions.listing import (
    begin_check,
    begin_list,
    check_list,
    confirm_list,
    discard_list,
)
from xinglin.audiences.actions.refreshing import begin_refresh, enqueue_refresh, refresh_audience
from xinglin.audiences.actions.saving import (
    AudienceInUse,
    NameTaken,
    archive_audience,
    restore_audience,
    save_audience,
    schedule_audience,
)
from xinglin.audiences.actions.shipping import add_ready_made
from xinglin.audiences.actions.snapshots import snapshot

__all__ = [
    "AudienceInUse",
    "NameTaken",
    "NotAList",
    "add_ready_made",
    "archive_audience",
    "begin_check",
    "begin_export",
    "begin_list",
    "begin_refresh",
    "check_list",
    "confirm_list",
    "discard_list",
    "enqueue_refresh",
    "export_name",
    "put_back_on_list",
    "refresh_audience",
    "remove_from_list",
    "restore_audience",
    "save_audience",
    "schedule_audience",
    "snapshot",
    "stop_count",
    "write_export",
]
