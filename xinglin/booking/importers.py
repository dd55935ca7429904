"""Files that booking understands; importing this registers them."""

from xinglin.booking.importing.appointments import AppointmentImporter
from xinglin.booking.importing.bills import BillImporter

__all__ = ["AppointmentImporter", "BillImporter"]
