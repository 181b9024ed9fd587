"""Results as Parquet: their columns, and a writer that holds a few thousand rows at a time.

Amounts are DECIMAL(18,2) in US dollars, units DECIMAL(12,3), service dates DATE, times TIMESTAMP in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

ROWS: Final = 8192
"""Rows of a group: so many are held until they are written."""

_TEXT: Final = pa.string()
_TEXTS: Final = pa.list_(_TEXT)
_INT: Final = pa.int32()
_LONG: Final = pa.int64()
_USD: Final = pa.decimal128(18, 2)
_UNITS: Final = pa.decimal128(12, 3)
_DATES: Final = pa.list_(pa.date32())
_TIME: Final = pa.timestamp("us", tz="UTC")


def _struct(**fields: pa.DataType) -> pa.DataType:
    return pa.struct(list(fields.items()))


_EVIDENCE: Final = pa.list_(_struct(claim_id=_TEXT, line_number=_INT, procedure_code=_TEXT))
_CAUSE: Final = _struct(event_id=_TEXT, topic=_TEXT, partition=_INT, offset=_LONG)
_REASONS: Final = pa.list_(_struct(code=_TEXT, field=_TEXT, message=_TEXT))
_LINES: Final = pa.list_(_struct(line_number=_INT, disposition=_TEXT, amount_affected=_USD, edit_ids=_TEXTS))


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


EDITS: Final = _schema(
    side=_TEXT,
    edit_id=_TEXT,
    status=_TEXT,
    revision=_INT,
    rule=_TEXT,
    disposition=_TEXT,
    raised=_TEXT,
    group_code=_TEXT,
    carc=_TEXT,
    rarc=_TEXT,
    claim_id=_TEXT,
    line_number=_INT,
    member_id=_TEXT,
    plan_id=_TEXT,
    billing_provider_npi=_TEXT,
    procedure_code=_TEXT,
    modifiers=_TEXTS,
    dates=_DATES,
    units_affected=_UNITS,
    amount_affected=_USD,
    message=_TEXT,
    evidence=_EVIDENCE,
    policy=_struct(id=_TEXT, version=_TEXT, section=_TEXT),
    as_of=_TIME,
    cause=_CAUSE,
)
"""Edit events, with the side of a backtest they are of; a replay has the side `policy` alone."""

VERDICTS: Final = _schema(
    side=_TEXT,
    claim_id=_TEXT,
    member_id=_TEXT,
    status=_TEXT,
    disposition=_TEXT,
    open_edits=_INT,
    lines=_LINES,
    charge_total=_USD,
    amount_affected=_USD,
    lines_seen=_INT,
    line_count=_INT,
    settled=_TEXT,
    revision=_INT,
    as_of=_TIME,
)
"""Claim verdicts, likewise."""

REJECTS: Final = _schema(
    file=_TEXT,
    line=_LONG,
    topic=_TEXT,
    partition=_INT,
    offset=_LONG,
    reasons=_REASONS,
    size=_LONG,
    raw=pa.binary(),
    digest=pa.binary(32),
)
"""Rejected records: where they stand, why, their bytes (the beginning of very long ones), their size."""

DIFFERENCES: Final = _schema(
    kind=_TEXT,
    edit_id=_TEXT,
    rule=_TEXT,
    section=_TEXT,
    claim_id=_TEXT,
    line_number=_INT,
    member_id=_TEXT,
    billing_provider_npi=_TEXT,
    plan_id=_TEXT,
    procedure_code=_TEXT,
    month=_TEXT,
    disposition_policy=_TEXT,
    disposition_against=_TEXT,
    amount_policy=_USD,
    amount_against=_USD,
    units_policy=_UNITS,
    units_against=_UNITS,
    dates_policy=_DATES,
    dates_against=_DATES,
    what=_TEXTS,
)
"""Edits that differ between the two sides of a backtest."""

FLIPS: Final = _schema(
    claim_id=_TEXT,
    member_id=_TEXT,
    billing_provider_npi=_TEXT,
    plan_id=_TEXT,
    month=_TEXT,
    status_policy=_TEXT,
    status_against=_TEXT,
    disposition_policy=_TEXT,
    disposition_against=_TEXT,
    charge_total=_USD,
    amount_policy=_USD,
    amount_against=_USD,
)
"""Claims whose verdicts differ."""

SCHEMAS: Final[Mapping[str, pa.Schema]] = {
    "edits": EDITS,
    "verdicts": VERDICTS,
    "rejects": REJECTS,
    "differences": DIFFERENCES,
    "flips": FLIPS,
}
"""By table."""
OF_A_REPLAY: Final = ("edits", "verdicts", "rejects")
OF_A_BACKTEST: Final = tuple(SCHEMAS)


class Table:
    """Writes one table, a group of rows at a time.

    Args:
        path: of the file, which must not be there.
        name: of the table.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._schema = SCHEMAS[name]
        self._writer = pq.ParquetWriter(path, self._schema, compression="lz4", version="2.6")
        self._rows: dict[int, Mapping[str, Any]] = {}
        self._written: list[int] = []
        self._sides: list[str] = []

    def add(self, row: Mapping[str, Any], side: str = "policy") -> None:
        """A row by its columns, but for the side; those that are not given are null.

        The same mapping may be added for both sides; it is converted once.
        """
        self._rows[id(row)] = row  # which keeps it, so that no other takes its id
        self._written.append(id(row))
        self._sides.append(side)
        if len(self._written) >= ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._written:
            return
        table = table_of(list(self._rows.values()), self._schema)
        if len(self._rows) < len(self._written):
            places = {row: place for place, row in enumerate(self._rows)}
            table = table.take(pa.array([places[row] for row in self._written]))
        if "side" in self._schema.names:
            table = table.set_column(0, self._schema.field("side"), pa.array(self._sides, type=_TEXT))
        self._writer.write_table(table)
        self._rows, self._written, self._sides = {}, [], []

    def close(self) -> None:
        """Write what is left; the file is whole then."""
        self._flush()
        self._writer.close()


def table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table: texts become dates, times and numbers as the schema says."""
    columns = [_column([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(values: list[Any], wanted: pa.DataType) -> pa.Array:
    written = _as_text(wanted)
    column = pa.array(values, type=written)
    return column if written.equals(wanted) else column.cast(wanted)


def _as_text(wanted: pa.DataType) -> pa.DataType:
    """The type that published JSON has where the table has a narrower one."""
    if pa.types.is_decimal(wanted) or pa.types.is_date(wanted) or pa.types.is_timestamp(wanted):
        return _TEXT
    if pa.types.is_list(wanted):
        return pa.list_(_as_text(wanted.value_type))
    if pa.types.is_struct(wanted):
        fields: Iterable[pa.Field] = [wanted.field(place) for place in range(wanted.num_fields)]
        return pa.struct([(each.name, _as_text(each.type)) for each in fields])
    return wanted


def keep_claims(path: Path, claims: Collection[tuple[str, str]]) -> None:
    """Leave the rows of these members' claims alone in a file."""
    part = path.with_suffix(".some")
    with (
        pq.ParquetFile(path) as file,
        pq.ParquetWriter(part, file.schema_arrow, compression="lz4") as writer,
    ):
        for batch in file.iter_batches(ROWS):
            members, ids = (batch.column(name).to_pylist() for name in ("member_id", "claim_id"))
            mask = pa.array([claim in claims for claim in zip(members, ids, strict=True)], type=pa.bool_())
            writer.write_batch(batch.filter(mask))
    part.replace(path)
