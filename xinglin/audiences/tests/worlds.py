# mypy: disable-error-code="no-untyped-def,no-untyped-call,var-annotated,dict-item,misc,arg-type"
"""Hypothesis strategies: small hospitals and random questions about them."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

ZONE = "Asia/Shanghai"
DAY = date(2024, 2, 29)
DEPARTMENTS = {"obstetrics": 11, "cardiology": 12}
KINDS = ["appointment.kept", "appointment.missed", "visit.ended"]
CONDITIONS = ["糖尿病", "高血压"]
TAGS = ["VIP", "o'neil\"; drop table patients; --"]

days = st.sampled_from(
    [DAY + timedelta(days=n) for n in (-800, -367, -366, -365, -61, -60, -30, -29, -8, -7, -1, 0, 1, 2, 7)]
)
# Few enough that touches often fall on the same moment, on a window's edge, and on both sides of midnight.
moments = st.builds(
    lambda d, h: datetime(d.year, d.month, d.day, tzinfo=UTC) + timedelta(hours=h),
    days, st.sampled_from([-8, 0, 8, 15, 16]),
)  # fmt: skip
births = st.one_of(
    st.none(),
    st.sampled_from(
        [date(1980, 2, 29), date(1999, 2, 28), date(2000, 2, 29), date(1999, 3, 1), date(1964, 3, 7)]
    ),
    st.dates(date(1940, 1, 1), date(2024, 3, 5)),
)
texts = st.sampled_from(["", "杭州", "宁波", "O'Brien"])


def patient(patient_id: int):
    return st.fixed_dictionaries({
        "patient_id": st.just(patient_id), "organization_id": st.just(1),
        "sex": st.sampled_from(["F", "M", "U"]), "birth_date": births,
        "reported_age": st.one_of(st.none(), st.integers(0, 90)),
        "reported_age_on": st.one_of(st.none(), days),
        "deceased_on": st.one_of(st.none(), st.none(), days),
        "conditions": st.lists(st.sampled_from(CONDITIONS), max_size=2, unique=True),
        "province": texts, "city": texts, "district": texts, "community": texts,
        "insurance_type": texts, "source_channel": texts,
        "responsible_id": st.one_of(st.none(), st.integers(1, 3)), "created_at": moments,
    })  # fmt: skip


def touch(size: int):
    return st.fixed_dictionaries({
        "organization_id": st.just(1), "patient_id": st.one_of(st.none(), st.integers(1, size)),
        "at": moments, "kind": st.sampled_from([*KINDS, "bill.settled", "bill.refunded"]),
        "channel": st.sampled_from(["", "web", "wechat"]), "campaign_id": st.sampled_from([None, 5]),
        "department_id": st.sampled_from([None, None, 11, 12, 13]),
        "department": st.sampled_from([None, "obstetrics", "old"]),
        "amount_fen": st.sampled_from([None, 0, 100, 250, -100]),
        "props": st.sampled_from([{}, {"reason": "x"}, {"reason": "O'K", "n": 3, "paid": True},
            {"n": 4, "paid": False}])
        .map(json.dumps),
    })  # fmt: skip


@st.composite
def worlds(draw):
    size = draw(st.integers(1, 3))
    person = st.integers(1, size)
    return {
        "patients": [draw(patient(i)) for i in range(1, size + 1)],
        "touches": draw(st.lists(touch(size), min_size=3, max_size=16)),
        "consents": draw(st.lists(st.fixed_dictionaries({
            "organization_id": st.just(1), "patient_id": person,
            "purpose": st.sampled_from(["marketing", "service"]),
            "channel": st.sampled_from(["sms", "wechat"]),
            "status": st.sampled_from(["given", "withdrawn"]), "at": moments}), max_size=5)),
        "tags": draw(st.lists(st.fixed_dictionaries(
            {"patient_id": person, "tag": st.sampled_from(TAGS)}), max_size=4)),
    }  # fmt: skip


windows = st.one_of(
    st.just({}),
    st.sampled_from([0, 1, 7, 30, 60, 365, 36600]).map(lambda n: {"within_days": n}),
    st.tuples(days, days).map(lambda p: {"between": [d.isoformat() for d in sorted(p)]}),
)
wheres = st.one_of(
    st.just({}), st.just({}),
    st.sampled_from([
        {"department": "obstetrics"}, {"department": ["obstetrics", "cardiology"]},
        {"department": "nowhere"}, {"department": "old"}, {"department": 12},
        {"channel": "web"}, {"channel": ["web", "wechat"]}, {"campaign": 5}, {"reason": "O'K"}, {"n": 3},
        {"n": {"gte": 3, "lte": 3}}, {"paid": True}, {"reason": ["x", "O'K"], "channel": "web"},
        {"amount_fen": {"gte": 100}},
    ]),
)  # fmt: skip
times = st.sampled_from(
    [None, {"gte": 1}, {"gte": 2}, {"eq": 0}, {"eq": 1}, {"lte": 1}, {"gte": 0}, {"gte": 1, "lte": 2}]
)


def touched():
    return st.builds(
        lambda kind, where, window: {"did": kind, **({"where": where} if where else {}), **window},
        st.sampled_from(KINDS), wheres, windows,
    )  # fmt: skip


dids = st.builds(
    lambda t, n, since: {**t, **({"times": n} if n else {}), **({"since": since} if since else {})},
    touched(), times, st.one_of(st.none(), touched()),
)  # fmt: skip
# "After the last of the other": two kinds, nothing narrows them, so that moments often coincide.
orders = st.builds(
    lambda kinds, n, outer, inner: {
        "did": kinds[0], **outer, **({"times": n} if n else {}), "since": {"did": kinds[1], **inner}
    },
    st.permutations(KINDS), times, windows, windows,
)  # fmt: skip
attrs = st.one_of(
    st.sampled_from(
        [{"between": [18, 60]}, {"gte": 24}, {"lte": 24}, {"is": 44}, {"known": False}, {"gte": 0}]
    )
    .map(lambda o: {"attr": "age", **o}),
    st.sampled_from([{"is": "F"}, {"in": ["M", "U"]}, {"known": True}]).map(lambda o: {"attr": "sex", **o}),
    st.sampled_from([0, 1, 7, 306, 307, 365, 366]).map(lambda n: {"attr": "birthday", "in_next_days": n}),
    st.sampled_from(["糖尿病", ["糖尿病", "高血压"]]).map(lambda v: {"attr": "condition", "contains": v}),
    st.sampled_from([True, False]).map(lambda v: {"attr": "condition", "known": v}),
    st.tuples(
        st.sampled_from(["city", "district", "community", "insurance", "source", "province"]),
        st.sampled_from(
            [
                {"is": "O'Brien"}, {"in": ["杭州", "宁波"]}, {"contains": "州"}, {"contains": "%"},
                {"known": False},
            ]
        ),
    ).map(lambda p: {"attr": p[0], **p[1]}),
    st.sampled_from([{"is": 2}, {"in": [1, 3]}, {"known": False}])
    .map(lambda o: {"attr": "responsible", **o}),
    st.one_of(
        windows.filter(bool), days.map(lambda d: {"gte": d.isoformat()}),
        days.map(lambda d: {"lte": d.isoformat()}),
    ).map(lambda o: {"attr": "created", **o}),
    st.booleans().map(lambda v: {"attr": "deceased", "is": v}),
)  # fmt: skip
spents = st.builds(
    lambda w, limit, dep: {"spent": {**w, **limit, **dep}},
    windows,
    st.sampled_from([{"gte_fen": 100}, {"lte_fen": 0}, {"gte_fen": 0, "lte_fen": 250}, {"gte_fen": -100}]),
    st.sampled_from([{}, {"department": "obstetrics"}]),
)
consents = st.builds(
    lambda p, c: {"consent": {"purpose": p, "channel": c}},
    st.sampled_from(["marketing", "service"]), st.sampled_from(["sms", "wechat"]),
)  # fmt: skip
leaves = st.one_of(
    attrs, dids, dids, orders, orders, orders, spents, consents,
    st.sampled_from(TAGS).map(lambda t: {"tag": t}), st.just({"in_audience": "糖友"}),
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.lists(below, min_size=1, max_size=4).map(lambda c: {"all": c}),
        st.lists(below, min_size=1, max_size=3).map(lambda c: {"any": c}),
        below.map(lambda c: {"not": c}),
    ),
    max_leaves=8,
)
OTHER = {"all": [{"attr": "condition", "contains": "糖尿病"}, {"did": "visit.ended", "within_days": 365}]}
