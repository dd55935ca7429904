import re
import smtplib
import ssl
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, time

from xinglin.core.masking import without_addresses
from xinglin.outreach.channels.base import Account, Asked, Outcome, Outgoing, Status, Unavailable
from xinglin.outreach.channels.mail import message_bytes

_KEY = re.compile(rb"<(m\d+\.[0-9a-f]{16})@")
_LOST = (smtplib.SMTPServerDisconnected, OSError)
#: Answers that blame the mailbox (RFC 3463: 5.1.x), not the text or our account.
_BAD_ADDRESS = re.compile(r"\b5\.1\.[0-9]\b|user unknown|no such user|mailbox unavailable", re.I)


class SmtpAdapter:
    """Mail over one SMTP connection; envelope commands are pipelined where the server offers it (RFC 2920).

    Settings: ``host``, ``port``, ``security`` (none, starttls, tls), ``username``, ``sender``, ``bounces``
    (where mail that comes back goes, each message under a name of its own: ``bounces+key@…``),
    ``timeout`` in seconds, ``delivery_log`` (a file in which the mail server writes the Message-ID of
    what it took, as Postfix does), ``is_log_complete`` (what is not in it was not taken).
    """

    name = "smtp"
    is_remote = True
    part = 50
    tracks = False

    def __init__(self, account: Account) -> None:
        self.account = account
        self._connection: smtplib.SMTP | None = None
        self.sender = self._text("sender")
        self.domain = self.sender.rpartition("@")[2] or "localhost"

    def _text(self, name: str, default: str = "") -> str:
        return str(self.account.settings.get(name) or default)

    def _connect(self) -> smtplib.SMTP:
        if self._connection is not None:
            return self._connection
        security = self._text("security", "none")
        host, port = self._text("host", "127.0.0.1"), int(self._text("port", "25"))
        timeout = float(self._text("timeout", "20"))
        context = ssl.create_default_context()
        try:
            connection: smtplib.SMTP = (
                smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
                if security == "tls"
                else smtplib.SMTP(host, port, timeout=timeout)
            )
            connection.ehlo_or_helo_if_needed()
            if security == "starttls":
                connection.starttls(context=context)
            if username := self._text("username"):
                connection.login(username, self.account.secret)
        except (OSError, smtplib.SMTPException) as error:
            raise Unavailable(_short(error)) from error
        self._connection = connection
        return connection

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        connection = self._connect()
        try:
            connection.rset()  # a server may have closed an idle connection; ask before anything leaves
        except (OSError, smtplib.SMTPException):
            self._drop()
            connection = self._connect()
        outcomes: list[Outcome] = []
        for n, one in enumerate(batch):
            if monotonic() >= deadline or self._connection is None:
                outcomes += [Outcome(key=rest.key, status=Status.UNTRIED) for rest in batch[n:]]
                break
            outcomes.append(self._send_one(connection, one))
        return outcomes

    def _send_one(self, connection: smtplib.SMTP, one: Outgoing) -> Outcome:
        data = message_bytes(
            one=one,
            sender=self.sender,
            sender_name=self.account.sender_name,
            domain=self.domain,
            timestamp=time(),
        )
        try:
            refusal = self._envelope(connection, one)
        except _LOST as error:
            self._drop()
            return Outcome(key=one.key, status=Status.UNTRIED, error=_short(error))
        except smtplib.SMTPException as error:
            self._drop()
            return Outcome(key=one.key, status=Status.LATER, error=_short(error))
        if refusal is not None:
            return refusal
        try:
            connection.send(_dot_stuffed(data))
            code, text = connection.getreply()
        except (*_LOST, smtplib.SMTPException) as error:
            # The text may have been taken: only the server knows.
            self._drop()
            return Outcome(key=one.key, status=Status.UNKNOWN, error=_short(error))
        return _outcome(one.key, code, text)

    def _envelope(self, connection: smtplib.SMTP, one: Outgoing) -> Outcome | None:
        """Sender, recipient and DATA; the refusal, or None when the server waits for the text."""
        commands = [f"MAIL FROM:<{self._return_path(one)}>", f"RCPT TO:<{_mailbox(one.address)}>", "DATA"]
        if connection.has_extn("pipelining"):
            connection.send("".join(f"{command}\r\n" for command in commands))
            replies = [connection.getreply() for _ in commands]
        else:
            replies = []
            for command, wanted in zip(commands, (250, 250, 354), strict=True):
                replies.append(connection.docmd(command))
                if replies[-1][0] != wanted:
                    break
        bad = next(
            (r for r, wanted in zip(replies, (250, 250, 354), strict=False) if r[0] // 100 != wanted // 100),
            None,
        )
        if bad is None:
            return None
        if len(replies) == 3 and replies[2][0] == 354:
            connection.send(b".\r\n")  # the server waits for a text after all: give it an empty one
            connection.getreply()
        connection.rset()
        return _outcome(one.key, *bad, is_recipient=len(replies) >= 2 and bad is replies[1])

    def _return_path(self, one: Outgoing) -> str:
        """The envelope sender: what comes back names the message by it (VERP)."""
        name, at, domain = self._text("bounces").rpartition("@")
        return f"{_mailbox(name)}+{one.key}@{_mailbox(domain)}" if at and name and domain else self.sender

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        log = self._text("delivery_log")
        if not log or not Path(log).is_file():
            return None
        keys = {one.key for one in asked}
        with open(log, "rb") as lines:
            taken = {found.decode() for line in lines for found in _KEY.findall(line)} & keys
        if self.account.settings.get("is_log_complete"):
            return {key: key in taken for key in keys}
        return dict.fromkeys(taken, True)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def close(self) -> None:
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
        self._drop()


def _mailbox(address: str) -> str:
    if re.search(r"[\s<>\x00-\x1f]", address):
        return "invalid"
    return address


def _dot_stuffed(data: bytes) -> bytes:
    body = data if data.endswith(b"\r\n") else data + b"\r\n"
    if b"\r\n." in body or body.startswith(b"."):
        body = re.sub(rb"(?m)^\.", b"..", body)
    return body + b".\r\n"


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _outcome(key: str, code: int, text: bytes, *, is_recipient: bool = False) -> Outcome:
    words = without_addresses(text.decode("utf-8", "replace"))
    if code // 100 == 2:
        return Outcome(key=key, status=Status.ACCEPTED, provider_id=words[:120])
    if code // 100 == 4:
        return Outcome(key=key, status=Status.LATER, error=f"{code} {words}"[:200])
    bad_address = is_recipient and (code in (550, 551, 553) or bool(_BAD_ADDRESS.search(words)))
    return Outcome(key=key, status=Status.REJECTED, error=f"{code} {words}"[:200], is_bad_address=bad_address)
