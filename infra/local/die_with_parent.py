"""Run a program that ends when its parent process ends, so that even `kill -9` of the stack leaves no engine behind.

This script starts the program instead of `preexec_fn`, which is unsafe in a process with threads. Linux sends the
signal when the *thread* that started the program ends, so engines are started from the main thread. On other systems
the script only runs the program, and the next start ends stale engines (processes.py).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        # SIGTERM and not SIGKILL: MiniStack saves its state on the way out, even when the stack was killed.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("the stack ended before this engine started")
    os.execvp(command[0], command)  # noqa: S606 - a shell between the two would outlive the parent


if __name__ == "__main__":
    main()
