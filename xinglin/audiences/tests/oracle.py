# mypy: disable-error-code="no-any-return"
"""Who belongs to an audience, by brute force over raw JSON; shares no code with the module under test."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]


class World:
    """Rows as the lake has them, in lists of dicts."""

    def __init__(
        self, patients: Any, touches: Any, consents: Any, tags: Any, departments: Any, audiences: Any,
        *, day: date, zone: str,
    ) -> None:  # fmt: skip
        self.patients, self.touches, self.consents, self.tags = patients, touches, consents, tags
        self.departments, self.audiences = departments, audiences
        self.day, self.zone = day, ZoneInfo(zone)

    def local(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def members(self, tree: Row) -> set[int]:
        return {p["patient_id"] for p in self.patients if self.belongs(tree, p)}

    def belongs(self, tree: Row, p: Row) -> bool:
        if "all" in tree:
            return all(self.belongs(t, p) for t in tree["all"])
        if "any" in tree:
            return any(self.belongs(t, p) for t in tree["any"])
        if "not" in tree:
            return not self.belongs(tree["not"], p)
        if "in_audience" in tree:
            return self.belongs(self.audiences[tree["in_audience"]], p)
        if "tag" in tree:
            return {"patient_id": p["patient_id"], "tag": tree["tag"]} in self.tags
        if "consent" in tree:
            return self.consented(tree["consent"], p)
        if "spent" in tree:
            return self.spent(tree["spent"], p)
        if "did" in tree:
            return self.did(tree, p)
        return self.attr(tree, p)

    def fits(self, cond: Row, t: Row, p: Row) -> bool:
        if t["patient_id"] != p["patient_id"] or t["kind"] != cond["did"]:
            return False
        day = self.local(t["at"])
        if day > self.day:
            return False
        if "within_days" in cond and (self.day - day).days > cond["within_days"]:
            return False
        if "between" in cond:
            low, high = map(date.fromisoformat, cond["between"])
            if not low <= day <= high:
                return False
        for name, want in cond.get("where", {}).items():
            if name == "department":
                wants = want if isinstance(want, list) else [want]
                ids = [self.departments.get(w, w) for w in wants]
                if t["department_id"] not in ids and t["department"] not in wants:
                    return False
                continue
            if name in ("channel", "amount_fen"):
                got = t[name]
            elif name == "campaign":
                got = t["campaign_id"]
            else:
                got = json.loads(t["props"]).get(name)
            if got is None:
                return False
            if isinstance(want, dict):
                if not want.get("gte", got) <= got <= want.get("lte", got):
                    return False
            elif got not in (want if isinstance(want, list) else [want]):
                return False
        return True

    def did(self, cond: Row, p: Row) -> bool:
        mine = [t for t in self.touches if self.fits(cond, t, p)]
        if "since" in cond:
            marks = [t["at"] for t in self.touches if self.fits(cond["since"], t, p)]
            if not marks:
                return False
            mine = [t for t in mine if t["at"] > max(marks)]
        times = cond.get("times", {"gte": 1})
        if "eq" in times:
            return len(mine) == times["eq"]
        return times.get("gte", 0) <= len(mine) <= times.get("lte", 10**9)

    def spent(self, cond: Row, p: Row) -> bool:
        where = {"where": {"department": cond["department"]}} if "department" in cond else {}
        window: Row = {k: cond[k] for k in ("within_days", "between") if k in cond}
        net = 0
        for t in self.touches:
            if self.fits({"did": "bill.settled", **where, **window}, t, p):
                net += t["amount_fen"] or 0
            if self.fits({"did": "bill.refunded", **where, **window}, t, p):
                net -= abs(t["amount_fen"] or 0)
        return cond.get("gte_fen", net) <= net <= cond.get("lte_fen", net)

    def consented(self, cond: Row, p: Row) -> bool:
        rows = [
            c for c in self.consents
            if c["patient_id"] == p["patient_id"] and c["purpose"] == cond["purpose"]
            and c["channel"] == cond["channel"] and self.local(c["at"]) <= self.day
        ]  # fmt: skip
        if not rows:
            return False
        last = max(c["at"] for c in rows)
        return all(c["status"] == "given" for c in rows if c["at"] == last)

    def age(self, p: Row) -> int | None:
        if p["birth_date"]:
            b = p["birth_date"]
            return sum(1 for y in range(b.year + 1, self.day.year + 1) if self._birthday(b, y) <= self.day)
        if p["reported_age"] is None:
            return None
        told = p["reported_age_on"]
        if told is None:
            return p["reported_age"]
        years = sum(1 for y in range(told.year + 1, self.day.year + 1) if self._birthday(told, y) <= self.day)
        return p["reported_age"] + years

    @staticmethod
    def _birthday(b: date, year: int) -> date:
        try:
            return b.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    def attr(self, cond: Row, p: Row) -> bool:
        name = cond["attr"]
        column: Any = {
            "insurance": "insurance_type", "source": "source_channel", "condition": "conditions",
            "responsible": "responsible_id", "created": "created_at", "deceased": "deceased_on",
            "birthday": "birth_date",
        }.get(name, name)  # fmt: skip
        got: Any = self.age(p) if name == "age" else p[column]
        if name == "deceased":
            return (got is not None and got <= self.day) == cond["is"]
        if "known" in cond:
            return (got in ("F", "M") if name == "sex" else bool(got) or got == 0) == cond["known"]
        if got is None:
            return False
        if name == "birthday":
            days = [self.day + timedelta(days=i) for i in range(cond["in_next_days"] + 1)]
            return any(self._birthday(got, d.year) == d for d in days)
        if name == "created":
            day = self.local(got)
            if "within_days" in cond:
                return (self.day - day).days <= cond["within_days"]
            low, high = cond.get("between", [cond.get("gte", "0001-01-01"), cond.get("lte", "9999-12-31")])
            return date.fromisoformat(low) <= day <= date.fromisoformat(high)
        if "contains" in cond:
            wanted = cond["contains"] if isinstance(cond["contains"], list) else [cond["contains"]]
            return any(w in got for w in wanted)
        if "in" in cond:
            return got in cond["in"]
        if "is" in cond:
            return got == cond["is"]
        low, high = cond.get("between", [cond.get("gte", -99), cond.get("lte", 999)])
        return low <= got <= high
