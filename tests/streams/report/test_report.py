"""The page of a backtest: exact figures, all differences, no ids, nothing from outside."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import astuple
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from streams.report import write_report
from streams.report.ids import Ids, hashed
from streams.report.numbers import Figures, Numbers
from streams.report.page import page
from streams.report.tables import figures_table
from tests.streams.report.backtest_folder import backtest, generated, policy_with
from tests.support import Event, claim_line

pytestmark = pytest.mark.slow

VOID = {"meta", "link", "br", "wbr"}
"""Elements of the page without an end."""


class Outline(HTMLParser):
    """The text of a page, its elements by name, and whether every element is closed by its own end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.elements.append((tag, dict(attrs)))
        if tag in {"th", "td", "small"}:
            self.text += " "
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text of an element; style and script are none."""
        if self._open and self._open[-1] not in {"style", "script"}:
            self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def html_of(folder: Path) -> str:
    """The page as the command has written it."""
    return (folder / "report.html").read_text("utf-8")


def rows_of(folder: Path, table: str) -> list[dict[str, Any]]:
    """A table of the results."""
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return rows


def held(folder: Path, side: str) -> Decimal:
    """The dollars that a side's edits hold."""
    return sum(
        (
            e["amount_affected"]
            for e in rows_of(folder, "edits")
            if e["side"] == side and e["disposition"] != "inform"
        ),
        Decimal(0),
    )


@pytest.mark.parametrize("events", [[], [claim_line("C1", 1, "99213", "2024-03-01")]])
def test_without_edits_there_is_a_page(tmp_path: Path, events: list[Event]) -> None:
    """Where neither policy finds anything, the page says so in the same tables: nothing to nothing."""
    policy = policy_with(tmp_path / "policy")
    folder = backtest(tmp_path / "results", events, policy, policy)
    with Numbers(folder) as numbers:
        total = numbers.total()
    assert (total.edits_before, total.before, total.after) == (0, Decimal(0), Decimal(0))
    assert "$0.00" in Outline(html_of(folder)).text


@pytest.mark.parametrize("group", ["rule", "provider", "plan", "month"])
def test_every_table_leads_from_b_to_a_to_the_cent(draft: Path, group: str) -> None:
    """What B holds, with what is added, removed and changed, is what A holds; rows sum up to all edits."""
    with Numbers(draft) as numbers:
        rows, total = numbers.by(group), numbers.total()
    for row in (*rows, total):
        assert row.before + row.by_added + row.by_removed + row.by_changed == row.after
        assert row.edits_before + row.added - row.removed == row.edits_after
    assert [sum(column) for column in zip(*(astuple(row)[1:] for row in rows), strict=True)] == [
        *astuple(total)[1:]
    ]
    assert (total.before, total.after) == (held(draft, "against"), held(draft, "policy"))
    told = json.loads((draft / "result.json").read_text())
    assert [total.added, total.removed, total.changed] == [
        told["totals"][k] for k in ("added", "removed", "changed")
    ]
    assert min(total.added, total.removed, total.changed) > 0


def test_claims_move_as_the_verdicts_say(draft: Path) -> None:
    """The matrix counts every claim once, and its sums are the verdicts' amounts."""
    with Numbers(draft) as numbers:
        moves, before, after = numbers.moves(), numbers.claims("against"), numbers.claims("policy")
    verdicts: dict[str, dict[tuple[str, str], str]] = {"policy": {}, "against": {}}
    for verdict in rows_of(draft, "verdicts"):
        outcome = verdict["disposition"] if verdict["status"] == "edited" else verdict["status"]
        verdicts[verdict["side"]][verdict["member_id"], verdict["claim_id"]] = outcome
    wanted = Counter((verdicts["against"][claim], verdicts["policy"][claim]) for claim in verdicts["policy"])
    assert {(move.before, move.after): move.count for move in moves} == wanted
    assert sum(move.amount_before for move in moves) == before.affected
    assert sum(move.amount_after for move in moves) == after.affected
    with Numbers(draft) as numbers:
        assert numbers.flips() == len(rows_of(draft, "flips"))
    flips = {(row["member_id"], row["claim_id"]) for row in rows_of(draft, "flips")}
    assert flips >= {claim for claim, one in verdicts["policy"].items() if one != verdicts["against"][claim]}


def test_rows_beyond_the_most_are_summed_up() -> None:
    """A table of many rows keeps all dollars: in its rows, and in one for the others."""
    rows = [
        Figures(str(n), 1, 1, 0, 0, 2, Decimal(n), Decimal(1), Decimal(0), Decimal(0), Decimal(n + 1))
        for n in range(300)
    ]
    table = figures_table("All.", "Number", rows, rows[0])
    shown = [*table.rows, table.foot[0]]
    assert table.foot[0][0].text == "100 others"
    assert sum(Decimal(row[1].order) for row in shown) == sum(row.before for row in rows)


def test_the_page_is_sound_and_readable(draft: Path) -> None:
    """Elements are closed, ids unique, links lead to them; tables have captions and headings with a scope."""
    outline = Outline(html_of(draft))
    ids = [attributes["id"] for _, attributes in outline.elements if attributes.get("id")]
    assert len(ids) == len(set(ids))
    anchors = [href for each in outline.of("a") if (href := each["href"])]
    assert {anchor.removeprefix("#") for anchor in anchors} <= set(ids)
    assert len(outline.of("caption")) == len(outline.of("table")) > 5
    assert all("scope" in heading for heading in outline.of("th"))
    assert len(outline.of("h1")) == 1
    assert [attributes["lang"] for attributes in outline.of("html")] == ["en"]


