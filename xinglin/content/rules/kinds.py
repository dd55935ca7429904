"""The words of the module: kinds of content, its channels, levels of approval, way through the house."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What something is; decides how it is checked and which levels it passes."""

    ARTICLE = "article", _("科普文章")
    NEWS = "news", _("新闻")
    QA = "qa", _("专家问答")
    VIDEO_SCRIPT = "video_script", _("短视频脚本")
    LIVESTREAM = "livestream", _("直播方案")
    POSTER = "poster", _("海报")
    LEAFLET = "leaflet", _("折页")
    CASE_STORY = "case_story", _("病例故事")
    STATEMENT = "statement", _("声明公告")
    MESSAGE_TEXT = "message_text", _("消息文案")
    PAGE = "page", _("落地页")


#: Kinds that have a page of their own on the hospital's site once published.
ON_SITE = frozenset({Kind.ARTICLE, Kind.NEWS, Kind.QA, Kind.CASE_STORY, Kind.STATEMENT, Kind.PAGE})

#: What the checker is told a kind is; see the contract of the checker.
CHECKED_AS: dict[str, str] = {
    Kind.VIDEO_SCRIPT: "video_script",
    Kind.LIVESTREAM: "video_script",
    Kind.CASE_STORY: "case_story",
    Kind.MESSAGE_TEXT: "sms",
}


class Channel(models.TextChoices):
    SITE = "site", _("官网")
    WECHAT = "wechat", _("公众号")
    WECOM = "wecom", _("企业微信")
    SMS = "sms", _("短信")
    EMAIL = "email", _("邮件")
    DOUYIN = "douyin", _("抖音")
    KUAISHOU = "kuaishou", _("快手")
    XIAOHONGSHU = "xiaohongshu", _("小红书")
    WEIBO = "weibo", _("微博")
    ZHIHU = "zhihu", _("知乎")
    PRINT = "print", _("印刷品")
    TV = "tv", _("电视与屏幕")


#: Channels that get a publishing sheet; the site is ours, messages go through the gate.
OUTSIDE = (
    Channel.WECHAT,
    Channel.DOUYIN,
    Channel.KUAISHOU,
    Channel.XIAOHONGSHU,
    Channel.WEIBO,
    Channel.ZHIHU,
    Channel.PRINT,
    Channel.TV,
)


class Audience(models.TextChoices):
    GENERAL = "general", _("大众")
    CHRONIC = "chronic", _("慢病患者")
    PREGNANT = "pregnant", _("孕产妇")
    PARENTS = "parents", _("家长")
    ELDERLY = "elderly", _("老年人")
    WOMEN = "women", _("女性")
    MEN = "men", _("男性")
    MINOR = "minor", _("未成年人")
    STAFF = "staff", _("院内员工")


class CareStage(models.TextChoices):
    PREVENTION = "prevention", _("预防")
    SYMPTOM = "symptom", _("出现症状")
    DIAGNOSIS = "diagnosis", _("检查与诊断")
    TREATMENT = "treatment", _("治疗期间")
    RECOVERY = "recovery", _("康复")
    LIVING = "living", _("长期管理")


class Level(models.TextChoices):
    MEDICAL = "medical", _("医学审核")
    COMPLIANCE = "compliance", _("合规审核")
    FINAL = "final", _("终审")
    LEADER = "leader", _("院领导签发")


class Stage(models.TextChoices):
    """Where an item stands, as lists and the calendar show it."""

    IDEA = "idea", _("投稿")
    DRAFT = "draft", _("起草")
    SELF_CHECK = "self_check", _("自检")
    MEDICAL = "medical", _("医学审核")
    COMPLIANCE = "compliance", _("合规审核")
    FINAL = "final", _("终审")
    LEADER = "leader", _("院领导签发")
    REJECTED = "rejected", _("已退回")
    APPROVED = "approved", _("已批准")
    SCHEDULED = "scheduled", _("已排期")
    PUBLISHED = "published", _("已发布")
    MEASURED = "measured", _("有数据")
    EXPIRED = "expired", _("已过期")
    RETRACTED = "retracted", _("已撤回")


#: Stages in which the public sees something.
LIVE_STAGES = (Stage.PUBLISHED, Stage.MEASURED)
#: Stages that wait for a reviewer.
REVIEW_STAGES = (Stage.MEDICAL, Stage.COMPLIANCE, Stage.FINAL, Stage.LEADER)


class MediaKind(models.TextChoices):
    """媒体类别 as certificates name them (医疗广告管理办法第十七条)."""

    WEB = "web", _("互联网")
    PRESS = "press", _("报纸期刊")
    TV = "tv", _("电视")
    RADIO = "radio", _("广播")
    OUTDOOR = "outdoor", _("户外")
    PRINTED = "printed", _("印刷品")


#: Which medium a channel is to a certificate.
MEDIUM_OF: dict[str, str] = {
    Channel.PRINT: MediaKind.PRINTED,
    Channel.TV: MediaKind.TV,
}


class CaseScope(models.TextChoices):
    TEXT = "text", _("文字")
    PHOTO = "photo", _("照片（已遮挡）")
    FACE = "face", _("可辨认的面容")
    VIDEO = "video", _("影像")
    SITE = "site", _("本院网站")
    SOCIAL = "social", _("公众号与社交平台")
    PRINT = "print", _("印刷品")


#: What a patient has to have agreed to before their story goes to a channel; ``SOCIAL`` for every other.
SCOPE_OF: dict[str, CaseScope] = {
    Channel.SITE: CaseScope.SITE,
    Channel.PRINT: CaseScope.PRINT,
    Channel.TV: CaseScope.VIDEO,
}
