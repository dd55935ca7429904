"""A synthetic hospital as a ready lake: a million people and thirty million touches, the same every time.

    python -m bench.lake FOLDER [PEOPLE] [TOUCHES]

Writes Parquet in the lake's own layout by DuckDB alone, without a database; point ``LAKE_DIR`` at FOLDER
and ask through ``ledger.lake``. Two years of touches end on 22 November 2026; hospital number 1. A person's
number decides their department, their diligence and their consents, so that questions have telling answers.
"""

import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MONTHS = 24
DEPARTMENTS = (
    "endocrinology", "cardiology", "obstetrics", "pediatrics", "orthopedics", "dermatology", "neurology",
    "gastroenterology", "respiratory", "ophthalmology", "dentistry", "oncology", "urology", "ent",
    "rehabilitation", "tcm", "checkup", "emergency", "nephrology", "general",
)  # fmt: skip
# Kind, its share of the touches in a thousand, its channel, whether it carries a department or an amount.
KINDS = (
    ("page.viewed", 300, "web", False), ("message.delivered", 150, "email", False),
    ("message.opened", 60, "email", False), ("link.clicked", 40, "web", False),
    ("appointment.booked", 110, "web", True), ("appointment.kept", 80, "walk_in", True),
    ("appointment.missed", 15, "walk_in", True), ("appointment.cancelled", 15, "web", True),
    ("visit.ended", 100, "walk_in", True), ("bill.settled", 100, "walk_in", True),
    ("consent.given", 20, "paper", False), ("consent.withdrawn", 10, "web", False),
)  # fmt: skip


def _roll(salt: int, below: int, of: str = "i") -> str:
    """A whole number in [0, below), the same for the same row."""
    return f"CAST(hash({of} * 31 + {salt}) % {below} AS BIGINT)"


def _pick(roll: str, position: int, otherwise: str = "''") -> str:
    cases, level = [], 0
    for kind in KINDS:
        level += kind[1]
        cases.append(f"WHEN {roll} < {level} THEN '{kind[position]}'")
    return f"CASE {' '.join(cases)} ELSE {otherwise} END"


def _months() -> list[date]:
    ends = NOW.year * 12 + NOW.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(ends - MONTHS + 1, ends + 1)]


def touches_sql(first: int, rows: int, month: date, people: int) -> str:
    """``rows`` touches of one month; a twentieth of them by visitors nobody knows yet."""
    names = "[" + ", ".join(f"'{name}'" for name in DEPARTMENTS) + "]"
    days = 21 if (month.year, month.month) == (NOW.year, NOW.month) else 28
    roll = _roll(1, 1000)
    booked = "kind LIKE 'appointment.%' OR kind LIKE 'visit.%' OR kind LIKE 'bill.%'"
    return f"""
    WITH a AS (
      SELECT i AS seq, {_pick(roll, 0)} AS kind, {_pick(roll, 2)} AS channel, {_roll(2, 100)} AS luck,
        1 + CAST(floor({people} * pow({_roll(3, 2**31)} / 2147483648.0, 1.6)) AS BIGINT) AS person,
        TIMESTAMP '{month}' + to_microseconds({_roll(4, days * 86_400)} * 1000000) AS moment,
        {_roll(5, 4)} AS other, {_roll(6, 200_000)} + 800 AS fen
      FROM range({first}, {first + rows}) r(i)
    ), b AS (
      SELECT *, kind = 'page.viewed' AND luck < 17 AS unknown,
        CASE WHEN {booked} THEN {names}[1 + (person * 7 + CASE other WHEN 0 THEN luck ELSE 0 END) % 20] END
          AS department
      FROM a
    )
    SELECT seq, 1::BIGINT AS organization_id, moment AS "at", kind,
      CASE WHEN unknown THEN NULL ELSE person END AS patient_id,
      CASE WHEN unknown THEN CAST(md5(CAST(person % 400000 AS VARCHAR)) AS UUID) END AS visitor,
      channel, CASE WHEN kind LIKE 'message.%' THEN 1 + seq % 40 END AS campaign_id,
      NULL::BIGINT AS content_id, NULL::BIGINT AS event_id, NULL::BIGINT AS partner_id,
      NULL::BIGINT AS staff_id,
      CASE WHEN department IS NOT NULL THEN 1 + list_position({names}, department) END AS department_id,
      department, CASE WHEN kind = 'bill.settled' THEN fen END AS amount_fen, NULL::BIGINT AS import_id,
      CASE WHEN department IS NOT NULL
        THEN '{{"appointment":"a' || seq || '","department":"' || department || '"}}'
        ELSE '{{"message":' || seq || '}}' END AS props
    FROM b"""


