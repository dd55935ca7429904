"""How a campaign's message will look, for an invented person."""

from django.apps import apps

from xinglin.outreach.gate.requests import SAMPLE_NAME
from xinglin.outreach.gate.wording import wording_of
from xinglin.outreach.models import Campaign
from xinglin.outreach.queries.choices import CHANNEL_LABELS
from xinglin.outreach.rules.template_text import Composed


def preview_of(campaign: Campaign) -> list[tuple[str, str, Composed]]:
    """(channel, its name, message) for every channel of the campaign's template."""
    version = campaign.template_version
    if version is None or (campaign.plan_at is None and version.approved_at is None):
        return []
    organization = apps.get_model("directory", "Organization").objects.get(pk=campaign.organization_id)
    hospital = organization.short_name or organization.name
    wording = wording_of(version=version, category="", at=version.created_at)
    assert wording is not None
    link = "https://…/r/示例"
    variables = {
        **{str(name): str(value) for name, value in campaign.variables.items()},
        "姓名": SAMPLE_NAME, "称呼": SAMPLE_NAME, "patient": SAMPLE_NAME,
        "院名": hospital, "hospital": hospital, "链接": link, "link": link,
    }  # fmt: skip
    return [
        (
            channel,
            str(CHANNEL_LABELS[channel]),
            wording.compose(
                channel=channel,
                variables=variables,
                hospital=hospital,
                purpose=version.template.purpose,
                unsubscribe_url="https://…/u/示例",
            ),
        )
        for channel in wording.channels
    ]
