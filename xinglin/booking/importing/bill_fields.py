"""The columns of visit and bill lists."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from xinglin.booking.importing.hints import BILL_HINTS
from xinglin.patients.imports.registry import Field, Kind, patient_fields

CARE = {
    "ambulatory": "AMB",
    "outpatient": "AMB",
    "amb": "AMB",
    "门诊": "AMB",
    "urgentcare": "AMB",
    "urgent": "AMB",
    "emergency": "EMER",
    "emer": "EMER",
    "急诊": "EMER",
    "inpatient": "IMP",
    "imp": "IMP",
    "住院": "IMP",
    "wellness": "WELL",
    "体检": "WELL",
    "健康检查": "WELL",
    "home": "HH",
    "上门": "HH",
    "hh": "HH",
    "virtual": "VR",
    "vr": "VR",
    "线上": "VR",
    "互联网": "VR",
}
METHODS = {
    "counter": "counter",
    "窗口": "counter",
    "现金": "counter",
    "cash": "counter",
    "wechat": "wechat",
    "微信": "wechat",
    "alipay": "alipay",
    "支付宝": "alipay",
    "insurance": "insurance",
    "医保": "insurance",
    "card": "card",
    "银行卡": "card",
    "刷卡": "card",
    "other": "other",
    "其他": "other",
}
_FIELDS = (
    Field(
        key="visit.external_id",
        label=_("就诊号或账单号"),
        kind=Kind.CODE,
        can_key=True,
        max_length=64,
        aliases=(
            "id",
            "encounterid",
            "visitid",
            "billid",
            "invoiceid",
            "invoiceno",
            "就诊号",
            "就诊流水号",
            "账单号",
            "结算号",
            "收费单号",
            "发票号",
        ),
    ),
    Field(
        key="visit.started_at",
        label=_("就诊开始"),
        kind=Kind.MOMENT,
        required=True,
        aliases=(
            "start",
            "startedat",
            "visitdate",
            "billdate",
            "就诊时间",
            "就诊日期",
            "开始时间",
            "收费时间",
            "收费日期",
            "结算时间",
        ),
    ),
    Field(
        key="visit.ended_at",
        label=_("就诊结束"),
        kind=Kind.MOMENT,
        aliases=("stop", "endedat", "end", "结束时间", "离院时间"),
    ),
    Field(
        key="visit.care",
        label=_("就诊类别"),
        choices=CARE,
        otherwise="AMB",
        aliases=("encounterclass", "class", "visittype", "就诊类别", "就诊类型", "类别"),
    ),
    Field(
        key="visit.description",
        label=_("就诊内容"),
        aliases=("description", "就诊内容", "项目", "项目名称", "服务项目"),
    ),
    Field(
        key="visit.reason", label=_("就诊原因"), aliases=("reasondescription", "reason", "就诊原因", "主诉")
    ),
    Field(
        key="bill.amount",
        label=_("金额（元）"),
        kind=Kind.MONEY,
        aliases=(
            "cost",
            "amount",
            "total",
            "totalcost",
            "fee",
            "金额",
            "总金额",
            "费用",
            "实收金额",
            "结算金额",
            "收费金额",
        ),
    ),
    Field(
        key="bill.amount_fen",
        label=_("金额（分）"),
        kind=Kind.INTEGER,
        aliases=("amountfen", "totalfen", "cents", "金额分", "总金额分", "费用分", "费用总额分"),
    ),
    Field(
        key="bill.method",
        label=_("付款方式"),
        choices=METHODS,
        otherwise="other",
        aliases=("paymentmethod", "method", "付款方式", "支付方式"),
    ),
    Field(
        key="department",
        label=_("科室"),
        aliases=("department", "dept", "科室", "科室名称", "就诊科室", "科室代码"),
    ),
    Field(
        key="doctor",
        label=_("医生"),
        aliases=("doctor", "practitioner", "医生", "医师", "医生姓名", "接诊医生"),
    ),
    *patient_fields(external_id=("patient",)),
)
BILL_FIELDS = tuple(replace(one, hints=BILL_HINTS.get(one.key, one.hints)) for one in _FIELDS)