def dimensions_sql(people: int) -> dict[str, str]:
    """The dimensions of ``patients/dimensions.py``, and the visitors' links."""
    person = f"range(1, {people + 1}) r(i)"
    stamp = f"TIMESTAMP '{NOW:%Y-%m-%d %H:%M:%S}'"
    birth = f"DATE '1936-01-01' + CAST({_roll(11, 90 * 365)} AS INTEGER)"
    conditions = (
        f"CASE WHEN {_roll(12, 100)} < 9 THEN ['diabetes'] WHEN {_roll(12, 100)} < 24 THEN ['hypertension']"
        f" WHEN {_roll(12, 100)} < 28 THEN ['diabetes', 'hypertension'] ELSE [] END"
    )
    return {
        "patients": f"""SELECT i AS patient_id, 1::BIGINT AS organization_id,
            CASE WHEN {_roll(10, 100)} < 54 THEN 'F' ELSE 'M' END AS sex, {birth} AS birth_date,
            NULL::INTEGER AS reported_age, NULL::DATE AS reported_age_on,
            CASE WHEN {_roll(13, 200)} = 0 THEN DATE '2026-05-01' END AS deceased_on,
            CAST({conditions} AS VARCHAR[]) AS conditions, '浙江省' AS province, '杭州市' AS city,
            ['西湖区', '上城区', '拱墅区', '滨江区', '余杭区'][1 + {_roll(14, 5)}] AS district,
            '社区' || {_roll(15, 120)} AS community,
            ['职工医保', '居民医保', '自费'][1 + {_roll(16, 3)}] AS insurance_type,
            ['web', 'walk_in', 'wechat', 'referral'][1 + {_roll(17, 4)}] AS source_channel,
            NULL::BIGINT AS source_campaign_id, 1 + {_roll(18, 30)} AS responsible_id,
            {_roll(19, 50)} = 0 AS is_vip,
            {stamp} - to_days(CAST({_roll(20, 1500)} AS INTEGER)) AS created_at, {stamp} AS updated_at
            FROM {person}""",
        "consents": f"""SELECT i * 2 + k AS consent_id, 1::BIGINT AS organization_id, i AS patient_id,
            'marketing' AS purpose, ['sms', 'email'][1 + k] AS channel,
            CASE WHEN {_roll(21, 10)} = 0 THEN 'withdrawn' ELSE 'given' END AS status,
            {stamp} - to_days(CAST({_roll(22, 700)} AS INTEGER)) AS "at", {stamp} AS recorded_at
            FROM {person}, range(0, 2) s(k) WHERE {_roll(23, 100)} < 62""",
        "patient_tags": f"""SELECT 1::BIGINT AS organization_id, i AS patient_id,
            ['VIP', '糖友', '孕产', '志愿者'][1 + {_roll(24, 4)}] AS tag
            FROM {person} WHERE {_roll(25, 10)} = 0""",
        "visitor_links": f"""SELECT 1::BIGINT AS organization_id,
            CAST(CAST(md5(CAST(i AS VARCHAR)) AS UUID) AS VARCHAR) AS visitor, i AS patient_id,
            {stamp} AS joined_at FROM range(0, {min(people, 400_000)}) r(i) WHERE i % 5 = 0 AND i > 0""",
    }


def make(folder: Path, *, people: int = 1_000_000, touches: int = 30_000_000) -> None:
    """Write the lake into ``folder``, unless the same one is there already."""
    os.environ["LAKE_DIR"] = str(folder)
    from xinglin.ledger.lake import columns, layout
    from xinglin.ledger.lake.layout import DimensionFile, Manifest
    from xinglin.ledger.lake.writer import Writer

    mark = folder / f"made-{people}-{touches}"
    if mark.exists():
        return
    writer, manifest, months = Writer(), Manifest(watermark=touches), _months()
    share = touches // len(months)
    for number, month in enumerate(months):
        rows = share if number < len(months) - 1 else touches - share * (len(months) - 1)
        writer.duckdb.execute(
            f"CREATE OR REPLACE TEMP TABLE month AS {touches_sql(1 + number * share, rows, month, people)}"
        )
        for side, condition in columns.SIDES.items():
            select = f"SELECT * FROM month WHERE {condition}"
            manifest.touches += writer.touch_file(select, month=f"{month:%Y-%m}", side=side)
    for name, select in dimensions_sql(people).items():
        path = f"dimensions/{name}-made.parquet"
        count = writer.copy(f"SELECT * FROM ({select}) ORDER BY 2, 1", path)
        manifest.dimensions[name] = DimensionFile(
            path=path, rows=count, bytes=(folder / path).stat().st_size, fingerprint="made",
            written_at=NOW.isoformat(), seconds=0.0,
        )  # fmt: skip
    writer.close()
    layout.publish(manifest, now=NOW)
    layout.stamp(as_of=NOW, watermark=touches)
    mark.touch()


def main() -> None:
    folder = Path(sys.argv[1]).absolute()
    people, touches = (int(text) for text in (sys.argv[2:4] + ["1000000", "30000000"][len(sys.argv) - 2 :]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django

    django.setup()
    start = perf_counter()
    make(folder, people=people, touches=touches)
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6
    print(f"{people:,} people, {touches:,} touches, {size:,.0f} MB in {perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
