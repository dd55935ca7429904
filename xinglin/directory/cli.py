"""Commands: the first hospital, accounts for people who are locked out, the shipped roles."""

import json

import click
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory import actions, queries

formats = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def _say(form: str, text: str, **facts: object) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if form == "json" else text)


@click.group()
def hospital() -> None:
    """Hospitals of this installation."""


@hospital.command("create")
@click.option("--name", required=True, help="Full name.")
@click.option("--slug", required=True, help="Short address: lower-case letters, digits, hyphens.")
@click.option("--admin", "username", required=True, help="User name of the first administrator.")
@click.option("--admin-name", required=True, help="The administrator's own name.")
@formats
def hospital_create(name: str, slug: str, username: str, admin_name: str, form: str) -> None:
    """Make a hospital with its first administrator, and a link at which they set a password."""
    now = timezone.now()
    made = actions.setup_hospital(
        name=name, slug=slug, admin_username=username, admin_name=admin_name, admin_password=None, now=now
    )
    system = Actor.system(made.organization.pk, "command line")
    _member, path = actions.issue_password_link(actor=system, public_id=made.admin.public_id, now=now)
    _say(form, f"{made.organization.name}\n{username}: {path}", slug=slug, username=username, path=path)


@hospital.command("list")
@formats
def hospital_list(form: str) -> None:
    """The hospitals by slug and name."""
    for row in queries.list_organizations():
        _say(form, f"{row.slug}\t{row.name}", slug=row.slug, name=row.name)


@click.group()
def user() -> None:
    """Accounts."""


@user.command("password-link")
@click.argument("username")
@formats
def password_link(username: str, form: str) -> None:
    """A path at which USERNAME sets a password, once; for the administrator who is locked out."""
    found = queries.find_user(username)
    membership = None if found is None else queries.list_choices(found.pk).first()
    if membership is None:
        raise NotFound
    system = Actor.system(membership.organization_id, "command line")
    _member, path = actions.issue_password_link(
        actor=system, public_id=membership.public_id, now=timezone.now()
    )
    _say(form, path, username=username, path=path)


@click.group()
def role() -> None:
    """Roles and permissions."""


@role.command("sync")
@formats
def role_sync(form: str) -> None:
    """Bring the shipped roles to what this release says; hospitals' own changes stay."""
    changed = actions.sync_roles()
    _say(form, f"{changed} roles changed", changed=changed)


COMMANDS = [hospital, user, role]
