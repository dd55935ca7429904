"""Setting up how a channel is sent, what its provider knows of our texts, and trying it out."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.jobs import enqueue
from xinglin.core.masking import normalise_phone
from xinglin.core.outbound import NotAllowed, parse_endpoint
from xinglin.outreach import gate
from xinglin.outreach.gate.channels import rules_of_channels
from xinglin.outreach.models import Message, Provider, ProviderTemplate, ProviderToken, TemplateVersion
from xinglin.outreach.permissions import Permission
from xinglin.outreach.rules.providers import KINDS
from xinglin.outreach.rules.service_texts import find_text

TEST = "channel_test"


@transaction.atomic
def save_provider(
    *,
    actor: Actor,
    channel: str,
    kind: str,
    now: datetime,
    secret: str = "",
    rate_per_second: float = 50,
    unit_cost_fen: int | None = None,
    daily_limit: int | None = None,
    is_enabled: bool = True,
    **settings: Any,
) -> Provider:
    """Set a channel's account; an empty ``secret`` keeps the old one of the same kind.

    Raises Invalid with the fields at fault; TypeError for a setting that the kind does not have.
    """
    require(actor, Permission.EDIT_PROVIDER)
    if kind not in KINDS or channel not in KINDS[kind].channels:
        raise Invalid(fields={"kind": [_("这个渠道不能这样发")]})
    unknown = set(settings) - {field.name for field in KINDS[kind].fields}
    if unknown:
        raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
    kept = {name: value for name, value in settings.items() if value not in (None, "", False)}
    check_settings(kind, kept)
    assert actor.organization_id is not None
    row = Provider.objects.filter(organization_id=actor.organization_id, channel=channel).first()
    row = row or Provider(organization_id=actor.organization_id, channel=channel)
    changed_kind = row.pk is not None and row.kind != kind
    if changed_kind:
        row.secret, row.hook_token, row.hook_key = None, None, None
    if KINDS[kind].secret_label and not (secret or row.secret) and kind != "smtp":
        raise Invalid(fields={"secret": [_("这一项要填")]})
    row.kind, row.rate_per_second, row.is_enabled = kind, rate_per_second, is_enabled
    row.unit_cost_fen, row.daily_limit = unit_cost_fen or 0, daily_limit
    row.settings = kept
    row.tokens_at, row.error = None, ""
    if secret:
        row.secret = secret
    _give_hook(row)
    row.save()
    ProviderToken.objects.filter(provider=row).delete()
    if changed_kind:
        ProviderTemplate.objects.filter(provider=row).delete()
    audit.record(
        actor, "outreach.provider.saved", row, at=now, label=channel, kind=kind, is_enabled=is_enabled
    )
    return row


def check_settings(kind: str, settings: Mapping[str, Any]) -> None:
    """Raises Invalid with every field of the kind that is missing or cannot be used."""
    errors: dict[str, Sequence[object]] = {}
    for field in KINDS[kind].fields:
        name, value = field.name, settings.get(field.name)
        if field.required and not value:
            errors[name] = [_("这一项要填")]
        elif value and field.kind == "url":
            try:
                parse_endpoint(str(value))
            except NotAllowed as error:
                errors[name] = [str(error)]
        elif value and field.kind == "body":
            try:
                json.loads(str(value))
            except ValueError:
                errors[name] = [_('要是一段 JSON，例如 {"to": "{{to}}", "text": "{{text}}"}')]
        elif value and field.choices and value not in dict(field.choices):
            errors[name] = [_("请从列表里选")]
    is_open = kind == "smtp" and settings.get("security") == "none"
    if is_open and settings.get("host") not in {"127.0.0.1", "localhost", "::1"}:
        errors["security"] = [_("发到别的机器必须加密")]
    if errors:
        raise Invalid(fields=errors)


def _give_hook(row: Provider) -> None:
    """A secret for the provider's callbacks, and for WeChat a key; both are copied into its console."""
    hook = KINDS[row.kind].hook
    if hook and not row.hook_token:
        row.hook_token = secrets.token_hex(16)
    if hook == "weixin" and not row.hook_key:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        # 43 characters of Base64 whose last carries no stray bits, as the platforms ask for.
        row.hook_key = "".join(secrets.choice(alphabet) for _n in range(42)) + secrets.choice(
            "AEIMQUYcgkosw048"
        )


def get_own_provider(actor: Actor, channel: str) -> Provider:
    """The hospital's row of a channel; NotFound."""
    require(actor, Permission.EDIT_PROVIDER)
    row: Provider | None = Provider.objects.visible_to(actor).filter(channel=channel).first()
    if row is None:
        raise NotFound
    return row


