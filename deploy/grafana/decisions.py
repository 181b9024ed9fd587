"""Decisions: what is found, in edits and dollars, and whether that is as it was a week ago."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Row, dashboard, workers
from deploy.grafana.graphs import bars, series, stat
from deploy.grafana.overview import rejects_ratio, verdicts_by_settled
from deploy.grafana.panels import BLUE, GREEN, ORANGE, PLAIN, RED, YELLOW, Ask, Json
from deploy.grafana.promql import SHORT, by, increase, of, rate
from deploy.grafana.tables import Column, table
from streams.metrics import declared as the
from streams.metrics.declared import Metric

DISPOSITIONS: Final = {"deny": RED, "return": ORANGE, "review": YELLOW, "inform": BLUE}
STATUSES: Final = {"clean": GREEN, "edited": ORANGE, "withdrawn": BLUE, "void": "purple"}
WEEK: Final = "1w"
DAY: Final = "1d"
HOUR: Final = 3600
TOP: Final = 8
"""As many lines as a reader can tell apart."""


def per_1000() -> str:
    """Edits raised for 1,000 accepted lines."""
    return f"1000 * {rate(the.EDITS_PUBLISHED, status='open')} / {rate(the.EVENTS, outcome='accepted')}"


def per_1000_in_a_day(ago: str = "") -> str:
    """The same over the last 24 hours, or those that ended some time ago."""
    edits = increase(the.EDITS_PUBLISHED, over=DAY, ago=ago, status="open")
    return f"1000 * {edits} / {increase(the.EVENTS, over=DAY, ago=ago, outcome='accepted')}"


def per_hour(*labels: str) -> str:
    """Dollars affected an hour."""
    return f"{HOUR} * {rate(the.EDIT_AMOUNT, *labels)}"


def top(query: str, metric: Metric) -> str:
    """Of a query by rule, the rules with most of a metric in the time that is shown."""
    whole = f"sum by (rule) (increase({of(metric)}[$__range] @ end()))"
    return f"{query} and on (rule) topk({TOP}, {whole} > 0)"


def share(ago: str = "") -> str:
    """Each rule's share of the edits raised in a day; missing where none was raised."""
    whole = increase(the.EDITS_PUBLISHED, over=DAY, ago=ago, status="open")
    each = increase(the.EDITS_PUBLISHED, "rule", over=DAY, ago=ago, status="open")
    return f"{each} / on () group_left () ({whole} > 0)"


def decisions() -> Json:
    """The dashboard."""
    return dashboard(
        "decisions",
        "Decisions",
        "What is decided: edits and dollars by rule and disposition, verdicts, rejects, and what moved since "
        "last week.",
        [
            Row("What is decided now", 4, _now()),
            Row("By rule, in the time shown", 10, [(12, _by_rule()), (12, _dollars_by_rule())]),
            Row(
                "Over time", 8, [(12, _by_disposition()), (12, _dollars()), (12, _status()), (12, _settled())]
            ),
            Row("Against last week", 11, [(12, _movements()), (12, _per_1000())]),
            Row("What was not decided", 7, [(12, _reasons()), (6, _repaired()), (6, _exempted())]),
        ],
        variables=workers(),
    )


def _now() -> list[tuple[int, Json]]:
    edited = f"{rate(the.VERDICTS_PUBLISHED, status='edited')} / {rate(the.VERDICTS_PUBLISHED)}"
    kinds = f"{by(['namespace', 'policy_id', 'policy_fingerprint'], 'count')}({of(the.BUILD)})"
    policies = f"max({by(['namespace'], 'count')}({kinds}))"
    panels = (
        stat(
            "Edits per 1,000 lines",
            "Edit events that raise or renew an edit, for 1,000 accepted lines. What is usual depends on the "
            "plan; look for steps.",
            per_1000(),
            "none",
            PLAIN,
        ),
        stat(
            "Dollars affected an hour",
            "Amount affected of edits when they were raised first, over all dispositions.",
            per_hour(),
            "currencyUSD",
            PLAIN,
            decimals=1,
        ),
        stat(
            "Claims with an edit",
            "Share of verdicts that say edited.",
            edited,
            "percentunit",
            PLAIN,
            decimals=1,
        ),
        stat(
            "Records rejected",
            "Share of the records that cannot be read as claim lines.",
            rejects_ratio(),
            "percentunit",
            ((None, GREEN), (0.01, YELLOW), (0.05, RED)),
            decimals=2,
        ),
        stat(
            "Findings exempted an hour",
            "Findings that an exemption of a plan or a contract kept from becoming edits.",
            f"{HOUR} * {rate(the.EXEMPTED)}",
            "none",
            PLAIN,
        ),
        stat(
            "Policies at work",
            "How many different policies the chosen workers have, of several name spaces the most. More than "
            "one is right only while a policy is rolled out.",
            policies,
            "none",
            ((None, GREEN), (2, RED)),
        ),
    )
    return [(4, each) for each in panels]


