"""The threads of the stack. If one ends before the stack does, the stack ends, and `/v1/health` shows it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

_log = logging.getLogger(__name__)


class WorkerEnded(Exception):
    """A thread of the stack ended by itself; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Workers:
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, name: str, target: Callable[..., object], *arguments: object) -> threading.Thread:
        thread = threading.Thread(name=name, target=_run_logged, args=(target, *arguments), daemon=True)
        thread.start()
        self.watch(thread)
        return thread

    def watch(self, thread: threading.Thread) -> None:
        self._threads.append(thread)

    def failure(self) -> str | None:
        ended = " and ".join(thread.name for thread in self._threads if not thread.is_alive())
        if not ended:
            return None
        return f"The local stack cannot go on: its {ended} ended by itself. See voltbook.log; start it again."

    def check(self) -> None:
        if failure := self.failure():
            raise WorkerEnded(failure)


def _run_logged(target: Callable[..., object], *arguments: object) -> None:
    try:
        target(*arguments)
    except BaseException:  # noqa: BLE001 - the thread ends here, and the stack reports it
        _log.exception("the thread %s ended by itself", threading.current_thread().name)
