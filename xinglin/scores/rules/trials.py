"""A trial in a CSV file (plain or .gz): who was written to, what came of it, what was known before."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _
from pyarrow import csv

from xinglin.core.errors import Invalid
from xinglin.scores.rules import uplift
from xinglin.scores.rules.extra import np
from xinglin.scores.rules.uplift import UpliftReport


def report_of(
    path: str, *, treatment: str, outcome: str, treated: str, control: str, ignore: Sequence[str], seed: int
) -> UpliftReport:
    """The report on the rows of the two sides. Invalid for a file or column that will not do."""
    try:
        table = csv.read_csv(path)
    except pa.ArrowInvalid as error:
        raise Invalid(_("文件读不出来：%(why)s") % {"why": str(error)[:200]}) from None
    unknown = [name for name in (treatment, outcome, *ignore) if name not in table.column_names]
    if unknown:
        raise Invalid(_("文件里没有这些列：%(names)s") % {"names": _("、").join(unknown)})
    side = pc.cast(table[treatment], pa.string())
    table = table.filter(pc.is_in(side, pa.array([treated, control])))
    side = pc.cast(table[treatment], pa.string())
    is_treated = pc.equal(side, treated).to_numpy(zero_copy_only=False).astype(int)
    try:
        came = pc.cast(table[outcome], pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        raise Invalid(_("结果列「%(name)s」不是数字") % {"name": outcome}) from None
    learned = [name for name in table.column_names if name not in {treatment, outcome, *ignore}]
    if not learned or np.isnan(came).any():
        raise Invalid(_("没有可用的列，或者结果列有空值"))
    values = np.column_stack([_numbers(table[name]) for name in learned])
    try:
        return uplift.report(values, is_treated, came, seed=seed)
    except ValueError:
        raise Invalid(_("行太少，或者有一边几乎没有人：两边的取值写对了吗？")) from None


def _numbers(column: Any) -> Any:
    """Numbers as they are, words by their place in the alphabet, NaN for nothing."""
    if pa.types.is_string(column.type):
        words = sorted(word for word in pc.unique(column).to_pylist() if word is not None)
        column = pc.index_in(column, pa.array(words, pa.string()))
    return pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
