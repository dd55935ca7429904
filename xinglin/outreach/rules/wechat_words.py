"""What the official account's error codes mean to the person who sent the draft."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[int, Any] = {
    40007: _("封面或图片在公众号里找不到了，再送一次会重新上传"),
    40164: _("公众号没有把这台服务器的 IP 加进白名单，请在公众平台「基本配置」里加上"),
    45002: _("正文超过公众号的长度，请缩短"),
    45003: _("标题超过公众号的长度（64 个字），请缩短"),
    45004: _("摘要超过公众号的长度（120 个字），请缩短"),
    45009: _("公众号今天的接口次数用完了，明天零点后自动再送"),
    45110: _("作者名超过公众号的长度，请只留一位作者"),
    48001: _("这个公众号没有草稿接口的权限，要认证过的账号"),
    53500: _("公众号的发布能力被平台封禁，请在公众平台查看原因"),
}


def words_for(code: int, said: str) -> str:
    """A sentence; the platform's own words where we know none."""
    known = WORDS.get(code)
    return str(known) if known else str(_("公众号没有收：%(said)s")) % {"said": said}
