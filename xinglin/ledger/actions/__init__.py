from xinglin.ledger.actions.erasure import erase_patient
from xinglin.ledger.actions.forgetting import forget_organization
from xinglin.ledger.actions.imports import void_import
from xinglin.ledger.actions.lake import request_rebuild, request_sync
from xinglin.ledger.actions.recording import record, record_many, record_outside
from xinglin.ledger.actions.visitors import join_visitor
from xinglin.ledger.packing import NewTouch

__all__ = [
    "NewTouch",
    "erase_patient",
    "forget_organization",
    "join_visitor",
    "record",
    "record_many",
    "record_outside",
    "request_rebuild",
    "request_sync",
    "void_import",
]
