"""DuckDB views over a result: `duckdb -init views.sql` inside its folder, or `SET file_search_path` first."""

from __future__ import annotations

from typing import Final

from streams.replay.job import Job

VIEWS_FILE: Final = "views.sql"

_OF_EVERY: Final = """-- Views over this folder. Inside it: duckdb -init views.sql
-- From elsewhere, first: SET file_search_path = 'the/folder';
CREATE OR REPLACE VIEW edits AS SELECT * FROM read_parquet('edits.parquet');
CREATE OR REPLACE VIEW verdicts AS SELECT * FROM read_parquet('verdicts.parquet');
CREATE OR REPLACE VIEW rejects AS SELECT * FROM read_parquet('rejects.parquet');

-- What stands: the latest revision of each edit that is open, and each claim's latest verdict.
CREATE OR REPLACE VIEW open_edits AS
SELECT * FROM (
    SELECT * FROM edits QUALIFY row_number() OVER (PARTITION BY side, edit_id ORDER BY revision DESC) = 1
) WHERE status = 'open';
CREATE OR REPLACE VIEW latest_verdicts AS
SELECT * FROM verdicts
QUALIFY row_number() OVER (PARTITION BY side, member_id, claim_id ORDER BY revision DESC) = 1;

-- One row a line that an edit rests on, and one a date in question.
CREATE OR REPLACE VIEW evidence AS
SELECT side, edit_id, rule, claim_id, line_number, other.claim_id AS other_claim_id,
    other.line_number AS other_line_number, other.procedure_code AS other_procedure_code
FROM (SELECT side, edit_id, rule, claim_id, line_number, unnest(evidence) AS other FROM open_edits);
CREATE OR REPLACE VIEW edit_dates AS
SELECT side, edit_id, claim_id, line_number, rule, disposition, unnest(dates) AS service_date FROM open_edits;

CREATE OR REPLACE VIEW by_rule AS
SELECT side, rule, disposition, count(*) AS edits, sum(amount_affected) AS amount
FROM open_edits GROUP BY ALL;
"""

_OF_A_BACKTEST: Final = """
CREATE OR REPLACE VIEW differences AS SELECT * FROM read_parquet('differences.parquet');
CREATE OR REPLACE VIEW flips AS SELECT * FROM read_parquet('flips.parquet');

-- What each difference is worth: the amount under the policy that is tried less that under the other.
CREATE OR REPLACE VIEW changes AS
SELECT *,
    coalesce(disposition_policy, disposition_against) AS disposition,
    coalesce(amount_policy, 0) - coalesce(amount_against, 0) AS amount_change
FROM differences;
"""


def views(job: Job) -> str:
    """The text of `views.sql`."""
    return _OF_EVERY if job.against is None else _OF_EVERY + _OF_A_BACKTEST
