"""The shape of a rule pack: what the YAML files must say, checked when they are read."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Kind = Literal["ad", "wechat_article", "sms", "community_post", "video_script", "web_page", "case_story"]
TextClass = Literal["ad", "disclosure", "science", "service", "community"]
Severity = Literal["block", "warn", "info"]
KINDS: tuple[Kind, ...] = (
    "ad",
    "wechat_article",
    "sms",
    "community_post",
    "video_script",
    "web_page",
    "case_story",
)

# 法条 as the contract wants it: law, 条 and, where it has them, 款 and 项; order documents use 第…点 or 条.
_NUMBER = "[零〇一二三四五六七八九十百千]+"
CITATION = re.compile(rf"^[^第《》]+第{_NUMBER}条(之{_NUMBER})?(第{_NUMBER}款)?(第{_NUMBER}项)?$")


def _is_citation(value: str) -> str:
    if not CITATION.match(value):
        raise ValueError(f"not a citation: {value}")
    return value


def _is_pattern(value: str) -> str:
    re.compile(value)
    return value


Citation = Annotated[str, AfterValidator(_is_citation)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pattern(_Strict):
    """Words, or anchors with an expression around them; the other fields narrow where they count.

    Expressions may use ``<name>`` for a fragment of the terms file. ``all`` are slots: each must be found in
    the sentence, in any order, and the finding spans them. ``near``/``far`` look at the sentence,
    ``before``/``after`` at the characters next to the hit, ``text_has``/``text_lacks`` at the whole text.
    With ``line`` the sentence is the whole line.
    """

    words: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    regex: str = ""
    all: tuple[str, ...] = ()
    line: bool = False
    fuzzy: bool = True
    near: str = ""
    far: str = ""
    before: str = ""
    after: str = ""
    not_before: str = ""
    not_after: str = ""
    text_has: str = ""
    text_lacks: str = ""
    kinds: tuple[Kind, ...] = ()
    classes: tuple[TextClass, ...] = ()
    meta: dict[str, Any] = Field(default_factory=dict)
    severity: Severity | None = None
    exceptions: tuple[str, ...] | None = None
    replace: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Pattern":
        if bool(self.words) == bool(self.anchors):
            raise ValueError("give words or anchors")
        if self.anchors and bool(self.regex) == bool(self.all):
            raise ValueError("anchors need a regex or slots")
        return self


class Rule(_Strict):
    """One rule of law as data; ``check`` names a structural test in the engine.

    ``rewrite`` advises the author; ``replace`` is the very text a one-click rewrite puts in ("" deletes).
    ``private_too`` adds the statutes for private channels, where the advertising law may not reach.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z]{2,5}-\d{2}$")]
    version: int = 1
    effective_from: date
    effective_to: date | None = None
    family: str
    name: str
    severity: Severity
    kinds: tuple[Kind, ...] = KINDS
    classes: tuple[TextClass, ...] = ()
    citations: tuple[Citation, ...]
    private_too: bool = False
    law: str
    message: str
    rewrite: str
    replace: str | None = None
    evidence: str = ""
    leniency: str = ""
    source: str
    exceptions: tuple[str, ...] = ()
    safe: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    check: str = ""


class ContextException(_Strict):
    """A context that saves a hit: looked for behind it (in its clause), ahead of it, in its sentence, or
    around it (``around``: the sentences next to it as well), ``unless`` what was looked at also sells.
    ``kinds`` narrows the texts in which it counts."""

    id: str
    label: str
    behind: str = ""
    ahead: str = ""
    sentence: str = ""
    around: str = ""
    unless: str = ""
    kinds: tuple[Kind, ...] = ()


class Pack(_Strict):
    """One file of rules."""

    pack: str
    version: str
    rules: tuple[Rule, ...]


class Limits(_Strict):
    """What the second reader's chances lead to (a stretch too short to judge has 0.5).

    Below ``ease`` a loose pattern's hit is let go. Below ``listed`` any hit outside advertisements is, where
    the clause around it by itself stays below ``clause`` (``firm_clause`` for the rules in ``firm``, whose
    patterns never count as loose); no hit of the rules in ``never``. From ``sure`` on a stretch that nothing
    held counts as its rule does. In ``asks``, the kinds of text where a person's name is put in, a person has
    to look, and nothing counts as loose."""

    ease: float = 0.0
    listed: float = 0.0
    clause: float = 0.0
    firm_clause: float = 0.0
    firm: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    sure: float = 1.1
    asks: tuple[Kind, ...] = ()


class Terms(_Strict):
    """Shared fragments, exceptions, signals of the text's class, and substitutions used to evade."""

    version: str
    fragments: dict[str, str]
    exceptions: tuple[ContextException, ...]
    signals: dict[str, tuple[str, ...]]
    substitutes: dict[str, str]
    aliases: dict[str, tuple[str, ...]]
    lexicon: tuple[str, ...] = ()
    reader: Limits = Limits()


def read_packs(folder: Path) -> tuple[Terms, list[Pack]]:
    """Every YAML file of ``folder``, validated; ValueError (pydantic) names the field that is wrong."""
    terms = Terms.model_validate(_load(folder / "_terms.yaml"))
    packs = [
        Pack.model_validate(_load(path))
        for path in sorted(folder.glob("*.yaml"))
        if not path.name.startswith("_")
    ]
    if not packs:
        raise ValueError(f"no rule packs in {folder}")
    ids = [rule.id for pack in packs for rule in pack.rules]
    if len(ids) != len(set(ids)):
        raise ValueError(
            "a rule id is used twice: " + ", ".join(sorted({i for i in ids if ids.count(i) > 1}))
        )
    return terms, packs


def _load(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 (a safe loader, the fast one)