def test_the_page_is_light_and_takes_nothing_from_outside(draft: Path) -> None:
    """No address but those that name a form of SVG; no element that loads; at most half a megabyte."""
    html = html_of(draft)
    assert set(re.findall(r"\w+://[^\s\"']*", html)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    outline = Outline(html)
    assert not {"img", "iframe", "object", "embed", "audio", "video", "source"} & {
        tag for tag, _ in outline.elements
    }
    assert all("src" not in attributes for _, attributes in outline.elements)
    assert "default-src 'none'" in str(outline.of("meta")[1]["content"])
    assert len(html.encode()) < 500_000


def test_no_id_is_on_the_page_unless_asked_for(draft: Path) -> None:
    """Of members, claims, providers, events: nothing; with --show-ids claims and providers, never members."""
    samples = json.loads((draft / "sample.json").read_text())
    claims = {sample["claim_id"] for sample in samples}
    providers = {edit["billing_provider_npi"] for edit in rows_of(draft, "edits")}
    secret = claims | providers
    secret |= {
        line[name] for sample in samples for line in sample["lines"] for name in ("claim_id", "event_id")
    }
    members = {row["member_id"] for row in rows_of(draft, "verdicts")}
    html = html_of(draft)
    assert not [one for one in secret | members if one in html]
    assert all(hashed("claim", claim) in html for claim in claims)
    shown = page(draft, Ids(shown=True))
    assert all(one in shown for one in claims | providers)
    assert not [member for member in members if member in shown]


def test_messages_name_other_claims_as_the_page_does() -> None:
    """An id in a message is hashed where it names a claim, also where one id is a part of another."""
    ids = Ids()
    message = "S9500 on claim 1 line 2, S9500 on claim 11 line 1 on 1 date"
    one, other = hashed("claim", "1"), hashed("claim", "11")
    told = f"S9500 on claim {one} line 2, S9500 on claim {other} line 1 on 1 date"
    assert ids.message(message, ["1", "11"]) == told
    assert Ids(shown=True).message(message, ["1", "11"]) == message


def test_an_identical_policy_shows_no_difference(same: Path) -> None:
    """The page says so plainly, and shows no table of differences."""
    text = Outline(html_of(same)).text
    assert "There is no difference." in text
    assert "A and B hold the same rules, settings, code tables and exemptions." in text
    assert "Dollars by rule" not in text
    assert len(set(re.findall(r"CPCP019 2\.0 \([0-9a-f]{8}\)", text))) == 1


def test_what_is_published_has_no_policy_to_compare(draft: Path, tmp_path: Path) -> None:
    """Held against the live topics, the page tells all but the difference of policies."""
    folder = tmp_path / "live"
    shutil.copytree(draft, folder)
    for name in ("manifest.json", "result.json"):
        told = json.loads((folder / name).read_text())
        told["against"] = "live"
        if name == "manifest.json":
            told["policies"] = [each for each in told["policies"] if each["side"] == "policy"]
        else:
            kept = {key: value for key, value in told["sides"]["against"].items() if "policy" not in key}
            told["sides"]["against"] = {"live": True, **kept}
            del told["sides"]["against"]["fingerprint"]
        (folder / name).write_text(json.dumps(told))
    text = " ".join(Outline(page(folder, Ids())).text.split())
    assert "What changes if CPCP019 2.1 draft replaces what the live topics say" in text
    assert "the policies cannot be compared" in text
    assert "Dollars by rule" in text


def test_a_known_change_shows_exactly_its_effect(tmp_path: Path) -> None:
    """One disposition of one rule: one difference of the policies, all edits of that rule and no others."""

    def change(text: str) -> str:
        return text.replace(
            '[rules.supply_never_payable]\ndisposition = "deny"',
            '[rules.supply_never_payable]\ndisposition = "inform"',
        )

    candidate = policy_with(tmp_path / "candidate", change)
    folder = backtest(
        tmp_path / "result", generated(12, seed=2), candidate, policy_with(tmp_path / "reference")
    )
    text = " ".join(Outline(html_of(folder)).text.split())
    assert "1 difference in the data of the policies." in text
    assert "rules.supply_never_payable.disposition deny inform Definitions" in text
    edits = [e for e in rows_of(folder, "edits") if e["side"] == "against"]
    mine = [edit for edit in edits if edit["rule"] == "supply_never_payable"]
    assert mine
    with Numbers(folder) as numbers:
        (changed,) = [row for row in numbers.by("rule") if row.differs]
        shifts = [shift for shift in numbers.shifts() if shift.before != shift.after]
    assert (changed.name, changed.changed, changed.delta) == (
        "supply_never_payable",
        len(mine),
        -sum(edit["amount_affected"] for edit in mine),
    )
    assert [(shift.before, shift.after, shift.count) for shift in shifts] == [("deny", "inform", len(mine))]


def test_samples_mark_every_date_in_question(draft: Path) -> None:
    """As many marks of each side as the samples' edits have dates; the messages of the edits are there."""
    html = html_of(draft)
    samples = json.loads((draft / "sample.json").read_text())
    for side, letter in (("policy", "A"), ("against", "B")):
        dates = {
            (number, edit["line_number"], day)
            for number, sample in enumerate(samples)
            for edit in sample[f"edits_{side}"]
            for day in edit["dates"]
        }
        marks = re.findall(r'<td class="day \w+ edited (AB|A|B)">', html)
        assert sum(letter in mark for mark in marks) == len(dates)
    text = " ".join(Outline(html).text.split())
    for sample in samples:
        for edit in (*sample["edits_policy"], *sample["edits_against"]):
            if not any(other["claim_id"] != edit["claim_id"] for other in edit["evidence"]):
                assert edit["message"] in text


def test_the_same_results_give_the_same_page(draft: Path) -> None:
    """Nothing on the page depends on when or how often it is written."""
    before = html_of(draft)
    write_report(draft)
    assert html_of(draft) == before
