"""Use-cases of the public pages."""

from xinglin.portal.actions.booking import book_for_phone
from xinglin.portal.actions.codes import (
    Asking,
    CodeOver,
    CodeWrong,
    TooManyCodes,
    forget_old_codes,
    request_code,
    resend_code,
    verify_code,
)
from xinglin.portal.actions.notices import send_due_reminders, tell_patient
from xinglin.portal.actions.tracking import record_click, record_scan, record_view
from xinglin.portal.actions.upkeep import (
    CHECK_JOB,
    PUSH_JOB,
    add_redirect,
    announce,
    announce_prices,
    check_links,
    push_urls,
    remove_redirect,
    request_link_check,
    request_push,
    save_search_settings,
)
from xinglin.portal.actions.words import (
    WORDS_JOB,
    check_words,
    count_word,
    forget_old_words,
    request_word_check,
    unwatch_word,
    watch_word,
)

__all__ = [
    "CHECK_JOB",
    "PUSH_JOB",
    "WORDS_JOB",
    "Asking",
    "CodeOver",
    "CodeWrong",
    "TooManyCodes",
    "add_redirect",
    "announce",
    "announce_prices",
    "book_for_phone",
    "check_links",
    "check_words",
    "count_word",
    "forget_old_codes",
    "forget_old_words",
    "push_urls",
    "record_click",
    "record_scan",
    "record_view",
    "remove_redirect",
    "request_code",
    "request_link_check",
    "request_push",
    "request_word_check",
    "resend_code",
    "save_search_settings",
    "send_due_reminders",
    "tell_patient",
    "unwatch_word",
    "verify_code",
    "watch_word",
]