def _by_rule() -> Json:
    each = increase(the.EDITS_PUBLISHED, "rule", status="open")
    return bars(
        "Edits raised, by rule",
        "Edit events that raise or renew an edit, in the time shown. Rules without any are left out.",
        Ask(f"sort_desc({each} > 0)", "{{rule}}"),
        "none",
        ORANGE,
    )


def _dollars_by_rule() -> Json:
    return bars(
        "Dollars affected, by rule",
        "Amount affected of edits when they were raised first, in the time shown.",
        Ask(f"sort_desc({increase(the.EDIT_AMOUNT, 'rule')} > 0)", "{{rule}}"),
        "currencyUSD",
        GREEN,
        decimals=1,
    )


def _by_disposition() -> Json:
    return series(
        "Edits raised, by disposition",
        "Edit events that raise or renew an edit, a second; and, as a line below, those that clear one.",
        [
            Ask(rate(the.EDITS_PUBLISHED, "disposition", status="open"), "{{disposition}}"),
            Ask(rate(the.EDITS_PUBLISHED, status="cleared"), "cleared"),
        ],
        "suffix: /s",
        colors=DISPOSITIONS | {"cleared": "text"},
    )


def _dollars() -> Json:
    return series(
        "Dollars affected an hour, by rule",
        f"The {TOP} rules with most in the time shown.",
        [Ask(top(per_hour("rule"), the.EDIT_AMOUNT), "{{rule}}")],
        "currencyUSD",
        stacked=True,
    )


def _status() -> Json:
    return series(
        "Verdicts, by status",
        "Verdicts a second, every revision. Void: the claim was withdrawn whole.",
        [Ask(rate(the.VERDICTS_PUBLISHED, "status"), "{{status}}")],
        "suffix: /s",
        stacked=True,
        colors=STATUSES,
    )


def _settled() -> Json:
    return verdicts_by_settled(
        "Many quiet ones: senders do not say how many lines a claim has, or lines are late."
    )


def _movements() -> Json:
    change = f"{share()} - {share(WEEK)}"
    return table(
        "Top movements: share of edits by rule, this day against the same day last week",
        "Each rule's share of the edits raised in the last 24 h, the same a week ago, and the change in "
        "points; the greatest movement first. A rule that moves without a change of policy is a sender's or "
        "our mistake, or a change in what is billed. Without data of last week there is nothing to compare.",
        [share(), share(WEEK), f"100 * ({change})", f"abs({change})"],
        [
            Column("rule", "Rule"),
            Column("Value #A", "Last 24 h", "percentunit", 1),
            Column("Value #B", "A week ago", "percentunit", 1),
            Column("Value #C", "Change, points", "short", 1, ((None, RED), (-5, "text"), (5, RED))),
            Column("Value #D", "Distance", hidden=True),
        ],
        "Value #D",
    )


def _per_1000() -> Json:
    return series(
        "Edits per 1,000 lines, against last week",
        "Edits raised for 1,000 accepted lines: now, over the last 24 h, and over 24 h a week ago.",
        [
            Ask(per_1000(), "now"),
            Ask(per_1000_in_a_day(), "24 h"),
            Ask(per_1000_in_a_day(WEEK), "24 h, a week ago"),
        ],
        "none",
        colors={"now": BLUE, "24 h": ORANGE, "24 h, a week ago": "text"},
    )


def _reasons() -> Json:
    return series(
        "Records rejected, by reason",
        "Rejected records a second; one with several reasons counts under each. The topic "
        "claim-lines-rejected has the records.",
        [Ask(f"{rate(the.REJECTS, 'reason')} > 0", "{{reason}}")],
        "suffix: /s",
    )


def _repaired() -> Json:
    return series(
        "Fields repaired",
        "Fields a second that were dropped from an accepted line because they cannot be read.",
        [Ask(rate(the.REPAIRED, "field", over=SHORT), "{{field}}")],
        "suffix: /s",
    )


def _exempted() -> Json:
    none = 'label_replace(vector(0), "rule", "none", "", "")'
    return bars(
        "Findings exempted, by rule",
        "Findings that an exemption kept from becoming edits, in the time shown; one bar of none at zero "
        "where there is none, which an empty panel would not tell from a fault.",
        Ask(f"sort_desc({increase(the.EXEMPTED, 'rule')} > 0 or on () {none})", "{{rule}}"),
        "none",
    )
