from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.ledger.kinds import all_kinds


class TouchFilter(forms.Form):
    """What the list of touches is narrowed to; every part may be empty."""

    kind = forms.ChoiceField(label=_("种类"), required=False)
    channel = forms.CharField(label=_("渠道"), required=False, max_length=32)
    patient_id = forms.IntegerField(label=_("患者编号"), required=False, min_value=1)
    campaign_id = forms.IntegerField(label=_("群发编号"), required=False, min_value=1)
    since = forms.DateField(
        label=_("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("全部种类")), *((kind.code, kind.label) for kind in all_kinds())]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """Arguments for ``queries.list_touches``; what was not understood is left out."""
        self.full_clean()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        for name, days in (("since", 0), ("until", 1)):
            if name in given:
                midnight = datetime.combine(given[name] + timedelta(days=days), datetime.min.time())
                given[name] = timezone.make_aware(midnight)
        return given

    def chips(self) -> list[tuple[str, Any, Any]]:
        """(field, its label, the value in words) of what is set."""
        kinds = {kind.code: kind.label for kind in all_kinds()}
        return [
            (name, self.fields[name].label, kinds.get(value, value) if name == "kind" else value)
            for name, value in self.cleaned_data.items()
            if value
        ]
