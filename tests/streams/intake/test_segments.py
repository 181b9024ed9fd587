"""How a file is cut into segments."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.intake.segments import Gap, Segment, read_segments
from tests.streams.intake.sample import codes, isa, sample, taken_in

FILE = "".join(sample()[0]).encode()


def cut(data: bytes, piece: int = 1 << 18) -> list[Segment | Gap]:
    """The segments of bytes that come in pieces."""
    stream = io.BytesIO(data)
    return list(read_segments(lambda most: stream.read(min(most, piece))))


@pytest.mark.parametrize("piece", [1, 2, 13, 107, 1000])
def test_pieces_change_nothing(piece: int) -> None:
    """However the bytes come, the segments are the same."""
    assert cut(FILE, piece) == cut(FILE)


@given(st.binary(max_size=400))
def test_rubbish_is_no_segment(data: bytes) -> None:
    """Bytes without a header are passed over, whatever they are, and a header behind them is found."""
    header = isa("000000001").encode() + b"~\n"
    found = cut(data.replace(b"ISA", b"") + header)
    assert isinstance(found[-1], Segment)
    assert found[-1].isa is not None


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"~", b"~\n", b"~\r\n", b"\x1c", b"'"])
def test_delimiters_are_the_interchanges_own(end: bytes) -> None:
    """Any character may end a segment or separate elements; line ends behind it are layout."""
    header = isa("000000001").encode()
    data = header.replace(b"*", b"|").replace(b":", b">") + end + b"GS|HC|A>B" + end + b"ST|837" + end
    found = cut(data)
    assert [each.elements for each in found if isinstance(each, Segment)][1:] == [
        ["GS", "HC", "A>B"],
        ["ST", "837"],
    ]


def test_a_byte_order_mark_and_blanks_are_layout() -> None:
    """A mark at the beginning, blanks and NULs between interchanges are no segments."""
    data = b"\xef\xbb\xbf" + FILE + b"\r\n\0\0\x1a" + FILE + b"\n\n  "
    assert [each.elements for each in cut(data) if isinstance(each, Segment)] == [
        each.elements for each in cut(FILE) if isinstance(each, Segment)
    ] * 2


def test_isa_within_a_name_is_no_header() -> None:
    """The letters ISA in a value begin no interchange; a whole header behind a lost end does."""
    data = isa("000000001").encode() + b"~NM1*IL*1*ISA*LISA~ISA*1~N3*ISAAC~"
    assert [each.elements for each in cut(data) if isinstance(each, Segment)][1:] == [
        ["NM1", "IL", "1", "ISA", "LISA"],
        ["ISA", "1"],
        ["N3", "ISAAC"],
    ]
    header = isa("000000002").encode() + b"~"
    found = cut(data + b"IEA*1*000000001" + header)
    assert [each.elements[0] for each in found if isinstance(each, Segment)][-2:] == ["IEA", "ISA"]


def test_a_segment_without_an_end_is_passed_over() -> None:
    """A segment of megabytes costs itself, in bounded memory."""
    header = isa("000000001").encode() + b"~"
    stream = io.BytesIO(header + b"N3*" + b"A" * 30_000_000 + b"~N4*B~")
    tracemalloc.start()
    found = list(read_segments(stream.read))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [getattr(each, "code", None) for each in found] == [None, "segment_too_long", None]
    assert most < 4_000_000


def test_bytes_that_are_no_utf8_are_latin() -> None:
    """A segment that is no UTF-8 is read as Latin-1, one that is as UTF-8."""
    header = isa("000000001").encode() + b"~"
    found = cut(header + b"N3*caf\xe9~N3*caf\xc3\xa9~")
    assert [each.elements[1] for each in found[1:] if isinstance(each, Segment)] == ["café", "café"]


def test_an_unreadable_header_costs_its_interchange_alone() -> None:
    """Behind a header that cannot be read nothing is taken for a claim; the next interchange is read."""
    segments = [text.encode() for text in sample()[0]]
    at = next(place for place, text in enumerate(segments) if text.startswith(b"ISA|"))
    for broken in (b"ISA rubbish~", b"ISA*00*~", b"XSA" + segments[at][3:]):
        data = b"".join([*segments[:at], broken, *segments[at + 1 :]])
        events, faults, _ = taken_in(data)
        assert {event["member_id"][0] for event in events} == {"A", "C"}
        assert {"isa_unreadable", "outside_interchange"} & set(codes(faults))


def test_rubbish_alone_is_told() -> None:
    """A file that is no 837 has one fault and nothing else."""
    events, faults, intake = taken_in(b'{"claim_id": "no 837"}\n' * 1000)
    assert (events, codes(faults), intake.tally.lost) == ([], ["isa_unreadable"], True)
