import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.models import CaseAuthorisation, ContentColumn, ContentItem, MediaAsset
from xinglin.content.rules.kinds import Audience, CareStage, Channel
from xinglin.core.actor import Actor
from xinglin.directory.queries import list_departments, list_practitioners
from xinglin.prices import queries as prices

_SPLIT = re.compile(r"[,，、;；\s]+")


def _with(rows: Iterable[Any], chosen: Iterable[Any]) -> list[Any]:
    known = list(rows)
    return known + [row for row in chosen if row is not None and row not in known]


class FactsForm(forms.Form):
    """What is known about an item beside its text."""

    name = forms.CharField(label=_("名称"), max_length=120, help_text=_("同事之间怎么叫它"))
    department = forms.ChoiceField(label=_("科室"), required=False)
    diseases = forms.CharField(label=_("病种"), required=False, help_text=_("用顿号隔开，如 糖尿病、高血压"))
    tags = forms.CharField(label=_("主题标签"), required=False)
    audience = forms.ChoiceField(
        label=_("给谁看"), choices=Audience, help_text=_("改了要重新审核；给未成年人的不能做推广")
    )
    care_stage = forms.ChoiceField(
        label=_("就诊阶段"), choices=[("", _("不限")), *CareStage.choices], required=False
    )
    channels = forms.MultipleChoiceField(
        label=_("渠道"), choices=Channel, required=False, widget=forms.CheckboxSelectMultiple()
    )
    authors = forms.MultipleChoiceField(label=_("署名作者"), required=False)
    medical_reviewer = forms.ChoiceField(
        label=_("医学审核人"), required=False, help_text=_("选了就只由这位医生审；不选由有权限的医生审")
    )
    assignee = forms.ChoiceField(label=_("负责人"), required=False)
    due_on = forms.DateField(
        label=_("到期日"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    planned_on = forms.DateField(
        label=_("计划发布日"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    column = forms.ChoiceField(label=_("栏目"), required=False)
    related_service = forms.CharField(
        label=_("相关服务"),
        max_length=80,
        required=False,
        help_text=_("从价目里选，或自己写；公开页上列出价目，健康科普和广告页上不出现"),
        widget=forms.TextInput(attrs={"list": "posted-services", "autocomplete": "off"}),
    )
    cover = forms.UUIDField(label=_("封面图"), required=False, help_text=_("改了要重新审核"))
    authorisations = forms.MultipleChoiceField(label=_("病例授权"), required=False)

    def __init__(self, *args: Any, actor: Actor, item: ContentItem, **kwargs: Any) -> None:
        self.actor, self.item = actor, item
        kwargs["initial"] = self._initial()
        super().__init__(*args, **kwargs)
        doctors = list(list_practitioners(actor)[:400])
        papers = CaseAuthorisation.objects.visible_to(actor).filter(revoked_at__isnull=True).order_by("-id")
        # What is chosen already stays a choice, however old, archived or revoked: saving loses nothing.
        self._rows: dict[str, list[Any]] = {
            "authors": _with(doctors, item.authors.all()),
            "medical_reviewer": _with(doctors, [item.medical_reviewer]),
            "column": list(ContentColumn.objects.visible_to(actor)),
            "authorisations": _with(papers[:200], item.authorisations.all()),
            "assignee": queries.list_assignees(actor=actor),
        }
        self._choices(
            "department", [(str(d.public_id), d.name) for d in list_departments(actor)], _("不限科室")
        )
        for name, rows in self._rows.items():
            self._choices(
                name, [(str(row.public_id), str(getattr(row, "name", row))) for row in rows], _("没有选")
            )

    @property
    def services(self) -> list[str]:
        """What the posted price list proposes as the service a text is about."""
        return prices.posted_names(self.item.organization_id, today=timezone.localdate())

    def clean_cover(self) -> MediaAsset | None:
        """The picture; one that is the cover already stays it, archived or not."""
        wanted = self.cleaned_data["cover"]
        if wanted is None or (self.item.cover and wanted == self.item.cover.public_id):
            return self.item.cover if wanted else None
        found = queries.list_covers(actor=self.actor).filter(public_id=wanted).first()
        if found is None:
            raise forms.ValidationError(_("图片库里没有这张图"))
        return found

    def _choices(self, name: str, rows: list[tuple[str, str]], empty: Any) -> None:
        field: Any = self.fields[name]
        field.choices = rows if isinstance(field, forms.MultipleChoiceField) else [("", empty), *rows]

    def _initial(self) -> dict[str, Any]:
        item = self.item
        tags = list(item.tags.all())
        return {
            "name": item.name,
            "department": str(item.department.public_id) if item.department else "",
            "diseases": "、".join(tag.word for tag in tags if tag.is_disease),
            "tags": "、".join(tag.word for tag in tags if not tag.is_disease),
            "audience": item.audience,
            "care_stage": item.care_stage,
            "channels": item.channels,
            "authors": [str(staff.public_id) for staff in item.authors.all()],
            "medical_reviewer": str(item.medical_reviewer.public_id) if item.medical_reviewer else "",
            "assignee": self._assignee(),
            "due_on": item.due_on,
            "planned_on": item.planned_on,
            "column": str(item.column.public_id) if item.column else "",
            "related_service": item.related_service,
            "cover": str(item.cover.public_id) if item.cover else "",
            "authorisations": [str(row.public_id) for row in item.authorisations.all()],
        }

    def _assignee(self) -> str:
        people = queries.list_assignees(actor=self.actor) if self.item.assignee_id else []
        return next((str(p.public_id) for p in people if p.user_id == self.item.assignee_id), "")

    def _one(self, name: str, attribute: str = "pk") -> Any:
        wanted = self.cleaned_data[name]
        return next((getattr(r, attribute) for r in self._rows[name] if str(r.public_id) == wanted), None)

    def _many(self, name: str) -> list[int]:
        wanted = set(self.cleaned_data[name])
        return [row.pk for row in self._rows[name] if str(row.public_id) in wanted]

    def facts(self, actor: Actor) -> dict[str, Any]:
        """What ``edit_facts`` takes."""
        data = self.cleaned_data
        return {
            **{k: data[k] for k in ("name", "audience", "care_stage", "channels", "due_on", "planned_on")},
            "related_service": data["related_service"],
            "department": data["department"] or None,
            "tags": _SPLIT.split(data["tags"]),
            "diseases": _SPLIT.split(data["diseases"]),
            "author_ids": self._many("authors"),
            "authorisation_ids": self._many("authorisations"),
            "medical_reviewer_id": self._one("medical_reviewer"),
            "assignee_id": self._one("assignee", "user_id"),
            "column_id": self._one("column"),
            "cover_id": data["cover"].pk if data["cover"] else None,
        }
