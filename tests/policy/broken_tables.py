"""Small faults of the tables, one each: file, what is replaced by what, the column, the message.

The row is that of the change. Where several columns are named, each is a problem of that row.
"""

from __future__ import annotations

from tests.policy.policy_folder import CODES, DRUGS, SUPPLIES

ROLES = "per_diem, drug, solution, flush, formula, supply, visit, service, other"
NAME = "must be a few words on one line, without blanks at the ends"
FAMILY = "is no therapy family of this policy"
CODE = "is not a code of five letters and digits"
RANGED = "is not a letter and four digits"
RELATIONS = (
    "core, included_service, implanted, dressing, possible, noncovered, equipment_service, "
    "patient_owned_pump, unrelated"
)
COUNT = "not a number of days from 1 to 999"

PAIN = (
    "S9325,per_diem,pain,missing_drug=deny;therapy=pain;schedule=daily;infusion=yes;"
    'exclusive=S9326|S9327|S9328,"pain infusion, unspecified"'
)
"""The row of S9325, to be cut and changed."""

ALPHA1 = "S9346,per_diem,alpha1,missing_drug=deny;therapy=alpha1;schedule=intermittent;infusion=yes;cap30=5"
HYDRATION = "infusion=yes;one_a_day=hydration_volume,hydration 1 L/day"


def pain(old: str, new: str) -> tuple[str, str, str]:
    """A change of the row of S9325."""
    assert PAIN.count(old) == 1, old
    return CODES, PAIN, PAIN.replace(old, new)


