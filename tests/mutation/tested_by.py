"""Which tests must notice a mutant of each module: few and quick ones, the quickest first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_TESTS: Final = Path(__file__).resolve().parents[1]
_ROOT: Final = _TESTS.parent
_PACKAGES: Final = ("cli", "infra")
_STORED_FILES: Final = ("feeds/dynamodb", "feeds/dynamodb_feeds", "feeds/dynamodb_marks")
_OWN_DAY: Final = ("imports/reused_ids", "imports/ordinary_nights", "imports/own_day")
_IMPORT: Final = ("imports/disorder", "imports/import", *_OWN_DAY, "imports/versions")

TESTS: Final[dict[str, tuple[str, ...]]] = {
    "access.authorizer": ("access/route_checks", "access/authorizer", "web/request_log"),
    "access.change_counter": ("access/change_counter",),
    "access.dynamodb": ("access/dynamodb", "access/dynamodb_keys", "access/dynamodb_login_throttle"),
    "access.identity": ("access/identity",),
    "access.keys": ("access/keys",),
    "access.login_throttle": ("access/login_throttle", "access/service"),
    "access.model": ("access/identity", "access/keys"),
    "access.password_policy": ("access/password_policy", "access/http_users"),
    "access.passwords": ("access/passwords", "access/service"),
    "access.service": ("access/user_change", "access/service"),
    "access.user_change": ("access/user_change", "access/service", "access/http_users"),
    "admin.dynamodb": ("admin/dynamodb", "admin/book_scan"),
    "audit.dynamodb": ("audit/dynamodb",),
    "audit.model": ("audit/model",),
    "changes.dynamodb": ("admin/tables", "changes/dynamodb"),
    "changes.model": ("changes/model",),
    "cli.client.acceptance": ("cli/client/file_operations",),
    "cli.client.connect": ("cli/client/stage", "cli/client/http_keys", "cli/profiles"),
    "cli.client.feed_operations": ("cli/client/operation", "cli/client/operations"),
    "cli.client.file_import": ("cli/client/file_import", "cli/client/file_operations", "cli/client/operations"),
    "cli.client.http_acceptance": ("cli/client/http_acceptance",),
    "cli.client.http_client": (
        "cli/client/http_client",
        "cli/client/http_import",
        "cli/client/http_users",
        "cli/client/http_keys",
    ),
    "cli.client.http_import": ("cli/client/http_import",),
    "cli.client.local_stack": ("cli/client/local_stack",),
    "cli.client.login": ("cli/client/http_client", "cli/client/http_keys"),
    "cli.client.operation": ("cli/client/operation", "cli/client/operations"),
    "cli.client.operations": ("cli/client/operation", "cli/client/operations", "cli/client/file_operations"),
    "cli.client.poll_once": ("cli/client/file_operations", "cli/commands/check"),
    "cli.client.price_operations": ("cli/client/operation", "cli/client/operations"),
    "cli.client.report": ("cli/client/report",),
    "cli.client.report_operations": ("cli/client/operation", "cli/client/report", "cli/client/operations"),
    "cli.client.trade_operations": ("cli/client/operation", "cli/client/trade_operations", "cli/client/operations"),
    "cli.client.user_operations": ("cli/client/operation", "cli/client/http_users"),
    "common.closed_folder": ("common/closed_folder",),
    "common.csv_records": ("common/csv_records", "imports/daily_format", "imports/validation"),
    "common.csv_writer": ("common/csv_writer", "reports/scorecard"),
    "common.deadline": ("aws/retries",),
    "common.delivery": (
        "common/delivery",
        "trades/model",
        "reports/pnl_vectors",
        "reports/pnl",
        "imports/notices",
        "reports/worked_examples",
        "reports/sums",
    ),
    "common.errors": ("common/errors", "prices/model"),
    "common.fields": ("common/fields", "prices/model"),
    "common.foreign_format": ("imports/daily_format", "imports/validation"),
    "common.names": ("common/names", "trades/model"),
    "common.printable": ("common/csv_writer",),
    "common.single_flight": ("common/single_flight",),
    "common.strict_json": ("common/strict_json", "trades/model"),
    "common.timestamps": ("common/timestamps", "trades/model"),
    "common.units": ("common/units", "reports/pnl_vectors"),
    "feeds.bucket": ("feeds/bucket",),
    "feeds.day_mark": ("feeds/day_mark",),
    "feeds.dynamodb": (*_STORED_FILES, "notices/dynamodb", "changes/dynamodb"),
    "feeds.feed": ("imports/daily_format", "feeds/feed", "feeds/feed_list"),
    "feeds.file_day": ("feeds/file_day", "trades/revision"),
    "feeds.feed_file": ("feeds/feed_file",),
    "feeds.feed_list": ("feeds/feed_list",),
    "feeds.file_change": ("feeds/file_change",),
    "feeds.key_pattern": ("feeds/key_pattern",),
    "feeds.leases": ("feeds/leases", "feeds/dynamodb_marks", "feeds/dynamodb"),
    "feeds.mark_items": ("feeds/dynamodb_marks",),
    "feeds.receipt": ("feeds/receipt", "reports/completeness"),
    "feeds.receipt_items": ("feeds/receipt_items", *_STORED_FILES),
    "feeds.service": ("feeds/service", "feeds/http"),
    "fees.dynamodb": ("fees/dynamodb",),
    "fees.fee_list": ("fees/fee_list",),
    "fees.model": ("fees/model", "fees/fee_list"),
    "fees.service": ("fees/service",),
    "imports.column_checks": ("imports/column_checks", "imports/hostile_files"),
    "imports.change_sums": ("imports/change_sums",),
    "imports.confirmation": (
        "imports/confirmation",
        "imports/recheck",
        "imports/disorder",
        *_OWN_DAY,
        "imports/versions",
    ),
    "imports.daily_try": ("imports/dry_run",),
    "imports.dry_run": ("imports/dry_run",),
    "imports.dynamodb": ("imports/dynamodb",),
    "imports.file_import": (
        "imports/file_import",
        "imports/powerbot_feed",
        *_IMPORT,
        "imports/unconfirmed",
        "imports/recheck",
        "imports/feed_formats",
    ),
    "imports.format_reader": ("imports/format_reader",),
    "imports.file_reader": ("imports/own_day", "imports/import", "imports/versions", "imports/manual_withdrawal"),
    "imports.feed_formats": ("imports/unusable_formats",),
    "imports.feed_files": ("imports/feed_files",),
    "imports.formats.bounded_xml": ("imports/formats/bounded_xml",),
    "imports.formats.cells": ("imports/formats/cells",),
    "imports.formats.daily": ("imports/daily_format", "imports/validation"),
    "imports.formats.energy_charts": ("imports/formats/energy_charts", "imports/formats/built_in_formats"),
    "imports.formats.entsoe": ("imports/formats/entsoe", "imports/formats/built_in_formats"),
    "imports.formats.epex_auction": ("imports/formats/epex_auction", "imports/formats/built_in_formats"),
    "imports.formats.faulty_mapping": ("imports/formats/recognition", "imports/faulty_mapping"),
    "imports.formats.head": ("imports/formats/head",),
    "imports.formats.mapped_period": ("imports/formats/mapped_period",),
    "imports.formats.mapped_prices": ("imports/formats/mapped_prices",),
    "imports.formats.mapping": ("imports/formats/mapping", "imports/formats/mapping_file"),
    "imports.formats.mapping_file": ("imports/formats/mapping_file",),
    "imports.formats.mapping_folder": ("imports/faulty_mapping",),
    "imports.formats.mapping_keys": ("imports/formats/mapping_file",),
    "imports.formats.powerbot": ("imports/formats/powerbot", "imports/formats/built_in_formats"),
    "imports.formats.price_days": ("imports/formats/entsoe", "imports/formats/mapped_prices"),
    "imports.formats.reading": (
        "imports/formats/reading",
        "imports/formats/voltbook_v2",
        "imports/formats/mapped_prices",
    ),
    "imports.formats.recognition": ("imports/formats/recognition",),
    "imports.formats.reference_prices": ("imports/formats/reference_prices", "imports/formats/built_in_formats"),
    "imports.formats.separated": ("imports/formats/separated",),
    "imports.formats.unpacked": ("imports/formats/unpacked",),
    "imports.formats.voltbook_v2": ("imports/formats/voltbook_v2", "imports/formats/built_in_formats"),
    "imports.formats.zoned_prices": (
        "imports/formats/built_in_formats",
        "imports/formats/energy_charts",
        "imports/formats/epex_auction",
    ),
    "imports.import_run": (
        "imports/import_run",
        "imports/powerbot_feed",
        "imports/batching",
        *_IMPORT,
        "imports/feed_formats",
    ),
    "trades.lanes": ("imports/batching", "trades/correct_all"),
    "imports.manual_withdrawal": ("imports/manual_withdrawal", "imports/unconfirmed"),
    "imports.nearby_files": ("imports/nearby_files", "imports/recheck"),
    "imports.notices": ("imports/notices", "imports/notice_texts"),
    "imports.price_format": ("imports/price_format",),
    "imports.price_reading": ("imports/price_reading",),
    "imports.sent_file": ("imports/sent_file", "imports/sent_file_http"),
    "imports.repeated_rows": ("imports/repeated_rows", "imports/validation", "imports/self_trades"),
    "imports.row_booking": (
        "imports/import_run",
        "imports/feed_formats",
        "imports/v2_trades",
        *_IMPORT,
        "imports/self_trades",
        "imports/directions_in_any_order",
    ),
    "imports.service": ("imports/recheck", *_IMPORT),
    "imports.sides": ("imports/sides", "imports/self_trades", "imports/versions", "imports/directions_in_any_order"),
    "imports.preview": ("imports/preview", "imports/acceptance"),
    "imports.survey": ("imports/survey", *_OWN_DAY),
    "imports.unconfirmed": ("imports/unconfirmed", "imports/acceptance"),
    "imports.validation": ("imports/validation", "imports/rows_read_again", "imports/column_checks"),
    "imports.waiting": ("imports/waiting",),
    "imports.withdrawals": (
        "imports/recheck",
        "imports/acceptance",
        "imports/confirmation",
        "imports/missing_sides",
        *_IMPORT,
        "imports/feed_formats",
        "imports/unconfirmed",
    ),
    "infra.local.aws": ("infra/aws", "infra/resources"),
    "infra.local.changed_settings": ("infra/changed_settings",),
    "infra.local.engines": ("infra/engine_programs", "infra/engines", "infra/guard"),
    "infra.local.event_loop": ("infra/schedule", "infra/event_loop", "infra/functions", "infra/workers"),
    "infra.local.gateway": ("infra/compression", "infra/gateway"),
    "infra.local.hosts": ("infra/hosts",),
    "infra.local.inbox": ("infra/inbox",),
    "infra.local.notices": ("infra/notices",),
    "infra.local.policies": ("infra/gateway", "access/authorizer"),
    "infra.local.processes": ("infra/processes", "infra/engines", "infra/guard"),
    "infra.local.recent_samples": ("infra/recent_samples",),
    "infra.local.s3_events": ("infra/s3_events",),
    "infra.local.settings": ("infra/settings", "infra/data_dir_lock"),
    "infra.local.unknown_files": ("infra/unknown_files",),
    "infra.local.uploads": ("infra/uploads",),
    "mails.content": ("mails/mail_corrections", "mails/morning_mail"),
    "mails.document": ("mails/document", "mails/morning_mail"),
    "mails.dynamodb": ("mails/dynamodb",),
    "mails.model": ("mails/morning_mail",),
    "mails.snapshot": ("mails/snapshot", "mails/morning_mail"),
    "notices.dynamodb": ("notices/dynamodb",),
    "notices.model": ("notices/model", "imports/notices"),
    "positions.dynamodb": (
        "positions/stored_positions",
        "trades/dynamodb",
        "trades/dynamodb_faults",
        "admin/dynamodb",
    ),
    "positions.model": (
        "reports/pnl_vectors",
        "positions/model",
        "reports/sums",
        "trades/model",
        "imports/validation",
    ),
    "prices.dynamodb": ("prices/dynamodb", "changes/dynamodb", "audit/dynamodb"),
    "prices.model": ("prices/model", "imports/price_format"),
    "prices.period_price": ("prices/period_price", "imports/price_format"),
    "prices.quote": ("prices/quote",),
    "prices.sets": ("prices/slots",),
    "prices.slots": ("prices/slots",),
    "prices.zones": ("prices/zones",),
    "reports.column": (
        "reports/columns",
        "reports/json",
        "reports/worked_examples",
        "reports/pnl",
        "reports/valued_examples_http",
        "reports/generated_files",
    ),
    "reports.columns": (
        "reports/columns",
        "reports/worked_examples",
        "reports/json",
        "reports/rows",
        "reports/scorecard",
        "reports/generated_files",
    ),
    "reports.completeness": ("reports/completeness", "reports/completeness_of_feeds", "reports/pnl"),
    "reports.line_table": ("reports/json", "reports/valued_report"),
    "reports.model": (
        "reports/worked_examples",
        "reports/edge",
        "reports/pnl",
        "reports/sums",
        "reports/any_period",
    ),
    "reports.open_positions": ("reports/columns", "reports/generated_files", "reports/open_positions"),
    "reports.pnl": ("reports/report_text", "reports/worked_examples", "reports/pnl", "reports/sums"),
    "reports.references": (
        "reports/columns",
        "reports/valued_report",
        "reports/generated_files",
        "reports/open_positions",
    ),
    "reports.scorecard": ("reports/scorecard", "reports/any_period"),
    "reports.slots": ("reports/slots", "reports/open_positions"),
    "reports.valuation": ("reports/valued_report",),
    "reports.valued_columns": ("reports/columns", "reports/valued_report", "reports/generated_files"),
    "reports.valued_report": ("reports/valued_report",),
    "trades.actions": ("trades/sides", "trades/dynamodb"),
    "trades.areas": ("trades/areas",),
    "trades.dynamodb": (
        "trades/dynamodb",
        "trades/stating",
        "trades/dynamodb_faults",
        "trades/correct_all",
        "trades/sides",
        "trades/hours",
        "changes/dynamodb",
    ),
    "trades.items": ("trades/items", "admin/tables", "trades/stored_forms", "trades/dynamodb"),
    "trades.lists": ("trades/hours", "trades/pages", "trades/dynamodb", "trades/sides", "trades/stored_forms"),
    "trades.model": ("reports/pnl_vectors", "positions/model", "reports/sums", "trades/model", "imports/validation"),
    "trades.pages": ("trades/pages",),
    "trades.products": ("trades/products",),
    "trades.reading": ("trades/reading", "imports/unconfirmed"),
    "trades.revision": ("trades/late_days", "trades/revision", "trades/booking"),
    "trades.rules": ("trades/stating", "trades/file_rules"),
    "trades.service": ("trades/service", "trades/booking", "imports/batching"),
    "trades.side": ("trades/side", "trades/dynamodb"),
    "trades.statement": ("trades/statement", "reports/generated_files"),
    "trades.statement_warnings": ("trades/statement_warnings",),
    "trades.stating": ("trades/state_each",),
    "trades.venues": ("trades/venues",),
    "trades.warnings": ("trades/warnings",),
}
"""By the module's name, within `chalicelib` or with its package (`cli`, `infra`)."""
SERVICES: Final = frozenset(
    {
        "access.authorizer",
        "access.service",
        "feeds.service",
        "imports.change_sums",
        "imports.confirmation",
        "imports.file_import",
        "imports.import_run",
        "imports.nearby_files",
        "imports.row_booking",
        "imports.service",
        "imports.sides",
        "imports.survey",
        "imports.withdrawals",
        "trades.reading",
        "trades.service",
    }
)
"""Modules that act through stores."""
STORES: Final = frozenset({"actions", "bucket", "dynamodb", "items", "leases", "lists", "mark_items", "receipt_items"})
"""The names of modules that reach AWS."""
LEAST_NOTICED: Final = {"domain": 1.0, "services": 0.95, "stores": 0.95, "client": 0.9, "stack": 0.9}
"""Which share of the mutants of a group that are not equivalent must be killed."""


def files_of(module: str) -> list[str]:
    """Return the paths of a module's tests; what holds for all values comes last, where there are any."""
    values = are_values(module) and "@dataclass" in path_of(module).read_text("utf-8")
    names = [where.rpartition("/") for where in (*TESTS[module], *(("common/values",) if values else ()))]
    return [str(_TESTS / room / f"test_{name}.py") for room, _, name in names]


def are_values(module: str) -> bool:
    """Return whether the classes of a module are values, which nobody may change: those of rules and services."""
    return group_of(module) in {"domain", "services"}


def group_of(module: str) -> str:
    """Return which figure a module's mutants count for: `domain` (rules), `services`, `stores`, `client` or `stack`."""
    first, *_, last = module.split(".")
    if first in _PACKAGES:
        return {"cli": "client", "infra": "stack"}[first]
    if last in STORES:
        return "stores"
    return "services" if module in SERVICES else "domain"


def path_of(module: str) -> Path:
    """Return where a module (`trades.model`) stands."""
    return _ROOT.joinpath(*name_of(module).split(".")).with_suffix(".py")


def name_of(module: str) -> str:
    """Return the name by which a module is imported."""
    return module if module.partition(".")[0] in _PACKAGES else f"chalicelib.{module}"
