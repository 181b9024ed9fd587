"""Small faults of the settings of rules, in the form of `broken_toml`."""

from __future__ import annotations

from tests.policy.broken_toml import DAYS, DAYS_FROM_0, MISSING, SECTION, TEXT, WORD

DISPOSITIONS = "deny, return, review, inform"
DRUG_RULES = (
    "drug_dates_unclear, drug_not_corresponding, drug_on_other_claim, per_diem_for_flush, "
    "per_diem_without_drug"
)
EXCLUSIVE = 'certain_disposition = "deny"\ngroup_code = "CO"\ncarc = "231"'

RULE_FAULTS: list[tuple[str, ...]] = [
    # Drug rules.
    (
        '    "drug_not_corresponding",\n    "drug_dates_unclear",\n',
        "",
        "drug_rules.order",
        "leaves out drug_dates_unclear, drug_not_corresponding",
        "order = [",
    ),
    (
        "order = [\n",
        'order = [\n"noc_per_diem",\n',
        "drug_rules.order",
        f"'noc_per_diem' is not one of {DRUG_RULES}",
    ),
    (
        'drug_inside = ["included"]',
        'drug_inside = "included"',
        "drug_rules.drug_inside",
        "must be a list, each one of deny, review, inform, included",
    ),
    (
        'uncapped = ["per_diem_for_flush"]',
        "uncapped = 1",
        "drug_rules.uncapped",
        f"must be a list, each one of {DRUG_RULES}",
    ),
    ('    "drug_dates_unclear",\n', "", "drug_rules.order", "leaves out drug_dates_unclear", "order = ["),
    (
        '    "drug_dates_unclear",\n',
        '    "drug_dates_unclear",\n    "drug_dates_unclear",\n',
        "drug_rules.order",
        "'drug_dates_unclear' is listed twice",
        "order = [",
    ),
    (
        'uncapped = ["per_diem_for_flush"]',
        'uncapped = ["noc_per_diem"]',
        "drug_rules.uncapped",
        f"'noc_per_diem' is not one of {DRUG_RULES}",
    ),
    (
        'drug_inside = ["included"]',
        'drug_inside = ["inside"]',
        "drug_rules.drug_inside",
        "'inside' is not one of deny, review, inform, included",
    ),
    ('drug_inside = ["included"]\n', "", "drug_rules.drug_inside", MISSING, "[drug_rules]"),
    ("[drug_rules]\n", "[drug_rules]\nfirst = 1\n", "drug_rules.first", "is not known here", "first = 1"),
    # Every rule's settings.
    (
        "[rules.noc_per_diem]",
        "[rules.no_rule]\n[rules.noc_per_diem]",
        "rules.no_rule",
        "is not known here",
        "[rules.no_rule]",
    ),
    (
        '[rules.units_exceed_days]\ndisposition = "deny"',
        '[rules.units_exceed_days]\ndisposition = "pay"',
        "rules.units_exceed_days.disposition",
        f"'pay' is not one of {DISPOSITIONS}",
        'disposition = "pay"',
    ),
    (
        '[rules.units_exceed_days]\ndisposition = "deny"',
        "[rules.units_exceed_days]\ndisposition = 1",
        "rules.units_exceed_days.disposition",
        f"must be one of {DISPOSITIONS}",
        "disposition = 1",
    ),
    (
        'single_date_disposition = "return"',
        'single_date_disposition = "pay"',
        "rules.units_exceed_days.single_date_disposition",
        f"'pay' is not one of {DISPOSITIONS}",
    ),
    (
        'single_date_disposition = "return"\n',
        "",
        "rules.units_exceed_days.single_date_disposition",
        MISSING,
        "[rules.units_exceed_days]",
    ),
    (
        'group_code = "OA"',
        'group_code = "OAX"',
        "rules.duplicate_per_diem.group_code",
        "'OAX' is not a group code of two letters",
    ),
    (
        'carc = "189"',
        'carc = "1890"',
        "rules.noc_per_diem.carc",
        "'1890' is not a claim adjustment reason code",
    ),
    ('carc = "189"', "carc = 189", "rules.noc_per_diem.carc", "must be a claim adjustment reason code"),
    (
        'rarc = "N657"',
        'rarc = "657"',
        "rules.noc_per_diem.rarc",
        "'657' is not a remittance advice remark code",
    ),
    (
        'rarc = "N657"',
        'rarc = "N65700"',
        "rules.noc_per_diem.rarc",
        "'N65700' is not a remittance advice remark code",
    ),
    (
        'rarc = "N657"\nsection = "Home Infusion Codes"',
        'rarc = "N657"\nsection = "Home"',
        "rules.noc_per_diem.section",
        f"'Home' {SECTION}",
        'section = "Home"\n',
    ),
    (
        'rarc = "N657"\nsection = "Home Infusion Codes"\n',
        'rarc = "N657"\n',
        "rules.noc_per_diem.section",
        MISSING,
        "[rules.noc_per_diem]",
    ),
    (
        'rarc = "N122"\nsection = "Home Infusion Codes"\nabsence = true',
        'rarc = "N122"\nsection = "Home Infusion Codes"\nabsence = 1',
        "rules.visit_addon_without_primary.absence",
        "must be true or false",
        "absence = 1",
    ),
    (
        'absence = false\nunits = "days"\ncodes',
        'absence = false\nunits = "shares"\ncodes',
        "rules.noc_per_diem.units",
        "'shares' is not one of days, share, own",
        'units = "shares"',
    ),
    (
        'reading = "Days of access',
        'reading = " Days of access',
        "rules.per_diem_without_drug.reading",
        f"' Days of access without an infusion are ...' {TEXT}",
    ),
    (
        'codes = ["S9379", "S9542"]',
        'codes = ["S9379", "S9543"]',
        "rules.noc_per_diem.codes",
        "S9543 is not listed among the codes",
    ),
    (
        'codes = ["S9379", "S9542"]',
        'codes = ["S9379", "s9542"]',
        "rules.noc_per_diem.codes",
        "'s9542' is not a procedure code of five letters and digits",
    ),
    (
        'codes = ["S9379", "S9542"]',
        'code = ["S9379"]\ncodes = ["S9379"]',
        "rules.noc_per_diem.code",
        "is not known here",
    ),
    (
        'per_diem_codes = ["S9372"]',
        'per_diem_codes = ["J1642"]',
        "rules.per_diem_for_flush.per_diem_codes",
        "J1642 has the role flush, not per_diem",
    ),
    (
        'flush_codes = ["J1642"]',
        'flush_codes = ["S9372"]',
        "rules.per_diem_for_flush.flush_codes",
        "S9372 has the role per_diem, not flush",
    ),
    (
        'therapies = ["catheter_care"]',
        'therapies = ["catheter"]',
        "rules.catheter_care_in_per_diem.therapies",
        "'catheter' is not known here",
    ),
    (
        'therapies_aside = ["catheter_care"]',
        'therapies_aside = ["Catheter"]',
        "rules.therapy_without_own_drug.therapies_aside",
        f"'Catheter' {WORD}",
    ),
    (
        'therapies_aside = ["catheter_care"]',
        'therapies_aside = ["catheter"]',
        "rules.therapy_without_own_drug.therapies_aside",
        "'catheter' is not known here",
    ),
    (
        'missing_drug_aside = ["inform"]',
        'missing_drug_aside = ["return"]',
        "rules.drug_not_corresponding.missing_drug_aside",
        "'return' is not known here",
    ),
    (
        'claim_roles = ["per_diem", ',
        'claim_roles = ["per_diems", ',
        "rules.supply_never_payable.claim_roles",
        "'per_diems' is not known here",
    ),
    (
        'places = ["12"]',
        'places = ["1"]',
        "rules.drug_without_per_diem.places",
        "'1' is not a place of service of two letters or digits",
    ),
    (
        "window_days = 14",
        "window_days = -1",
        "rules.drug_dates_unclear.window_days",
        f"-1 is not {DAYS_FROM_0}",
    ),
    (
        "window_days = 14",
        "window_days = 100001",
        "rules.drug_dates_unclear.window_days",
        f"100001 is not {DAYS_FROM_0}",
    ),
    ("period_days = 30", "period_days = 0", "rules.units_implausible.period_days", f"0 is not {DAYS}"),
    (
        EXCLUSIVE,
        EXCLUSIVE.replace("deny", "pay"),
        "rules.exclusive_per_diem.certain_disposition",
        f"'pay' is not one of {DISPOSITIONS}",
        'certain_disposition = "pay"',
    ),
    (
        'core = "deny"',
        'cores = "deny"',
        "rules.included_in_per_diem.by_relation.cores",
        "is not listed in roles.relations",
    ),
    (
        'core = "deny"',
        'core = "denied"',
        "rules.included_in_per_diem.by_relation.core",
        f"'denied' is not one of {DISPOSITIONS}",
    ),
]
