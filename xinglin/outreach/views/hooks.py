"""Where providers call back: public addresses, no session, every call checked before it is read."""

import logging
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from xinglin.core import limits
from xinglin.core.access import public
from xinglin.core.errors import TooMany
from xinglin.outreach import actions, receipts
from xinglin.outreach.models import Provider

logger = logging.getLogger("xinglin.outreach.hooks")
MAX_BODY = 1_000_000
FORGERIES_A_MINUTE = 30


@csrf_exempt
@require_http_methods(["GET", "POST"])
@public
def hook(request: HttpRequest, kind: str, public_id: UUID, secret: str = "") -> HttpResponse:
    """One callback. 404 for nobody's address, 403 when its provider did not sign it, 400 when unreadable.

    As many as the provider signs are taken: each may be somebody's refusal. Only forgeries are counted.
    """
    now = timezone.now()
    provider = actions.get_provider_by_public_id(public_id, kind) if kind in receipts.KINDS else None
    if provider is None:
        return _say(404, "not found")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        return _say(413, "too large")
    try:
        told = receipts.read(kind, _call(request, provider, secret))
        actions.take_told(provider=provider, told=told, now=now)
    except RequestDataTooBig:
        return _say(413, "too large")
    except receipts.Forged as error:
        logger.warning("a forged callback for provider %s: %s", provider.pk, error)
        return _refuse(request, provider)
    except receipts.Malformed as error:
        logger.warning("an unreadable callback for provider %s: %s", provider.pk, error)
        return _say(400, "unreadable")
    if told.echo:
        return HttpResponse(told.echo, content_type="text/plain; charset=utf-8")
    body, content_type = receipts.ACKNOWLEDGEMENT[kind]
    return HttpResponse(body, content_type=content_type)


def _call(request: HttpRequest, provider: Provider, secret: str) -> receipts.Call:
    settings = provider.settings
    return receipts.Call(
        method=request.method or "GET",
        query=request.GET.dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
        secret=secret,
        token=provider.hook_token or "",
        key=provider.hook_key or "",
        receive_id=str(settings.get("corp_id") or settings.get("app_id") or ""),
        now=timezone.now(),
    )


def _refuse(request: HttpRequest, provider: Provider) -> HttpResponse:
    """403; somebody who keeps guessing hears 429 for the rest of the minute."""
    try:
        limits.hit(
            f"hook-forged:{provider.pk}:{request.META.get('REMOTE_ADDR', '')}",
            limit=FORGERIES_A_MINUTE, per=timedelta(minutes=1), now=timezone.now(),
        )  # fmt: skip
    except TooMany:
        return _say(429, "slow down")
    return _say(403, "not signed")


def _say(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
