"""What formats of day-ahead prices share whose files do not always name their zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chalicelib.imports.formats.reading import Kind
from chalicelib.prices.zones import DE_LU


@dataclass(frozen=True, slots=True)
class ZonedPrices:
    """`zone` is that of a file that names none; a mapping file may state another one."""

    zone: str = DE_LU
    mapping: str | None = None
    built_in: ClassVar[str]
    """The format's name without a mapping file."""

    @property
    def name(self) -> str:
        return f"mapping:{self.mapping}" if self.mapping else self.built_in

    @property
    def kind(self) -> Kind:
        return Kind.PRICES
