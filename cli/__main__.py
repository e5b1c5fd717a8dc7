"""Process entry: Ctrl-C exits with 130 and without a traceback, even while the first modules are imported."""

from __future__ import annotations

import signal
import sys
from typing import Final

_INTERRUPTED: Final = 130


def main() -> None:
    try:
        from cli.app import main as begin

        begin()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    finally:
        # A second Ctrl-C must not print a traceback while the interpreter shuts down.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
