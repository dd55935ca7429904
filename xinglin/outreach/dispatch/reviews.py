"""How far a provider's review of our templates has got."""

from datetime import datetime

from xinglin.outreach.channels.base import Unavailable
from xinglin.outreach.channels.sms_aliyun import AliyunSms
from xinglin.outreach.channels.sms_tencent import TencentSms
from xinglin.outreach.dispatch import accounts
from xinglin.outreach.models import Provider, ProviderTemplate


def check_templates(*, now: datetime) -> int:
    """Ask about templates under review, and daily about approved ones; returns how many changed."""
    changed = 0
    for provider in Provider.objects.filter(is_enabled=True, kind__in=["aliyun", "tencent"]):
        adapter = accounts.Route(provider.kind, provider.pk, accounts.account_of(provider)).open()
        assert isinstance(adapter, AliyunSms | TencentSms)
        try:
            changed += _check(provider, adapter, now)
        except Unavailable:
            continue
        finally:
            adapter.close()
    return changed


def _check(provider: Provider, adapter: AliyunSms | TencentSms, now: datetime) -> int:
    changed = 0
    for row in ProviderTemplate.objects.filter(provider=provider).exclude(code="").exclude(status="draft"):
        is_old = row.checked_at is None or (now - row.checked_at).total_seconds() > 86_400
        if row.status != ProviderTemplate.Status.SUBMITTED and not is_old:
            continue
        found = adapter.template_state(row.code)
        if found is None:
            continue
        changed += int(found[0] != row.status)
        ProviderTemplate.objects.filter(pk=row.pk).update(
            status=found[0], reason=found[1][:200], checked_at=now
        )
    return changed
