"""A page that is redrawn in place until Ctrl-C."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn

from chalicelib.common.delivery import BERLIN
from chalicelib.common.errors import Unavailable
from chalicelib.common.printable import shown
from cli.exit_codes import NotThere

_ENTER: Final = "\x1b[?1049h\x1b[?25l"
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"
_HOME: Final = "\x1b[H"
_REST_OF_LINE: Final = "\x1b[K"
_REST_OF_PAGE: Final = "\x1b[J"

Sleep = Callable[[float], None]


def watch(page: Callable[[], str], seconds: int, sleep: Sleep = time.sleep) -> NoReturn:
    """Redraw the result of `page` on the terminal's alternate screen, until KeyboardInterrupt.

    While the book cannot be reached, the last page stays with a notice below it; any other error ends the view.
    """
    text = "Reading..."
    enter = _ENTER  # after the first page, which may ask for a password
    try:
        while True:
            try:
                text, below = page(), f"every {seconds} s; Ctrl-C ends"
            except (Unavailable, NotThere) as error:
                below = f"NOT REFRESHED at {datetime.now(BERLIN):%H:%M:%S %Z}: {shown(error.message)}"
            _draw(enter + _HOME + _fitted(text, below))
            enter = ""
            sleep(seconds)
    finally:
        if not enter:
            _draw(_LEAVE)


def _fitted(text: str, below: str) -> str:
    columns, height = shutil.get_terminal_size()
    lines = text.rstrip("\n").split("\n")
    most = max(height - 2, 1)
    if len(lines) > most:
        below = f"{len(lines) - most} more lines do not fit; {below}"
        lines = lines[:most]
    return "".join(f"{line}{_REST_OF_LINE}\n" for line in [*lines, ""]) + below[:columns] + _REST_OF_PAGE


def _draw(orders: str) -> None:
    # Not through click, which would strip control sequences where colours are off.
    sys.stdout.write(orders)
    sys.stdout.flush()
