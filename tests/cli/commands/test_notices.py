"""`voltbook notices`: what the desk was told, and what it was not told yet."""

import json

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.open_books import FakeBook, a_notice

TABLE = """\
Written                State   Notice
---------------------  ------  ----------------------------------------------
21 Feb 2023 08:00 CET  unsent  Voltbook: the daily file of 2023-02-20 is late
21 Feb 2023 08:00 CET  sent    Voltbook: the daily file of 2023-02-20 is late
"""


@pytest.fixture(autouse=True)
def _two_notices(book: FakeBook) -> None:
    book.notices = [a_notice(sent_at=None), a_notice()]


def test_a_notice_is_a_row_with_its_state(run: CommandLine) -> None:
    result = run("notices", "-o", "table")
    assert result.exit_code == 0
    assert result.stdout == TABLE


def test_an_unsent_notice_has_its_reason_if_nobody_would_receive_it(book: FakeBook, run: CommandLine) -> None:
    book.unreceived = ["voltbook-prod-notices", "voltbook-prod-alarms"]
    assert run("notices").stderr.splitlines()[-1] == (
        "warning: nobody receives what is sent to voltbook-prod-notices: confirm a subscription of it, or add one"
    )
    book.notices = [a_notice()]
    assert "warning" not in run("notices").stderr


@pytest.mark.parametrize(("args", "days"), [((), 30), (("--days", "7"), 7)])
def test_how_many_file_days(args: tuple[str, ...], days: int, book: FakeBook, run: CommandLine) -> None:
    assert run("notices", *args).exit_code == 0
    assert book.asked == [(days,)]


@pytest.mark.parametrize("days", ["0", "367", "all"])
def test_what_is_no_number_of_days_is_a_usage_error(days: str, run: CommandLine) -> None:
    assert run("notices", "--days", days).exit_code == 2


def test_bodies_are_shown_in_full(run: CommandLine) -> None:
    lines = run("notices", "--bodies").stdout.splitlines()
    assert lines[0] == "Voltbook: the daily file of 2023-02-20 is late (unsent)"
    assert "  epex_trades_20230220.csv is not there." in lines
    assert any("voltbook check" in line for line in lines)


def test_no_notices_are_said(book: FakeBook, run: CommandLine) -> None:
    book.notices = []
    assert run("notices", "--bodies").stdout == "There are no notices.\n"
    assert run("notices", "-o", "json").stdout == "[]\n"


def test_json_has_the_bodies(book: FakeBook, run: CommandLine) -> None:
    assert json.loads(run("notices", "-o", "json").stdout) == book.notices


def test_csv_has_the_bodies_where_they_are_asked_for(run: CommandLine) -> None:
    assert run("notices").stdout.splitlines()[0] == "file_day,kind,version,subject,written_at,sent_at,feed"
    assert run("notices", "--bodies", "-o", "csv").stdout.splitlines()[0].endswith(",body,feed")
