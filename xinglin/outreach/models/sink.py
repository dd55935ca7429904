from django.db import models

from xinglin.core.fields import EncryptedText
from xinglin.core.masking import mask_email, mask_phone
from xinglin.outreach.models.channels import Channel


class SinkMessage(models.Model):
    """What the local sink has taken: the inbox at ``/dev/inbox``. One row a key, however often it comes."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(
        "directory.Organization", models.CASCADE, related_name="+", db_index=False
    )
    key = models.CharField(max_length=80, unique=True)
    channel = models.CharField(max_length=10, choices=Channel)
    address = EncryptedText()
    subject = models.CharField(max_length=200, blank=True)
    text = EncryptedText()
    html = EncryptedText()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "-id"], name="outreach_sink_org")]

    @property
    def masked_address(self) -> str:
        address = self.address or ""
        return mask_email(address) if "@" in address else mask_phone(address)
