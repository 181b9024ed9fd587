"""`make pictures`: the pictures of docs/operations.md, from a live run without Docker.

    python -m tests.deploy.pictures FOLDER [--minutes N]

Writes FOLDER/overview.png and so on. Then breaks things, each in turn, and writes a picture of what Overview
shows of it, with the answers of /readyz below, and a line for the table of how long it took to be seen and
to be over. Ends with 1 where one was not seen at the next scrape, or did not pass.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from deploy.grafana.ask import View
from deploy.grafana.picture import board_of, picture
from tests.deploy.fault_runs import FAULTS, run_fault
from tests.deploy.past import DAY, Rules, last_weeks, replays_running
from tests.deploy.plant import Plant, plant
from tests.deploy.stack import RECORDING, remembering

LIVE = ("overview", "decisions", "internals")
WARM_UP = 40
"""Seconds that are not shown."""
LAST_WEEK: Rules = {
    rule: (edits * 40, 0)
    for rule, edits in {
        "included_in_per_diem": 300,
        "supply_never_payable": 180,
        "drug_dates_unclear": 50,
        "drug_without_per_diem": 60,
        "units_exceed_days": 25,
        "per_diem_without_drug": 110,
        "solution_incidental": 30,
        "drug_on_other_claim": 20,
        "visit_without_professional": 12,
        "catheter_care_in_per_diem": 11,
        "concurrent_modifier": 10,
        "formula_in_per_diem": 10,
        "drug_not_corresponding": 8,
        "noc_per_diem": 9,
    }.items()
}
"""Edits an hour a week ago, made up."""


async def _calm(running: Plant, folder: Path, minutes: float) -> None:
    """Pictures of a quiet time."""
    await asyncio.sleep(minutes * 60 + WARM_UP)
    for name in LIVE:
        now = time.time()
        view = View.of(board_of(name), running.prometheus, now - minutes * 60, now)
        await asyncio.to_thread(picture, view, folder / f"{name}.png")


def _replays(work: Path, folder: Path) -> None:
    """Replays, of made-up samples until a command shows real ones."""
    now = time.time()
    with remembering(work, replays_running(now)) as prometheus:
        picture(View.of(board_of("replays"), prometheus, now - 600, now), folder / "replays.png")


async def run(folder: Path, minutes: float) -> bool:
    """All pictures, one after the other; whether every fault was seen in time and passed."""
    well = True
    with tempfile.TemporaryDirectory() as work:
        await asyncio.to_thread(_replays, Path(work) / "replays", folder)
        past = last_weeks(time.time(), LAST_WEEK, until=6 * DAY, lines=120 * 3600)
        async with plant(Path(work), partitions=8, rate=120, past=past, config=RECORDING) as running:
            running.sender.rubbish = 0.003
            await _calm(running, folder, minutes)
            for fault in FAULTS:
                done = await run_fault(running, fault, folder)
                well = well and done.well
                sys.stdout.write(done.row() + "\n")
                sys.stdout.flush()
    return well


def main() -> int:
    """Draw them."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.pictures")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10, help="of the quiet time that is shown")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # brokers go away on purpose
    return 0 if asyncio.run(run(given.folder, given.minutes)) else 1


if __name__ == "__main__":
    sys.exit(main())
