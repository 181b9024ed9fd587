"""The figures of a backtest, from its Parquet files: sums by DuckDB, exact to the cent.

What is summed are *held* dollars: the amounts of edits that deny, return or review. An `inform` edit holds
nothing back, so it counts 0.00, as it does in verdicts (specification, section 5). Edits can rest on the
same dollars; a figure of claims takes each line once. Amounts are USD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

import duckdb

MOST_ROWS: Final = 200
"""Rows of a table on the page; the rest is summed up in one."""

ABSENT: Final = "no verdict"
"""Where one side has no verdict of a claim."""

NO_EDIT: Final = "no edit"
"""Where one side has no edit that the other has."""

OUTCOMES: Final = ("clean", "inform", "review", "return", "deny", "withdrawn", "void", ABSENT)
"""Outcomes of a claim, from the mildest: its status, an edited one by its gravest disposition."""

# An edit is one of a line and a rule: its id holds the policy's, which two policies need not share.
_VIEWS: Final = """
create view sides as
select side, member_id, claim_id, line_number, rule, disposition,
       billing_provider_npi as provider, plan_id as plan,
       coalesce(strftime(list_min(cast(dates as date[])), '%Y-%m'), '') as month,
       cast(amount_affected as decimal(18, 2)) as full_amount,
       case when disposition = 'inform' then 0 else full_amount end as amount
from edits where status = 'open';

create view pairs as
select coalesce(a.rule, b.rule) as rule,
       coalesce(a.provider, b.provider) as provider,
       coalesce(a.plan, b.plan) as plan,
       coalesce(d.month, a.month, b.month) as month,
       a.disposition as disposition_a, b.disposition as disposition_b,
       coalesce(a.amount, 0) as amount_a, coalesce(b.amount, 0) as amount_b,
       coalesce(a.full_amount, 0) as full_a, coalesce(b.full_amount, 0) as full_b,
       d.kind as kind, a.side is not null as in_a, b.side is not null as in_b
from (from sides where side = 'policy') as a
full join (from sides where side = 'against') as b using (member_id, claim_id, line_number, rule)
left join differences as d using (member_id, claim_id, line_number, rule);

create view outcomes as
select side, member_id, claim_id, cast(amount_affected as decimal(18, 2)) as amount,
       cast(charge_total as decimal(18, 2)) as charge,
       case when status = 'edited' then disposition else status end as outcome
from verdicts;
"""

_GROUPED: Final = """
select {group} as name,
       count(*) filter (in_b), count(*) filter (kind = 'added'), count(*) filter (kind = 'removed'),
       count(*) filter (kind = 'changed'), count(*) filter (in_a),
       coalesce(sum(amount_b), 0), coalesce(sum(amount_a) filter (kind = 'added'), 0),
       coalesce(-sum(amount_b) filter (kind = 'removed'), 0),
       coalesce(sum(amount_a - amount_b) filter (kind = 'changed'), 0), coalesce(sum(amount_a), 0)
from pairs group by all
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Edits of one group under both policies.

    Attributes:
        name: what they have in common, None where they have no plan.
        edits_before, edits_after: open edits under the reference and under the candidate.
        added, removed, changed: edits that differ.
        before, after: the dollars they hold (USD).
        by_added, by_removed, by_changed: what those add to the dollars held; removed ones take away.
    """

    name: str | None
    edits_before: int
    added: int
    removed: int
    changed: int
    edits_after: int
    before: Decimal
    by_added: Decimal
    by_removed: Decimal
    by_changed: Decimal
    after: Decimal

    @property
    def delta(self) -> Decimal:
        """What the candidate adds to the amount."""
        return self.after - self.before

    @property
    def differs(self) -> bool:
        """Whether any edit of the group differs."""
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one side: how many, their charges, the amount affected (USD)."""

    count: int
    charge: Decimal
    affected: Decimal


@dataclass(frozen=True, slots=True)
class Move:
    """Claims or edits that go from one state to another (or stay), and their amount before and after (USD).

    Of claims the amount affected of their verdicts, of edits the whole amount, that of `inform` ones too.
    """

    before: str
    after: str
    count: int
    amount_before: Decimal
    amount_after: Decimal


class Numbers:
    """The figures of one backtest; a context manager, since it holds a database.

    Args:
        folder: the backtest's results.
    """

    def __init__(self, folder: Path) -> None:
        # A report needs no extension, and fetches none.
        self._db = duckdb.connect(
            ":memory:",
            config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
        )
        for name in ("edits", "verdicts", "differences", "flips"):
            self._db.read_parquet(_literal(folder / f"{name}.parquet")).create_view(name)
        self._db.execute(_VIEWS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _rows(self, query: str, given: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(query, given).fetchall()

    def total(self) -> Figures:
        """All edits together."""
        (row,) = self._rows(_GROUPED.format(group="'all'"))
        return Figures(*row)

    def by(self, group: str) -> list[Figures]:
        """Edits by `rule`, `provider`, `plan` or `month`: the largest change first; months in order."""
        rows = [Figures(*row) for row in self._rows(_GROUPED.format(group=group))]
        if group == "month":
            return sorted(rows, key=lambda row: row.name or "")
        return sorted(rows, key=lambda row: (-abs(row.delta), -row.after, row.name or ""))

    def shifts(self) -> list[Move]:
        """Edits by disposition under both policies, `no edit` where one has none: every pair that occurs."""
        query = """select coalesce(disposition_b, ?), coalesce(disposition_a, ?), count(*), sum(full_b),
                   sum(full_a) from pairs group by all order by all"""
        return [Move(*row) for row in self._rows(query, [NO_EDIT, NO_EDIT])]

    def claims(self, side: str) -> Claims:
        """The claims of a side, `policy` or `against`."""
        query = """select count(*), coalesce(sum(charge), 0), coalesce(sum(amount), 0)
                   from outcomes where side = ?"""
        return Claims(*self._rows(query, [side])[0])

    def flips(self) -> int:
        """Claims whose verdicts differ in anything: in their outcome, amounts, counts of edits or lines."""
        return int(self._rows("select count(*) from flips")[0][0])

    def moves(self) -> list[Move]:
        """Every pair of outcomes that occurs, with those that stay."""
        query = """
        select coalesce(b.outcome, ?), coalesce(a.outcome, ?), count(*), coalesce(sum(b.amount), 0),
               coalesce(sum(a.amount), 0)
        from (from outcomes where side = 'policy') as a
        full join (from outcomes where side = 'against') as b
        on a.member_id = b.member_id and a.claim_id = b.claim_id group by all order by all
        """
        return [Move(*row) for row in self._rows(query, [ABSENT, ABSENT])]


def _literal(path: Path) -> str:
    """A path in which no sign stands for others."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def shortened(rows: Sequence[Figures], most: int = MOST_ROWS) -> tuple[Sequence[Figures], Figures | None]:
    """The first rows, and the sum of the others where there are any."""
    rest = rows[most:]
    if not rest:
        return rows, None
    # All fields but the name are numbers.
    columns: Iterable[tuple[Any, ...]] = zip(*(astuple(row)[1:] for row in rest), strict=True)
    sums: Iterable[Any] = map(sum, columns)
    return rows[:most], Figures(f"{len(rest):,} others", *sums)
