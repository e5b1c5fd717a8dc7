"""Fee rates in memory."""

from __future__ import annotations

import threading
from datetime import datetime

from chalicelib.common.errors import ChangedMeanwhile
from chalicelib.fees.model import FeeTable


class FakeFees:
    """The newest table; `by` has who set each revision."""

    def __init__(self, stored: FeeTable | None = None) -> None:
        self.stored = stored or FeeTable()
        self.by: list[str] = []
        self._lock = threading.Lock()

    def table(self) -> FeeTable:
        return self.stored

    def replace(self, new: FeeTable, by: str, at: datetime) -> FeeTable:
        with self._lock:
            if new.rates == self.stored.rates:
                return self.stored
            if new.revision != self.stored.revision:
                raise ChangedMeanwhile("the fees", new.revision, self.stored.revision)
            self.stored = FeeTable(new.rates, new.revision + 1)
            self.by.append(by)
            return self.stored
