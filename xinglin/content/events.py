from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContentPublished:
    """A version went public on the hospital's own site."""

    organization_id: int
    item_id: int
    slug: str


@dataclass(frozen=True, slots=True)
class ContentWithdrawn:
    """Something the public saw is gone: taken down, expired, or its permission revoked.

    Whoever has it queued, linked or printed stops now. ``cause`` is retracted, expired, certificate or
    authorisation.
    """

    organization_id: int
    item_id: int
    slug: str
    cause: str


@dataclass(frozen=True, slots=True)
class CertificateEnding:
    """A certificate for advertisements ends in ``days`` days."""

    organization_id: int
    certificate_id: int
    number: str
    days: int
