"""One writer of the lake at a time, on any number of machines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import Conflict
from xinglin.ledger.models import LakeLease

TERM = timedelta(minutes=5)


class LakeBusy(Conflict):
    """Another process is writing the lake."""

    code, default = "lake-busy", _("数据湖正在由另一个进程写入，请稍后再试")


@contextmanager
def writing(*, now: datetime) -> Iterator[Callable[[], None]]:
    """Hold the lease; the value prolongs it and raises LakeBusy once it is lost.

    Call it right before a manifest is published: a writer that was taken over must not publish.
    """
    holder = uuid4().hex
    LakeLease.objects.get_or_create(name="lake", defaults={"until": now})
    free = LakeLease.objects.filter(name="lake").filter(Q(until__lte=now) | Q(holder=""))
    if not free.update(holder=holder, until=now + TERM):
        raise LakeBusy
    mine = LakeLease.objects.filter(name="lake", holder=holder)

    def prolong() -> None:
        if not mine.update(until=timezone.now() + TERM):
            raise LakeBusy

    try:
        yield prolong
    finally:
        mine.update(holder="", until=now)
