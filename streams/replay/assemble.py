"""From parts to the result: one file a table, the figures, the hash.

Rows of members whom a later part looked at again are left out of the earlier one. Where everything was judged
at the end, `as_of` is the last event time of all parts.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.claim_line import money_text
from models.finding import DISPOSITIONS
from models.reading import instant_text
from streams.replay.comparable import Standing, result_hash
from streams.replay.figures import Figures
from streams.replay.job import PARTS, RESULT, Job, Side, cannot_write, write_whole
from streams.replay.part import KeptPart
from streams.replay.tables import OF_A_BACKTEST, OF_A_REPLAY, ROWS, SCHEMAS
from streams.replay.views import VIEWS_FILE, views

SAMPLE: Final = "sample.json"


def assemble(job: Job, parts: Sequence[KeptPart]) -> dict[str, Any]:
    """Write the result of finished parts; what `result.json` holds.

    Raises:
        OutputError: a file cannot be written.
    """
    try:
        return _assembled(job, parts)
    except OSError as error:
        raise cannot_write(job.folder, error) from error


def _assembled(job: Job, parts: Sequence[KeptPart]) -> dict[str, Any]:
    times = [part.told["event_time"] for part in parts if part.told["event_time"] is not None]
    as_of = instant_text(max(times)) if times and job.mode == "final" else None
    again = {member for part in parts for member in part.told["members"] or ()}
    tables = OF_A_REPLAY if job.against is None else OF_A_BACKTEST
    rows = {name: _table(job, parts, name, again, as_of) for name in tables}
    figures = Figures()
    rejects: set[bytes] = set()
    for part in parts:
        figures.add(part.figures)
        rejects |= part.rejects
    if job.against is not None:
        _sample(job, parts, again)
    (job.folder / VIEWS_FILE).write_text(views(job), "utf-8")
    result = _told(job, figures, rejects, as_of, rows)
    write_whole(job.folder / RESULT, result)
    shutil.rmtree(job.folder / PARTS, ignore_errors=True)
    return result


def _table(job: Job, parts: Sequence[KeptPart], name: str, again: set[str], as_of: str | None) -> int:
    """Write one table of all parts; its number of rows."""
    place = job.folder / f"{name}.parquet"
    part = place.with_suffix(".part")
    rows = 0
    schema = SCHEMAS[name]
    if name == "rejects":
        schema = schema.remove(schema.get_field_index("digest"))
    with pq.ParquetWriter(part, schema, compression="zstd", version="2.6") as writer:
        for table in _batches(parts, name, again):
            chosen = table.select(schema.names)
            if as_of is not None and "as_of" in schema.names:
                chosen = _as_of(job, chosen, as_of)
            writer.write_table(chosen)
            rows += chosen.num_rows
    part.replace(place)
    return rows


def _batches(parts: Sequence[KeptPart], name: str, again: set[str]) -> Iterator[pa.Table]:
    for part in parts:
        replaces = part.told["members"] is not None
        with pq.ParquetFile(part.table(name)) as file:
            for batch in file.iter_batches(ROWS):
                table = pa.Table.from_batches([batch])
                if again and not replaces and "member_id" in table.schema.names:
                    old = pc.is_in(table["member_id"], value_set=pa.array(sorted(again), type=pa.string()))
                    table = table.filter(pc.invert(old))
                yield table


def _as_of(job: Job, table: pa.Table, as_of: str) -> pa.Table:
    """The time of the end for what the policies say; what is published keeps its own."""
    place = table.schema.get_field_index("as_of")
    field = table.schema.field(place)
    time = pa.scalar(as_of).cast(field.type)
    column = pa.repeat(time, table.num_rows)
    if job.against == "live":
        column = pc.if_else(pc.equal(table["side"], "against"), table["as_of"], column)
    return table.set_column(place, field, column)


def _sample(job: Job, parts: Sequence[KeptPart], again: set[str]) -> None:
    from streams.backtest.sample import merged  # noqa: PLC0415 - replays need none

    drawn = [
        claim
        for part in parts
        for claim in part.told["samples"]
        if part.told["members"] is not None or claim["member_id"] not in again
    ]
    write_whole(job.folder / SAMPLE, merged(drawn, job.sample))


def _told(
    job: Job, figures: Figures, rejects: set[bytes], as_of: str | None, rows: dict[str, int]
) -> dict[str, Any]:
    counts = figures.counts
    sides: dict[str, Any] = {}
    for kept in job.policies:
        sides[kept.side] = {
            "policy_id": kept.policy_id,
            "policy_version": kept.policy_version,
            "fingerprint": kept.fingerprint,
            **_side(kept.side, figures, rejects),
        }
    if job.against == "live":
        sides["against"] = {"live": True, **_side("against", figures, rejects)}
    told: dict[str, Any] = {
        "mode": job.mode,
        "against": job.against,
        "hash": sides["policy"]["hash"],
        "sides": sides,
        "records": counts["records"],
        "warm_up_records": counts["warm_up"],
        "lines": counts["accepted"],
        "rejects": counts["rejects"],
        "members": counts["members"],
        "rows": rows,
        "as_of": as_of,
        "range": job.manifest.as_json(),
        "seed": job.seed,
    }
    if job.against is not None:
        told["totals"] = _totals(figures)
    return told


def _side(side: Side, figures: Figures, rejects: set[bytes]) -> dict[str, Any]:
    counts = figures.counts
    return {
        "edits": counts[f"{side}.edits"],
        "claims": counts[f"{side}.claims"],
        "amount_affected": money_text(counts[f"{side}.cents"]),
        "amount_of_edits": money_text(counts[f"{side}.edit_cents"]),
        "dispositions": {each: counts[f"{side}.{each}"] for each in DISPOSITIONS},
        "hash": result_hash(figures.standing.get(side, Standing()), rejects),
    }


def _totals(figures: Figures) -> dict[str, Any]:
    counts = figures.counts
    return {
        **{name: counts[name] for name in ("added", "removed", "changed", "flips")},
        "amount_added": money_text(counts["added_cents"]),
        "amount_removed": money_text(counts["removed_cents"]),
        "amount_delta": signed_money(counts["policy.cents"] - counts["against.cents"]),
        "amount_of_edits_delta": signed_money(counts["policy.edit_cents"] - counts["against.edit_cents"]),
    }


def signed_money(cents: int) -> str:
    """Cents (USD) as text with two decimals, with a minus sign below nothing."""
    return ("-" if cents < 0 else "") + money_text(abs(cents))
