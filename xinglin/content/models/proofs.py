"""Papers that content rests on: certificates for advertisements, patients' permissions for their stories."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from xinglin.content.models.items import ContentItem
from xinglin.content.rules.kinds import MediaKind
from xinglin.core.fields import EncryptedText
from xinglin.core.models import ScopedModel


class AdCertificate(ScopedModel):
    """医疗广告审查证明 with the text it approved (成品样件); valid one year at most.

    Source: 医疗广告管理办法第十三条.
    """

    number = models.CharField(max_length=80)
    authority = models.CharField(max_length=120)
    valid_from = models.DateField()
    valid_to = models.DateField()
    #: Media the certificate names, codes of ``rules.kinds.MediaKind``.
    media_kinds = models.JSONField(default=list)
    sample = models.TextField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)
    #: Days before the end that have been reminded of: 60, 30, 7.
    reminded = models.JSONField(default=list)
    #: The last of these that somebody answered: who sees to the renewal, and how it stands.
    answered_step = models.PositiveSmallIntegerField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=120, blank=True)
    answered_note = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("医疗广告审查证明")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="content_certificate_unique"),
            models.CheckConstraint(
                name="content_certificate_in_order", condition=Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(
                name="content_certificate_withdrawn_with_reason",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["organization", "valid_to"], name="content_certificate_end")]

    def __str__(self) -> str:
        return self.number

    @property
    def media_labels(self) -> list[str]:
        """The media by name, in the order of their list."""
        return [str(kind.label) for kind in MediaKind if kind.value in self.media_kinds]

    def is_in_force(self, today: date) -> bool:
        return self.withdrawn_at is None and self.valid_from <= today <= self.valid_to

    @property
    def open_step(self) -> int | None:
        """The reminder that nobody has answered, in days before the end; a later one opens it again."""
        if self.withdrawn_at is not None or not self.reminded:
            return None
        step = int(min(self.reminded))
        return step if self.answered_step is None or step < self.answered_step else None


class CaseAuthorisation(ScopedModel):
    """A patient's written permission to tell their story: how far, until when; revocable at any time.

    Who the patient is stays encrypted; colleagues see the mark that the department gave the case.
    """

    label = models.CharField(max_length=60)
    patient = models.ForeignKey("patients.Patient", models.SET_NULL, null=True, blank=True, related_name="+")
    #: Name and details that must not be found in the text, one a line.
    identifiers = EncryptedText()
    #: What the patient agreed to, codes of ``rules.kinds.CaseScope``.
    scope = models.JSONField(default=list)
    signed_on = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=300, blank=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("病例授权")
        constraints = [
            models.CheckConstraint(
                name="content_case_revoked_with_reason",
                condition=Q(revoked_at__isnull=True) | ~Q(revoked_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def is_in_force(self, today: date) -> bool:
        ends = self.valid_until
        return self.revoked_at is None and self.signed_on <= today and (ends is None or ends >= today)


class ProofFile(ScopedModel):
    """A scan kept with a certificate or an authorisation, a film or picture with an item; never public."""

    certificate = models.ForeignKey(AdCertificate, models.CASCADE, null=True, related_name="files")
    authorisation = models.ForeignKey(CaseAuthorisation, models.CASCADE, null=True, related_name="files")
    item = models.ForeignKey(ContentItem, models.CASCADE, null=True, related_name="files")
    name = models.CharField(max_length=160)
    path = models.CharField(max_length=300)
    media_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="content_prooffile_of_one",
                condition=Q(certificate__isnull=False, authorisation__isnull=True, item__isnull=True)
                | Q(certificate__isnull=True, authorisation__isnull=False, item__isnull=True)
                | Q(certificate__isnull=True, authorisation__isnull=True, item__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name
