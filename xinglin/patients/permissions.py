from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    VIEW_PATIENT = "patients.patient.view"
    EDIT_PATIENT = "patients.patient.edit"
    REVEAL_PATIENT = "patients.patient.reveal"
    EXPORT_PATIENT = "patients.patient.export"
    ERASE_PATIENT = "patients.patient.erase"
    EDIT_CONSENT = "patients.consent.edit"
    EDIT_HOUSEHOLD = "patients.household.edit"
    RUN_IMPORT = "patients.import.run"
    UNDO_IMPORT = "patients.import.undo"


LABELS = {
    Permission.VIEW_PATIENT: _("查看患者（号码遮挡）"),
    Permission.EDIT_PATIENT: _("建档和修改患者"),
    Permission.REVEAL_PATIENT: _("显示被遮挡的号码（留痕）"),
    Permission.EXPORT_PATIENT: _("导出患者名单（留痕）"),
    Permission.ERASE_PATIENT: _("确认删除个人信息（留痕）"),
    Permission.EDIT_CONSENT: _("登记同意和退订"),
    Permission.EDIT_HOUSEHOLD: _("编家庭、指定监护人"),
    Permission.RUN_IMPORT: _("导入文件"),
    Permission.UNDO_IMPORT: _("撤销导入"),
}
