"""Imports of lists: one, many, and the files that belong to one."""

from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from xinglin.audiences.models import ListImport
from xinglin.audiences.permissions import Permission
from xinglin.core import db, env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound


def list_imports(actor: Actor) -> QuerySet[ListImport]:
    """The hospital's imports of lists, newest first."""
    require(actor, Permission.EDIT_AUDIENCE)
    return ListImport.objects.visible_to(actor).order_by("-id")


def get_list_import(actor: Actor, public_id: UUID, *, lock: bool = False) -> ListImport:
    """One import; NotFound."""
    rows = list_imports(actor).filter(public_id=public_id)
    item = (db.lock_rows(rows) if lock else rows.select_related("audience")).first()
    if item is None:
        raise NotFound
    return item


def folder(item: ListImport) -> Path:
    """Where the import's files lie."""
    return env.files_dir("lists", str(item.public_id))


def source_file(item: ListImport) -> Path:
    """The file as it was uploaded; gone once the list is written."""
    return folder(item) / "file"


def people_file(item: ListImport) -> Path:
    """The ids of the people found, one a line."""
    return folder(item) / "people.txt"


def error_file(item: ListImport) -> Path:
    """The rows that name nobody, as a CSV with line and reason."""
    return folder(item) / "errors.csv"
