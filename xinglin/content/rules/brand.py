"""The brand check on plain values: colours, names and logos against the hospital's kit."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

HEX: Final = re.compile(r"#[0-9A-Fa-f]{6}")
ROLES: Final = ("primary", "accent", "ink", "paper", "extra", "banned")
#: CIE76 distance below which two colours are the same to the eye in print.
NEAR: Final = 12.0
#: A banned colour on less than this share of a picture is an edge or compression, not a choice.
LEAST_SHARE: Final = 0.005


@dataclass(frozen=True, slots=True)
class BrandFinding:
    """What is wrong, in words; ``severity`` is block or warn."""

    rule: str
    severity: str
    why: str
    fix: str

    def as_dict(self) -> dict[str, str]:
        return {"rule": self.rule, "severity": self.severity, "why": self.why, "fix": self.fix}


def distance(left: str, right: str) -> float:
    """CIE76 distance of two ``#RRGGBB`` colours in L*a*b* (D65)."""
    pairs = zip(_lab(left), _lab(right), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def check_colours(used: Mapping[str, float], colours: Sequence[Mapping[str, Any]]) -> list[BrandFinding]:
    """Colours with the share of the area they cover, against the kit's banned ones."""
    found = []
    for banned in (each for each in colours if each.get("role") == "banned"):
        share = sum(part for colour, part in used.items() if distance(colour, banned["hex"]) < NEAR)
        if share >= LEAST_SHARE:
            found.append(
                BrandFinding(
                    "BRAND-COLOUR",
                    "block",
                    _("用了禁用的颜色 %(hex)s（%(name)s），占画面 %(share).1f %%")
                    % {"hex": banned["hex"], "name": banned.get("name") or "–", "share": share * 100},
                    _("换成主色或辅助色"),
                )
            )
    return found


def check_names(text: str, names: Iterable[str]) -> list[BrandFinding]:
    """At least one of the hospital's names stands on the piece."""
    wanted = [name for name in names if name]
    bare = "".join(text.split())
    if any("".join(name.split()) in bare for name in wanted):
        return []
    return [
        BrandFinding(
            "BRAND-NAME",
            "block",
            _("画面上没有医院名称"),
            _("写上「%(name)s」") % {"name": wanted[0] if wanted else ""},
        )
    ]


def check_logo(*, current: str | None, used: str | None, retired: Sequence[str]) -> list[BrandFinding]:
    """The version used against the current one; both by name, ``retired`` those seen on the piece."""
    found = [
        BrandFinding(
            "BRAND-LOGO-OLD",
            "block",
            _("用了停用的标志「%(name)s」") % {"name": name},
            _("换成现用的「%(name)s」") % {"name": current or "–"},
        )
        for name in retired
    ]
    if not found and current and used is None:
        found.append(
            BrandFinding(
                "BRAND-LOGO-MISSING",
                "warn",
                _("没有找到现用的标志"),
                _("放上「%(name)s」；若已放，请人工确认大小和留白") % {"name": current},
            )
        )
    return found


def hamming(left: str, right: str) -> int:
    """Differing bits of two hex fingerprints."""
    return (int(left or "0", 16) ^ int(right or "0", 16)).bit_count()


def clean_colours(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Colours as the kit keeps them; ValueError names the first wrong one."""
    kept = []
    for row in rows:
        value, role = str(row.get("hex", "")).strip().upper(), str(row.get("role", "extra"))
        if not HEX.fullmatch(value) or role not in ROLES:
            raise ValueError(value or role)
        kept.append({"hex": value, "name": str(row.get("name", ""))[:40].strip(), "role": role})
    return kept


def contrast(left: str, right: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(left), _luminance(right)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _linear(colour: str) -> tuple[float, float, float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return red, green, blue


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lab(colour: str) -> tuple[float, float, float]:
    red, green, blue = _linear(colour)
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
