import click
from django.apps import apps
from django.db import transaction

from xinglin.core import crypto
from xinglin.core.fields import EncryptedText
from xinglin.directory.actions import reencrypt_second_factors


@click.group()
def keys() -> None:
    """Keys of the personal data."""


@keys.command()
@click.option("--batch", default=2000, show_default=True)
def rotate(batch: int) -> None:
    """Encrypt every value again with the newest key of XINGLIN_DATA_KEYS; may be stopped and repeated."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedText)]
        if not fields:
            continue
        names, last, changed = [field.attname for field in fields], 0, 0
        while rows := list(model._default_manager.filter(pk__gt=last).order_by("pk")[:batch]):
            with transaction.atomic():
                model._default_manager.bulk_update(rows, names)
            last, changed = rows[-1].pk, changed + len(rows)
        click.echo(f"{model._meta.label}: {changed:,} rows")
    click.echo(f"mfa.Authenticator: {reencrypt_second_factors():,} rows")
    click.echo(f"all values now under key {max(crypto.key_ids())}")
