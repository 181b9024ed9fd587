"""From an 837 to claim-line events: 005010X222A1 (837P) and 005010X223A2 (837I), segment by segment.

`segments` cuts a file into segments, `envelope` checks what encloses them, `walk` finds claims and whose
they are, `claim` and `line` read one claim loop by loop, `events` writes its claim-line events. What cannot
be used is told by `faults`, and costs no more than the claim or line it stands in. Memory does not grow with
the file.
"""

from streams.intake.events import ClaimLines
from streams.intake.faults import Fault
from streams.intake.numbers import ClaimNumbers, claim_numbers
from streams.intake.read import Intake
from streams.intake.tally import Tally

__all__ = ["ClaimLines", "ClaimNumbers", "Fault", "Intake", "Tally", "claim_numbers"]
