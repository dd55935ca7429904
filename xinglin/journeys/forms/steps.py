"""A step's settings as a form, one class for each kind of step."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.journeys.forms.base import BOXES, Json, Offered, StepForm, TouchForm
from xinglin.journeys.rules import words

TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


#: Beside a choice that rests on a score, while nothing better than a guess is known.
NO_SKILL = {
    "best_channel": _("还看不出每个人的常用渠道（模型还没有算，或者不比人人一样更准），选了也按上面的顺序发"),
    "best_hour": _("还看不出每个人的最佳钟点（模型还没有算，或者不比人人一样更准），选了也马上发"),
}


def _clock(value: Any) -> str:
    return f"{value:%H:%M}" if value else ""


class TriggerForm(TouchForm):
    on = forms.ChoiceField(
        label=_("什么人会进来"),
        widget=forms.RadioSelect,
        choices=[
            ("touch", _("发生了一件事")), ("audience", _("进入一个人群")),
            ("date", _("到了一个日子")), ("schedule", _("定期")),
        ],
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("哪件事"), required=False)
    occurrence = forms.ChoiceField(
        label=_("同一个人"), required=False, choices=list(words.OCCURRENCE_WORDS.items())
    )
    audience = forms.ChoiceField(label=pgettext_lazy("旅程", "人群"), required=False)
    again = forms.BooleanField(
        label=_("离开后又进来的，再走一遍"),
        required=False,
        help_text=_("以后每次进入算一次，上线时已经在里面的人不算；不勾选就每人一次"),
    )
    field = forms.ChoiceField(
        label=_("哪个日子"), required=False, choices=[("", _("选一个日子")), *words.FIELD_WORDS.items()]
    )
    offset_days = forms.IntegerField(
        label=_("前后几天"),
        required=False,
        min_value=-366,
        max_value=366,
        help_text=_("−3 是提前三天，0 是当天"),
    )
    every = forms.ChoiceField(label=_("多久一次"), required=False, choices=list(words.EVERY_WORDS.items()))
    weekday = forms.TypedChoiceField(
        label=_("每周哪天"), required=False, coerce=int, choices=list(words.WEEKDAY_WORDS.items())
    )
    monthday = forms.IntegerField(
        label=_("几号"), required=False, min_value=1, max_value=31, help_text=_("没有这一天的月份算最后一天")
    )
    at = forms.TimeField(label=_("几点"), required=False, widget=TIME)
    leave_on = forms.MultipleChoiceField(label=_("中途发生这些事就离开"), required=False, widget=BOXES)

    def read(self, props: Json) -> Json:
        every, number = props.get("every", "month"), props.get("number", 1)
        return {
            "on": "touch", "occurrence": "once", "offset_days": 0, "at": "09:00", "every": "month", **props,
            "again": props.get("on") == "audience" and props.get("occurrence") == "touch",
            "weekday": number if every == "week" else 1,
            "monthday": number if every == "month" else 1,
        }  # fmt: skip

    def fill(self, offered: Offered) -> None:
        super().fill(offered)
        self.offer("kind", offered.touches, _("选一件事"))
        self.offer("audience", offered.audiences, _("选一个人群"))
        self.offer("leave_on", offered.leaving)

    def write(self, data: Json) -> Json:
        on, where = data["on"], self.where(data)
        old = self.props.get("audience")
        audience = old if str(old) == data["audience"] else data["audience"]
        return {
            "on": on,
            "kind": data["kind"] if on == "touch" else None,
            "where": where if on == "touch" else None,
            "occurrence": _occurrence(on, data),
            "audience": audience if on in ("audience", "schedule") else None,
            "field": data["field"] if on == "date" else None,
            "offset_days": (data["offset_days"] or None) if on == "date" else None,
            "every": data["every"] if on == "schedule" else None,
            "number": _number(data) if on == "schedule" else None,
            "weekday": None,
            "monthday": None,
            "at": _clock(data["at"]) if on in ("date", "schedule") else None,
            "again": None,
            "leave_on": data["leave_on"] or None,
        }


def _number(data: Json) -> int | None:
    return {"week": data["weekday"] or None, "month": data["monthday"]}.get(data["every"])


def _occurrence(on: str, data: Json) -> str | None:
    if on == "touch":
        return str(data["occurrence"])
    return "touch" if on == "audience" and data["again"] else None


class WaitForm(TouchForm):
    way = forms.ChoiceField(
        label=_("怎么等"),
        widget=forms.RadioSelect,
        choices=[
            ("for", _("一段时间")), ("time", _("到几点")), ("touch", _("到发生一件事")),
            ("field", _("到就诊前后")),
        ],
    )  # fmt: skip
    days = forms.IntegerField(label=_("天"), required=False, min_value=0, max_value=3660)
    hours = forms.IntegerField(label=_("小时"), required=False, min_value=0, max_value=8784)
    until_time = forms.TimeField(label=_("几点"), required=False, widget=TIME)
    until_touch = forms.ChoiceField(label=_("哪件事"), required=False)
    same = forms.BooleanField(label=_("只算进来时的那个预约"), required=False)
    limited = forms.BooleanField(label=_("等不到就走另一条路"), required=False)
    timeout_days = forms.IntegerField(label=_("最多等几天"), required=False, min_value=0, max_value=3660)
    timeout_hours = forms.IntegerField(label=_("再加几小时"), required=False, min_value=0, max_value=8784)
    offset_hours = forms.IntegerField(
        label=_("几小时"), required=False, min_value=-8784, max_value=8784, help_text=_("−24 是就诊前一天")
    )

    def read(self, props: Json) -> Json:
        ways = {"for": "for", "until_time": "time", "until_touch": "touch", "until_field": "field"}
        span, limit = props.get("for") or {}, props.get("timeout") or {}
        return {
            "way": next((way for name, way in ways.items() if props.get(name)), "for"),
            "days": span.get("days", 0),
            "hours": span.get("hours", 0),
            "until_time": props.get("until_time") or "09:00",
            "until_touch": props.get("until_touch") or "",
            "same": props.get("same") == "booking",
            "limited": bool(limit),
            "timeout_days": limit.get("days", 7),
            "timeout_hours": limit.get("hours", 0),
            "offset_hours": props.get("offset_hours", -24),
        }

    def fill(self, offered: Offered) -> None:
        super().fill(offered)
        self.offer("until_touch", offered.touches, _("选一件事"))

    def write(self, data: Json) -> Json:
        way, where = data["way"], self.where(data)
        empty = dict.fromkeys(("for", "until_time", "until_touch", "where", "same", "timeout", "until_field"))
        mine: Json = {**empty, "offset_hours": None}
        if way == "for":
            mine["for"] = {"days": data["days"] or 0, "hours": data["hours"] or 0}
        elif way == "time":
            mine["until_time"] = _clock(data["until_time"]) or None
        elif way == "field":
            mine |= {"until_field": "appointment_start", "offset_hours": data["offset_hours"] or 0}
        else:
            limit = {"days": data["timeout_days"] or 0, "hours": data["timeout_hours"] or 0}
            mine |= {
                "until_touch": data["until_touch"],
                "where": where,
                "same": "booking" if data["same"] else None,
                "timeout": limit if data["limited"] else None,
            }
        return mine


class SplitForm(StepForm):
    """Shares in per cent; what is left to 100 is shown, not corrected."""

    def __init__(self, data: Any = None, *, props: Json, offered: Offered) -> None:
        super().__init__(data, props=props, offered=offered)
        for port in ("a", "b", "c", "holdout"):
            self.fields[port] = forms.FloatField(
                label=words.port_label(port), required=False, min_value=0, max_value=100
            )
            self.initial[port] = props.get("shares", {}).get(port)

    def write(self, data: Json) -> Json:
        given = {port: data.pop(port) for port in ("a", "b", "c", "holdout")}
        return {"shares": {port: _whole(share) for port, share in given.items() if share}}


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


class SendForm(StepForm):
    template = forms.ChoiceField(label=_("模板"), required=False)
    lane = forms.ChoiceField(
        label=_("按什么发"),
        required=False,
        choices=[
            ("service", _("服务：和正在进行的诊疗有关")),
            ("marketing", _("营销：要另外的同意，受频次限制")),
        ],
    )
    first = forms.ChoiceField(label=_("先用"), required=False)
    second = forms.ChoiceField(label=_("不行时改用"), required=False)
    third = forms.ChoiceField(label=_("再不行"), required=False)
    by_best_channel = forms.BooleanField(
        label=_("每个人的常用渠道优先"),
        required=False,
        help_text=_("先用这个人最常回应的；不知道的、不愿被评分的，按上面的顺序"),
    )
    at_best_hour = forms.BooleanField(
        label=_("各人在自己常看消息的钟点收"),
        required=False,
        help_text=_("24 小时之内，算不出的人不等；当天就要看到的提醒不要选"),
    )

    def read(self, props: Json) -> Json:
        chosen = [*props.get("channels", []), "", "", ""]
        return {
            "by_best_channel": props.get("by_best_channel", False),
            "at_best_hour": props.get("at_best_hour", False),
            "template": props.get("template") or "", "lane": props.get("lane", "service"),
            "first": chosen[0], "second": chosen[1], "third": chosen[2],
        }  # fmt: skip

    def fill(self, offered: Offered) -> None:
        self.offer("template", offered.templates, _("选一个模板"))
        for name in ("first", "second", "third"):
            self.offer(name, offered.channels, _("不用"))
        for name, score in (("by_best_channel", "best_channel"), ("at_best_hour", "best_hour")):
            if score in offered.unskilled:
                self.fields[name].help_text = NO_SKILL[score]

    def write(self, data: Json) -> Json:
        channels = [data[name] for name in ("first", "second", "third") if data[name]]
        old = self.props.get("template")
        template = old if str(old) == data["template"] else data["template"]
        lane = data["lane"] or "service"
        if template != old:
            lane = self.offered.lanes.get(str(template), lane)
        channels = [*dict.fromkeys([*channels, *self.props.get("channels", [])[3:]])]
        reach = self.offered.reach.get(str(template))
        if template != old and reach:
            channels = [code for code in channels if code in reach] or list(reach)[:3]
        return {
            "template": template, "lane": lane, "channels": channels,
            "by_best_channel": data["by_best_channel"] or None, "at_best_hour": data["at_best_hour"] or None,
        }  # fmt: skip


class TaskForm(StepForm):
    what = forms.ChoiceField(label=_("做什么"), choices=list(words.WHAT_WORDS.items()))
    text = forms.CharField(
        label=_("告诉同事"), required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )
    to = forms.ChoiceField(
        label=_("交给谁"),
        required=False,
        help_text=_("人不在岗了就交给本人的小组，小组或岗位没有人就谁都可以做"),
    )
    due_days = forms.IntegerField(label=_("几天内做完"), required=False, min_value=0, max_value=366)

    def read(self, props: Json) -> Json:
        return {"what": "call", "due_days": 1, **props}

    def fill(self, offered: Offered) -> None:
        self.offer("to", offered.assignees, _("不指定，谁都可以做"))

    def write(self, data: Json) -> Json:
        return {**data, "due_days": data["due_days"] or 0, "to": data["to"] or None}


class TagForm(StepForm):
    tag = forms.CharField(label=pgettext_lazy("旅程", "标签"), required=False, max_length=40)
    remove = forms.BooleanField(label=_("是去掉，不是打上"), required=False)

    def write(self, data: Json) -> Json:
        return {"tag": data["tag"], "remove": data["remove"] or None}


class PointsForm(StepForm):
    points = forms.IntegerField(label=_("积分"), required=False, min_value=0, max_value=1_000_000)
    reason = forms.CharField(label=_("为什么"), required=False, max_length=60)

    def write(self, data: Json) -> Json:
        return {"points": data["points"] or 0, "reason": data["reason"]}


class WebhookForm(StepForm):
    url = forms.CharField(
        label=_("网址"),
        required=False,
        max_length=500,
        help_text=_("以 https:// 开头；只发编号，不发姓名和手机号"),
    )


class GoalForm(StepForm):
    goal = forms.CharField(
        label=_("目标叫什么"), required=False, max_length=60, help_text=_("走到这里就算转化")
    )


class ExitForm(StepForm):
    reason = forms.CharField(label=_("为什么结束"), required=False, max_length=24)


class ConditionForm(StepForm):
    """A saved audience, or conditions written here by the builder of audiences (its tree is ``question``)."""

    source = forms.ChoiceField(
        label=_("怎么判断"),
        widget=forms.RadioSelect,
        choices=[("audience", _("在不在一个人群里")), ("own", _("在这里写条件"))],
    )
    audience = forms.ChoiceField(label=pgettext_lazy("旅程", "人群"), required=False)

    def read(self, props: Json) -> Json:
        question = props.get("question") or {}
        named = question.get("in_audience") if len(question) == 1 else None
        return {"source": "own" if question and not named else "audience", "audience": named or ""}

    def fill(self, offered: Offered) -> None:
        by_name = [(name, name) for _id, name in offered.audiences]
        self.offer("audience", by_name, _("选一个人群"))

    def write(self, data: Json) -> Json:
        if data["source"] == "own":
            return {"source": None, "audience": None, "question": self._own() or {"all": []}}
        name = data["audience"]
        return {"source": None, "audience": None, "question": {"in_audience": name} if name else None}

    def _own(self) -> Json:
        question: Json = self.props.get("question") or {}
        return {"all": [question]} if "in_audience" in question else question


FORMS: dict[str, type[StepForm]] = {
    "trigger": TriggerForm, "wait": WaitForm, "condition": ConditionForm, "split": SplitForm,
    "send": SendForm, "task": TaskForm, "tag": TagForm, "points": PointsForm, "webhook": WebhookForm,
    "goal": GoalForm, "exit": ExitForm,
}  # fmt: skip
# What a step has when it is put on the canvas.
FRESH: dict[str, Json] = {
    "trigger": {"on": "touch", "kind": "", "occurrence": "once"},
    "wait": {"for": {"days": 1, "hours": 0}},
    "condition": {},
    "split": {"shares": {"a": 45, "b": 45, "holdout": 10}},
    "send": {"channels": ["wechat", "sms"], "lane": "service"},
    "task": {"what": "call", "text": "", "due_days": 1},
    "tag": {"tag": ""},
    "points": {"points": 0},
    "webhook": {"url": ""},
    "goal": {"goal": ""},
    "exit": {},
}
