# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
"""The lake's table of touches, column by column, and the SQL that makes it."""

from xinglin.ledger.kinds import private_props
from xinglin.ledger.lake.layout import ANONYMOUS, KNOWN

TOUCHES = {
    "seq": "BIGINT",
    "organization_id": "BIGINT",
    "at": "TIMESTAMP",
    "kind": "VARCHAR",
    "patient_id": "BIGINT",
    "visitor": "UUID",
    "channel": "VARCHAR",
    "campaign_id": "BIGINT",
    "content_id": "BIGINT",
    "event_id": "BIGINT",
    "partner_id": "BIGINT",
    "staff_id": "BIGINT",
    "department_id": "BIGINT",
    "department": "VARCHAR",
    "amount_fen": "BIGINT",
    "import_id": "BIGINT",
    "props": "VARCHAR",
}
NAMES = ", ".join(f'"{name}"' for name in TOUCHES)  # DuckDB reserves the bare word "at"
ORDER = 'patient_id, "at", seq'


def text(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def path_list(paths: list[str]) -> str:
    return f"[{', '.join(text(path) for path in paths)}]"


def from_raw() -> str:
    """Rows of ``raw`` (as read from the database) as the lake keeps them; private properties removed."""
    cases = "".join(
        f" WHEN {text(code)} THEN json_merge_patch(props, {text(_blank(names))})"
        for code, names in sorted(private_props().items())
    )
    props = f"CASE kind{cases} ELSE props END" if cases else "props"
    made = {
        "at": 'CAST("at" AS TIMESTAMP)',
        "visitor": "CAST(visitor AS UUID)",
        "department": "json_extract_string(props, '$.department')",
        "props": f"CAST({props} AS VARCHAR)",
    }
    columns = ", ".join(f'{made.get(name, name)} AS "{name}"' for name in TOUCHES)
    return f"SELECT {columns} FROM raw"


def _blank(names: frozenset[str]) -> str:
    return "{" + ",".join(f'"{name}":null' for name in sorted(names)) + "}"


def read(paths: list[str]) -> str:
    """Rows of some files; of none when there are none."""
    if not paths:
        nulls = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in TOUCHES.items())
        return f"SELECT {nulls} WHERE false"
    return f"SELECT {NAMES} FROM read_parquet({path_list(paths)}, hive_partitioning = false)"


def joined(anonymous: str, links: str) -> str:
    """Rows of unknown visitors, with the patient where a visitor turned out to be one."""
    columns = ", ".join(
        "coalesce(a.patient_id, l.patient_id) AS patient_id" if name == "patient_id" else f'a."{name}"'
        for name in TOUCHES
    )
    return (
        f"SELECT {columns} FROM ({anonymous}) a LEFT JOIN ({links}) l"
        " ON a.organization_id = l.organization_id AND a.visitor = l.visitor"
    )


def links(path: str | None) -> str:
    if path is None:
        return (
            "SELECT CAST(NULL AS BIGINT) AS organization_id, CAST(NULL AS UUID) AS visitor,"
            " CAST(NULL AS BIGINT) AS patient_id WHERE false"
        )
    return (
        "SELECT organization_id, CAST(visitor AS UUID) AS visitor, patient_id"
        f" FROM read_parquet({text(path)})"
    )


SIDES = {KNOWN: "patient_id IS NOT NULL", ANONYMOUS: "patient_id IS NULL"}
