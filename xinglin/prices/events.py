from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriceListChanged:
    """What the public reads in the posted list is another: an entry was written, ended or released."""

    organization_id: int
