"""Small faults of a policy file, one each: what is replaced by what, the key it is reported at, the message.

The row is that of the change, or of the part given last: a key that is gone is reported at its table.
"""

from __future__ import annotations

NO_DATE = "must be a date without a time and without quotes, as in 2019-03-26"
DAYS = "a whole number from 1 to 100000"
DAYS_FROM_0 = "a whole number from 0 to 100000"
MODIFIER = "is not a modifier of two letters or digits"
NDC = "is not the first nine digits of an NDC"
NOWHERE = "-"
"""The problem has no row: the file as a whole lacks the key."""

SECTION = "is the section of no entry of [sources]"
WORD = "is not a word of small letters, digits and underscores"
TEXT = "is not a text on one line"
MISSING = "is missing"
CPT_NOTE = (
    'note = "Not named by the policy. The role follows from what the code stands for; families and '
    'short names are our own words."\n'
)

FAULTS: list[tuple[str, ...]] = [
    # The file and the policy's identity.
    ("schema = 1\n", "schema = 2\n", "schema", "2 is not 1"),
    ("schema = 1\n", "schema = true\n", "schema", "must be 1"),
    ("schema = 1\n", "", "schema", MISSING, NOWHERE),
    ("schema = 1\n", "schema = 1\nscheme = 1\n", "scheme", "is not known here", "scheme = 1"),
    ("[policy]\n", "[policy]\nremark = 1\n", "policy.remark", "is not known here", "remark = 1"),
    ('id = "CPCP019"', 'id = " "', "policy.id", f"' ' {TEXT}"),
    ('id = "CPCP019"', 'id = ""', "policy.id", f"'' {TEXT}"),
    ('id = "CPCP019"', "id = 19", "policy.id", "must be a text on one line"),
    ('id = "CPCP019"\n', "", "policy.id", MISSING, "[policy]"),
    ('"2.0"\ntitle', "2.0\ntitle", "policy.version", "must be a text on one line"),
    ('title = "Home Infusion"', 'title = "Home\\nInfusion"', "policy.title", f"'Home\\nInfusion' {TEXT}"),
    ('title = "Home Infusion"', 'title = "Home "', "policy.title", f"'Home ' {TEXT}"),
    ('payer = "Health Care Service Corporation (HCSC)"\n', "", "policy.payer", MISSING, "[policy]"),
    ("= 2019-03-26", "= 2019-03-26T00:00:00", "policy.effective_from", NO_DATE),
    ("= 2019-03-26", '= "2019-03-26"', "policy.effective_from", NO_DATE),
    ("effective_from = 2019-03-26\n", "", "policy.effective_from", MISSING, "[policy]"),
    (
        "= 2019-03-26",
        "= 2019-03-26\neffective_to = 2019-03-25",
        "policy.effective_to",
        "the period ends before it begins",
        "effective_to",
    ),
    ("= 2019-03-26", "= 2019-03-26\neffective_to = 2020", "policy.effective_to", NO_DATE, "effective_to"),
    # Settings.
    (
        'settle_after = "15m"',
        "settle_after = 15",
        "settings.settle_after",
        'must be a duration in quotes, as in "15m"',
    ),
    (
        'settle_after = "15m"',
        'settle_after = "15"',
        "settings.settle_after",
        "a duration is a number with s, m or h, as in 15m",
    ),
    ('settle_after = "15m"', 'settle_after = "0m"', "settings.settle_after", "must be longer than nothing"),
    ('settle_after = "15m"\n', "", "settings.settle_after", MISSING, "[settings]"),
    ("history_days = 400", "history_days = 0", "settings.history_days", f"0 is not {DAYS}"),
    ("history_days = 400", "history_days = 100001", "settings.history_days", f"100001 is not {DAYS}"),
    ("history_days = 400", "history_days = 4e2", "settings.history_days", f"must be {DAYS}"),
    ("history_days = 400", "history_days = true", "settings.history_days", f"must be {DAYS}"),
    ("retention_days = 800", "retention_days = 0", "settings.retention_days", f"0 is not {DAYS}"),
    ("retention_days = 800", "retention_days = 100001", "settings.retention_days", f"100001 is not {DAYS}"),
    (
        "forget_after_days = 100",
        "forget_after_days = -1",
        "settings.forget_after_days",
        f"-1 is not {DAYS_FROM_0}",
    ),
    (
        "forget_after_days = 100",
        "forget_after_days = 100001",
        "settings.forget_after_days",
        f"100001 is not {DAYS_FROM_0}",
    ),
    ("forget_after_days = 100\n", "", "settings.forget_after_days", MISSING, "[settings]"),
    # Modifiers.
    (
        'discarded = ["JW"]',
        'discarded = "JW"',
        "modifiers.discarded",
        "must be a list, each a modifier of two letters or digits",
    ),
    ('discarded = ["JW"]', 'discarded = ["jw"]', "modifiers.discarded", f"'jw' {MODIFIER}"),
    ('discarded = ["JW"]', 'discarded = ["JWX"]', "modifiers.discarded", f"'JWX' {MODIFIER}"),
    ('discarded = ["JW"]', "discarded = [1]", "modifiers.discarded", f"'1' {MODIFIER}"),
    ('second = ["SH"]', 'second = ["SH", "SH"]', "modifiers.second", "'SH' is listed twice"),
    ('third = ["SJ"]', 'third = ["SJ", "SH"]', "modifiers.third", "SH is listed under second too"),
    ('third = ["SJ"]', 'third = ["SJ", "JW"]', "modifiers.third", "JW is listed under discarded too"),
    ('second = ["SH"]', 'second = ["SH", "JW"]', "modifiers.second", "JW is listed under discarded too"),
    ('third = ["SJ"]\n', "", "modifiers.third", MISSING, "[modifiers]"),
    # Roles.
    (
        'drug_ranges = "drug_ranges.csv"',
        'drug_ranges = "../drug_ranges.csv"',
        "roles.drug_ranges",
        "'../drug_ranges.csv' is not the name of a CSV file in the same folder",
    ),
    ('"003380049"', '"00338004901"', "roles.flush_ndcs", f"'00338004901' {NDC}"),
    ('"003380049"', '"00338004X"', "roles.flush_ndcs", f"'00338004X' {NDC}"),
    (
        'flush_ndcs_source = "own"',
        'flush_ndcs_source = "owm"',
        "roles.flush_ndcs_source",
        "'owm' is not explained in [sources]",
    ),
    ('["C9", ', '["9C", ', "roles.drug_prefixes", "'9C' is not the beginning of a code"),
    ('["C9", ', '["C99999", ', "roles.drug_prefixes", "'C99999' is not the beginning of a code"),
    (
        'drug_prefixes_source = "own"',
        'drug_prefixes_source = "Own"',
        "roles.drug_prefixes_source",
        f"'Own' {WORD}",
    ),
    ('drug_prefixes_source = "own"\n', "", "roles.drug_prefixes_source", MISSING, "[roles]"),
    (
        '"patient_owned_pump",',
        '"Patient",\n"patient_owned_pump",',
        "roles.relations",
        f"'Patient' {WORD}",
        "relations = [",
    ),
    (
        "relations = [",
        'families = ["a b"]\nrelations = [',
        "roles.families",
        f"'a b' {WORD}",
        'families = ["a b"]',
    ),
    ("[roles]\n", "[roles]\nranges = 1\n", "roles.ranges", "is not known here", "ranges = 1"),
    # Sources and readings.
    (
        "[sources.cpt]\n",
        "[sources.cpt]\nyear = 2019\n",
        "sources.cpt.year",
        "is not known here",
        "year = 2019",
    ),
    ('document = "CPT"\n', "", "sources.cpt.document", MISSING, "[sources.cpt]"),
    (
        'document = "CPT"\n',
        'document = "CPT"\nversion = ""\n',
        "sources.cpt.version",
        f"'' {TEXT}",
        'version = ""',
    ),
    (
        'document = "CPT"\nsection = "code descriptors"\n',
        'document = "CPT"\n',
        "sources.cpt.section",
        MISSING,
        "[sources.cpt]",
    ),
    (
        CPT_NOTE,
        "",
        "sources.cpt.note",
        MISSING,
        "[sources.cpt]",
    ),
    (
        "[sources.cpt]",
        '[sources.Other]\ndocument = "D"\nsection = "S"\nnote = "N"\n[sources.cpt]',
        "sources.Other",
        f"'Other' {WORD}",
        "[sources.Other]",
    ),
    (
        'key = "discarded_drug"',
        'key = "latest_replacement"',
        "readings[2].key",
        "'latest_replacement' is the key of another reading",
    ),
    ('key = "discarded_drug"', 'key = "discarded-drug"', "readings[2].key", f"'discarded-drug' {WORD}"),
    (
        '[[readings]]\nkey = "discarded_drug"\n',
        "[[readings]] # keyless\n",
        "readings[2].key",
        MISSING,
    ),
    (
        'set_in = ["modifiers.discarded"]',
        'set_in = ["modifiers"]',
        "readings[2].set_in",
        "'modifiers' is not a dotted key or table.csv:column",
    ),
    (
        'set_in = ["modifiers.discarded"]',
        'set_in = ["m.discarded"]\nsince = 1',
        "readings[2].since",
        "is not known here",
        "since = 1",
    ),
    (
        'section = "Opening paragraphs"\nset_in',
        'section = "Opening"\nset_in',
        "readings[1].section",
        f"'Opening' {SECTION}",
        'section = "Opening"',
    ),
    (
        'question = "A visit',
        'question = " A visit',
        "readings[7].question",
        f"' A visit has no rendering provider. Was ...' {TEXT}",
    ),
    (
        'reading = "Nobody',
        'reading = " Nobody',
        "readings[7].reading",
        f"' Nobody can tell: the payer is told, not...' {TEXT}",
    ),
    (
        'because = "A claim leaves',
        'because = " A claim leaves',
        "readings[7].because",
        f"' A claim leaves the rendering provider o...' {TEXT}",
    ),
    (
        'otherwise = "Visits',
        'otherwise = " Visits',
        "readings[7].otherwise",
        f"' Visits of clinicians who bill for thems...' {TEXT}",
    ),
]
