"""Where the process begins: Ctrl-C ends it with 130 and no traceback also while the first modules are read."""

from __future__ import annotations

import signal
import sys
from typing import Final

_INTERRUPTED: Final = 130


def main() -> None:
    """Run the command line this process was started with."""
    try:
        from cli.app import main as begin

        begin()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    finally:
        # All is said: who presses Ctrl-C twice does not see the interpreter fall over on its way out.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
