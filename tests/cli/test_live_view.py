"""`--watch`: drawn in place, kept through an outage, ended by Ctrl-C with the terminal as it was."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import threading

import pytest

from chalicelib.common.errors import InvalidRequest, Unavailable
from cli.live_view import watch
from tests.cli.an_api import Api
from tests.cli.open_books import a_report
from tests.cli.test_golden import DAY, a_day

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def frames(capsys: pytest.CaptureFixture[str], pages: list[str | Exception], lines: int = 24) -> list[str]:
    """What stands on the screen after each drawing."""
    left = list(pages)

    def page() -> str:
        one = left.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    def slept(_: float) -> None:
        if not left:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(page, 5, slept)
    drawn = capsys.readouterr().out
    assert drawn.startswith(ENTER)
    assert drawn.endswith(LEAVE)
    return [frame.replace("\x1b[K", "").partition("\x1b[J")[0] for frame in drawn.split("\x1b[H")[1:]]


def test_each_page_takes_the_place_of_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert frames(capsys, ["one\n", "two\n"]) == ["one\n\nevery 5 s; Ctrl-C ends", "two\n\nevery 5 s; Ctrl-C ends"]


def test_a_book_that_is_away_leaves_the_last_page_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = frames(capsys, ["one\n", Unavailable("no \x1b[2J answer"), "two\n"])
    assert re.fullmatch(r"one\n\nNOT REFRESHED at \d\d:\d\d:\d\d CES?T: no \\x1b\[2J answer", second)
    assert (first[:3], third[:3]) == ("one", "two")


@pytest.mark.parametrize(("before", "end"), [(["one"], LEAVE), ([], "")], ids=["later", "at once"])
def test_any_other_error_ends_it_with_the_terminal_as_it_was(
    before: list[str], end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = iter(before)

    def page() -> str:
        for text in pages:
            return text
        raise InvalidRequest("no such day")

    with pytest.raises(InvalidRequest):
        watch(page, 5, lambda _: None)
    drawn = capsys.readouterr().out
    assert (drawn.startswith(ENTER), drawn.endswith(end)) == (bool(before), True)


def test_the_first_page_is_read_before_the_screen_is_entered(capsys: pytest.CaptureFixture[str]) -> None:
    drawn_before: list[str] = []

    def page() -> str:
        drawn_before.append(capsys.readouterr().out)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(page, 5)
    assert drawn_before == [""]


def test_a_page_that_is_too_high_is_cut_and_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "5")
    monkeypatch.setenv("COLUMNS", "80")
    [frame] = frames(capsys, ["1\n2\n3\n4\n5\n"])
    assert frame == "1\n2\n3\n\n2 more lines do not fit; every 5 s; Ctrl-C ends"


def test_over_http_only_changes_travel_and_ctrl_c_exits_with_130() -> None:
    with Api() as api:
        thread = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        api.will_answer(200, a_day(), ETag='W/"one"')
        api.will_answer(304, b"", ETag='W/"one"')
        api.will_answer(304, b"", ETag='W/"one"')
        api.will_answer(200, a_report((), DAY), ETag='W/"two"')
        try:
            drawn, code = _watched(api)
        finally:
            api.shutdown()
            thread.join()
    assert code == 130, drawn
    assert api.conditions[:4] == [None, 'W/"one"', 'W/"one"', 'W/"one"']
    assert "Traceback" not in drawn
    assert drawn.index(ENTER) < drawn.index("-147 985.00") < drawn.index("No trades") < drawn.index(LEAVE)


def _watched(api: Api) -> tuple[str, int]:
    """Run the command on a terminal of its own, and press Ctrl-C when the page has changed."""
    command = [
        sys.executable,
        "-c",
        "from cli.__main__ import main; main()",
        "report",
        "x",
        "--start-day",
        "2026-06-15",
    ]
    command += ["--watch=1", "--api", api.url, "--user", "anna"]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "VOLTBOOK_PASSWORD": "x", "TERM": "xterm", "COLUMNS": "100", "LINES": "50"}
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env=environment) as process:
        os.close(theirs)
        drawn, pressed = b"", False
        while piece := _read(ours):
            drawn += piece
            if not pressed and b"No trades" in drawn:
                process.send_signal(signal.SIGINT)
                pressed = True
        code = process.wait(30)
    os.close(ours)
    return drawn.decode(), code


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # on Linux a terminal that nobody holds any more ends so
        return b""
