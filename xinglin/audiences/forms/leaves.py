"""One condition: from its controls to JSON, and from JSON to what the controls show."""

from typing import Any

from xinglin.audiences.forms.values import (
    Fields,
    decimal,
    decimal_text,
    fen,
    number,
    one,
    shown,
    split,
    typed,
    yuan_text,
)
from xinglin.audiences.rules.edit import Json
from xinglin.audiences.rules.vocabulary import ATTRIBUTES, Kinds, Shape

TOUCH_TYPES: dict[str, tuple[type, ...]] = {"amount_fen": (int,)}
NEW: dict[str, Json] = {
    "attr": {"attr": "age", "between": [18, 60]},
    "did": {"did": "visit.ended", "within_days": 180},
    "spent": {"spent": {"within_days": 365, "gte_fen": 50000}},
    "consent": {"consent": {"channel": "sms", "purpose": "marketing"}},
    "tag": {"tag": "VIP"},
    "in_audience": {"in_audience": ""},
    "score": {"score": "", "gte": 0.6},
    "exclude": {"not": {"in_audience": ""}},
    "group": {"any": []},
}
DEFAULTS: dict[str, Any] = {
    "age": {"between": [18, 60]}, "sex": {"is": "F"}, "birthday": {"in_next_days": 7},
    "condition": {"contains": [""]}, "created": {"within_days": 30}, "responsible": {"known": True},
    "deceased": {"is": False},
}  # fmt: skip


def leaf_type(node: Json) -> str:
    """Which set of controls a condition has."""
    return next(
        (
            k
            for k in ("attr", "did", "spent", "consent", "tag", "in_audience", "listed", "score")
            if k in node
        ),
        "",
    )


def read(node: Json, fields: Fields, kinds: Kinds) -> Json:
    """The condition as its controls now say."""
    kind = leaf_type(node)
    if not fields:
        return node
    if kind == "attr":
        return read_attr(node, fields)
    if kind == "did":
        return read_did(node, fields, kinds)
    if kind == "spent":
        return {"spent": read_spent(fields)}
    if kind == "consent":
        return {"consent": {"channel": one(fields, "channel"), "purpose": one(fields, "purpose")}}
    if kind == "score":
        return read_score(fields)
    if kind in ("tag", "in_audience"):
        return {kind: one(fields, "value")}
    return node


def read_score(fields: Fields) -> Json:
    made = {
        "score": one(fields, "value"),
        "gte": decimal(one(fields, "low")),
        "lte": decimal(one(fields, "high")),
    }
    return {key: value for key, value in made.items() if value is not None}


def read_attr(node: Json, fields: Fields) -> Json:
    name = one(fields, "attr")
    if name not in ATTRIBUTES or name != node.get("attr"):
        return {"attr": name, **DEFAULTS.get(name, {"is": ""})}
    operator = one(fields, "op")
    shape = ATTRIBUTES[name].shape
    if operator in ("known", "unknown"):
        return {"attr": name, "known": operator == "known"}
    if shape is Shape.FLAG:
        return {"attr": name, "is": one(fields, "value") == "true"}
    if operator in ("within_days", "in_next_days"):
        return {"attr": name, operator: number(one(fields, "value"))}
    if operator == "between":
        return {
            "attr": name,
            "between": [_plain(shape, one(fields, "low")), _plain(shape, one(fields, "high"))],
        }
    if operator == "in" or (operator == "contains" and shape is Shape.MANY):
        many = fields.get("many") or split(one(fields, "value"))
        return {"attr": name, operator: many or [""]}
    return {"attr": name, operator or "is": _plain(shape, one(fields, "value"))}


def _plain(shape: Shape, text: str) -> Any:
    return number(text) if shape is Shape.NUMBER else text


def read_window(fields: Fields, prefix: str = "") -> Json:
    """`within_days`, `between` or nothing."""
    window = one(fields, f"{prefix}win")
    if window == "days":
        return {"within_days": number(one(fields, f"{prefix}days", "30"))}
    if window == "between":
        return {"between": [one(fields, f"{prefix}from"), one(fields, f"{prefix}to")]}
    return {}


