"""Renewing what is encrypted outside the house's own fields."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from xinglin.directory.adapters import MFAAdapter

#: Where the sign-in library keeps encrypted text inside its JSON.
SINGLE = ("secret", "seed")
SEVERAL = ("migrated_codes",)


@transaction.atomic
def reencrypt_second_factors() -> int:
    """Encrypt authenticator secrets and recovery seeds again with the newest key; returns how many rows."""
    adapter, changed = MFAAdapter(), 0

    def again(text: str) -> str:
        return adapter.encrypt(adapter.decrypt(text))

    for row in Authenticator.objects.exclude(type="webauthn").order_by("pk"):
        for name in SINGLE:
            if name in row.data:
                row.data[name] = again(row.data[name])
        for name in SEVERAL:
            if name in row.data:
                row.data[name] = [again(text) for text in row.data[name]]
        row.save(update_fields=["data"])
        changed += 1
    return changed
