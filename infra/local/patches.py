"""Every reach into the internals of waitress and of Chalice's local gateway, and nothing else.

`tests/test_patches.py` names the versions that these were tested with, and fails when another one is pinned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice.app import Chalice
from chalice.local import LocalChalice
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from infra.local.error_responses import error_response

SocketMap = dict[int, Any]
"""The sockets of waitress's loop, which ends when nothing is left in it; `create_server` takes one as `map`."""


def keep_a_request_per_thread(app: Chalice) -> None:
    """Make an app keep its current request per thread, as `chalice local` does.

    Chalice 1.34.0: `Chalice` keeps it in an attribute. `LocalChalice` of the undocumented `chalice.local` does not, and
    sets up no state of its own, so that an existing app can become one.
    """
    app.__class__ = LocalChalice


class _ErrorTask(ErrorTask):
    """Answers what waitress itself refuses: invalid HTTP, too large a head, too large a body."""

    request: Any  # a parsed request, and not an error as the stubs have it
    response_headers: list[tuple[str, str]]

    def execute(self) -> None:
        response = error_response(int(self.request.error.code))
        self.status = response.status_line
        self.response_headers = list(response.headers)
        self.set_close_on_finish()
        self.content_length = len(response.body)
        self.write(response.body)


class _Channel(HTTPChannel):
    error_task_class = _ErrorTask

    def handle_read(self) -> None:
        """Read what there is. Only the first byte of a request counts as activity."""
        started = None if self.request is None else self.last_activity
        super().handle_read()
        if started is not None and self.request is not None:
            self.last_activity = started


def replace_channels(waitress: Any) -> None:  # noqa: ANN401 - its stubs know neither its channels nor its trigger
    """Answer errors in Voltbook's shape, and count only the first byte of a request as activity.

    waitress 3.0.2: errors are plain text, and `channel_timeout` counts from the last byte, so that a slow client could
    hold a connection for ever. It has no setting for either.
    """
    waitress.channel_class = _Channel


def stop_accepting(waitress: Any) -> None:  # noqa: ANN401 - the same
    """Close the listener alone.

    waitress 3.0.2: its own `close` also closes the trigger, without which running requests cannot finish.
    """
    _in_loop(waitress, lambda: wasyncore.dispatcher.close(waitress))


def is_busy(waitress: Any) -> bool:  # noqa: ANN401 - the same
    """Return whether a request is running or an answer is not sent yet (waitress 3.0.2 has no such question)."""
    channels = list(waitress.active_channels.values())
    return any(channel.requests or channel.total_outbufs_len for channel in channels)


def close_all(waitress: Any, sockets: SocketMap) -> None:  # noqa: ANN401 - the same
    """End the threads and close every connection, which ends the loop (waitress 3.0.2: `run` has no other end)."""
    waitress.task_dispatcher.shutdown()
    _in_loop(waitress, lambda: wasyncore.close_all(sockets))


def _in_loop(waitress: Any, work: Callable[[], object]) -> None:  # noqa: ANN401 - the same
    waitress.trigger.pull_trigger(work)  # sockets may be closed by the thread of the loop only
