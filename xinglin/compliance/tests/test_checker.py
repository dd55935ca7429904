"""The checker through its door: verdicts, citations, exceptions, failing closed."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from xinglin.compliance.checker import Item, check
from xinglin.compliance.engine.expressions import Expression
from xinglin.compliance.engine.rulebook import (
    Clause,
    CompiledException,
    compile_rulebook,
    default_rulebook,
)


def verdict_of(text: str, kind: str = "ad", **meta: Any) -> str:
    return check(Item(kind=kind, text=text, meta=meta)).verdict


def rules_of(text: str, kind: str = "ad", **meta: Any) -> set[str]:
    return {finding.rule for finding in check(Item(kind=kind, text=text, meta=meta)).findings}


@pytest.mark.parametrize(
    ("text", "kind", "rule"),
    [
        ("本院拥有全省最先进的仪器", "web_page", "AD-03"),
        ("我院是本地唯一开展该项目的医院", "web_page", "AD-03"),
        ("本科室采用新疗法，绝不复发", "web_page", "MED-01"),
        ("本院保证治好您的颈椎病", "web_page", "MED-01"),
        ("我院胃病治愈率达到96%", "web_page", "MED-02"),
        ("九成患者一个疗程见效", "web_page", "MED-02"),
        ("比其他医院便宜一半，效果更好", "ad", "MED-03"),
        ("著名歌手倾情推荐我院", "ad", "MED-04"),
        ("解放军专家每周来院坐诊", "ad", "MED-06"),
        ("科普：高血压怎么吃盐。咨询请加微信hospital01", "wechat_article", "MED-09"),
        ("每介绍一个病人给医生返200元", "community_post", "REF-01"),
        ("参保人员来住院，免起付线还送鸡蛋", "community_post", "INS-01"),
        ("智能客服：您这是肺炎，请服用头孢，一日三次", "web_page", "AI-01"),
        ("求助：有偿转让没吃完的靶向药", "community_post", "COM-03"),
    ],
)
def test_sentences_that_the_law_forbids(text: str, kind: str, rule: str) -> None:
    assert rule in rules_of(text, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("本次培训重申：广告中不得使用“最佳”“第一”等用语。", "wechat_article"),
        ("直肠癌根治术后请按医嘱复查。", "wechat_article"),
        ("市第一人民医院与我院签订双向转诊协议。", "web_page"),
        ("目前该病尚不能根治，请坚持规范治疗。", "wechat_article"),
        ("就诊最佳时间窗为发病后4.5小时内，请立即拨打120。", "wechat_article"),
        ("社区签约服务可为居民建立健康档案。", "web_page"),
        ("我院严禁收受红包和回扣，欢迎监督。", "web_page"),
        ("家属不要给孩子自行停药。", "wechat_article"),
    ],
)
def test_look_alikes_pass(text: str, kind: str) -> None:
    result = check(Item(kind=kind, text=text))
    assert result.verdict == "pass", [(f.rule, f.quote) for f in result.findings]


def test_citation_names_law_article_paragraph_and_item() -> None:
    [finding] = [f for f in check(Item(kind="web_page", text="本院治愈率98%")).findings if f.rule == "MED-02"]
    assert finding.article[0] == "广告法第十六条第一款第二项"
    assert "命中：治愈率98%" in finding.message
    assert "依据：广告法第十六条第一款第二项" in finding.message


def test_private_channels_also_cite_competition_and_consumer_law() -> None:
    result = check(Item(kind="community_post", text="我院种牙全城最便宜，保证不疼"))
    assert any("反不正当竞争法第九条" in f.article for f in result.findings)


def test_verdict_follows_the_worst_severity() -> None:
    assert verdict_of("我院年手术量突破三万台", "web_page") == "review"
    assert verdict_of("我院年手术量突破三万台，保证治愈", "web_page") == "block"
    assert verdict_of("门诊时间调整通知", "web_page") == "pass"


def test_message_rules_by_meta() -> None:
    body = "【杏林医院】健康讲座周六举行 拒收请回复R"
    assert verdict_of(body, "sms", purpose="marketing", consent=True) == "pass"
    assert "MSG-01" in rules_of(body, "sms", purpose="marketing", consent=False)
    assert "MSG-01" in rules_of(body, "sms", purpose="marketing", consent=True, opted_out=True)
    assert "MSG-02" in rules_of(body[6:], "sms", purpose="marketing")
    assert "MSG-03" in rules_of("【杏林医院】健康讲座周六举行", "sms", purpose="marketing")
    assert "MSG-04" in rules_of(body, "sms", purpose="marketing", send_at="2026-11-22T22:10:00+08:00")
    assert (
        rules_of("【杏林医院】您的报告已出", "sms", purpose="service", send_at="2026-11-22T23:00:00+08:00")
        == set()
    )


def test_class_decides() -> None:
    text = "骨科门诊周一至周五开诊，电话0571-88880000"
    assert verdict_of(text, "web_page", page_class="disclosure") == "pass"
    assert "MED-09" in rules_of(text, "web_page", page_class="science")


def test_certificate_expiry_and_number() -> None:
    text = "云州安和医院，地址文昌路9号。医广【2026】第01-15-007号"
    certificate = {"no": "医广【2026】第01-15-007号", "valid_to": "2027-01-15"}
    assert verdict_of(text, ad_cert=certificate, publish_at="2026-06-01") == "pass"
    assert "MED-07" in rules_of(text, ad_cert=certificate, publish_at="2027-01-16")
    assert "MED-07" in rules_of(text, ad_cert={"no": "医广【2025】第03-01-001号"}, publish_at="2026-06-01")
    assert "MED-07" in rules_of("云州安和医院，地址文昌路9号")


def test_offsets_are_code_points_of_the_original() -> None:
    text = "😀😀我院是全​市最​好的医院"
    [finding] = [f for f in check(Item(kind="web_page", text=text)).findings if f.rule == "AD-03"]
    assert finding.start is not None
    assert text[finding.start : finding.end] == finding.quote
    assert finding.quote.startswith("全​市最")


def test_explain_says_what_saved_a_sentence() -> None:
    result = check(Item(kind="wechat_article", text="该病不能根治。"), explain=True)
    assert result.verdict == "pass"
    assert [(s.rule, s.quote) for s in result.saved if s.rule == "MED-01"]


@pytest.mark.parametrize(
    "item",
    [
        {"kind": "poster", "text": "x"},
        {"kind": "ad"},
        {"kind": "ad", "text": None},
        {"kind": "ad", "text": "坏\ud800字"},
        {"kind": "ad", "text": "x", "meta": [1]},
    ],
)
def test_fails_closed(item: dict[str, Any]) -> None:
    assert check(item).verdict == "review"


def test_missing_pack_fails_closed(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="_terms"):
        compile_rulebook(tmp_path)


def test_every_rule_is_complete_and_every_named_exception_exists() -> None:
    book = default_rulebook()
    for rule in book.rules.values():
        assert rule.patterns or rule.check, rule.id
        assert rule.law
        assert rule.rewrite
        assert rule.source
    assert {"AD-03", "MED-01", "MED-02", "MSG-01", "MSG-02", "MSG-03", "MSG-04"} <= set(book.rules)


def test_every_expression_compiles() -> None:
    """They are compiled when first asked, so a text need not find a slip."""
    clauses = [clause for several in default_rulebook().clauses.values() for clause in several]
    holders: set[Clause | CompiledException] = {
        *clauses,
        *(exception for clause in clauses for exception in clause.exceptions),
    }
    values = [getattr(holder, field.name) for holder in holders for field in fields(holder)]
    several = [value if isinstance(value, tuple) else (value,) for value in values]
    found = {each for some in several for each in some if isinstance(each, Expression)}
    assert len(found) > 1_000
    for expression in found:
        expression.compiled()


def test_an_expression_answers_as_what_it_compiles_to() -> None:
    expression = Expression("治愈|根[治除]")
    assert expression.search("可以根除") is not None
    assert expression.search("可以根除", 0, 3) is None
    assert expression.match("治愈了") is not None
    assert [found.group() for found in expression.finditer("治愈、根治")] == ["治愈", "根治"]
    with pytest.raises(re.error):
        Expression("(").search("(")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("网友点评：这家医院真不错，环境好，医生负责", {"MED-04"}),
        ("来自患者的好评：环境干净，护士温柔。", {"MED-04"}),
        ("住院患者王先生留言：感谢骨科全体医护，手术非常成功！", {"MED-04"}),
        ("我们承诺根治，不成功不收钱", {"MED-01"}),
        ("患者评价调查：请您留言，我们负责回复。", set()),
        ("病人留言：请问周日有没有门诊，谢谢。", set()),
        ("我院不承诺根治，具体方案请与医师商量。", set()),
        ("任何医生都不保证治愈，规范随访更要紧。", set()),
    ],
)
def test_reviews_shown_by_the_hospital_bite_and_promises_refused_do_not(text: str, rules: set[str]) -> None:
    found = {finding.rule for finding in check(Item(kind="web_page", text=text)).findings}
    assert rules <= found
    assert bool(found) == bool(rules), found


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("据国家疾控局通报，本地未发现输入病例。", "AD-03"),
        ("两次量得的血压差一截，明天再量一次。", "AD-03"),
        ("孩子测男女生身高分别用不同的曲线图。", "COM-03"),
        ("摄影社新手先学补光和开光圈，别对着病人拍。", "AD-05"),
        ("武警官兵用冲锋舟转移了三位透析老人，我院把机位空出来等他们。", "MED-06"),
    ],
)
def test_ordinary_words_that_sound_like_listed_ones(text: str, rule: str) -> None:
    assert rule not in rules_of(text, "wechat_article")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("本院是国家极皮肤专科，全国第一。", "AD-03"),
        ("怀孕七周寄血验子，测男女加微信。", "COM-03"),
        ("本院与武警官兵指定医院同源，专家坐诊。", "MED-06"),
    ],
)
def test_and_those_that_are_meant_are_found(text: str, rule: str) -> None:
    assert rule in rules_of(text, "wechat_article")
