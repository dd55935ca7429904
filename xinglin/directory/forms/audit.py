"""What to look for in the audit log."""

from django import forms
from django.utils.translation import gettext_lazy as _

DAY = {"type": "date"}


class AuditFilterForm(forms.Form):
    """Person, action, object, days; everything may be left out."""

    q = forms.CharField(label=_("谁"), required=False, max_length=60)
    action = forms.CharField(label=_("做了什么"), required=False, max_length=80)
    obj = forms.CharField(label=_("对谁或什么"), required=False, max_length=120)
    since = forms.DateField(label=_("从"), required=False, widget=forms.DateInput(attrs=DAY))
    until = forms.DateField(label=_("到"), required=False, widget=forms.DateInput(attrs=DAY))

    def clean(self) -> dict[str, object]:
        """The days may be given the wrong way round."""
        data: dict[str, object] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:  # type: ignore[operator]
            data["since"], data["until"] = until, since
        return data

    def criteria(self) -> dict[str, object]:
        """Arguments of ``queries.list_audit``; what was not understood is left out."""
        if not self.is_valid():
            pass
        data = getattr(self, "cleaned_data", {})
        names = {"q": "person", "action": "action", "obj": "obj", "since": "since", "until": "until"}
        return {names[key]: value for key, value in data.items() if value}