@transaction.atomic
def renew_hook(*, actor: Actor, channel: str, now: datetime) -> Provider:
    """New callback secrets; the old address stops working at once."""
    row = get_own_provider(actor, channel)
    row.hook_token = row.hook_key = None
    _give_hook(row)
    row.save(update_fields=["hook_token", "hook_key", "updated_at"])
    audit.record(actor, "outreach.provider.hook_renewed", row, at=now, label=channel)
    return row


@transaction.atomic
def send_test(*, actor: Actor, channel: str, address: str, now: datetime) -> Message:
    """One message of the channel to an address of one's own, by the usual way: outbox, gate, provider.

    The address is kept encrypted and wiped once the provider has it. Raises Invalid or NotFound.
    """
    row = get_own_provider(actor, channel)
    if channel in ("inapp", "phone", "letter"):
        raise Invalid(fields={"address": [_("这个渠道不经过外面的服务商，不用试")]})
    to = normalise_phone(address) if channel == "sms" else address.strip()
    if not to or (channel == "email" and "@" not in to) or len(to) > 120:
        raise Invalid(fields={"address": [_("写一个能收到的地址或号码")]})
    message = Message.objects.create(
        organization_id=row.organization_id,
        key=f"test:{channel}:{secrets.token_hex(8)}",
        category=TEST,
        purpose="service",
        channel=channel,
        state=Message.State.QUEUED,
        rules_version=gate.rules_for(row.organization_id).stamp,
        channel_rules=rules_of_channels(row.organization_id)[channel],
        decided_at=now,
        created_at=now,
        due_at=now,
        variables=json.dumps({"patient": actor.name}, ensure_ascii=False),
        address=to,
        is_secret=True,
    )
    enqueue("outreach.dispatch", dedupe_key="periodic:outreach.dispatch", is_periodic=True, priority=40)
    audit.record(actor, "outreach.provider.tested", row, at=now, label=channel)
    return message


@transaction.atomic
def save_provider_template(
    *,
    actor: Actor,
    channel: str,
    now: datetime,
    code: str,
    params: Sequence[Mapping[str, str]],
    status: str,
    reason: str = "",
    version_id: int | None = None,
    category: str = "",
) -> ProviderTemplate:
    """What a provider knows of a wording: code, values in its order, state there. Raises Invalid, NotFound.

    Of an approved version of ours (``version_id``), or of a shipped service text (``category``).
    """
    require(actor, Permission.EDIT_PROVIDER)
    row = get_own_provider(actor, channel)
    errors: dict[str, Sequence[object]] = {}
    if status not in ProviderTemplate.Status.values:
        errors["status"] = [_("请从列表里选")]
    code = code.strip()[:80]
    if status == ProviderTemplate.Status.APPROVED and not code:
        errors["code"] = [_("通过了的模板要填它的编号")]
    cleaned = [
        {"name": str(p.get("name", "")).strip(), "value": str(p.get("value", "")).strip()} for p in params
    ]
    if any(not p["name"] or not p["value"] for p in cleaned):
        errors["params"] = [_("每行写成「模板里的变量={{称呼}}」")]
    if version_id is not None:
        own = TemplateVersion.objects.visible_to(actor).filter(pk=version_id).first()
        if own is None:
            raise NotFound
        if channel not in own.bodies:
            errors["code"] = [_("这一版没有这个渠道的正文")]
        category = ""
    elif find_text(category) is None:
        raise NotFound
    if errors:
        raise Invalid(fields=errors)
    rows = db.lock_rows(
        ProviderTemplate.objects.filter(provider=row, template_version_id=version_id, category=category)
    )
    found = rows.first() or ProviderTemplate(
        provider=row, organization_id=row.organization_id, template_version_id=version_id, category=category
    )
    found.code, found.params, found.status, found.reason = code, cleaned, status, reason.strip()[:200]
    found.checked_at = now
    found.save()
    audit.record(
        actor, "outreach.provider_template.saved", found, at=now, label=code or channel, status=status
    )
    return found


def check_provider_templates(*, actor: Actor, now: datetime) -> None:
    """Ask the providers in the background how far their reviews have got."""
    require(actor, Permission.EDIT_PROVIDER)
    enqueue(
        "outreach.check_templates",
        organization_id=actor.organization_id,
        dedupe_key="outreach.check_templates:now",
    )


def get_provider_by_public_id(public_id: UUID, kind: str) -> Provider | None:
    """Whom a callback address belongs to; None for nobody."""
    return Provider.objects.filter(public_id=public_id, kind=kind).first()
