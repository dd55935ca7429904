"""Headers of appointment and bill columns as hospital systems vary them; see ``patients.imports.hints``."""

_NUMBER = r"(?:id|编号|编码|单号|单据号|序号|号|号码|流水号|流水|no|num|number|key|identifier)$"
_TIME = r"(?:的)?(?:时间|日期|日|date|time|datetime|day|at|on|timestamp)$"

APPOINTMENT_HINTS: dict[str, tuple[str, ...]] = {
    "appointment.external_id": (
        rf"^(?:预约|挂号|订单|预约挂号|预约订单|appointment|appt|booking|reservation|registration|reg){_NUMBER}",
        rf"^(?:就诊|门诊|流水|号源|visit|encounter|record|order){_NUMBER}|^流水号$|^序号$|^id$",
    ),
    "appointment.booked_at": (
        r"^(?:下单|提交|创建|登记|操作|申请|scheduled|booked|booking|created?|requested|registered|order(?:ed)?)"
        rf"(?:预约)?{_TIME}",
        rf"^(?:预约|挂号|预约挂号|预约操作|预约登记|预约下单|预约提交|预约创建){_TIME}",
    ),
    "appointment.starts_at": (
        r"^(?:预约)?(?:就诊|看诊|到诊|应诊|出诊|接诊|门诊|号源|visit|service|consultation|session)(?:开始)?"
        + _TIME,
        r"^(?:appointment|appt|start)(?:start|begin)?" + _TIME,
        rf"^(?:预约|挂号|班次|排班|date|time|day|日期|时间){_TIME}|^(?:date|日期|时间)$",
    ),
    "appointment.missed": (r"爽约|失约|违约|缺诊|缺席|noshow|missed|absent",),
    "appointment.kept": (
        r"^(?:是否|已)?(?:到诊|就诊|到院|履约|赴约|签到|报到|取号)(?:标志|标识)?$"
        r"|^(?:show(?:ed)?(?:up)?|attended|attendance|kept|arrived|present)$",
    ),
    "appointment.status": (r"(?:预约|就诊|订单|挂号|到诊)?(?:状态|结果|情况)$|status|outcome|^state$",),
    "department": (
        r"^(?:预约|就诊|挂号|看诊|接诊|门诊|开单|执行)?科室(?:名称|代码|编码)?$|department|^dept|clinic|speciality|specialty",
    ),
    "doctor": (
        r"^(?:预约|就诊|接诊|看诊|主治|门诊|开单|出诊|挂号)?(?:医生|医师|专家)(?:姓名|名称|代码|工号)?$|doctor|physician",
    ),
    "appointment.note": (r"^(?:预约|挂号)备注$",),
}
BILL_HINTS: dict[str, tuple[str, ...]] = {
    "visit.external_id": (
        r"^(?:账单|结算|收费|收据|发票|票据|交易|缴费|结账|bill|billing|invoice|receipt|claim|transaction|payment)"
        + _NUMBER,
        rf"^(?:就诊|门诊就诊|住院|订单|流水|处方|encounter|visit|order|record){_NUMBER}|^流水号$|^单号$|^序号$",
    ),
    "visit.started_at": (
        rf"^(?:就诊|看诊|接诊|入院|开始|就诊开始|visit|encounter|start|admission|admit|service)(?:开始|start)?{_TIME}",
        r"^(?:收费|结算|缴费|支付|交易|开单|账单|记账|结账|付款|开票|bill|billing|invoice|paid|payment|transaction|charge)"
        rf"{_TIME}|^(?:date|日期|时间)$",
    ),
    "visit.ended_at": (rf"^(?:结束|出院|离院|就诊结束|end|stop|finish|discharge)(?:ed)?{_TIME}",),
    "visit.care": (
        r"(?:就诊|诊疗|看诊|门诊|挂号|号别|业务|患者来源)(?:类别|类型|种类)$|^(?:encounter|visit)(?:class|type)$|门诊住院",
    ),
    "visit.description": (
        r"(?:就诊|收费|诊疗|服务|检查)?(?:项目|内容|服务)(?:名称|描述|内容)?$|description|service|item(?:name)?$",
    ),
    "visit.reason": (r"主诉|就诊原因|chiefcomplaint|reasondescription",),
    "bill.amount_fen": (
        r"(?:金额|费用|总价|总额)(?:单位)?分$|(?:amount|cost|fee|total|price)(?:in)?(?:cents?|fen)$",
    ),
    "bill.amount": (
        r"(?:总(?:金额|费用|额|价|计)|(?:金额|费用)(?:总额|合计|总计)|合计(?:金额|费用)?)(?:单位)?元?$"
        r"|^total(?:claim)?(?:cost|amount|charges?|fee|price)?$|grandtotal|totalcharge",
        r"(?:实收|实付|应收|结算|收费|缴费|账单|交易|发票|消费|开单|付款|支付)(?:金额|费用|款|额)(?:单位)?元?$"
        r"|^(?:billing|bill|invoice|paid|payment|net|claim)(?:amount|total|cost)$",
        r"^(?:医疗|诊疗|就诊)?(?:金额|费用|价格)(?:单位)?元?$|(?:^|[a-z])(?:amount|cost|charges?|fee|price)$",
    ),
    "bill.method": (
        r"(?:支付|付款|结算|缴费|收费|收款)(?:方式|渠道|类型)$|payment(?:method|type)|paymethod",
    ),
    "department": APPOINTMENT_HINTS["department"],
    "doctor": APPOINTMENT_HINTS["doctor"],
}
