"""`dripline screen`: claim lines from files into edits, verdicts and rejects."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path

import click

from policy.load import load_policy
from streams.console import console
from streams.exit_codes import REJECTED
from streams.intake_options import intake_of, intake_options
from streams.option_values import instant
from streams.policy_options import policy_options
from streams.progress import progress_bar
from streams.screen import screen
from streams.summary_view import print_summary


@click.command("screen")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the results; made where it is missing.",
)
@policy_options
@click.option("--final", is_flag=True, help="Write what stands at the end alone, without revisions.")
@click.option(
    "--now",
    callback=instant,
    metavar="T",
    help="The time of the run, RFC 3339; lines received more than a day later are rejected.",
)
@intake_options
@click.option("--strict", is_flag=True, help=f"End with exit code {REJECTED} where a line was rejected.")
@click.option("--quiet", is_flag=True, help="No progress bar and no summary.")
@click.pass_context
def screen_command(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    *,
    inputs: tuple[str, ...],
    folder: Path,
    policy_folder: Path | None,
    exemptions: Path | None,
    settle_after: int | None,
    history_days: int | None,
    retention_days: int | None,
    final: bool,
    now: int | None,
    claim_id: str,
    received_at: int | None,
    strict: bool,
    quiet: bool,
) -> None:
    """Screen claim lines from files and write edits, verdicts and rejects.

    INPUT is a file of JSON Lines or an 837P or 837I, plain or gzip, or - for standard input. Several inputs
    are read in their order as one. Results are edits.jsonl, verdicts.jsonl and rejects.jsonl in DIR, and
    faults.jsonl where an 837 has any; they appear there when the run has ended well, in place of earlier
    ones.

    Exit code 0: done. 2: an input, the policy or an option is wrong, and DIR is as it was. 3: with
    --strict, a line was rejected; the results are there.
    """
    now = time.time_ns() // 1000 if now is None else now
    intake = intake_of(claim_id, received_at)
    policy = load_policy(
        policy_folder,
        exemptions=exemptions,
        settle_after_us=settle_after,
        history_days=history_days,
        retention_days=retention_days,
    )
    with nullcontext() if quiet else progress_bar(inputs, console(stderr=True)) as bar:
        summary = screen(policy, inputs, folder, now=now, final=final, watcher=bar, intake=intake)
    if not quiet:
        print_summary(console(), summary, policy, str(folder))
    if strict and summary.lost:
        context.exit(REJECTED)
