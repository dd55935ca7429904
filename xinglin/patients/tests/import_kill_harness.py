"""Run by the kill test in a process of its own: an import whose worker is killed with -9 again and again.

Prints one line of JSON: how often it was killed in the middle, and what stands in the database in the end.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path


def main(rows: int, kills: int, folder: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    from xinglin.core.actor import Actor
    from xinglin.core.jobs.queue import claim, reap
    from xinglin.core.jobs.worker import run_one
    from xinglin.core.models import Job
    from xinglin.directory.tests.factories import make_organization
    from xinglin.ledger import queries as ledger
    from xinglin.patients.actions import imports
    from xinglin.patients.imports import running
    from xinglin.patients.models import Import, Patient, PatientIdentifier
    from xinglin.patients.queries import search

    call_command("migrate", verbosity=0, run_syncdb=True, skip_checks=True)
    running.CHUNK = 100
    random.seed(5)
    path = Path(folder) / "people.csv"
    lines = [f"A{n},王{n:05},{'男女'[n % 2]},139{n:08},高血压;糖友" for n in range(rows)]
    path.write_text("\n".join(["患者编号,姓名,性别,手机,标签", *lines]), encoding="utf-8")

    def uploaded() -> Import:
        actor, now = Actor.system(make_organization().pk, "test"), timezone.now()
        item = imports.upload_import(actor=actor, kind="patients", file_name="f", pieces=path, now=now)
        item = imports.map_import(
            actor=actor, public_id=item.public_id, columns=item.columns, options={}, now=now
        )
        imports.run_trial(item, actor=actor, clock=timezone.now, tick=lambda done, total: None)
        imports.start_import(actor=actor, public_id=item.public_id, now=now)
        return item

    item, killed = uploaded(), 0
    for _ in range(kills * 20):
        connections.close_all()
        child = os.fork()
        if child == 0:
            for job in claim(worker="w", queues=["default"], limit=50, now=timezone.now()):
                run_one(job)
            os._exit(0)
        ended = 0
        if killed < kills:
            # In the middle on a slow machine too: some time after it has written one piece more.
            while not ended and Import.objects.get(pk=item.pk).chunks == item.chunks:
                ended, status = os.waitpid(child, os.WNOHANG)
                time.sleep(0.005)
            time.sleep(random.uniform(0, 0.05))
            if not ended:
                os.kill(child, signal.SIGKILL)
        if not ended:
            _, status = os.waitpid(child, 0)
        item.refresh_from_db()
        killed += int(os.WIFSIGNALED(status) and 0 < item.last_line < rows + 1)
        reap(now=timezone.now() + timedelta(hours=1))
        Job.objects.filter(status="dead").update(status="ready", attempts=0)
        Job.objects.filter(status="ready").update(run_at=timezone.now(), attempts=0)
        if item.status == Import.Status.DONE:
            break
    organization = item.organization_id
    registered = ledger.list_touches(actor=Actor.system(organization), kind="patient.registered")
    pieces = item.pieces.order_by("number")
    found = {
        "killed": killed,
        "status": item.status,
        "counts": item.counts,
        "people": Patient.objects.filter(organization=organization).count(),
        "numbers": PatientIdentifier.objects.filter(organization=organization).count(),
        "touches": registered.count(),
        "touched": len(set(registered.values_list("patient_id", flat=True))),
        "chunks_in_order": [one.number for one in pieces] == list(range(item.chunks)),
        "rows_in_chunks": item.pieces.count() * 100,
        "searchable": len(search(Actor.system(organization), "王00001")),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
