"""What must be measured per person, gathered first and then read in one grouped pass a table."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any

from xinglin.audiences.queries.attributes import moment
from xinglin.audiences.queries.schema import CONSENTS, LISTS, PATIENTS, SCORES, TAGS, TOUCHES
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.rules.names import BY_ID, Names
from xinglin.audiences.rules.tree import Agreement, Amount, Did, Range, Scored, Touched
from xinglin.core.deferred import deferred_module

if TYPE_CHECKING:
    import ibis.expr.types as ir

ibis: Any = deferred_module("ibis")

SETTLED, REFUNDED = "bill.settled", "bill.refunded"
Bounds = tuple[datetime | None, datetime | None]


class Facts:
    """Collects measures while a question is walked, then joins them to the patients.

    Names of measures are short and generated (t0, t1 …); equal pieces share one.
    """

    def __init__(self, names: Names, organization_id: int, as_of: AsOf) -> None:
        self.names, self.organization_id, self.as_of = names, organization_id, as_of
        self._counts: dict[str, tuple[str, Touched]] = {}
        self._latest: dict[str, tuple[str, Touched]] = {}
        self._spent: dict[str, tuple[str, Amount]] = {}
        self._after: dict[str, tuple[str, Did]] = {}
        self._consents: dict[str, tuple[str, Agreement]] = {}
        self._tags: dict[str, str] = {}
        self._scores: dict[str, str] = {}
        self._lists: dict[int, str] = {}

    # what is needed -------------------------------------------------------------------------------

    def need_did(self, node: Did) -> None:
        if node.since is None:
            _keep(self._counts, "t", bare(node))
            return
        _keep(self._latest, "m", node.since)
        if by_latest(node):
            _keep(self._latest, "m", bare(node))
        else:
            _keep(self._after, "a", node)

    def need_spent(self, amount: Amount) -> None:
        _keep(self._spent, "s", amount)

    def need_consent(self, agreement: Agreement) -> None:
        _keep(self._consents, "c", agreement)

    def need_tag(self, tag: str) -> None:
        self._tags.setdefault(tag, f"g{len(self._tags)}")

    def need_score(self, score: str) -> None:
        self._scores.setdefault(score, f"v{len(self._scores)}")

    def need_list(self, audience_id: int) -> None:
        self._lists.setdefault(audience_id, f"l{len(self._lists)}")

    # what a condition says of it -------------------------------------------------------------------

    def did(self, node: Did, base: ir.Table) -> Any:
        if node.since is None:
            return _within(base[self._counts[_key(bare(node))][0]], node.times.least, node.times.most)
        anchor = base[self._latest[_key(node.since)][0]]
        if by_latest(node):
            mine = base[self._latest[_key(bare(node))][0]]
            if node.times.least:
                return (mine > anchor).fill_null(False)
            return anchor.notnull() & (mine.isnull() | (mine <= anchor))
        counted = base[self._after[_key(node)][0]]
        return anchor.notnull() & _within(counted, node.times.least, node.times.most)

    def spent(self, amount: Amount, base: ir.Table) -> Any:
        net = base[self._spent[_key(amount)][0]].fill_null(0)
        parts = [net >= amount.gte_fen] if amount.gte_fen is not None else []
        parts += [net <= amount.lte_fen] if amount.lte_fen is not None else []
        return reduce(lambda a, b: a & b, parts)

    def consented(self, agreement: Agreement, base: ir.Table) -> Any:
        name = self._consents[_key(agreement)][0]
        given, withdrawn = base[f"{name}g"], base[f"{name}w"]
        return given.notnull() & (withdrawn.isnull() | (given > withdrawn).fill_null(False))

    def tagged(self, tag: str, base: ir.Table) -> Any:
        return base[self._tags[tag]].fill_null(False)

    def scored(self, node: Scored, base: ir.Table) -> Any:
        value = base[self._scores[node.score]]
        parts = [value >= node.gte] if node.gte is not None else []
        parts += [value <= node.lte] if node.lte is not None else []
        return reduce(lambda a, b: a & b, parts).fill_null(False)

    def listed(self, audience_id: int, base: ir.Table) -> Any:
        return base[self._lists[audience_id]].fill_null(False)

    # the tables ------------------------------------------------------------------------------------

    def joined(self, *, required: bool) -> ir.Table:
        """The hospital's patients with every measure; ``required`` drops who has no such touch."""
        base = PATIENTS.filter(PATIENTS.organization_id == self.organization_id)
        if (touched := self._touched()) is not None:
            base = _join(base, touched, "inner" if required else "left")
        for node_name, node in self._after.values():
            base = _join(base, self._later(node_name, node), "left")
        if self._consents:
            base = _join(base, self._agreed(), "left")
        if self._tags:
            base = _join(base, self._marked(), "left")
        if self._scores:
            base = _join(base, self._valued(), "left")
        if self._lists:
            base = _join(base, self._on_lists(), "left")
        return base

    def _touched(self) -> ir.Table | None:
        pieces = [t for _n, t in self._counts.values()] + [t for _n, t in self._latest.values()]
        needs = [(t.did, self._bounds(t)) for t in pieces]
        for _name, amount in self._spent.values():
            needs += [(SETTLED, self._bounds(amount)), (REFUNDED, self._bounds(amount))]
        if not needs:
            return None
        touches = self._scan(needs)
        measures: dict[str, Any] = {}
        for name, piece in self._counts.values():
            measures[name] = touches.count(where=self._match(touches, piece))
        for name, piece in self._latest.values():
            measures[name] = touches["at"].max(where=self._match(touches, piece))
        for name, amount in self._spent.values():
            signed = ibis.ifelse(touches.kind == SETTLED, touches.amount_fen, -touches.amount_fen.abs())
            measures[name] = signed.sum(where=self._billed(touches, amount))
        return touches.group_by("patient_id").aggregate(**measures)

    def _scan(self, needs: list[tuple[str, Bounds]]) -> ir.Table:
        """Touches of the kinds asked for, no older and no later than any of them needs."""
        starts: dict[str, datetime | None] = {}
        for kind, (start, _end) in needs:
            known = starts.get(kind, start)
            starts[kind] = None if known is None or start is None else min(known, start)
        kinds = sorted(starts)
        t = TOUCHES.filter(
            (TOUCHES.organization_id == self.organization_id)
            & (TOUCHES.kind == kinds[0] if len(kinds) == 1 else TOUCHES.kind.isin(kinds))
            & (TOUCHES["at"] <= moment(self.as_of.moment))
            & TOUCHES.patient_id.notnull()
        )
        bounded = [s for s in starts.values() if s is not None]
        if len(bounded) == len(starts):
            return t.filter(t["at"] >= moment(min(bounded)))
        if bounded:  # some kinds reach back for ever: keep the old touches of the others out
            each = [(t.kind == k) & (t["at"] >= moment(s)) if s else t.kind == k for k, s in starts.items()]
            t = t.filter(reduce(lambda a, b: a | b, each))
        return t

    def _bounds(self, piece: Touched | Amount) -> Bounds:
        return self.as_of.window(within_days=piece.within_days, between=piece.between)

    def _match(self, t: ir.Table, piece: Touched) -> Any:
        parts = [t.kind == piece.did, *self._inside(t, piece)]
        parts += [self._where(t, name, value) for name, value in piece.where.items()]
        return reduce(lambda a, b: a & b, parts)

    def _inside(self, t: ir.Table, piece: Touched | Amount) -> list[Any]:
        start, end = self._bounds(piece)
        parts = [t["at"] >= moment(start)] if start else []
        return parts + ([t["at"] < moment(end)] if end else [])

    def _billed(self, t: ir.Table, amount: Amount) -> Any:
        parts = [t.kind.isin([SETTLED, REFUNDED]), *self._inside(t, amount)]
        if amount.department:
            parts.append(self._where(t, "department", amount.department))
        return reduce(lambda a, b: a & b, parts)

    def _where(self, t: ir.Table, name: str, value: Any) -> Any:
        if name in BY_ID and not isinstance(value, Range):
            ids = sorted(self.names.ids(name, value))
            found = t[f"{name}_id"].isin(ids).fill_null(False) if ids else ibis.literal(False)
            codes = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]
            if name != "department" or not codes:
                return found
            coded = t.department.isin(codes).fill_null(False)
            return found | coded if ids else coded
        if name in ("channel", "amount_fen") or name in BY_ID:
            return compared(t[f"{name}_id" if name in BY_ID else name], value).fill_null(False)
        return in_props(t.props, name, value)

    def _later(self, name: str, node: Did) -> ir.Table:
        """Touches counted strictly after each person's latest match of the inner condition."""
        assert node.since is not None
        inner = self._scan([(node.since.did, self._bounds(node.since))])
        anchors = (
            inner.filter(self._match(inner, node.since))
            .group_by("patient_id")
            .aggregate(anchor=lambda t: t["at"].max())
        )
        outer = self._scan([(node.did, self._bounds(node))])
        outer = outer.filter(self._match(outer, node)).select("patient_id", "at")
        paired = outer.join(anchors, "patient_id")
        return (
            paired.filter(paired["at"] > paired.anchor)
            .group_by("patient_id")
            .aggregate(**{name: lambda t: t.count()})
        )

    def _agreed(self) -> ir.Table:
        rows = CONSENTS.filter(
            (CONSENTS.organization_id == self.organization_id) & (CONSENTS["at"] <= moment(self.as_of.moment))
        )
        measures: dict[str, Any] = {}
        for name, piece in self._consents.values():
            mine = (rows.purpose == piece.purpose) & (rows.channel == piece.channel)
            measures[f"{name}g"] = rows["at"].max(where=mine & (rows.status == "given"))
            measures[f"{name}w"] = rows["at"].max(where=mine & (rows.status != "given"))
        return rows.group_by("patient_id").aggregate(**measures)

    def _marked(self) -> ir.Table:
        rows = TAGS.filter(TAGS.tag.isin(sorted(self._tags)))
        return rows.group_by("patient_id").aggregate(
            **{name: (rows.tag == tag).any() for tag, name in self._tags.items()}
        )

    def _valued(self) -> ir.Table:
        rows = SCORES.filter(
            (SCORES.organization_id == self.organization_id) & SCORES.score.isin(sorted(self._scores))
        )
        return rows.group_by("patient_id").aggregate(
            **{name: rows.value.max(where=rows.score == score) for score, name in self._scores.items()}
        )

    def _on_lists(self) -> ir.Table:
        ids = sorted(self._lists)
        rows = LISTS.filter((LISTS.organization_id == self.organization_id) & LISTS.audience_id.isin(ids))
        return rows.group_by("patient_id").aggregate(
            **{name: (rows.audience_id == pk).any() for pk, name in self._lists.items()}
        )


