"""SQL text for each engine, written without a connection to it.

Ibis unwraps JSON with an operator that PostgreSQL does not parse, and on Spark with functions in Python; here
both say it in their own SQL, by the type that the value has in the JSON.
"""

from functools import cache
from typing import Any, ClassVar

from xinglin.core.deferred import deferred_module

compilers: Any = deferred_module("ibis.backends.sql.compilers")
expressions: Any = deferred_module("sqlglot.expressions")


def _postgres() -> Any:
    class Postgres(compilers.PostgresCompiler):  # type: ignore[misc]
        """``#>> '{}'`` takes the text out of a JSON value."""

        SIMPLE_OPS: ClassVar[dict[Any, str]] = {}  # Ibis would write the parent's over what stands below

        def _text(self, arg: Any) -> Any:
            return expressions.JSONBExtractScalar(this=arg, expression=expressions.Literal.string("{}"))

        def _unwrapped(self, arg: Any, wanted: str, cast: str) -> Any:
            return self.if_(
                self.f.json_typeof(arg).eq(expressions.Literal.string(wanted)),
                expressions.Cast(this=self._text(arg), to=expressions.DataType.build(cast)),
                expressions.Null(),
            )

        def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:  # noqa: N802 (Ibis names it)
            return self._unwrapped(arg, "string", "text")

        def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
            return self._unwrapped(arg, "number", "double precision")

        def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
            return self._unwrapped(arg, "boolean", "boolean")

    return Postgres()


def _spark() -> Any:
    class Spark(compilers.PySparkCompiler):  # type: ignore[misc]
        """Spark 4's VARIANT knows the type of each JSON value."""

        SIMPLE_OPS: ClassVar[dict[Any, str]] = {}  # Ibis would write the parent's over what stands below

        def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:  # noqa: N802
            path = expressions.Literal.string(f"$.{op.index.value}")
            variant = expressions.Literal.string("variant")
            return self.f.anon.try_variant_get(self.f.anon.try_parse_json(arg), path, variant)

        def _unwrapped(self, arg: Any, pattern: str, cast: str) -> Any:
            return self.if_(
                self.f.anon.regexp_like(
                    self.f.anon.schema_of_variant(arg), expressions.Literal.string(f"^({pattern})")
                ),
                expressions.Cast(this=arg, to=expressions.DataType.build(cast)),
                expressions.Null(),
            )

        def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
            return self._unwrapped(arg, "STRING", "string")

        def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
            return self._unwrapped(arg, "BIGINT|DECIMAL|DOUBLE|FLOAT", "double")

        def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
            return self._unwrapped(arg, "BOOLEAN", "boolean")

    return Spark()


@cache
def writer(dialect: str) -> Any:
    """The SQL writer of an engine (duckdb, postgres, pyspark); KeyError for one nobody knows."""
    makers = {"duckdb": lambda: compilers.DuckDBCompiler(), "postgres": _postgres, "pyspark": _spark}
    return makers[dialect]()


def to_sql(expression: Any, dialect: str) -> str:
    """One statement."""
    made = writer(dialect)
    return str(made.to_sqlglot(expression).sql(dialect=made.dialect))
