"""What a claim is known by."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.files import InputError
from streams.intake import claim_numbers
from streams.intake.numbers import Numbers, Refused

HEAD = "billing_provider_npi,patient_control_number,claim_id,claim_frequency_code,payer_number\n"


def mapped(folder: Path, *rows: str) -> str:
    """The setting for a map of rows."""
    path = folder / "map.csv"
    path.write_text(HEAD + "".join(row + "\n" for row in rows))
    return f"map:{path}"


def test_a_map_gives_the_payers_numbers(tmp_path: Path) -> None:
    """By NPI, CLM01 and frequency, else of any frequency; what is missing or ambiguous is refused."""
    setting = mapped(tmp_path, "1,A,P1,,", "1,A,P2,7,", "2,A,P3,,", "1,B,P4,,", "1,B,P5,,")
    numbers = claim_numbers(setting)
    assert numbers.claim_id(Numbers("1", "A", "", "1")) == "P1"
    assert numbers.claim_id(Numbers("1", "A", "", "7")) == "P2"
    assert numbers.claim_id(Numbers("2", "A", "", "8")) == "P3"
    assert numbers.claim_id(Numbers("1", "B", "", "1")) == Refused("claim_number_ambiguous")
    assert numbers.claim_id(Numbers("3", "A", "", "1")) == Refused("claim_number_unmapped")


def test_ref_f8_goes_through_the_same_map(tmp_path: Path) -> None:
    """REF F8 may be a claim id, the payer's own number, or the provider's; another one is unknown."""
    numbers = claim_numbers(mapped(tmp_path, "1,A,P1,,000123", "2,B,P2,,"))
    assert numbers.original("P1", "1") == ("P1", True)
    assert numbers.original("000123", "1") == ("P1", True)
    assert numbers.original("B", "2") == ("P2", True)
    assert numbers.original("B", "1") == ("B", False)
    assert numbers.original("elsewhere", "1") == ("elsewhere", False)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("claim_id\n", "line 1"),
        ("", "line 1"),
        (HEAD + "1,A,P1,,\n1,,P2,,\n", "line 3"),
        (HEAD + f"1,A,{'P' * 51},,\n", "line 2"),
        ("\xff", "CSV"),
    ],
)
def test_a_map_that_is_none_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    """Missing columns, empty fields and ids that are too long are told with the line."""
    path = tmp_path / "map.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=place):
        claim_numbers(f"map:{path}")


def test_a_missing_map_is_told(tmp_path: Path) -> None:
    """A map that is not there is an input that cannot be read."""
    with pytest.raises(InputError, match="No such file"):
        claim_numbers(f"map:{tmp_path / 'none.csv'}")


@pytest.mark.parametrize("setting", ["", "map:", "d9"])
def test_there_are_no_other_settings(setting: str) -> None:
    """A setting that is none is refused."""
    with pytest.raises(ValueError, match="npi-clm01"):
        claim_numbers(setting)
