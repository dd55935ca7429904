"""What providers and people tell us over webhooks: signatures checked, forms read, nothing decided here."""

from xinglin.outreach.receipts.read import ACKNOWLEDGEMENT, KINDS, Call, read
from xinglin.outreach.receipts.told import Forged, Malformed, Told

__all__ = ["ACKNOWLEDGEMENT", "KINDS", "Call", "Forged", "Malformed", "Told", "read"]
