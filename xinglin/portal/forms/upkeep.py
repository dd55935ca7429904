"""What staff type about the public site."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RedirectForm(forms.Form):
    old_path = forms.CharField(
        label=_("旧网址"), max_length=200, help_text=_("医院首页之后的部分，例如 p/old-name/")
    )
    new_path = forms.CharField(label=_("转到"), max_length=200, help_text=_("本院的另一页，例如 p/new-name/"))


class SearchForm(forms.Form):
    indexnow_url = forms.URLField(
        label="IndexNow",
        required=False,
        assume_scheme="https",
        help_text=_("接口网址，例如 https://api.indexnow.org/indexnow；不填就不推送"),
    )
    baidu_url = forms.CharField(
        label=_("百度"),
        required=False,
        max_length=400,
        help_text=_("百度搜索资源平台给的推送接口，含 site 和 token；加密保存"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WordForm(forms.Form):
    word = forms.CharField(
        label=_("搜索词"), max_length=40, help_text=_("人们会怎么搜，例如：膝盖疼挂什么科")
    )
    page = forms.CharField(
        label=_("该由哪页回答"),
        max_length=200,
        required=False,
        help_text=_("医院首页之后的部分，例如 departments/orthopedics/；首页留空"),
    )
