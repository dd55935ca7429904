from django.db import models

from xinglin.core.models import ScopedModel


class SavedView(ScopedModel):
    """A filter of the patient list under a name: somebody's own, or everybody's."""

    name = models.CharField(max_length=40)
    #: The filters as they stand in the address, without leading "?".
    query = models.CharField(max_length=2000, blank=True)
    user = models.ForeignKey("directory.User", models.CASCADE, null=True, blank=True, related_name="+")
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("order", "id")

    def __str__(self) -> str:
        return self.name