def _join(base: ir.Table, measures: ir.Table, how: str) -> ir.Table:
    renamed = measures.rename(_who="patient_id")
    return base.join(renamed, base.patient_id == renamed["_who"], how=how).drop("_who")


def _key(piece: Any) -> str:
    return str(piece.model_dump_json(by_alias=True))


def _keep(store: dict[str, tuple[str, Any]], letter: str, piece: Any) -> None:
    store.setdefault(_key(piece), (f"{letter}{len(store)}", piece))


def bare(node: Did) -> Touched:
    """The touches a `did` speaks of, without how often and since when."""
    return Touched(did=node.did, where=node.where, within_days=node.within_days, between=node.between)


def by_latest(node: Did) -> bool:
    """Whether "never since" or "at least once since" can be told from two latest moments."""
    times = node.times
    return times.most == 0 or (times.least == 1 and times.most is None)


def _within(count: Any, least: int, most: int | None) -> Any:
    if most is None:
        return (count >= least).fill_null(False) if least else ibis.literal(True)
    n = count.fill_null(0)
    return n == least if least == most else (n >= least) & (n <= most)


def compared(column: Any, value: Any) -> Any:
    """Equality, membership or a range."""
    if isinstance(value, Range):
        parts = [column >= value.gte] if value.gte is not None else []
        parts += [column <= value.lte] if value.lte is not None else []
        return reduce(lambda a, b: a & b, parts)
    return column.isin(value) if isinstance(value, list) else column == value


def in_props(props: Any, name: str, value: Any) -> Any:
    """A declared prop inside the JSON text, compared by its own type."""
    piece = props.cast("json")[name]
    values = value if isinstance(value, list) else [value]
    parts: list[Any] = []
    for one in values:
        if isinstance(one, bool):
            parts.append(piece.bool == one)
        elif isinstance(one, str):
            parts.append(piece.str == one)
        else:
            parts.append(compared(piece.float, one))
    return reduce(lambda a, b: a | b, parts).fill_null(False)
