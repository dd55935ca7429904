"""One's own account."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from xinglin.directory.models import User


class PreferencesForm(forms.Form):
    """Name, e-mail, language, theme."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    email = forms.EmailField(label=_("邮箱"), required=False)
    language = forms.ChoiceField(label=_("语言"), choices=User.Language.choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("明暗"), choices=User.Theme.choices, widget=forms.RadioSelect)

    @classmethod
    def of(cls, user: User, *, language: str, theme: str) -> "PreferencesForm":
        """Filled with what holds now; ``language`` and ``theme`` are used where nothing was chosen."""
        known = dict(settings.LANGUAGES)
        return cls(
            initial={
                "name": user.name,
                "email": user.email,
                "language": user.language or (language if language in known else settings.LANGUAGE_CODE),
                "theme": user.theme or theme,
            }
        )
