from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStarted:
    """A person has started a campaign; its messages are being written."""

    organization_id: int
    campaign_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFinished:
    """Nothing of the campaign is waiting to be sent any more."""

    organization_id: int
    campaign_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribed:
    """A person refused further marketing in one channel."""

    organization_id: int
    patient_id: int
    channel: str
