from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.core.actor import Actor

DATE = {"type": "date"}


class DelegationForm(forms.Form):
    """Somebody decides for a colleague for some days."""

    from_user = forms.ChoiceField(label=_("谁不在"), required=False)
    to_user = forms.ChoiceField(label=_("谁代审"))
    starts_on = forms.DateField(label=_("从"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("到"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args: Any, actor: Actor, may_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        people = [(str(one.user_id), one.name) for one in queries.list_assignees(actor=actor)]
        self.fields["to_user"].choices = [("", _("选一位同事")), *people]  # type: ignore[attr-defined]
        if may_all:
            self.fields["from_user"].choices = [("", _("我自己")), *people]  # type: ignore[attr-defined]
        else:
            del self.fields["from_user"]

    def facts(self) -> dict[str, Any]:
        """What ``delegate_reviews`` takes."""
        data = self.cleaned_data
        return {
            "from_user_id": int(data.get("from_user") or self.actor.user_id or 0),
            "to_user_id": int(data["to_user"]),
            **{name: data[name] for name in ("starts_on", "ends_on", "reason")},
        }
