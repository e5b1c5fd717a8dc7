"""What the bootstraps would build, in memory, for tests of the direct way to the book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.feeds.feed import BUILT_IN, Feed
from chalicelib.imports.context import ImportContext
from tests.fakes.access import FakeDirectory, FakeKeys, FakePasswords
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFileStore, FakeReceipts
from tests.fakes.fees import FakeFees
from tests.fakes.imports import fake_import_context
from tests.fakes.mails import FakeMailBag
from tests.fakes.notices import FakeNotices, FakeOutbox
from tests.fakes.prices import FakePriceFiles, FakePrices
from tests.fakes.trades import FakeBook

BUILDERS = {
    "book": "trades.bootstrap.book",
    "positions": "positions.bootstrap.positions",
    "receipts": "feeds.bootstrap.receipts",
    "fees": "fees.bootstrap.fees",
    "prices": "prices.bootstrap.prices",
    "price_files": "imports.bootstrap.price_files",
    "outbox": "notices.bootstrap.outbox",
    "clock": "common.clock.clock",
    "directory": "access.bootstrap.directory",
    "keys": "access.bootstrap.keys",
    "passwords": "access.bootstrap.passwords",
    "mail_bag": "mails.bootstrap.mail_outbox",
}
"""By the name of a store here: what builds it."""


class Stores:
    """Every store of a stage."""

    def __init__(self) -> None:
        self.book, self.receipts, self.clock = FakeBook(), FakeReceipts(), FakeClock()
        self.positions = self.book
        self.directory, self.passwords, self.files = FakeDirectory(), FakePasswords(), FakeFileStore()
        self.keys = FakeKeys(self.directory)
        self.notices, self.mail_bag = FakeNotices(), FakeMailBag()
        self.prices, self.price_files = FakePrices(), FakePriceFiles(self.receipts.outbox)
        self.fees = FakeFees()
        self.owners: list[str] = []
        self.feeds: Sequence[Feed] = BUILT_IN

    @property
    def outbox(self) -> FakeOutbox:
        return self.receipts.outbox

    def desk(self, owner: str) -> ImportContext:
        self.owners.append(owner)
        context = fake_import_context(self.files, self.receipts, self.book, self.clock, owner, notices=self.notices)
        return replace(context, feeds=self.feeds)
