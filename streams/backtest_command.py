"""`dripline backtest`: two policies over one reading of claim lines, or one against what is published."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from streams.console import console
from streams.kafka_command import OF_THE_WORKER, settings_options
from streams.policy_view import print_facts
from streams.replay.command import execute
from streams.replay.job import Against, PolicyChoice, Side
from streams.replay.options import BUILT_IN_NAME, asked, replay_options

LIVE: Final = "live"


@click.command("backtest")
@click.argument("inputs", nargs=-1, metavar="[INPUT...]")
@click.option(
    "--policy",
    "tried",
    metavar="A",
    help=f"The policy that is tried: its folder, or {BUILT_IN_NAME}.",
)
@click.option(
    "--against",
    "held",
    metavar="B",
    help=f"What it is held against: a policy folder, {BUILT_IN_NAME}, or {LIVE} for what is published.",
)
@replay_options
@click.option(
    "--exemptions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Exemptions of plans and contracts, for both policies.",
)
@click.option(
    "--against-exemptions",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Others for the policy it is held against.",
)
@click.option(
    "--sample",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Claims to look at, of each rule and kind of difference.",
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="S", help="Another draws others.")
@click.option("--show-ids", is_flag=True, help="Write the ids of claims and providers into the report.")
@partial(
    settings_options, hidden=OF_THE_WORKER | {"app_id"}, without={"policy", "exemptions", "settle_after"}
)
def backtest_command(  # noqa: PLR0913 - one argument an option
    *,
    inputs: tuple[str, ...],
    tried: str | None,
    held: str | None,
    exemptions: Path | None,
    against_exemptions: Path | None,
    sample: int,
    seed: int,
    show_ids: bool,
    **options: Any,  # noqa: ANN401 - the other options, checked by `asked`
) -> None:
    """Screen the same claim lines by two policies and tell every difference, to the cent.

    INPUT and --topic are as in `dripline replay`. Both policies judge what one reading gave. With --against
    live the policy is held against the topics of edits and verdicts: a difference is a drift to explain.

    Beside what a replay leaves, for both sides, the folder gets differences.parquet (edits added, removed and
    changed), flips.parquet (claims with another verdict), sample.json (claims to look at, with their lines)
    and report.html.

    Exit code 0: done, with or without differences. 2: the range, a policy or an option is wrong, or no broker
    can be used.
    """
    want = asked(inputs, options)
    if want.resume is None and (tried is None or held is None):
        raise click.UsageError("give --policy and --against")
    policies: dict[Side, PolicyChoice] = {"policy": PolicyChoice(_folder(tried), exemptions)}
    against: Against = "live" if held == LIVE else "policy"
    if against == "policy":
        policies["against"] = PolicyChoice(_folder(held), against_exemptions or exemptions)
    job, result = execute(want, options, "final", policies, against=against, sample=sample, seed=seed)
    from streams.report import write_report  # noqa: PLC0415 - needs the packages of the extra

    write_report(job.folder, show_ids=show_ids)
    if want.form != "json":
        print_facts(console(), _told(result, str(job.folder)))


def _folder(name: str | None) -> Path | None:
    return None if name in {None, BUILT_IN_NAME} else Path(str(name))


def _told(result: dict[str, Any], folder: str) -> list[tuple[str, str]]:
    totals, sides = result["totals"], result["sides"]
    return [
        *(
            (
                side,
                f"{told['edits']:,} edits, {told['claims']:,} claims, {told['amount_affected']} USD affected",
            )
            for side, told in sides.items()
        ),
        ("edits", ", ".join(f"{totals[kind]:,} {kind}" for kind in ("added", "removed", "changed"))),
        ("verdicts", f"{totals['flips']:,} differ"),
        ("difference", f"{totals['amount_delta']} USD"),
        *((f"hash {side}", told["hash"]) for side, told in sides.items()),
        ("result", folder),
    ]
