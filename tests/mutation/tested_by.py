"""Which tests must notice a mutant of each module: few and quick ones, the quickest first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_TESTS: Final = Path(__file__).resolve().parents[1]
_CODE: Final = _TESTS.parent / "chalicelib"
_IMPORTS: Final = ("services/importing", "services/versions", "services/disorder", "services/own_day")

TESTS: Final[dict[str, tuple[str, ...]]] = {
    "amounts": ("domain/amounts", "domain/pnl_vectors"),
    "attempts": ("domain/attempts", "services/access"),
    "audit": ("domain/audit",),
    "caller": ("domain/caller",),
    "card": ("domain/scorecard",),
    "column_checks": ("domain/column_checks", "domain/hostile_files"),
    "column_json": ("domain/column_json", "domain/worked_examples", "domain/report", "domain/scorecard"),
    "completeness": ("domain/completeness", "domain/report"),
    "csv_records": ("domain/daily_file", "domain/verdict"),
    "csv_text": ("domain/csv_text", "domain/scorecard"),
    "daily_file": ("domain/daily_file", "domain/verdict"),
    "day_mark": ("domain/day_mark",),
    "delivery": ("domain/delivery", "domain/trade", "domain/pnl_vectors", "domain/report"),
    "errors": ("domain/errors", "domain/reference_price"),
    "execution_time": ("domain/execution_time", "domain/trade"),
    "fields": ("domain/trade", "domain/reference_price"),
    "file_change": ("domain/receipt", "services/own_day", "services/versions"),
    "foreign_format": ("domain/daily_file", "domain/verdict"),
    "json_text": ("domain/json_text",),
    "line": ("domain/worked_examples", "domain/report", "domain/report_sums"),
    "line_set": ("domain/line_set",),
    "morning": ("domain/morning",),
    "morning_page": ("domain/morning",),
    "names": ("domain/names", "domain/trade"),
    "notice": ("domain/notice",),
    "page": ("domain/page", "domain/morning"),
    "position": ("domain/pnl_vectors", "domain/position", "domain/report_sums"),
    "price_file": ("domain/price_file", "services/price_importing"),
    "price_word": ("domain/price_word",),
    "printable": ("domain/csv_text",),
    "receipt": ("domain/receipt", "domain/completeness"),
    "reference_price": ("domain/reference_price", "domain/price_file"),
    "repeated_rows": ("domain/verdict",),
    "report": ("domain/worked_examples", "domain/report", "domain/report_sums"),
    "report_rows": ("domain/report_rows", "domain/scorecard"),
    "revision": ("domain/revision", "services/booking"),
    "scorecard": ("domain/scorecard",),
    "strict_json": ("domain/strict_json", "domain/trade"),
    "tally": ("domain/edge", "domain/report", "domain/report_sums"),
    "told": ("domain/morning",),
    "trade": ("domain/trade", "domain/verdict"),
    "trade_warnings": ("domain/trade_warnings",),
    "verdict": ("domain/verdict", "domain/column_checks"),
    "watch": ("services/watching", "domain/watch"),
    "reports.column": ("reports/columns",),
    "reports.columns": ("domain/worked_examples", "reports/columns", "domain/scorecard"),
    "services.access": ("services/access",),
    "services.booking": ("services/booking", "services/chunks"),
    "services.chunks": ("services/chunks",),
    "services.confirming": ("services/versions", "services/disorder", "services/own_day"),
    "services.import_findings": ("services/own_day", "services/versions"),
    "services.importing": _IMPORTS,
    "services.rechecking": ("services/rechecking", "services/versions"),
    "services.rows": _IMPORTS,
    "services.surveying": ("services/own_day",),
    "services.withdrawing": (*_IMPORTS, "services/rechecking"),
}
"""By module of the domain, or by `services.` and the module; `domain/watch` is `tests/domain/test_watch.py`."""


def files_of(module: str) -> list[str]:
    """Give the paths of a module's tests; what holds for all values comes last, where there are any."""
    of_values = ("domain/values",) if "@dataclass" in path_of(module).read_text("utf-8") else ()
    names = [where.split("/") for where in (*TESTS[module], *of_values)]
    return [str(_TESTS / room / f"test_{name}.py") for room, name in names]


def group_of(module: str) -> str:
    """Return which figure a module's mutants count for: `domain`, which `reports` belongs to, or `services`."""
    return "services" if module.startswith("services.") else "domain"


def path_of(module: str) -> Path:
    """Where a module of the domain (`position`) or of another layer (`services.booking`) stands."""
    return _CODE.joinpath(*dotted(module).split(".")).with_suffix(".py")


def dotted(module: str) -> str:
    """Give its name within the package."""
    return module if "." in module else f"domain.{module}"
