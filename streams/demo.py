"""`python -m streams.demo`: a generated month of a small plan and a published claim, screened and explained.

Ends with exit code 1 where the published claim does not come out as its data file says.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from models.finding import DISPOSITIONS, Disposition
from models.reading import microseconds
from policy.load import load_policy
from streams.console import console
from streams.edit_view import print_edit, print_heading, print_paragraph, print_verdict
from streams.files import InputError
from streams.generate import GenerateSettings, generate_records
from streams.progress import progress_bar
from streams.results import EDITS, VERDICTS, OutputError
from streams.screen import screen
from streams.summary import cents
from streams.summary_view import print_summary

DATA: Final = Path(__file__).parent / "data"
PUBLIC_CLAIM: Final = DATA / "public-home-infusion-claim.jsonl"
EXPECTED: Final = DATA / "public-home-infusion-claim.expected.json"

PLAN: Final = GenerateSettings(members=300, seed=19, other_share=0.4)
RUBBISH: Final = 0.001
"""Share of lines that are no claim lines at all."""

_NOW: Final = microseconds(datetime(2026, 7, 1, tzinfo=UTC))
"""After every line of the plan, so that the demo is the same on every day."""

_FEW: Final = 2
"""Lines of evidence that a reader takes in at a glance."""

_FOLDER: Final = Path("build") / "demo"

Event = dict[str, Any]
"""An edit or a verdict as it lies in a results file."""


def generate_month(path: Path) -> None:
    """Write a month of a small plan, gzip."""
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        for line in generate_records(PLAN, RUBBISH):
            file.write(line + b"\n")


def standing(path: Path, key: Callable[[Event], object]) -> list[Event]:
    """The last revision of each key of a results file."""
    latest: dict[object, Event] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            latest[key(event)] = event
    return list(latest.values())


def chosen(edits: Iterable[Event]) -> list[Event]:
    """Three edits to show: a deny, a return (else a review) and an inform, as far as they occur.

    Of each the costliest one that rests on few lines, which is easiest to follow.
    """
    costliest: dict[Disposition, Event] = {}
    for edit in edits:
        kind: Disposition = edit["disposition"]
        if kind not in costliest or _worth(edit) > _worth(costliest[kind]):
            costliest[kind] = edit
    found = [costliest[kind] for kind in DISPOSITIONS if kind in costliest]
    return [*found[:2], *found[2:][-1:]]


def _worth(edit: Event) -> tuple[bool, int]:
    return len(edit["evidence"]) <= _FEW, cents(edit["amount_affected"])


def differences(found: Mapping[str, Any] | None, expected: Mapping[str, Any]) -> list[str]:
    """In which fields something differs from what was expected of it."""
    if found is None:
        return ["it is missing"]
    return [
        f"{field} is {found[field]!r}, expected {value!r}"
        for field, value in expected.items()
        if found[field] != value
    ]


def show_public_claim(out: Console, edits: Sequence[Event], verdicts: Sequence[Event]) -> list[str]:
    """Show the published claim's outcome; the differences from what its data file says."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    claim = expected["verdict"]["claim_id"]
    edit = next((edit for edit in edits if edit["claim_id"] == claim), None)
    verdict = next((verdict for verdict in verdicts if verdict["claim_id"] == claim), None)
    problems = differences(edit, expected["edit"]) + differences(verdict, expected["verdict"])
    if edit is not None:
        print_edit(out, edit)
    if verdict is not None:
        print_verdict(out, verdict)
    return problems


def run(folder: Path, out: Console) -> int:
    """The whole demo in `folder`; its exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    month, results = folder / "month.jsonl.gz", folder / "results"
    print_heading(out, "A month of a small plan, and a published claim")
    print_paragraph(
        out,
        f"{PLAN.members} generated members on home infusion among other claim lines, some billed wrongly, "
        "a few lines broken. Beside them the lines of a claim from a public 837P demonstration file.",
    )
    generate_month(month)
    policy, inputs = load_policy(), (str(month), str(PUBLIC_CLAIM))
    with progress_bar(inputs, console(stderr=True)) as bar:
        summary = screen(policy, inputs, results, now=_NOW, watcher=bar)
    print_summary(out, summary, policy, str(results))

    edits = [e for e in standing(results / EDITS, lambda e: e["edit_id"]) if e["status"] == "open"]
    verdicts = standing(results / VERDICTS, lambda e: (e["member_id"], e["claim_id"]))
    print_heading(out, "Three of the edits, as an analyst reads them")
    for edit in chosen(edits):
        print_edit(out, edit)
    print_heading(out, "The published claim")
    problems = show_public_claim(out, edits, verdicts)
    return _end(out, folder, problems)


def _end(out: Console, folder: Path, problems: Sequence[str]) -> int:
    for problem in problems:
        out.print(Text(f"The published claim did not come out as expected: {problem}.", style="bold red"))
    if problems:
        return 1
    print_paragraph(out, "It came out as expected: the kit is inside the per diem, and the per diem stands.")
    print_heading(out, "What to try next")
    print_paragraph(out, f"The lines and the results lie in {folder}.")
    dripline = _dripline()
    for command in (
        f"{dripline} screen {folder}/month.jsonl.gz --out {folder}/final --final",
        f"{dripline} policy show",
        f"{dripline} policy show S9500",
        f"{dripline} generate --members 1000 --seed 1 | {dripline} screen - --out {folder}/plan",
    ):
        out.print(Text(f"  {command}"), soft_wrap=True)
    return 0


def _dripline() -> str:
    """The command as it is typed here: with its folder where it is installed beside this Python."""
    beside = Path(sys.executable).parent / "dripline"
    if not beside.is_file():
        return "dripline"
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=_FOLDER)
def demo(folder: Path) -> None:
    """Screen a generated month and a published claim in FOLDER, and show what comes out."""
    try:
        code = run(folder, console())
    except (InputError, OutputError, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    demo()
