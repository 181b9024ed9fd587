"""The therapies that synthetic members are on: per diem codes, drugs, calendars, plausible charges.

Codes are HCPCS codes; charges (cents, USD) are invented. No table of the policy is read here: what is
billed does not depend on who screens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from streams.generate import calendars
from streams.generate.calendars import Calendar


class Drug(NamedTuple):
    """A drug of a therapy: its code, the units of one infusion day, the charge (cents) of one unit."""

    code: str
    units: int
    cents: int


Visits = Literal["none", "first_day", "each_day"]


@dataclass(frozen=True, slots=True)
class Therapy:
    """One therapy as home infusion providers bill it.

    Attributes:
        codes: per diem codes; a member has one of them.
        cents: charge of a per diem (cents).
        drugs: what is infused; a member has one of them; empty where no drug is billed.
        calendar: days of infusion and billing.
        doses: doses a day, which some providers bill as units.
        visits: on which infusion days a nurse comes.
        supplies: supplies that are inside the per diem.
        unspecified: the unspecified code that may not be billed beside `codes`, or None.
        needs_drug: whether a per diem without a drug line is an error.
        is_infusion: whether it counts among concurrent infusion therapies.
        is_solution: whether the drug is a solution such as saline.
        one_a_day: whether only one of `codes` may be billed a day.
        many_days: whether more days of infusion than the therapy can have would show.
    """

    codes: tuple[str, ...]
    cents: int
    drugs: tuple[Drug, ...]
    calendar: Calendar
    doses: int = 1
    visits: Visits = "none"
    supplies: tuple[str, ...] = ("A4222", "A4221", "A4223")
    unspecified: str | None = None
    needs_drug: bool = True
    is_infusion: bool = True
    is_solution: bool = False
    one_a_day: bool = False
    many_days: bool = False


def _antibiotic(code: str, cents: int, doses: int, *drugs: Drug) -> Therapy:
    return Therapy(
        codes=(code,),
        cents=cents,
        drugs=drugs,
        calendar=calendars.ACUTE_WEEK,
        doses=doses,
        visits="first_day",
        supplies=("A4222", "A4221", "A4223", "E0781"),
        unspecified="S9494",
    )


Q24H: Final = _antibiotic(
    "S9500", 9_800, 1, Drug("J0696", 8, 420), Drug("J0878", 500, 55), Drug("J1335", 2, 4_100)
)
Q12H: Final = _antibiotic("S9501", 12_400, 2, Drug("J0692", 8, 610), Drug("J3370", 4, 780))
Q8H: Final = _antibiotic("S9502", 14_900, 3, Drug("J0690", 12, 190), Drug("J2185", 30, 240))
Q6H: Final = _antibiotic("S9503", 17_200, 4, Drug("J2543", 12, 390), Drug("J0295", 8, 450))
Q4H: Final = _antibiotic("S9504", 19_600, 6, Drug("J2540", 40, 110), Drug("J2700", 48, 160))

_GLOBULIN: Final = (Drug("J1561", 70, 4_900), Drug("J1569", 60, 5_050), Drug("J1459", 80, 4_700))
GLOBULIN: Final = Therapy(
    ("S9338",), 21_000, _GLOBULIN, calendars.MONTHLY_COURSE, visits="each_day", many_days=True
)
GLOBULIN_BY_MONTH: Final = Therapy(
    ("S9338",), 20_500, _GLOBULIN, calendars.MONTHLY_COURSE_WHOLE, visits="each_day", many_days=True
)
ANTI_TNF: Final = Therapy(
    codes=("S9359",),
    cents=24_500,
    drugs=(Drug("J1745", 40, 9_800), Drug("Q5103", 40, 6_900), Drug("Q5104", 50, 6_700)),
    calendar=calendars.EVERY_EIGHT_WEEKS,
    visits="each_day",
)
ALPHA1: Final = Therapy(
    codes=("S9346",),
    cents=19_900,
    drugs=(Drug("J0256", 450, 520), Drug("J0257", 450, 560)),
    calendar=calendars.WEEKLY_DOSE,
    visits="each_day",
    many_days=True,
)
ENZYME: Final = Therapy(
    ("S9357",), 23_800, (Drug("J1786", 360, 4_300),), calendars.EVERY_TWO_WEEKS, visits="each_day"
)
NUTRITION: Final = Therapy(
    codes=("S9365", "S9366", "S9366", "S9367"),
    cents=29_500,
    drugs=(Drug("B4185", 5, 2_900), Drug("B4187", 5, 4_400)),
    calendar=calendars.WEEK,
    visits="first_day",
    supplies=("B4224", "B4220", "B9004"),
    unspecified="S9364",
    needs_drug=False,
    one_a_day=True,
)
ENTERAL: Final = Therapy(
    codes=("S9342", "S9341", "S9343"),
    cents=3_900,
    drugs=(Drug("B4150", 18, 95), Drug("B4152", 20, 90), Drug("B4154", 18, 210)),
    calendar=calendars.FORTNIGHT,
    supplies=("B4035", "B4036", "B9002"),
    is_infusion=False,
    one_a_day=True,
)
PAIN_PUMP: Final = Therapy(
    codes=("S9326", "S9327"),
    cents=15_400,
    drugs=(Drug("J2270", 12, 480), Drug("J1171", 40, 130)),
    calendar=calendars.WEEK,
    visits="first_day",
    supplies=("E0781", "A4305", "A4222"),
    unspecified="S9325",
)
HYDRATION: Final = Therapy(
    codes=("S9374", "S9375"),
    cents=8_700,
    drugs=(Drug("J7030", 1, 1_900), Drug("J7120", 2, 2_100)),
    calendar=calendars.ACUTE_WEEK,
    visits="first_day",
    unspecified="S9373",
    is_solution=True,
    one_a_day=True,
)
CHEMOTHERAPY: Final = Therapy(
    codes=("S9330",),
    cents=18_800,
    drugs=(Drug("J9190", 4, 900),),
    calendar=calendars.PUMP_EVERY_TWO_WEEKS,
    visits="first_day",
    supplies=("E0781", "A4305", "A4223"),
    unspecified="S9329",
)
FACTOR: Final = Therapy(
    ("S9345",), 11_900, (Drug("J7192", 2_000, 165), Drug("J7195", 2_500, 180)), calendars.THREE_A_WEEK
)
INOTROPE: Final = Therapy(
    codes=("S9348",),
    cents=17_900,
    drugs=(Drug("J2260", 10, 720), Drug("J1250", 4, 510)),
    calendar=calendars.WEEK,
    visits="first_day",
    supplies=("E0781", "A4222", "A4221"),
)
STEROID: Final = Therapy(
    ("S9490",), 10_900, (Drug("J2930", 8, 640),), calendars.SHORT_COURSE, visits="first_day"
)
ANTICOAGULANT: Final = Therapy(
    ("S9372",), 4_900, (Drug("J1650", 8, 310),), calendars.ACUTE_WEEK, is_infusion=False
)
CATHETER_CARE: Final = Therapy(
    codes=("S5498", "S5501"),
    cents=2_700,
    drugs=(),
    calendar=calendars.FORTNIGHT,
    supplies=("A4221", "A4209"),
    needs_drug=False,
    is_infusion=False,
    one_a_day=True,
)
