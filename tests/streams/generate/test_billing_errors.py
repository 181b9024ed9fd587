"""Laws of billing errors: each is found by its rule, and without errors nothing is denied."""

from __future__ import annotations

from collections import defaultdict

import pytest

from models.reading import read_ndc
from policy.roles import role_of
from streams.generate import DEFAULT_ERROR_RATES, ERROR_KINDS, GenerateSettings, generate_records
from streams.generate.errors import ErrorKind
from streams.generate.others import SETTINGS
from tests.streams.generate.runs import open_edits, plain, sent_bills
from tests.support import built_in_policy


@pytest.mark.parametrize("kind", ERROR_KINDS.values(), ids=list(ERROR_KINDS))
def test_each_kind_of_error_is_found(kind: ErrorKind) -> None:
    """Every bill with an error of a kind has an edit of the rule that finds it, on the claim or beside it."""
    run = plain(members=75, error_rates={kind.name: 1.0})
    spoiled = {sent.now[0]["claim_id"][:-1] for sent in sent_bills(run) if sent.error == kind.name}
    rules = defaultdict(set)
    for edit in open_edits(run):
        rules[edit.claim_id[:-1]].add(edit.rule)
    assert spoiled
    assert {bill for bill in spoiled if kind.rule not in rules[bill]} == set()


def test_every_rule_has_an_error() -> None:
    """There is a kind of error for each rule of the policy."""
    assert {kind.rule for kind in ERROR_KINDS.values()} == set(built_in_policy().versions[-1].rules)


def test_nothing_is_denied_without_errors() -> None:
    """Without errors, late claims and corrections nothing but catheter care without a drug is remarked on."""
    edits = open_edits(plain(members=150, other_share=0.2, split_share=0.2))
    assert {(edit.rule, edit.disposition) for edit in edits} == {("per_diem_without_drug", "inform")}
    assert {edit.procedure_code for edit in edits} <= {"S5498", "S5501"}


def test_most_claims_are_clean() -> None:
    """With the usual rates of errors most claims have no edit, and no line has many."""
    run = GenerateSettings(members=180, seed=8)
    claims = {sent.now[0]["claim_id"] for sent in sent_bills(run)}
    edits = open_edits(run)
    lines = sum(1 for _ in generate_records(run))
    assert len({edit.claim_id for edit in edits}) < 0.4 * len(claims)
    assert 0.05 < len(edits) / lines < 0.35


def test_an_error_is_as_frequent_as_asked_for() -> None:
    """The share of spoiled claims is the rate, among the claims on which the error can be made."""
    sent = list(sent_bills(plain(members=600, error_rates={"flush_billed": 0.3})))
    assert abs(sum(each.error == "flush_billed" for each in sent) / len(sent) - 0.3) < 0.04


def test_rates_above_the_whole_are_scaled_down() -> None:
    """Where rates add up to more than 1, every kind is still made."""
    run = plain(members=500, error_rates=dict.fromkeys(DEFAULT_ERROR_RATES, 1.0))
    assert {sent.error for sent in sent_bills(run)} - {None} == set(ERROR_KINDS)


def test_other_claims_are_no_home_infusion() -> None:
    """Every code of the other claims has the role other in the policy."""
    version = built_in_policy().versions[-1]
    codes = {code for care in SETTINGS for code, _ in care.items}
    assert {role_of(version, code, None).kind for code in codes} == {"other"}


def test_a_flush_ndc_is_read_as_one() -> None:
    """The NDC of a flush billed under a drug code is one of the policy's, however it is hyphenated."""
    run = plain(error_rates={"flush_billed": 1.0})
    billed = {
        read_ndc(event["ndc"])
        for sent in sent_bills(run)
        for event in sent.now
        if event["procedure_code"] == "S5000" and event["ndc"] and not event["ndc"].startswith("99")
    }
    flushes = built_in_policy().versions[-1].roles.flush_ndcs
    assert billed
    assert {ndc[:9] for ndc in billed if ndc} <= set(flushes)
