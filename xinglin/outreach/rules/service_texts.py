from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict


class ServiceText(BaseModel):
    """A shipped wording; without ``channels`` it fits every channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    label_en: str
    subject: str
    body: str
    channels: tuple[str, ...] = ("sms", "email", "wechat", "inapp")

    @property
    def title(self) -> str:
        """The occasion in the reader's language."""
        return self.label if (get_language() or "zh").startswith("zh") else self.label_en


class ServiceTexts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    version: str
    source: str
    texts: dict[str, ServiceText]


@cache
def shipped_texts() -> ServiceTexts:
    path = Path(__file__).with_name("service_texts.yaml")
    return ServiceTexts.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def find_text(category: str) -> ServiceText | None:
    return shipped_texts().texts.get(category)
