import pytest
from django.utils import timezone

from xinglin.core import env
from xinglin.core.models import AuditEntry, Job
from xinglin.ui.tests.factories import make_job, sign_in

pytestmark = pytest.mark.django_db


def test_a_person_sees_own_jobs_only_without_the_permission() -> None:
    client, me = sign_in("rep")
    mine = make_job(me)
    _, colleague = sign_in("rep", organization=me.organization)
    theirs = make_job(colleague, title="别人的任务")

    assert client.get(f"/jobs/{mine.public_id}/").status_code == 200
    assert client.get(f"/jobs/{theirs.public_id}/").status_code == 404
    assert "别人的任务" not in client.get("/jobs/").content.decode()


def test_with_the_permission_the_whole_hospital_is_seen_but_no_other() -> None:
    client, me = sign_in("director")
    _, colleague = sign_in("rep", organization=me.organization)
    _, stranger = sign_in("rep")
    theirs, foreign = make_job(colleague), make_job(stranger)

    assert client.get(f"/jobs/{theirs.public_id}/").status_code == 200
    for path in ("", "part/", "log/", "file/"):
        assert client.get(f"/jobs/{foreign.public_id}/{path}").status_code == 404
    assert client.post(f"/jobs/{foreign.public_id}/cancellation/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.status == Job.Status.READY


def test_cancelling_what_waits_stops_it_at_once_and_is_recorded() -> None:
    client, me = sign_in()
    job = make_job(me)

    response = client.post(f"/jobs/{job.public_id}/cancellation/")

    job.refresh_from_db()
    assert (response.status_code, job.status) == (302, Job.Status.CANCELLED)
    assert AuditEntry.objects.filter(action="core.job.cancelled", object_id=str(job.pk)).exists() or (
        AuditEntry.objects.filter(action="core.job.cancelled").exists()
    )


def test_a_dead_job_resumes_and_a_running_one_does_not() -> None:
    client, me = sign_in()
    dead = make_job(me, status=Job.Status.DEAD, finished_at=timezone.now(), cursor={"row": 6018})
    running = make_job(me, status=Job.Status.LEASED)

    assert client.post(f"/jobs/{dead.public_id}/retry/").status_code == 302
    assert client.post(f"/jobs/{running.public_id}/retry/").status_code == 409
    dead.refresh_from_db()
    assert (dead.status, dead.cursor) == (Job.Status.READY, {"row": 6018})


def test_the_card_polls_while_it_runs_and_says_once_that_it_ended() -> None:
    client, me = sign_in()
    job = make_job(me, status=Job.Status.LEASED, done=64, total=100)

    running = client.get(f"/jobs/{job.public_id}/part/")
    Job.objects.filter(pk=job.pk).update(status=Job.Status.DONE, finished_at=timezone.now())
    ended = client.get(f"/jobs/{job.public_id}/part/")

    assert 'hx-trigger="every 1s"' in running.content.decode()
    assert 'aria-valuenow="64"' in running.content.decode()
    assert "hx-trigger" not in ended.content.decode()
    assert "job-finished" in ended["HX-Trigger"]


def test_the_result_is_downloaded_under_its_name_and_recorded() -> None:
    client, me = sign_in()
    target = env.files_dir("jobs", "sample") / "result"
    target.write_bytes(b"rows")
    relative = str(target.relative_to(env.home()))
    job = make_job(me, status=Job.Status.DONE, result_file=relative, result_name="错行.csv")

    response = client.get(f"/jobs/{job.public_id}/file/")

    assert b"".join(response.streaming_content) == b"rows"  # type: ignore[attr-defined]
    assert "attachment" in response["Content-Disposition"]
    assert AuditEntry.objects.filter(action="core.job.downloaded").count() == 1


@pytest.mark.parametrize("path", ["", "../../etc/passwd", "files/jobs/none/result"])
def test_no_file_outside_the_data_folder_is_served(path: str) -> None:
    client, me = sign_in()
    job = make_job(me, status=Job.Status.DONE, result_file=path)

    assert client.get(f"/jobs/{job.public_id}/file/").status_code == 404


def test_the_list_costs_the_same_for_any_number_of_jobs(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client, me = sign_in()
    client.get("/jobs/")
    for _ in range(30):
        make_job(me)
    with django_assert_max_num_queries(30):
        client.get("/jobs/")
