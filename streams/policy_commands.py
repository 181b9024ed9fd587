"""`dripline policy check` and `dripline policy show`: what a policy says, and what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NoReturn

import click

from models.reading import read_code, read_date, read_ndc
from policy.document import Policy, PolicyVersion
from policy.errors import PolicyError
from policy.load import load_policy
from policy.roles import role_of
from streams import policy_view as view
from streams.console import console
from streams.exit_codes import WRONG_USE
from streams.settings import env_name

_exemptions = click.option(
    "--exemptions",
    type=click.Path(path_type=Path),
    envvar=env_name("exemptions"),
    metavar="FILE",
    help=f"Exemptions of plans and contracts: a JSON list or CSV.  [env: {env_name('exemptions')}]",
)


def _code(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else read_code(value.strip())
    except ValueError:
        raise click.BadParameter("a procedure code has five letters and digits, as in S9500") from None


def _day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else read_date(value)
    except ValueError:
        raise click.BadParameter("a date is written YYYY-MM-DD, from 1900 to 2100") from None


def _ndc(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    ndc = None if value is None else read_ndc(value)
    if value is not None and ndc is None:
        raise click.BadParameter("an NDC has 11 digits, or 10 with hyphens (4-4-2, 5-3-2, 5-4-1)")
    return ndc


@click.group()
def policy() -> None:
    """Check a policy, or show what it says."""


@policy.command()
@click.argument("path", type=click.Path(path_type=Path))
@_exemptions
@click.pass_context
def check(context: click.Context, path: Path, exemptions: Path | None) -> None:
    """Check the policy in the folder PATH and name everything that is wrong with it at once.

    Exit code 0: nothing is wrong. 2: something is.
    """
    try:
        loaded = load_policy(path, exemptions=exemptions)
    except PolicyError as error:
        out = console()
        view.print_problems(out, error.problems)
        view.print_title(out, _counted(len(error.problems), "problem"))
        context.exit(WRONG_USE)
    click.echo(_summary(loaded))


def _summary(loaded: Policy) -> str:
    """One line about a sound policy."""
    names = ", ".join(version.version for version in loaded.versions)
    codes = len(loaded.versions[-1].roles.codes)
    return (
        f"{loaded.policy_id} {names} is sound: {_counted(len(loaded.versions[-1].rules), 'rule')}, "
        f"{_counted(codes, 'code')}, {_counted(len(loaded.exemptions), 'exemption')}."
    )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


@policy.command()
@click.argument("code", required=False, callback=_code)
@click.option(
    "--policy",
    "path",
    type=click.Path(path_type=Path),
    envvar=env_name("policy"),
    metavar="PATH",
    help=f"The policy folder. Left out: the built-in CPCP019.  [env: {env_name('policy')}]",
)
@_exemptions
@click.option(
    "--on", "day", callback=_day, metavar="DATE", help="Show what is in force on this service date."
)
@click.option("--ndc", callback=_ndc, help="Show the role of CODE on a line with this NDC.")
@click.pass_context
def show(
    context: click.Context,
    code: str | None,
    path: Path | None,
    exemptions: Path | None,
    day: date | None,
    ndc: str | None,
) -> None:
    """Show the rules and settings in force, or what the policy says about the procedure code CODE.

    Without --on: the rules of the latest version, or the answer of every version about CODE.
    """
    if ndc is not None and code is None:
        raise click.UsageError("--ndc goes with a CODE")
    try:
        loaded = load_policy(path, exemptions=exemptions)
    except PolicyError as error:
        _refuse(context, error)
    versions = _chosen(loaded, day)
    if not versions:
        click.echo(f"No version of {loaded.policy_id} is in force on {day}.")
    elif code is None:
        _show_rules(loaded, versions[-1])
    else:
        _show_code(versions, code, ndc)


def _refuse(context: click.Context, error: PolicyError) -> NoReturn:
    """Say on standard error what is wrong with the policy, and end."""
    view.print_problems(console(stderr=True), error.problems)
    context.exit(WRONG_USE)


def _chosen(loaded: Policy, day: date | None) -> list[PolicyVersion]:
    """The version in force on a day, or all versions where no day is asked for."""
    if day is None:
        return list(loaded.versions)
    version = loaded.on(day.toordinal())
    return [] if version is None else [version]


def _show_rules(loaded: Policy, version: PolicyVersion) -> None:
    out = console()
    view.print_title(out, view.name(version), f"{version.title}, {view.period(version)}")
    out.print()
    view.print_facts(out, view.setting_facts(loaded, version))
    out.print()
    view.print_table(out, view.RULE_HEADINGS, view.rule_rows(version))
    out.print()
    view.print_table(out, view.PARAMETER_HEADINGS, view.parameter_rows(version))


def _show_code(versions: list[PolicyVersion], code: str, ndc: str | None) -> None:
    out = console()
    for place, version in enumerate(versions):
        if place:
            out.print()
        role = role_of(version, code, ndc)
        view.print_title(out, code, role.short_name)
        view.print_facts(out, view.code_facts(version, code, role))
