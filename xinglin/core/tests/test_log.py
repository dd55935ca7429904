"""The log drops personal numbers."""

import logging

from xinglin.core.middleware import PersonalDataFilter


def test_the_log_drops_numbers_also_from_tracebacks() -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 1, "call %s now", ("13812345678",), None)

    assert PersonalDataFilter().filter(record)
    assert record.getMessage() == "call 138******** now"
