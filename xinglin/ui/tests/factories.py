from django.test import Client
from django.utils import timezone

from xinglin.core.models import Job
from xinglin.directory.models import Membership
from xinglin.directory.tests.factories import make_membership


def sign_in(role: str = "director", **facts: object) -> tuple[Client, Membership]:
    """A browser in which somebody of that role is signed in."""
    membership = make_membership(role, **facts)  # type: ignore[arg-type]
    client = Client()
    client.force_login(membership.user)
    return client, membership


def make_job(membership: Membership, **facts: object) -> Job:
    values: dict[str, object] = {
        "organization_id": membership.organization_id,
        "user_id": membership.user_id,
        "name": "test.sleep",
        "title": "导入患者 名单.xlsx",
        "run_at": timezone.now(),
        **facts,
    }
    return Job.objects.create(**values)
