"""What may stand as a hospital's picture: small, and of a kind no browser runs anything from."""

from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import Invalid

LARGEST = 300_000
KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


def check_logo(data: bytes) -> str:
    """``png`` or ``jpg`` by the content itself; Invalid for anything else or anything large."""
    if len(data) > LARGEST:
        raise Invalid(fields={"logo": [_("院徽不能超过 300 KB")]})
    kind = next((name for mark, name in KINDS.items() if data.startswith(mark)), "")
    if not kind:
        raise Invalid(fields={"logo": [_("院徽要是 PNG 或 JPEG 图片")]})
    return kind
