"""Accepting files and confirming withdrawals on this machine, once the user agrees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from chalicelib.feeds.receipt import Receipt
from chalicelib.imports import acceptance, confirmation
from chalicelib.imports.context import ImportContext
from cli.client.file_import import question


def accept_file(
    file_day: date, footer: bool, agrees: Callable[[list[str]], bool], user: str, context: ImportContext
) -> Receipt | None:
    """Accept the open points of a file day; return None if `agrees` refuses the steps."""
    proposal = acceptance.propose(file_day, context, footer=footer)
    if not agrees(list(proposal.steps)):
        return None
    unconfirmed = proposal.unconfirmed
    return acceptance.accept(file_day, user, context, proposal.version, footer=footer, unconfirmed=unconfirmed)


def confirm_withdrawn(
    file_day: date, agrees: Callable[[str], bool], user: str, context: ImportContext
) -> Receipt | None:
    """Withdraw what the newest file does not have; return None if `agrees` refuses."""
    newest = context.receipts.newest([file_day]).get(file_day)
    asked = question(newest)
    if asked is not None and not agrees(asked):
        return None
    return confirmation.confirm_withdrawn(file_day, user, context, newest.version if newest else None)
