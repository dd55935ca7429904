from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation


def yuan(fen: int | None) -> str:
    """``¥12,345.60`` from integer fen; an en dash for nothing known."""
    if fen is None:
        return "–"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_fen(text: str) -> int:
    """Fen from an amount in yuan as people write it (``¥1,234.5``); exact.

    ValueError for anything else, and for fractions of a fen.
    """
    plain = text.strip().replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    try:
        fen = Decimal(plain) * 100
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {text!r}") from error
    if not fen.is_finite() or fen != fen.to_integral_value(ROUND_HALF_EVEN) or abs(fen) > 10**15:
        raise ValueError(f"not an amount in whole fen: {text!r}")
    return int(fen)
