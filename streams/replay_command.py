"""`dripline replay`: a finite range of claim lines through a policy, into a folder of results."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from streams.console import console
from streams.exit_codes import REJECTED
from streams.kafka_command import OF_THE_WORKER, settings_options
from streams.policy_options import policy_options
from streams.policy_view import print_facts
from streams.replay.command import execute
from streams.replay.job import Mode, PolicyChoice
from streams.replay.options import asked, replay_options


@click.command("replay")
@click.argument("inputs", nargs=-1, metavar="[INPUT...]")
@replay_options
@click.option(
    "--mode",
    type=click.Choice(["final", "as-published"]),
    default="final",
    show_default=True,
    help="What stands at the end, or every revision as the live worker publishes it.",
)
@policy_options
@click.option("--strict", is_flag=True, help=f"End with exit code {REJECTED} where a line was rejected.")
@partial(
    settings_options, hidden=OF_THE_WORKER | {"app_id"}, without={"policy", "exemptions", "settle_after"}
)
def replay_command(
    *,
    inputs: tuple[str, ...],
    mode: str,
    strict: bool,
    **options: Any,  # noqa: ANN401 - checked by `asked`
) -> None:
    """Replay claim lines of files or of the topic through a policy.

    INPUT is a file of JSON Lines, plain or gzip, or a dump of the topic as `kcat -J` writes it. With --topic
    the records are read from their topic, by no group and without a trace there: read access is enough.

    What is read is frozen first, printed, and kept in manifest.json. The folder then gets edits.parquet,
    verdicts.parquet, rejects.parquet, result.json with counts and the hash of all that can be compared, the
    policy in policies/, and views.sql for DuckDB. A replay that was killed goes on with --resume DIR.

    Exit code 0: done. 2: the range, the policy or an option is wrong, or no broker can be used. 3: with
    --strict, a line was rejected; the results are there.
    """
    want = asked(inputs, options)
    choice = PolicyChoice(
        options.pop("policy_folder"),
        options.pop("exemptions"),
        options.pop("settle_after"),
        options.pop("history_days"),
        options.pop("retention_days"),
    )
    how: Mode = "final" if mode == "final" else "as_published"
    job, result = execute(want, options, how, {"policy": choice})
    if want.form != "json":
        side = result["sides"]["policy"]
        print_facts(
            console(),
            [
                ("claims", f"{side['claims']:,}"),
                ("edits", f"{side['edits']:,}, {_dispositions(side['dispositions'])}"),
                ("affected", f"{side['amount_affected']} USD"),
                ("rejects", f"{result['rejects']:,}"),
                ("hash", result["hash"]),
                ("result", str(job.folder)),
            ],
        )
    if strict and result["rejects"]:
        click.get_current_context().exit(REJECTED)


def _dispositions(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