TABLE_FAULTS: list[tuple[str, ...]] = [
    # Codes.
    (CODES, "A4216,flush", "A421,flush", "code", f"'A421' {CODE}"),
    (CODES, "A4216,flush", "A42166,flush", "code", f"'A42166' {CODE}"),
    (CODES, "A4216,flush", "a4216,flush", "code", f"'a4216' {CODE}"),
    (CODES, "A4216,flush", ",flush", "code", f"'' {CODE}"),
    (CODES, "A4218,flush", "A4216,flush", "code", "A4216 is listed before, in row 10"),
    (CODES, "A4216,flush", "A4216,flushes", "role", f"'flushes' is not one of {ROLES}"),
    (CODES, "A4216,flush", "A4216,", "role", f"'' is not one of {ROLES}"),
    (CODES, "A4216,flush", "A4216, flush", "role", f"' flush' is not one of {ROLES}"),
    (CODES, ",heparin lock flush,", ",,", "short_name", NAME),
    (CODES, ",heparin lock flush,", ", heparin,", "short_name", NAME),
    (CODES, ",heparin lock flush,", ",heparin ,", "short_name", NAME),
    (CODES, ",heparin lock flush,", ',"heparin\nflush",', "short_name", NAME),
    (
        CODES,
        "lock flush,definitions",
        "lock flush,definition",
        "source",
        "'definition' is not explained in [sources]",
    ),
    (CODES, "lock flush,definitions", "lock flush,", "source", "'' is not explained in [sources]"),
    # Families.
    (CODES, "A4216,flush,,", "A4216,flush,pain,", "families", "role flush has no therapy families"),
    (CODES, "99601,visit,,", "99601,visit,pain,", "families", "role visit has no therapy families"),
    (CODES, "G0068,service,,", "G0068,service,*,", "families", "role service has no therapy families"),
    (CODES, "A9150,other,,", "A9150,other,pain,", "families", "role other has no therapy families"),
    (
        CODES,
        "A4217,solution,irrigation,",
        "A4217,solution,,",
        "families",
        "role solution needs therapy families",
    ),
    (CODES, "B4164,formula,tpn,", "B4164,formula,,", "families", "role formula needs therapy families"),
    (CODES, "90283,drug,immunotherapy,", "90283,drug,,", "families", "role drug needs therapy families"),
    (
        CODES,
        "S9355,per_diem,chelation,",
        "S9355,per_diem,,",
        "families",
        "role per_diem needs therapy families",
        "detail",
        "therapy 'chelation' is not among the code's families",
    ),
    (CODES, "90283,drug,immunotherapy,", "90283,drug,immuno,", "families", f"'immuno' {FAMILY}"),
    (CODES, "90283,drug,immunotherapy,", "90283,drug,immunotherapy|,", "families", f"'' {FAMILY}"),
    (CODES, "90283,drug,immunotherapy,", "90283,drug,immunotherapy|Pain,", "families", f"'Pain' {FAMILY}"),
    (
        CODES,
        "90283,drug,immunotherapy,",
        "90283,drug,immunotherapy|immunotherapy,",
        "families",
        "names a family twice",
    ),
    (
        CODES,
        "90283,drug,immunotherapy,",
        "90283,drug,immunotherapy|*,",
        "families",
        "* stands for every family and stands alone",
    ),
    (SUPPLIES, "pain|antispasmodic|chemo", "pain|antispasm|chemo", "families", f"'antispasm' {FAMILY}"),
    # Details.
    (*pain("missing_drug=deny;", ""), "detail", "missing_drug is missing"),
    (*pain("schedule=daily;", ""), "detail", "schedule is missing"),
    (*pain("infusion=yes;", ""), "detail", "infusion is missing"),
    (*pain("therapy=pain;", ""), "detail", "therapy is missing"),
    (
        *pain("=deny", "=return"),
        "detail",
        "missing_drug is 'return', not one of deny, review, inform, included",
    ),
    (*pain("=daily", "=weekly"), "detail", "schedule is 'weekly', not one of daily, intermittent"),
    (*pain("=yes", "=true"), "detail", "infusion is 'true', not one of yes, no"),
    (*pain("=yes", "=yes;infusion=yes"), "detail", "'infusion' is given twice"),
    (*pain("=yes", "=yes;colour=red"), "detail", "'colour' is not a detail of role per_diem"),
    (*pain("=yes", "=yes;"), "detail", "'' is not a detail of role per_diem"),
    (*pain("=yes", "=yes;relation=core"), "detail", "'relation' is not a detail of role per_diem"),
    (*pain("therapy=pain", "therapy=chemo"), "detail", "therapy 'chemo' is not among the code's families"),
    (*pain("S9326|S9327|S9328", "S9326|S9399"), "detail", "exclusive names 'S9399', which is no per diem"),
    (*pain("S9326|S9327|S9328", "J1642"), "detail", "exclusive names 'J1642', which is no per diem"),
    (*pain("S9326|S9327|S9328", "S9325|S9327"), "detail", "exclusive names the code itself"),
    (*pain("S9326|S9327|S9328", "S9327|S9327"), "detail", "exclusive names a code twice"),
    (
        *pain("S9326|S9327|S9328", "S9327|S93"),
        "detail",
        "exclusive is 'S9327|S93', not procedure codes with | between them",
        "detail",
        "exclusive names 'S93', which is no per diem",
    ),
    (CODES, ALPHA1, ALPHA1.replace("cap30=5", "cap30=0"), "detail", f"cap30 is '0', {COUNT}"),
    (CODES, ALPHA1, ALPHA1.replace("cap30=5", "cap30=-5"), "detail", f"cap30 is '-5', {COUNT}"),
    (CODES, ALPHA1, ALPHA1.replace("cap30=5", "cap30=1000"), "detail", f"cap30 is '1000', {COUNT}"),
    (CODES, ALPHA1, ALPHA1.replace("cap30=5", "cap30=five"), "detail", f"cap30 is 'five', {COUNT}"),
    (CODES, ALPHA1, ALPHA1.replace("cap30=5", "cap30="), "detail", f"cap30 is '', {COUNT}"),
    (CODES, ALPHA1, ALPHA1.replace("cap30=5", "cap30"), "detail", f"cap30 is '', {COUNT}"),
    (
        CODES,
        HYDRATION,
        HYDRATION.replace("volume", "volum"),
        "detail",
        "one_a_day names 'hydration_volum', a group of this code alone",
    ),
    (
        CODES,
        HYDRATION,
        HYDRATION.replace("hydration_volume", "Hydration"),
        "detail",
        "one_a_day is 'Hydration', not a word of small letters",
        "detail",
        "one_a_day names 'Hydration', a group of this code alone",
    ),
    (
        CODES,
        "99601,visit,,primary",
        "99601,visit,,first",
        "detail",
        "visit is 'first', not one of primary, addon",
    ),
    (CODES, "99601,visit,,primary", "99601,visit,,", "detail", "visit is '', not one of primary, addon"),
    (
        CODES,
        "99601,visit,,primary",
        "99601,visit,,primary;addon",
        "detail",
        "'addon' is not a detail of role visit",
    ),
    (CODES, "99070,supply,,relation=possible", "99070,supply,,", "detail", "relation is missing"),
    (
        CODES,
        "99070,supply,,relation=possible",
        "99070,supply,,relation=likely",
        "detail",
        f"relation is 'likely', not one of {RELATIONS}",
    ),
    (
        CODES,
        "A4216,flush,,",
        "A4216,flush,,relation=core",
        "detail",
        "'relation' is not a detail of role flush",
    ),
    (
        CODES,
        "B4164,formula,tpn,",
        "B4164,formula,tpn,therapy=tpn",
        "detail",
        "'therapy' is not a detail of role formula",
    ),
    (
        CODES,
        "A4217,solution,irrigation,",
        "A4217,solution,irrigation,class=x",
        "detail",
        "'class' is not a detail of role solution",
    ),
    (CODES, "G0068,service,,", "G0068,service,,class=x", "detail", "'class' is not a detail of role service"),
    (
        CODES,
        "90283,drug,immunotherapy,",
        "90283,drug,immunotherapy,class=x",
        "detail",
        "'class' is not a detail of role drug",
    ),
    (
        CODES,
        "A9150,other,,class=oral",
        "A9150,other,,class=Oral",
        "detail",
        "class is 'Oral', not a word of small letters",
    ),
    # Ranges.
    (
        SUPPLIES,
        "A4206,A4209,core,,syringes",
        "A4206,A4205,core,,syringes",
        "to",
        "the range ends before it begins",
    ),
    (SUPPLIES, "E1500,E1699", "E1500,F1699", "to", "a range stays within one letter"),
    (SUPPLIES, "E1500,E1699", "E150,E1699", "from", f"'E150' {RANGED}"),
    (SUPPLIES, "E1500,E1699", "E1500,E16990", "to", f"'E16990' {RANGED}"),
    (SUPPLIES, "E1500,E1699", "e1500,E1699", "from", f"'e1500' {RANGED}"),
    (SUPPLIES, "A4206,A4209,core,", "A4206,A4209,cor,", "relation", "'cor' is not listed in roles.relations"),
    (SUPPLIES, "A4206,A4209,core,", "A4206,A4209,,", "relation", "'' is not listed in roles.relations"),
    (SUPPLIES, "A4210,A4210", "A4209,A4210", "from", "the range overlaps the one in row 2"),
    (SUPPLIES, ",helmets,", ",,", "what", NAME),
    (
        SUPPLIES,
        "helmets,supply_codes",
        "helmets,supplies",
        "source",
        "'supplies' is not explained in [sources]",
    ),
    (DRUGS, "C9399,C9499", "C9499,C9399", "to", "the range ends before it begins"),
    (DRUGS, "C9399,C9499", "C9399,J9499", "to", "a range stays within one letter"),
    (DRUGS, "C9399,C9499", "C9399,C949", "to", f"'C949' {RANGED}"),
    (DRUGS, "C9399,C9499", "C9348,C9499", "from", "the range overlaps the one in row 2"),
    (DRUGS, ",antineoplastic drugs,", ",,", "what", NAME),
    (
        DRUGS,
        "antineoplastic drugs,own",
        "antineoplastic drugs,mine",
        "source",
        "'mine' is not explained in [sources]",
    ),
]