def read_did(node: Json, fields: Fields, kinds: Kinds) -> Json:
    kind = one(fields, "did")
    made: Json = {"did": kind}
    where: Json = {"department": one(fields, "dept")} if one(fields, "dept") else {}
    props = kinds[kind].props if kind in kinds else {}
    for index in range(10):
        name = one(fields, f"w{index}name")
        if name and f"w{index}value" in fields:
            types = props.get(name) or TOUCH_TYPES.get(name, (str, int))
            where[name] = typed(one(fields, f"w{index}value"), types)
    if (extra := one(fields, "wnew")) and extra not in where:
        where[extra] = ""
    if where:
        made["where"] = where
    made |= read_window(fields)
    made |= read_times(fields)
    if fields.get("since", [""])[-1] == "on":
        inner: Json = {"did": one(fields, "sdid") or "appointment.missed"}
        if one(fields, "sdept"):
            inner["where"] = {"department": one(fields, "sdept")}
        old = node.get("since") or {}
        rest = {k: v for k, v in (old.get("where") or {}).items() if k != "department"}
        if rest:
            inner["where"] = {**inner.get("where", {}), **rest}
        made["since"] = inner | (read_window(fields, "s") if "swin" in fields else {"within_days": 30})
    return made


def read_times(fields: Fields) -> Json:
    """How often; "at least once" is the default and left out."""
    often, n, m = one(fields, "often"), number(one(fields, "n", "1")), number(one(fields, "m", "1"))
    if often == "none":
        return {"times": {"eq": 0}}
    if often == "range":
        return {"times": {"gte": n, "lte": m}}
    if often in ("eq", "lte"):
        return {"times": {often: n}}
    return {} if n == 1 else {"times": {"gte": n}}


def read_spent(fields: Fields) -> Json:
    made = read_window(fields)
    if one(fields, "dept"):
        made["department"] = one(fields, "dept")
    often = one(fields, "often")
    if often in ("gte", "range"):
        made["gte_fen"] = fen(one(fields, "low"))
    if often in ("lte", "range"):
        made["lte_fen"] = fen(one(fields, "high"))
    return {key: value for key, value in made.items() if value is not None}


def controls(node: Json) -> Json:
    """What a condition's controls show, as plain values for the template."""
    kind = leaf_type(node)
    if kind == "attr":
        return attr_controls(node)
    if kind == "did":
        return {**touched_controls(node), **times_controls(node.get("times") or {"gte": 1}),
                "since": since_controls(node["since"]) if node.get("since") else None}  # fmt: skip
    if kind == "spent":
        spent = node["spent"] if isinstance(node["spent"], dict) else {}
        both = "gte_fen" in spent and "lte_fen" in spent
        return {**window_controls(spent), "dept": spent.get("department", ""),
                "often": "range" if both else "lte" if "lte_fen" in spent else "gte",
                "low": yuan_text(spent.get("gte_fen")), "high": yuan_text(spent.get("lte_fen"))}  # fmt: skip
    if kind == "score":
        return {
            "value": node["score"],
            "low": decimal_text(node.get("gte")),
            "high": decimal_text(node.get("lte")),
        }
    if kind == "consent":
        return dict(node["consent"]) if isinstance(node["consent"], dict) else {}
    return {"value": node.get(kind, "")}


def attr_controls(node: Json) -> Json:
    name = node.get("attr", "")
    attribute = ATTRIBUTES.get(name)
    operator = next((key for key in node if key != "attr"), "is")
    value = node.get(operator)
    made: Json = {"attr": name, "shape": attribute.shape.value if attribute else "text", "op": operator}
    if operator == "known":
        made["op"] = "known" if value else "unknown"
    elif operator == "between" and isinstance(value, list) and len(value) == 2:
        made["low"], made["high"] = ("" if v is None else v for v in value)
    elif isinstance(value, list):
        made["many"], made["value"] = value, "、".join(str(v) for v in value)
    else:
        made["value"] = str(value).lower() if isinstance(value, bool) else ("" if value is None else value)
    return made


def window_controls(node: Json) -> Json:
    if "within_days" in node:
        return {"win": "days", "days": "" if node["within_days"] is None else node["within_days"]}
    between = node.get("between")
    if isinstance(between, list) and len(between) == 2:
        return {"win": "between", "from": between[0], "to": between[1]}
    return {"win": "any"}


def touched_controls(node: Json) -> Json:
    where = node.get("where") or {}
    rest = [
        {"index": i, "name": name, "value": shown(value)}
        for i, (name, value) in enumerate((k, v) for k, v in where.items() if k != "department")
    ]
    return {**window_controls(node), "did": node.get("did", ""), "dept": shown(where.get("department", "")),
            "where": rest}  # fmt: skip


def since_controls(node: Json) -> Json:
    return touched_controls(node)


def times_controls(times: Json) -> Json:
    if times.get("eq") == 0 or times.get("lte") == 0:
        return {"often": "none", "n": 1}
    if "eq" in times:
        return {"often": "eq", "n": times["eq"]}
    if "gte" in times and "lte" in times:
        return {"often": "range", "n": times["gte"], "m": times["lte"]}
    return (
        {"often": "lte", "n": times["lte"]} if "lte" in times else {"often": "gte", "n": times.get("gte", 1)}
    )
