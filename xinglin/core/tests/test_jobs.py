import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from xinglin.core.errors import Invalid
from xinglin.core.jobs import JobRun, LeaseLost, enqueue, job, queue, replay, request_cancel
from xinglin.core.jobs.registry import kinds
from xinglin.core.jobs.worker import enqueue_periodic, run_one
from xinglin.core.models import Job, Periodic

pytestmark = pytest.mark.django_db
ran: list[int] = []


@job("test.note", queue="tests", max_attempts=3)
def note(run: JobRun) -> None:
    ran.append(run.args["n"])


@job("test.explode", queue="tests", max_attempts=2)
def explode(run: JobRun) -> None:
    raise RuntimeError("call 13812345678")


@job("test.refuse", queue="tests")
def refuse(run: JobRun) -> None:
    raise Invalid("不行")


@pytest.fixture(autouse=True)
def _empty() -> None:
    ran.clear()


def claim(worker: str = "w1", limit: int = 10) -> list[Job]:
    return queue.claim(worker=worker, queues=["tests"], limit=limit, now=timezone.now())


def test_a_job_runs_once_and_is_done() -> None:
    made = enqueue("test.note", {"n": 1})

    outcomes = [run_one(row) for row in claim()]

    made.refresh_from_db()
    assert (outcomes, ran, made.status, claim()) == (["done"], [1], "done", [])


def test_urgent_work_comes_first() -> None:
    enqueue("test.note", {"n": 1})
    enqueue("test.note", {"n": 2}, priority=5)

    assert [row.args["n"] for row in claim()] == [2, 1]


def test_the_same_key_waits_once_and_runs_again_when_asked_while_running() -> None:
    first = enqueue("test.note", {"n": 1}, dedupe_key="k")
    assert enqueue("test.note", {"n": 1}, dedupe_key="k").pk == first.pk
    (row,) = claim()
    enqueue("test.note", {"n": 1}, dedupe_key="k")

    run_one(row)

    first.refresh_from_db()
    assert first.status == "ready"
    run_one(claim()[0])
    first.refresh_from_db()
    assert (ran, first.status, first.dedupe_key) == ([1, 1], "done", None)


def test_a_failing_job_waits_longer_then_gives_up_and_can_be_replayed() -> None:
    made = enqueue("test.explode")
    assert run_one(claim()[0]) == "again"
    made.refresh_from_db()
    assert (made.status, made.run_at > timezone.now()) == ("ready", True)
    Job.objects.update(run_at=timezone.now())
    run_one(claim()[0])
    made.refresh_from_db()
    assert (made.status, "RuntimeError" in made.error) == ("dead", True)

    assert replay(job=made, now=timezone.now())
    assert [row.pk for row in claim()] == [made.pk]


def test_what_a_person_must_mend_is_not_tried_again() -> None:
    made = enqueue("test.refuse")

    assert run_one(claim()[0]) == "dead"

    made.refresh_from_db()
    assert (made.status, made.error) == ("dead", "不行")


def test_a_lost_lease_goes_to_another_worker_and_the_first_cannot_finish() -> None:
    enqueue("test.note", {"n": 1})
    (first,) = claim("w1")
    queue.reap(now=timezone.now() + timedelta(hours=1))
    Job.objects.update(run_at=timezone.now())
    (second,) = claim("w2")

    assert not queue.acknowledge(first, now=timezone.now())
    with pytest.raises(LeaseLost):
        JobRun(job=first).save_cursor({"row": 7})
    assert queue.acknowledge(second, now=timezone.now())


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked() -> None:
    waiting, running = enqueue("test.note", {"n": 1}), enqueue("test.note", {"n": 2}, priority=9)
    (row,) = claim(limit=1)
    for each in (waiting, running):
        request_cancel(job=each, now=timezone.now())

    waiting.refresh_from_db()
    assert (row.pk, waiting.status, JobRun(job=row).is_cancelled) == (running.pk, "cancelled", True)


def test_logs_hold_no_phone_numbers() -> None:
    made = enqueue("test.note", {"n": 1})
    JobRun(job=made).log("打给 13812345678")

    assert made.lines.get().text == "打给 138********"


def test_a_periodic_job_is_enqueued_once_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = kinds["core.tidy"]
    monkeypatch.setattr("xinglin.core.jobs.worker.kinds", {"core.tidy": kind})
    now = timezone.now()

    counts = [enqueue_periodic(now=now), enqueue_periodic(now=now + timedelta(minutes=1))]

    assert counts == [1, 0]
    assert Periodic.objects.get().next_at == now + timedelta(hours=1)
    assert enqueue_periodic(now=now + timedelta(hours=2)) == 1
    assert Job.objects.filter(name="core.tidy").count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_share_without_doubling() -> None:
    for number in range(60):
        enqueue("test.note", {"n": number})
    taken: list[int] = []
    lock = threading.Lock()

    def work(name: str) -> None:
        while rows := claim(name, limit=3):
            with lock:
                taken.extend(row.pk for row in rows)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(Job.objects.filter(name="test.note").values_list("pk", flat=True))
    assert len(taken) == 60
