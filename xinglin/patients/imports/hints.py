"""Headers of patient columns as hospital systems vary them: patterns for what no list of names covers.

Matched against a folded header (lower case, letters and digits only, remarks in brackets cut off), the
first pattern of a field before its second. What comes from a hint must also read as its kind.
"""

#: Columns about somebody or something else, whatever else their header says.
OTHERS = (
    r"紧急|联系人(?!电话$|手机$|姓名$)|家属|监护|陪同|亲属|介绍|推荐|医院|院区|机构|传真|操作员|收费员|经办|录入"
    r"|emergency|guardian|nextofkin|contactname|fax|hospital|facility|organi[sz]ation"
)
_WHO = r"(?:患者|病人|客户|会员|就诊人|就诊者|顾客|受检者|patient|pat|client|member|person)"
_NUMBER = r"(?:id|编号|编码|号码|号|标识|流水号|主索引|唯一号|代码|no|num|number|key|code|identifier)"

PATIENT_HINTS: dict[str, tuple[str, ...]] = {
    "patient.external_id": (
        rf"^{_WHO}(?:的|唯一|主|内部)?{_NUMBER}$",
        r"病案号|病历(?:号|编号|id)|(?:门诊|住院|登记|建档|档案|健康档案)(?:号|编号|id)|^(?:mrn|empi?i?d?|subjectid|pid)$"
        r"|主索引|medicalrecord|chart(?:no|number)",
    ),
    "patient.name": (rf"^{_WHO}的?(?:中文)?(?:姓名|名称|名字|name)$|^(?:中文)?姓名$|fullname|displayname",),
    "patient.first_name": (r"^(?:given|first|fore)names?$|名字?拼音",),
    "patient.last_name": (r"^(?:family|last|sur)names?$",),
    "patient.sex": (
        rf"^{_WHO}?的?性别|^(?:patient|pat)?(?:sex|gender)(?:code|name)?$|性别(?:代码|名称|编码)?$",
    ),
    "patient.birth_date": (r"出生|生日|birth|^dob$",),
    "patient.age": (rf"^(?:{_WHO}|就诊|当前|实际|就诊时)?的?年龄|^(?:patient)?age(?:at\w+|years|inyears)?$",),
    "patient.deceased_on": (r"死亡|去世|逝世|death|deceas",),
    "patient.phone": (
        r"手机|移动电话|mobile|cell",
        r"联系(?:电话|方式|号码)|电话|phone|^tel",
    ),
    "patient.id_number": (r"身份证|证件(?:号|编号)|idcard|identity(?:no|number|card)|nationalid|citizenid",),
    "patient.card_no": (
        r"(?:就诊|诊疗|医疗|健康|院内|磁|会员|电子健康)卡(?:号|号码|编号|id)?$|一卡通|^card(?:no|num|number|id)$",
    ),
    "patient.ssn": (
        r"社(?:会)?保(?:障)?(?:卡)?(?:号|编号|号码)|医保(?:卡|个人)?(?:号|编号|号码)|^ssn|socialsecurity",
    ),
    "patient.passport": (r"护照|passport",),
    "patient.email": (r"邮箱|电子邮|email|^mail",),
    "patient.address": (
        r"(?:家庭|现|常住|居住|户籍|联系|通讯|详细)?(?:地址|住址|居住地|住所)$|address|street",
    ),
    "patient.province": (r"^(?:现住|居住|户籍|所在)?(?:省|省份|省市)$|^(?:state|province)(?:name)?$",),
    "patient.city": (r"^(?:现住|居住|户籍|所在)?(?:市|城市|地市)$|^city(?:name)?$|^town$",),
    "patient.district": (
        r"^(?:现住|居住|户籍|所在)?(?:区|区县|县|县区|行政区)$|^(?:district|county|neighbou?rhood)",
    ),
    "patient.community": (r"社区|街道|乡镇|居委|小区",),
    "patient.occupation": (r"^职业|occupation|profession",),
    "patient.employer": (r"(?:工作)?单位(?:名称)?$|employer|company|workplace",),
    "patient.insurance_type": (
        r"医保(?:类型|类别|性质)|费别|付费(?:方式|类型|类别)|(?:参保|保险|险种)(?:类型|类别|性质)?$|患者(?:类型|性质)"
        r"|insurance(?:type|name|provider|plan)?$|^payer",
    ),
    "patient.source_channel": (
        r"(?:客户|患者|获客|首次|信息)?来源(?:渠道|类型)?$|渠道(?:来源|名称)?$|leadsource",
    ),
    "patient.conditions": (
        r"慢(?:性)?病(?:病?种|类型|名称)?|既往(?:病)?史|基础(?:疾)?病|(?:主要|门诊|临床|初步|最后)?诊断(?:名称|描述)?$"
        r"|^diagnos[ei]s(?:name|description)?$|chroniccondition",
    ),
    "patient.allergies": (r"过敏|allerg",),
    "patient.tags": (r"标签|^tags?$",),
    "patient.note": (r"备注(?:信息|说明|内容)?$|^(?:remark|comment)s?$",),
    "patient.has.高血压": (r"高血压|h[iy]pertension",),
    "patient.has.糖尿病": (r"糖尿病|diabet",),
}
