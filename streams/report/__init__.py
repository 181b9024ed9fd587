"""The page of a backtest: one self-contained HTML file that a policy committee can read and print."""

from streams.report.page import REPORT, write_report

__all__ = ["REPORT", "write_report"]
