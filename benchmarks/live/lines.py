"""The claim lines that the live benchmarks screen, and what a plain run publishes for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from benchmarks.live.screening import Engines, Sent, encoded
from models.record import Record
from streams.generate import DEFAULT_ERROR_RATES, GenerateSettings, encode_line, generate_lines

FIRST_DAY = date(2024, 1, 1)
ERROR_RATES = {**DEFAULT_ERROR_RATES, "no_drug": 0.7, "dispensing_date": 0.45}
"""With them 0.27 edits an event."""
DAYS_A_CLAIM = 40
"""About so many days of service for every ten lines of a member."""

Keyed = tuple[bytes, bytes]


def claim_lines(count: int, lines_a_member: int, seed: int = 1, start: date = FIRST_DAY) -> Iterator[Keyed]:
    """Claim lines of about 500 bytes in the order of receipt, each behind its key."""
    settings = GenerateSettings(
        members=max(count // lines_a_member, 1),
        seed=seed,
        start=start,
        days=min(max(DAYS_A_CLAIM * lines_a_member // 10, 31), 700),
        error_rates=ERROR_RATES,
        lines=count,
    )
    return ((event["member_id"].encode(), encode_line(event)) for event in generate_lines(settings))


def new_members(count: int, lines_a_member: int, at_once: int, seed: int = 1) -> Iterator[Keyed]:
    """Claim lines of members who come, are billed and not seen again, so many lines of them at a time."""
    for wave, first in enumerate(range(0, count, at_once)):
        name = b"%03d-SYN-" % wave
        start = FIRST_DAY + wave * timedelta(days=DAYS_A_CLAIM)
        lines = claim_lines(min(at_once, count - first), lines_a_member, seed=seed + wave, start=start)
        for key, value in lines:
            yield key.replace(b"SYN-", name, 1), value.replace(b"SYN-", name)


def expected(records: Iterable[Record]) -> Counter[Sent]:
    """What a plain run publishes: one engine a partition, records in the order of their offsets."""
    by_partition: dict[int | None, list[Record]] = defaultdict(list)
    for record in records:
        by_partition[record.partition].append(record)
    engines = Engines(tracking=False)
    return Counter(
        encoded(event)
        for partition, each in by_partition.items()
        for event in engines.of(partition or 0).receive_many(each).publications
    )
