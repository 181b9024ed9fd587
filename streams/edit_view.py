"""Edits and verdicts for people: panels in a terminal, indented text in a pipe.

Both are taken as they lie in a results file: a mapping of the fields of `EditEvent` or `ClaimVerdict`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.finding import Disposition
from streams.summary import cents
from streams.summary_view import DISPOSITION_STYLES, dollars, visible

_PAGE: Final = 100
"""Columns of a text in a pipe."""

_INDENT: Final = "  "
_LABELS: Final = 10
"""Columns of the labels in a pipe."""

_MOST_EVIDENCE: Final = 5
"""Lines of evidence that are named one by one."""

Facts = Sequence[tuple[str, str]]


def print_heading(out: Console, text: str) -> None:
    """A heading between blank lines."""
    out.print()
    out.print(Text(text, style="bold"))
    out.print()


def print_paragraph(out: Console, text: str) -> None:
    """Text that fills the lines, and a blank line."""
    out.print(Text(text if out.is_terminal else textwrap.fill(text, _PAGE)))
    out.print()


def print_edit(out: Console, edit: Mapping[str, Any]) -> None:
    """An edit event: its message, what it is about and what it rests on."""
    code = "-".join([edit["procedure_code"], *edit["modifiers"]])
    policy = edit["policy"]
    facts = [
        ("line", f"{visible(edit['claim_id'])} line {edit['line_number']}, {code}"),
        ("dates", _dates(edit["dates"])),
        ("affected", f"{edit['units_affected']} units, {dollars(cents(edit['amount_affected']))}"),
        ("rests on", _evidence(edit)),
        ("codes", _codes(edit)),
        ("policy", f"{policy['id']} {policy['version']}, {policy['section']}"),
    ]
    title = f"{edit['disposition']}  {edit['rule']}"
    _print_card(out, title, edit["disposition"], visible(edit["message"]), facts)


def print_verdict(out: Console, verdict: Mapping[str, Any], more: Facts = ()) -> None:
    """A claim verdict: what stands against the claim as a whole; `more` facts come last."""
    affected, charges = (dollars(cents(verdict[name])) for name in ("amount_affected", "charge_total"))
    disposition = verdict["disposition"]
    facts = [
        ("claim", visible(verdict["claim_id"])),
        ("affected", f"{affected} of {charges}"),
        ("edits", f"{verdict['open_edits']} open"),
        ("lines", f"{verdict['lines_seen']} seen of {verdict['line_count'] or 'an unknown number'}"),
        *more,
    ]
    title = "verdict  " + ", ".join(filter(None, (verdict["status"], disposition)))
    _print_card(out, title, disposition, None, facts)


def _dates(dates: Sequence[str]) -> str:
    """One date, or the first and the last and how many there are."""
    if len(dates) <= 1:
        return dates[0] if dates else "none"
    return f"{len(dates)} from {dates[0]} to {dates[-1]}"


def _evidence(edit: Mapping[str, Any]) -> str:
    """The lines an edit rests on; of many, the first few."""
    evidence = edit["evidence"]
    named = [_line(line, edit["claim_id"]) for line in evidence[:_MOST_EVIDENCE]]
    if len(evidence) > _MOST_EVIDENCE:
        named.append(f"and {len(evidence) - _MOST_EVIDENCE} more")
    return ", ".join(named) or "the line alone"


def _line(line: Mapping[str, Any], claim_id: str) -> str:
    elsewhere = "" if line["claim_id"] == claim_id else f"{visible(line['claim_id'])} "
    return f"{elsewhere}line {line['line_number']} {line['procedure_code']}"


def _codes(edit: Mapping[str, Any]) -> str:
    """Group code, adjustment reason code and remark code, as far as there are any."""
    codes = (("", edit["group_code"]), ("CARC ", edit["carc"]), ("RARC ", edit["rarc"]))
    return ", ".join(f"{name}{code}" for name, code in codes if code)


def _print_card(
    out: Console, title: str, disposition: Disposition | None, message: str | None, facts: Facts
) -> None:
    """A title, a sentence and facts: in a panel, or as lines in a pipe."""
    if out.is_terminal:
        style = DISPOSITION_STYLES[disposition] if disposition else "green"
        out.print(Panel(_body(message, facts), title=Text(title), title_align="left", border_style=style))
        return
    out.print(Text(title))
    if message is not None:
        out.print(Text(textwrap.fill(message, _PAGE, initial_indent=_INDENT, subsequent_indent=_INDENT)))
    for label, text in facts:
        out.print(Text(f"{_INDENT}{label.ljust(_LABELS)}{text}"), soft_wrap=True)
    out.print()


def _body(message: str | None, facts: Facts) -> Group:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for label, text in facts:
        grid.add_row(Text(label, style="dim"), Text(text))
    return Group(grid) if message is None else Group(Text(message, style="bold"), "", grid)
