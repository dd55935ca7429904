"""The drafts of a WeChat official account: pictures uploaded first, then the article that shows them.

Source: developers.weixin.qq.com, 草稿箱 (draft/add, draft/update, draft/delete), 素材管理 (media/uploadimg,
material/add_material).
"""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from xinglin.outreach.channels.wechat import WechatAccount
from xinglin.outreach.channels.weixin import BAD_TOKEN, LATER

#: The platform has no such draft or picture (any more).
GONE = 40007
#: The account's calls of the day are used up; they come back at midnight in China.
QUOTA = 45009
#: What uploadimg takes, in bytes.
PICTURE_LIMIT = 1_000_000


class PassRefused(Exception):
    """The pass was turned down; a fresh one may do."""


class Refused(Exception):
    """The platform said no; ``code`` is its own."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"{code} {words}")
        self.code = code


class Busy(Refused):
    """The platform asks to come again later; nothing was taken."""


class DraftBox:
    """What one account's drafts can be asked. All raise NotSent, NoAnswer, PassRefused, Busy or Refused."""

    def __init__(self, account: WechatAccount) -> None:
        self.account = account

    def add_picture(self, data: bytes) -> str:
        """A JPEG for use inside articles; its address at the platform."""
        return str(self._with_file("/cgi-bin/media/uploadimg", data).get("url") or "")

    def add_cover(self, data: bytes) -> str:
        """A JPEG as permanent material; its id."""
        found = self._with_file("/cgi-bin/material/add_material?type=image", data)
        return str(found.get("media_id") or "")

    def add(self, article: Mapping[str, object]) -> str:
        """A new draft; its id."""
        found = self._judged(self.account.call("/cgi-bin/draft/add", {"articles": [article]}))
        return str(found.get("media_id") or "")

    def update(self, media_id: str, article: Mapping[str, object]) -> None:
        """The draft says this now."""
        data = {"media_id": media_id, "index": 0, "articles": article}
        self._judged(self.account.call("/cgi-bin/draft/update", data))

    def delete(self, media_id: str) -> None:
        self._judged(self.account.call("/cgi-bin/draft/delete", {"media_id": media_id}))

    def _with_file(self, path: str, data: bytes) -> dict[str, Any]:
        mark = token_hex(16)
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="media"; filename="picture.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        body = head.encode() + data + f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        answer = self.account.post(self.account.with_pass(path), body, headers)
        return self._judged(self.account.answered(answer))

    def _judged(self, found: dict[str, Any]) -> dict[str, Any]:
        code = int(found.get("errcode") or 0)
        words = str(found.get("errmsg") or "")[:160]
        if code in BAD_TOKEN:
            self.account.refused = self.account.token
            raise PassRefused(f"{code} {words}")
        if code in LATER:
            raise Busy(code, words)
        if code:
            raise Refused(code, words)
        return found
