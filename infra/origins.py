"""The origins whose pages may use the API, as an operator names them."""

from __future__ import annotations

import re
from typing import Final

HTTPS: Final = re.compile(r"https://[a-z0-9.-]+(?!:443$)(:[1-9]\d{0,4})?")
LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|localhost)(?!:80$)(:[1-9]\d{0,4})?")
_EXPECTED: Final = "expected exact origins such as https://desk.example.com, separated by commas"


def read_origins(text: str, *, loopback: bool = False) -> tuple[str, ...]:
    """Return the origins, as browsers send them; raises ValueError.

    An origin is a scheme, a host in lower case, and a port unless it is the scheme's own. http is for pages of the same
    machine only.
    """
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if not (HTTPS.fullmatch(origin) or (loopback and LOOPBACK.fullmatch(origin))):
            raise ValueError(f"{_EXPECTED}, without a path or *; found {origin[:100]!r}")
    return origins
