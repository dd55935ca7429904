"""The columns that describe a patient, in patient files and in files about something else."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from xinglin.patients.imports.hints import PATIENT_HINTS
from xinglin.patients.imports.shapes import Field, Kind

_FIELDS: tuple[Field, ...] = (
    Field(
        key="patient.external_id",
        label=_("患者编号"),
        kind=Kind.CODE,
        can_key=True,
        aliases=(
            "patientid",
            "patient",
            "id",
            "patientno",
            "mrn",
            "medicalrecordnumber",
            "empi",
            "患者编号",
            "患者id",
            "病人id",
            "病人编号",
            "病案号",
            "病历号",
            "门诊号",
            "登记号",
            "档案号",
            "编号",
        ),
    ),
    Field(
        key="patient.name",
        label=_("姓名"),
        max_length=80,
        aliases=(
            "name",
            "patientname",
            "fullname",
            "姓名",
            "患者姓名",
            "病人姓名",
            "名字",
            "客户姓名",
            "就诊人",
        ),
    ),
    Field(
        key="patient.first_name",
        label=_("名（外文）"),
        max_length=80,
        aliases=("first", "firstname", "givenname", "名"),
    ),
    Field(
        key="patient.last_name",
        label=_("姓（外文）"),
        max_length=80,
        aliases=("last", "lastname", "surname", "familyname", "姓"),
    ),
    Field(
        key="patient.sex",
        label=_("性别"),
        kind=Kind.SEX,
        aliases=("gender", "sex", "性别", "患者性别"),
    ),
    Field(
        key="patient.birth_date",
        label=_("出生日期"),
        kind=Kind.DATE,
        by_month=True,
        aliases=("birthdate", "dateofbirth", "dob", "birthday", "出生日期", "生日", "出生年月", "出生年月日"),
    ),
    Field(
        key="patient.age",
        label=_("年龄"),
        kind=Kind.AGE,
        aliases=("age", "年龄", "患者年龄"),
    ),
    Field(
        key="patient.deceased_on",
        label=_("去世日期"),
        kind=Kind.DATE,
        aliases=("deathdate", "dateofdeath", "deceased", "deceaseddate", "去世日期", "死亡日期"),
    ),
    Field(
        key="patient.phone",
        label=_("手机"),
        kind=Kind.PHONE,
        can_key=True,
        aliases=(
            "phone",
            "mobile",
            "phonenumber",
            "mobilephone",
            "tel",
            "telephone",
            "cellphone",
            "手机",
            "手机号",
            "手机号码",
            "电话",
            "联系电话",
            "电话号码",
            "联系方式",
            "移动电话",
            "患者电话",
        ),
    ),
    Field(
        key="patient.id_number",
        label=_("身份证号"),
        kind=Kind.ID_NUMBER,
        can_key=True,
        aliases=(
            "idnumber",
            "idcard",
            "nationalid",
            "身份证",
            "身份证号",
            "身份证号码",
            "证件号",
            "证件号码",
        ),
    ),
    Field(
        key="patient.card_no",
        label=_("就诊卡号"),
        kind=Kind.CODE,
        can_key=True,
        aliases=("cardno", "cardnumber", "卡号", "就诊卡号", "诊疗卡号", "一卡通号", "健康卡号"),
    ),
    Field(
        key="patient.ssn",
        label=_("社会保障号"),
        kind=Kind.CODE,
        aliases=("ssn", "socialsecuritynumber", "社会保障号", "社保号", "医保号", "医保卡号"),
    ),
    Field(
        key="patient.passport",
        label=_("护照号"),
        kind=Kind.CODE,
        aliases=("passport", "passportno", "passportnumber", "护照", "护照号"),
    ),
    Field(
        key="patient.guardian_phone",
        label=_("监护人手机"),
        kind=Kind.PHONE,
        aliases=(
            "guardianphone",
            "guardianmobile",
            "parentphone",
            "监护人手机",
            "监护人电话",
            "监护人手机号",
            "家长手机",
            "家长电话",
        ),
    ),
    Field(
        key="patient.email",
        label=_("邮箱"),
        kind=Kind.EMAIL,
        aliases=("email", "mail", "emailaddress", "邮箱", "电子邮箱", "邮件"),
    ),
    Field(
        key="patient.address",
        label=_("详细地址"),
        max_length=300,
        aliases=(
            "address",
            "street",
            "homeaddress",
            "地址",
            "住址",
            "家庭住址",
            "详细地址",
            "现住址",
            "联系地址",
        ),
    ),
    Field(
        key="patient.province",
        label=_("省"),
        max_length=40,
        aliases=("state", "province", "省", "省份"),
    ),
    Field(key="patient.city", label=_("市"), max_length=40, aliases=("city", "市", "城市", "地市")),
    Field(
        key="patient.district",
        label=_("区县"),
        max_length=60,
        aliases=("district", "county", "neighbourhood", "neighborhood", "区", "县", "区县", "行政区"),
    ),
    Field(
        key="patient.community",
        label=_("社区"),
        max_length=60,
        aliases=("community", "社区", "街道", "小区", "村", "居委会"),
    ),
    Field(
        key="patient.occupation",
        label=_("职业"),
        max_length=60,
        aliases=("occupation", "job", "职业"),
    ),
    Field(
        key="patient.employer",
        label=_("工作单位"),
        max_length=120,
        aliases=("employer", "company", "workplace", "单位", "工作单位"),
    ),
    Field(
        key="patient.insurance_type",
        label=_("医保类型"),
        max_length=40,
        aliases=("insurance", "insurancetype", "payer", "医保类型", "医保类别", "费别", "付费方式"),
    ),
    Field(
        key="patient.source_channel",
        label=_("首次来源"),
        max_length=40,
        aliases=("source", "sourcechannel", "channel", "来源", "首次来源", "来源渠道", "渠道"),
    ),
    Field(
        key="patient.conditions",
        label=_("慢病与既往史"),
        kind=Kind.WORDS,
        aliases=(
            "conditions",
            "diagnosis",
            "chronicdiseases",
            "慢病",
            "诊断",
            "既往史",
            "基础疾病",
            "慢性病",
        ),
    ),
    Field(
        key="patient.allergies",
        label=_("过敏"),
        kind=Kind.WORDS,
        aliases=("allergies", "allergy", "过敏", "过敏史", "药物过敏"),
    ),
    Field(
        key="patient.tags",
        label=_("标签"),
        kind=Kind.WORDS,
        aliases=("tags", "tag", "label", "标签", "患者标签"),
    ),
    Field(
        key="patient.note",
        label=_("备注"),
        max_length=1000,
        aliases=("note", "notes", "remark", "remarks", "备注", "说明"),
    ),
    Field(
        key="patient.has.高血压",
        label=_("高血压（是/否）"),
        kind=Kind.FLAG,
        aliases=("hypertension", "hipertension", "高血压"),
    ),
    Field(
        key="patient.has.糖尿病",
        label=_("糖尿病（是/否）"),
        kind=Kind.FLAG,
        aliases=("diabetes", "糖尿病"),
    ),
    Field(
        key="patient.has.酒精依赖",
        label=_("酒精依赖（是/否）"),
        kind=Kind.FLAG,
        aliases=("alcoholism", "酒精依赖", "酗酒"),
    ),
    Field(
        key="patient.has.残障",
        label=_("残障（是/否或等级）"),
        kind=Kind.FLAG,
        aliases=("handicap", "handcap", "disability", "残障", "残疾"),
    ),
)

PATIENT_FIELDS = tuple(replace(one, hints=PATIENT_HINTS.get(one.key, ())) for one in _FIELDS)
FLAGS = tuple(one.key for one in PATIENT_FIELDS if one.key.startswith("patient.has."))


def patient_fields(**aliases: tuple[str, ...]) -> tuple[Field, ...]:
    """The patient columns for an importer of something else; ``external_id=("kundennr",)`` adds headers.

    A header that one of the importer's own fields claims never reaches these.
    """
    return tuple(
        replace(one, aliases=one.aliases + aliases.get(one.key.removeprefix("patient."), ()), can_key=False)
        for one in PATIENT_FIELDS
    )
