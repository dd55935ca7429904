from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.content.models import MediaAsset
from xinglin.content.rules.kinds import Kind


class DecisionForm(forms.Form):
    """A reviewer's decision; ``note`` is evidence or reason."""

    decision = forms.ChoiceField(choices=[("approve", _("批准")), ("reject", pgettext_lazy("内容", "退回"))])
    seen_hash = forms.CharField(max_length=64)
    note = forms.CharField(max_length=500, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, required=False)


class NoteForm(forms.Form):
    note = forms.CharField(max_length=300)


class CommentForm(forms.Form):
    """A remark; ``quote`` is the passage it is about, as selected or typed."""

    text = forms.CharField(
        label=_("说一句"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("例如：这个数字从哪里来？")}),
    )
    quote = forms.CharField(
        label=_("说的是哪一句"),
        required=False,
        help_text=_("在正文里选中一段就会填到这里，也可以自己写；不填就是说整篇"),
    )


class ScheduleForm(forms.Form):
    """A moment in the hospital's time."""

    at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; a list, empty without any."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file looked at by itself."""
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(one, initial) for one in given]


class FileForm(forms.Form):
    """What belongs to an item: the film to post, pictures, a PDF."""

    uploads = FilesField(
        label=_("文件"),
        help_text=_("MP4、MOV 视频（300 MB 以内），PDF，JPG、PNG 图片（20 MB 以内）；只给同事看"),
        widget=FilesInput(attrs={"accept": "video/mp4,video/quicktime,application/pdf,image/jpeg,image/png"}),
    )


class ScanForm(forms.Form):
    """One more scan of a paper that is registered already."""

    scan = forms.FileField(
        label=_("扫描件"),
        help_text=_("PDF、JPG、PNG，20 MB 以内"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )


class ContributionForm(forms.Form):
    """A note on the way: what was seen or heard, and where."""

    text = forms.CharField(
        label=_("想说的话"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("门诊里常被问到的、讲得好的一句话、值得写的一件事；不写患者姓名和电话"),
    )
    title = forms.CharField(label=_("起个题目（可不写）"), max_length=120, required=False)
    kind = forms.ChoiceField(
        label=_("大概是"),
        choices=[
            (Kind.ARTICLE, _("科普的点子")),
            (Kind.QA, _("一问一答")),
            (Kind.CASE_STORY, _("病例故事")),
            (Kind.NEWS, _("院里的事")),
            (Kind.VIDEO_SCRIPT, _("短视频")),
        ],
        initial=Kind.ARTICLE,
    )
    origin = forms.CharField(
        label=_("从哪里来"), max_length=200, required=False, help_text=_("例如：门诊、随访电话、义诊")
    )
    uploads = FilesField(
        label=_("照片或视频"),
        required=False,
        help_text=_("例如术前术后各一张；最多 20 个，位置信息会去掉，只给同事看"),
        widget=FilesInput(attrs={"accept": "image/jpeg,image/png,video/mp4,video/quicktime,application/pdf"}),
    )
    has_patient = forms.BooleanField(label=_("里面有患者"), required=False)
    consent = forms.CharField(
        label=_("患者的书面同意在哪里"),
        max_length=200,
        required=False,
        help_text=_("例如：门诊病历第 3 页、授权书编号；没有签就先别交照片"),
    )


PICTURES = "image/jpeg,image/png,image/webp"


class MediaForm(forms.Form):
    """A picture or 3D model with what the law and the blind ask of it."""

    file = forms.FileField(
        label=_("图片或三维模型"),
        widget=forms.ClearableFileInput(attrs={"accept": f"{PICTURES},.glb,model/gltf-binary"}),
        help_text=_(
            "8 MB 以内。图片：JPG、PNG、WebP，位置和相机信息会去掉；三维模型：GLB（glTF 2.0），不压缩"
        ),
    )
    poster = forms.FileField(
        label=_("模型的封面图"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": PICTURES}),
        help_text=_("只用于三维模型，可不传：访客点开之前看到的图"),
    )
    name = forms.CharField(label=_("名称"), max_length=120, required=False)
    alt = forms.CharField(label=_("替代文字"), max_length=200, help_text=_("说出图里、模型里是什么"))
    source = forms.CharField(label=_("来源"), max_length=200, help_text=_("谁拍的、画的、做的，从哪里买的"))
    licence = forms.ChoiceField(label=_("授权"), choices=MediaAsset.Licence)
    is_panorama = forms.BooleanField(
        label=_("360° 全景图"), required=False, help_text=_("全景相机导出的，宽是高的两倍；页面上可以转着看")
    )
    has_people = forms.BooleanField(label=_("图里能认出人"), required=False)
    people_consent = forms.CharField(
        label=_("同意书"), max_length=200, required=False, help_text=_("放在哪里、编号多少")
    )
