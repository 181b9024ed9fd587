"""`dripline intake`: 837 files into claim lines, and what could not be read of them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from models.wire import to_json
from streams.console import console
from streams.exit_codes import REJECTED, by_signal
from streams.feed import Fed, feed
from streams.feed_options import check_target, feed_options
from streams.files import STDIN, Batch, check_inputs, read_batches, shown
from streams.intake import Intake
from streams.intake.batches import ClaimFiles
from streams.intake_options import intake_of, intake_options
from streams.kafka_command import OF_THE_WORKER, given_settings, settings_options
from streams.progress import progress_bar
from streams.results import OutputError
from streams.screen import Watcher
from streams.summary_view import counted, print_intake, visible
from streams.whole_file import STDOUT, whole_file

_FAULTS: Final = ".faults.jsonl"


@click.command("intake")
@click.argument("inputs", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--out",
    default=STDOUT,
    show_default=True,
    metavar="FILE",
    help="The file of claim lines to write, gzip where its name ends with .gz; - is standard output.",
)
@click.option(
    "--faults",
    metavar="FILE",
    help="The file of what could not be used. Left out: beside --out, with .faults.jsonl for .jsonl, else "
    "standard error.",
)
@intake_options
@feed_options
@click.option(
    "--strict", is_flag=True, help=f"End with exit code {REJECTED} where a claim or line was refused."
)
@click.option("--quiet", is_flag=True, help="No progress bar and no summary.")
@partial(settings_options, hidden=OF_THE_WORKER | {"app_id"})
@click.pass_context
def intake_command(  # noqa: PLR0913 - one argument an option
    context: click.Context,
    /,
    *,
    inputs: tuple[str, ...],
    out: str,
    faults: str | None,
    claim_id: str,
    received_at: int | None,
    to_topic: bool,
    rate: float | None,
    strict: bool,
    quiet: bool,
    **connection: str | None,
) -> None:
    """Read claims of 837 files, and write their claim lines, one JSON object a line.

    FILE is an 837P (005010X222A1) or 837I (005010X223A2), plain or gzip, or - for standard input, with any
    number of interchanges, groups and transactions. docs/intake.md tells what becomes of each element. What
    cannot be used costs its claim or line alone, and is written down with its reason and place, without its
    value. The same files give the same lines, so taking them in again changes nothing.

    With --to-topic each line is sent under its member's key. The last options say how to reach the broker.

    Exit code 0: done. 2: an input, an option or an output is wrong, and no file was written. 3: with
    --strict, a claim or line was refused; the rest is there. 130, 143: stopped by SIGINT or SIGTERM; no file
    was written, and with --to-topic not all lines were sent.
    """
    check_target(to_topic=to_topic)
    intake = intake_of(claim_id, received_at)
    check_inputs(inputs)
    faults = faults or _beside(out, to_topic=to_topic)
    for path in {out if not to_topic else STDOUT, faults or STDOUT} - {STDOUT}:
        _check_output(path, inputs)
    with nullcontext() if quiet else progress_bar(inputs, console(stderr=True), "Reading") as bar:
        run = _Run(intake, inputs, faults, bar)
        if to_topic:
            settings = given_settings(connection)
            with run.reading() as lines:
                fed = asyncio.run(feed(lines, settings, rate))
                _check_all(fed)
        else:
            run.write(out)
    if not quiet:
        to_stdout = out == STDOUT and not to_topic
        _print(intake, stderr=to_stdout, where=None if to_stdout or to_topic else out, faults=faults)
    if strict and intake.tally.lost:
        context.exit(REJECTED)


def _check_all(fed: Fed) -> None:
    """End the command where not all lines were sent: whoever called it must not take the files for done."""
    if fed.stopped is not None:
        click.echo(f"stopped after {counted(fed.lines, 'line')}; run it again", err=True)
        click.get_current_context().exit(by_signal(fed.stopped))


def _beside(out: str, *, to_topic: bool) -> str | None:
    """Where faults go that nobody named a file for; None is standard error."""
    if to_topic or out == STDOUT:
        return None
    return out.removesuffix(".gz").removesuffix(".jsonl") + _FAULTS


def _check_output(path: str, inputs: Sequence[str]) -> None:
    """Refuse to write over an input."""
    for name in inputs:
        if name != STDIN and Path(path).exists() and Path(path).samefile(name):
            raise OutputError(f"{shown(path)}: is an input; give the output another name")


class _Run:
    """Reads the inputs once, writes faults on the way, and gives the lines to whoever takes them."""

    def __init__(
        self, intake: Intake, inputs: Sequence[str], faults: str | None, bar: Watcher | None
    ) -> None:
        self._intake = intake
        self._inputs = inputs
        self._faults = faults
        self._bar = bar

    def write(self, out: str) -> None:
        """Write the lines to a file or to standard output."""
        target: AbstractContextManager[BinaryIO] = (
            nullcontext(sys.stdout.buffer) if out == STDOUT else whole_file(Path(out))
        )
        with target as file, self._faults_file() as faults, closing(self._batches()) as batches:
            for batch in batches:
                if batch.records:
                    file.write(b"\n".join([record.value or b"" for record in batch.records]) + b"\n")
                _write_faults(faults, batch.faults)
            if out == STDOUT:
                file.flush()

    @contextmanager
    def reading(self) -> Iterator[Iterator[bytes]]:
        """The lines, one after the other."""
        with self._faults_file() as faults, closing(self._lines(faults)) as lines:
            yield lines

    def _lines(self, faults: BinaryIO) -> Generator[bytes]:
        for batch in self._batches():
            _write_faults(faults, batch.faults)
            for record in batch.records:
                yield record.value or b""

    def _batches(self) -> Generator[Batch]:
        started = time.perf_counter()
        records = 0
        other = ClaimFiles(self._intake, every=True)
        for batch in read_batches(self._inputs, now=0, other=other):
            yield batch
            records += len(batch.records)
            if self._bar is not None:
                self._bar.moved(records, batch.consumed)
        self._intake.tally.seconds = time.perf_counter() - started

    def _faults_file(self) -> AbstractContextManager[BinaryIO]:
        if self._faults is None:
            return nullcontext(sys.stderr.buffer)
        return whole_file(Path(self._faults))


def _write_faults(file: BinaryIO, faults: Sequence[Mapping[str, Any]]) -> None:
    if faults:
        file.write("".join(to_json(fault) + "\n" for fault in faults).encode())


def _print(intake: Intake, *, stderr: bool, where: str | None, faults: str | None) -> None:
    """The summary."""
    tally = intake.tally
    out = console(stderr=stderr)
    rate = tally.claims / tally.seconds if tally.seconds else 0.0
    out.print(
        f"Read {counted(tally.claims, 'claim')} of {counted(tally.files, 'file')} in {tally.seconds:,.1f} s "
        f"({rate:,.0f} claims/s)",
        style="bold",
    )
    out.print()
    print_intake(out, tally)
    if where is not None:
        out.print(f"Lines in {visible(where)}")
    if faults is not None:
        out.print(f"{counted(tally.reasons.total(), 'fault')} in {visible(faults)}")
