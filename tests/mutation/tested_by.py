"""Which tests must notice a mutant of each module: few and quick ones, the quickest first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_TESTS: Final = Path(__file__).resolve().parents[1]
_CODE: Final = _TESTS.parent / "chalicelib"

TESTS: Final[dict[str, tuple[str, ...]]] = {
    "access.identity": ("access/identity",),
    "access.login_throttle": ("access/login_throttle", "access/service"),
    "access.service": ("access/service",),
    "audit.model": ("audit/model",),
    "common.csv_records": ("domain/daily_file", "domain/verdict"),
    "common.csv_writer": ("common/csv_writer", "domain/scorecard"),
    "common.delivery": (
        "common/delivery",
        "trades/model",
        "domain/pnl_vectors",
        "domain/report",
        "domain/notice",
        "domain/worked_examples",
        "domain/report_sums",
    ),
    "common.errors": ("common/errors", "prices/model"),
    "common.fields": ("trades/model", "prices/model"),
    "common.foreign_format": ("domain/daily_file", "domain/verdict"),
    "common.names": ("common/names", "trades/model"),
    "common.printable": ("common/csv_writer",),
    "common.strict_json": ("common/strict_json", "trades/model"),
    "common.timestamps": ("common/timestamps", "trades/model"),
    "common.units": ("common/units", "domain/pnl_vectors"),
    "feeds.day_mark": ("trades/late_days",),
    "feeds.feed": (
        "domain/daily_file",
        "domain/verdict",
        "domain/price_file",
        "services/price_importing",
        "services/watching",
        "feeds/feed",
    ),
    "feeds.file_change": ("feeds/receipt", "services/own_day", "services/versions"),
    "feeds.receipt": ("domain/completeness", "domain/report", "feeds/receipt"),
    "imports.batching": ("services/chunks",),
    "imports.column_checks": ("domain/column_checks", "domain/hostile_files"),
    "imports.confirmation": ("services/versions", "services/disorder", "services/own_day"),
    "imports.file_import": ("services/importing", "services/versions", "services/disorder", "services/own_day"),
    "imports.findings": ("services/own_day", "services/versions"),
    "imports.formats.daily": ("domain/daily_file", "domain/verdict"),
    "imports.formats.reference_prices": ("domain/price_file", "services/price_importing"),
    "imports.import_run": ("services/importing", "services/versions", "services/disorder", "services/own_day"),
    "imports.line_set": ("domain/line_set",),
    "imports.notices": ("domain/notice",),
    "imports.recheck": ("services/rechecking", "services/versions"),
    "imports.repeated_rows": ("domain/verdict",),
    "imports.service": ("services/importing", "services/versions", "services/disorder", "services/own_day"),
    "imports.survey": ("services/own_day",),
    "imports.validation": ("domain/verdict", "domain/column_checks"),
    "imports.withdrawals": (
        "services/importing",
        "services/versions",
        "services/disorder",
        "services/own_day",
        "services/rechecking",
    ),
    "mails.content": ("domain/morning",),
    "mails.document": ("domain/page", "domain/morning"),
    "mails.model": ("domain/morning",),
    "mails.snapshot": ("domain/morning",),
    "notices.model": ("domain/notice",),
    "positions.model": (
        "domain/pnl_vectors",
        "positions/model",
        "domain/report_sums",
        "trades/model",
        "domain/verdict",
    ),
    "prices.model": ("prices/model", "domain/price_file"),
    "prices.quote": ("prices/quote",),
    "reports.aggregation": ("domain/edge", "domain/report", "domain/report_sums"),
    "reports.column": ("reports/columns",),
    "reports.column_json": (
        "domain/column_json",
        "domain/json_text",
        "domain/worked_examples",
        "domain/report",
        "domain/scorecard",
    ),
    "reports.columns": ("domain/worked_examples", "reports/columns", "domain/scorecard"),
    "reports.completeness": ("domain/completeness", "domain/report"),
    "reports.model": ("domain/worked_examples", "domain/edge", "domain/report", "domain/report_sums"),
    "reports.pnl": ("domain/worked_examples", "domain/report", "domain/report_sums"),
    "reports.rows": ("domain/report_rows", "domain/column_json", "domain/scorecard"),
    "reports.scorecard": ("domain/scorecard",),
    "trades.model": ("domain/pnl_vectors", "positions/model", "domain/report_sums", "trades/model", "domain/verdict"),
    "trades.revision": ("trades/late_days", "trades/revision", "trades/booking"),
    "trades.service": ("trades/booking", "services/chunks", "trades/reading"),
    "trades.warnings": ("trades/warnings",),
}
"""By the module's name within the package; `domain/watch` is `tests/feeds/test_feed.py`."""
SERVICES: Final = frozenset(
    {
        "access.service",
        "imports.batching",
        "imports.confirmation",
        "imports.file_import",
        "imports.findings",
        "imports.import_run",
        "imports.recheck",
        "imports.service",
        "imports.survey",
        "imports.withdrawals",
        "trades.service",
    }
)
"""Modules that act through stores; all others are rules alone."""


def files_of(module: str) -> list[str]:
    """Give the paths of a module's tests; what holds for all values comes last, where there are any."""
    of_values = ("common/values",) if "@dataclass" in path_of(module).read_text("utf-8") else ()
    names = [where.split("/") for where in (*TESTS[module], *of_values)]
    return [str(_TESTS / room / f"test_{name}.py") for room, name in names]


def group_of(module: str) -> str:
    """Return which figure a module's mutants count for: `domain` (rules) or `services`."""
    return "services" if module in SERVICES else "domain"


def path_of(module: str) -> Path:
    """Return where a module (`trades.model`) stands."""
    return _CODE.joinpath(*module.split(".")).with_suffix(".py")
