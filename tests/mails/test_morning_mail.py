"""The morning mail: whether it can be trusted comes first, then what was made, in the report's own figures."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.common.delivery import Period, day_start
from chalicelib.feeds.feed import DAILY, Feed
from chalicelib.feeds.key_pattern import KeyPattern
from chalicelib.feeds.receipt import FileState
from chalicelib.mails.document import Page, Words, as_html, as_text
from chalicelib.mails.model import (
    MAX_HTML,
    MAX_TEXT,
    Channel,
    Mail,
    _fitting,
    _subject,
    due_at_the_latest,
    is_due,
    letters_of,
    morning_mail,
)
from chalicelib.mails.snapshot import (
    FIGURES,
    Corrections,
    changes,
    corrections_of,
    in_words,
    parse_snapshot,
    snapshot_of,
)
from chalicelib.positions.model import Direction, Position, PositionKey, change_of
from chalicelib.prices.slots import SlotPrice
from chalicelib.prices.zones import DE_LU
from chalicelib.reports.completeness import FINAL, TRADE_ADDED, Completeness, State
from chalicelib.reports.pnl import AnyReport, Report
from chalicelib.reports.valuation import ValuedLine
from chalicelib.reports.valued_report import Shape, build_valued_report
from chalicelib.trades.model import Trade
from tests.fixtures.trades import trade
from tests.fixtures.worked_examples import EXAMPLES
from tests.mails.sample_mails import DAY, EIGHT, EVE, TRADES, mail, receipt, report
from tests.reports.test_worked_examples import built

FILES = ((receipt(EVE),), (receipt(DAY),))
GOLDEN = Path(__file__).parent / "golden"
SNS_LIMIT = 256 * 1024


def first_line(**what: object) -> str:
    return mail(**what).text.split("\n")[0]  # type: ignore[arg-type]  # each test names what it changes


def test_the_mail_as_it_is_looked_at() -> None:
    """The golden files are what was read over; a change of words changes them by hand."""
    files = [[receipt(EVE, quarantined=2, state=FileState.PROVISIONAL)], [receipt(DAY)]]
    before = mail(TRADES[:1], [[], [receipt(DAY)]])
    sent = mail(files=files, before=before)
    assert sent.subject == "Voltbook: delivery 2026-06-15 again: 422.00 EUR, PROVISIONAL, not final"
    assert sent.text == (GOLDEN / "morning.txt").read_text("utf-8")
    assert sent.html == (GOLDEN / "morning.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([[receipt(EVE)], [receipt(DAY)]], "Data: complete; newest import 2026-06-16 00:54 in Berlin"),
        ([[receipt(EVE)], [receipt(DAY, corrected=1)]], "Data: corrected (complete; the exchange changed trades);"),
        ([[receipt(EVE)], []], "Data: MISSING, not final; no file of 2026-06-15; newest import"),
        (
            [[], []],
            "Data: MISSING, not final; no file of 2026-06-14, 2026-06-15; none of its files imported; read",
        ),
        (
            [[receipt(EVE, state=FileState.PROVISIONAL, quarantined=3)], [receipt(DAY)]],
            "Data: PROVISIONAL, not final; provisional: the file of 2026-06-14; 3 rows quarantined; newest",
        ),
    ],
)
def test_the_first_line_shows_completeness_and_the_time_of_reading(files: object, said: str) -> None:
    assert first_line(files=files).startswith(said)
    assert first_line(files=files).endswith("read 2026-06-16 08:00 in Berlin (2026-06-16T06:00:00Z)")


def test_its_figures_are_the_reports() -> None:
    made, text = report().as_json(), mail().text
    for name in ("pnl_eur", "eur_per_mwh", "vwap_buy", "vwap_sell", "edge_buy", "edge_sell_eur"):
        assert re.search(rf"  {re.escape(made['total'][name])}(  |$)", text, re.MULTILINE), name
    assert re.search(rf"anna +2 +4 +10 +45.25 +60.00 +{made['traders'][0]['pnl_eur']} ", text)
    best, worst = made["best_hour"], made["worst_hour"]
    assert re.search(rf"Best hours\n.*\n  {best['label']} .* {re.escape(best['pnl_eur'])}\n", text)
    assert re.search(rf"Worst hours\n.*\n  {worst['label']} .* {re.escape(worst['pnl_eur'])}\n", text)


def valued(price: int | None = 5_200, fee: int = 0) -> ValuedLine:
    """The value of 10 MW bought at 50 and 4 MW sold at 55.50 EUR/MWh in one hour of the day."""
    period = Period(day_start(DAY), 60)
    change = change_of(5_000, 10_000, Direction.BUY, 60) + change_of(5_550, 4_000, Direction.SELL, 60)
    positions = {DAY: [Position(PositionKey("anna", DAY, period), change)]}
    prices = {DE_LU: {DAY: [None if price is None else SlotPrice("id3", price)] * 96}}
    known = {DAY: Completeness(State.COMPLETE)}
    return build_valued_report(None, positions, known, prices, lambda _venue, _day: fee, Shape(), EIGHT).total


def test_the_value_of_the_positions_is_beside_the_cash() -> None:
    text = morning_mail(report(), FILES, None, value=valued(fee=850)).text
    desk = text.split("The desk, delivery 2026-06-15\n")[1].split("\n\n")[0]
    assert [line.split("  ")[1] for line in desk.splitlines()][:8] == [
        *("Cash", "Realised", "Open", "Total", "Fees", "Cash after fees", "Cash per MWh", "Trades"),
    ]
    assert re.search(r"Realised +22.00 +EUR\n +Open +12.00 +EUR\n +Total +34.00 +EUR\n +Fees +1.19 +EUR", desk)
    assert "Cash, named PnL below, is earned minus spent;" in desk


def test_a_value_that_is_unknown_and_fees_that_nobody_set_are_left_out() -> None:
    text = morning_mail(report(), FILES, None, value=valued(price=None)).text
    assert re.search(r"Realised +22.00", text)
    assert not re.search(r"Open|Total|Fees|after fees", text.split("Traders")[0])


def test_a_changed_value_is_sent_again_and_a_new_figure_alone_is_not() -> None:
    earlier = morning_mail(report(), FILES, None)
    first = morning_mail(report(), FILES, earlier, value=valued())
    again = morning_mail(report(), FILES, first, value=valued(price=5_300))
    assert (earlier.version, first.version, again.version) == (1, 1, 2)
    assert re.search(r"Open \[EUR\] +12.00 +-> +18.00\n +Total \[EUR\] +34.00 +-> +40.00", again.text)


def test_a_day_without_trades_is_stated_and_lists_no_hours() -> None:
    quiet = mail([])
    assert "\nThe desk, delivery 2026-06-15: no trade.\n" in quiet.text
    assert not re.search("hours|Traders", quiet.text)
    assert quiet.subject == "Voltbook: delivery 2026-06-15: 0.00 EUR, complete"


def test_a_day_with_missing_files_is_not_reported_as_without_trades() -> None:
    assert "\nThe desk, delivery 2026-06-15: no trade is booked yet.\n" in mail([], [[], []]).text


def test_without_reference_prices_no_edge_is_shown() -> None:
    assert "edge" not in mail(prices={}).text.lower()
    assert "reference" not in mail(prices={}).text


def test_without_a_price_there_is_no_edge_and_the_hours_are_counted() -> None:
    text = mail(prices={7: 5850}).text
    assert "Edge sell" in text
    assert "Edge buy [EUR/MWh]" not in text
    assert "No reference price for 1 hour with trades." in text


def test_the_doubled_hour_is_marked() -> None:
    [example] = [one for one in EXAMPLES if one.what.startswith("both hours of a doubled one")]
    assert "\n  02 - 03  2 h " in morning_mail(built(replace(example, trader=None)), [[], []], None).text


def test_the_same_numbers_are_no_news_whenever_read_and_whatever_came_in() -> None:
    first = mail()
    later = [[receipt(EVE)], [receipt(DAY, imported_at="2026-06-16T05:00:00Z")]]
    assert mail(files=later, before=first).version == first.version == 1


@pytest.mark.parametrize(
    ("what", "news"),
    [
        ({"files": [[receipt(EVE)], [receipt(DAY, corrected=1)]]}, "State complete -> corrected"),
        ({"trades": TRADES[:2]}, "PnL [EUR] 422.00 -> 419.00"),
        ({"prices": {}}, "Edge sell [EUR] 15.00 -> -"),
    ],
)
def test_other_state_numbers_or_edges_are_news_and_stand_above_all_else(what: dict[str, object], news: str) -> None:
    again = mail(**what, before=mail())  # type: ignore[arg-type]  # each case names what it changes
    assert again.version == 2
    assert " again: " in again.subject
    assert again.text.split("\n")[2] == "Sent again, before -> now"
    assert news in " ".join(again.text.split())


def test_when_only_hours_changed_the_total_is_stated_as_unchanged() -> None:
    moved = [
        *TRADES[:2],
        trade("3", trader_id="bot<7>", quantity=6, price=-50, delivery_hour=14, delivery_day=str(DAY)),
    ]
    prices = {7: 5850, 13: 4000, 14: 4000}
    again = mail(moved, before=mail(prices=prices), prices=prices)
    assert again.version == 2
    assert "The total is the same; lines of hours or traders changed." in again.text


def test_corrections_are_counted_once_from_mail_to_mail() -> None:
    version_2 = receipt(DAY, 2, corrected=3, withdrawn=2)
    first = mail(files=[[receipt(EVE, corrected=1)], [receipt(DAY)]])
    assert "Corrections in the two files of this day: 1 corrected, 0 withdrawn." in first.text
    second = mail(files=[[receipt(EVE, corrected=1)], [version_2, receipt(DAY)]], before=first)
    said = (
        "Corrections since the last mail about this day: 3 corrected, 0 withdrawn; 2 trades missing and still booked."
    )
    assert said in second.text
    third = mail(files=[[receipt(EVE, corrected=1)], [version_2, receipt(DAY)]], prices={}, before=second)
    assert "since the last mail about this day: 0 corrected, 0 withdrawn; 2 trades missing" in third.text


def test_quarantined_rows_lead_to_their_file() -> None:
    text = mail(files=[[receipt(EVE, quarantined=1)], [receipt(DAY, quarantined=4)]]).text
    assert "1 in the file of 2026-06-14 (voltbook files show 2026-06-14); 4 in the file of 2026-06-15" in text
    assert "Quarantined rows: none." in mail().text
    assert text.endswith("\nTo look further: voltbook report --start-day 2026-06-15\n")


def many(count: int, name: str) -> list[Trade]:
    return [trade(str(number), trader_id=f"{number}{name}", delivery_day=str(DAY)) for number in range(count)]


@pytest.mark.parametrize(("count", "name"), [(400, "-trader"), (400, "x" * 120)])
def test_a_desk_of_400_fits_whole(count: int, name: str) -> None:
    sent = mail(many(count, name))
    assert f"{count - 1}{name}" in sent.text
    assert "more." not in sent.text
    assert len(sent.text.encode()) <= MAX_TEXT < SNS_LIMIT


def test_a_mail_with_too_many_traders_is_cut_and_counts_the_rest() -> None:
    sent = mail(many(1_500, "<" * 100))
    assert (len(sent.text.encode()) <= MAX_TEXT, len(sent.html.encode()) <= MAX_HTML) == (True, True)
    listed, left = sent.text.count("<" * 100), re.search(r"\.\.\. and (\d+) traders more\.", sent.text)
    assert left is not None
    assert listed + int(left[1]) == 1_500
    assert sent.html.count("&lt;" * 100) == listed
    assert left[0] in sent.html


def test_the_subject_is_short_and_plain_even_of_the_largest_sums() -> None:
    rich = [trade("1", direction="sell", quantity=10**15 - 1, price=-(10**15 - 1), delivery_day=str(DAY))]
    subject = mail(rich, [[], []], before=mail()).subject
    assert len(subject) < 100
    assert subject.isascii()
    assert subject.endswith("MISSING, not final")


def test_what_was_told_is_read_back_as_it_was_kept() -> None:
    told = mail().snapshot
    assert parse_snapshot(told.as_text()) == told
    assert [name for name, _, _ in changes(told, told)] == ["state", "pnl_eur"]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(
    ("day", "eight"),
    [
        (date(2026, 6, 15), datetime(2026, 6, 16, 6, tzinfo=UTC)),
        (date(2026, 1, 15), datetime(2026, 1, 16, 7, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (date(2025, 10, 25), datetime(2025, 10, 26, 7, tzinfo=UTC)),
    ],
)
def test_it_is_due_when_complete_and_at_eight_in_berlin_at_the_latest(state: State, day: date, eight: datetime) -> None:
    latest = due_at_the_latest(day, (DAILY,))
    assert is_due(state, latest, eight - timedelta(seconds=1)) == (state in FINAL)
    assert is_due(state, latest, eight)
    assert is_due(state, latest, eight + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, datetime(2026, 6, 17, 7, 30, tzinfo=UTC)),
        ({"required": False}, datetime(2026, 6, 16, 6, tzinfo=UTC)),
        ({"since": date(2026, 6, 17)}, datetime(2026, 6, 16, 6, tzinfo=UTC)),
        ({"file_days": (7,)}, datetime(2026, 6, 21, 22, tzinfo=UTC)),
    ],
    ids=["required", "not required", "not yet", "for a week at most"],
)
def test_it_waits_for_the_files_of_other_required_feeds(changes: dict[str, Any], due: datetime) -> None:
    otc = Feed("otc", KeyPattern("otc/{YYYYMMDD}.csv"), deadline=time(9, 30), required=True, since=DAY, file_days=(1,))
    assert due_at_the_latest(DAY, (DAILY, replace(otc, **changes))) == due


def text_of(size: int) -> Page:
    """So many bytes as text."""
    return Page("", (Words(("x" * (size - 1),)),))


def html_of(size: int) -> Page:
    """So many bytes as HTML: a `<` is one byte as text and four there."""
    marks, rest = divmod(size - len(as_html(Page("", (Words(("",)),)))), 4)
    return Page("", (Words(("<" * marks + "x" * rest,)),))


@pytest.mark.parametrize("whole", [text_of(100_000), html_of(250_000)], ids=["text", "html"])
@pytest.mark.parametrize("more", [False, True])
def test_a_mail_of_exactly_the_largest_size_is_sent_whole(whole: Page, more: bool) -> None:
    [words] = whole.sections
    assert isinstance(words, Words)
    page = Page("", (Words((f"{words.lines[0]}x" if more else words.lines[0],)),))
    sent = _fitting(lambda traders: page if traders else Page("", ()), 1)
    assert (sent == (as_text(page), as_html(page))) is not more


def test_a_mail_too_large_is_tried_with_three_quarters_of_the_traders() -> None:
    assert len(_fitting(lambda traders: text_of(1_000 * traders), 133)[0]) == 99_000


def test_a_mail_that_is_too_long_without_any_trader_is_sent_all_the_same() -> None:
    page = Page("", (Words(("x" * MAX_HTML,)),))
    assert _fitting(lambda _: page, 3) == (as_text(page), as_html(page))


def test_a_digest_that_was_kept_is_compared_with_one_of_the_same_length() -> None:
    assert re.fullmatch("[0-9a-f]{32}", mail().snapshot.digest)


def test_a_digest_does_not_depend_on_the_order_of_names() -> None:
    made, nothing = report().as_json(), Corrections(0, 0, 0)
    reordered = made | {"total": dict(reversed(made["total"].items()))}
    assert snapshot_of(reordered, nothing) == snapshot_of(made, nothing)


def test_a_subject_is_cut_to_what_sns_takes() -> None:
    made = report().as_cells()
    whole = _subject(made, again=False)
    longest = made | {"total": made["total"] | {"pnl_eur": "1" * (99 - len(whole) + len("422.00"))}}
    assert len(_subject(longest, again=False)) == 99
    assert _subject(longest, again=False).endswith("EUR, complete")
    assert len(_subject(longest, again=True)) == 99


def test_html_goes_by_mail_only() -> None:
    topic, email = sorted(letters_of(mail(), Channel, "2026-06-16T06:00:00Z"), key=lambda one: one.channel != "topic")
    assert (topic.channel, topic.mail.html, topic.mail.text) == (Channel.TOPIC, "", mail().text)
    assert (email.channel, email.mail) == (Channel.EMAIL, mail())
    assert email.as_json() == {
        "version": 1,
        "channel": "email",
        "written_at": "2026-06-16T06:00:00Z",
        "sent_at": None,
    }


def test_quarantined_rows_are_those_of_the_newest_version() -> None:
    text = mail(files=[[], [receipt(DAY, 2), receipt(DAY, quarantined=4)]]).text
    assert "Quarantined rows: none." in text
    assert "Quarantined rows: none." in mail(files=[[], []]).text


def test_what_is_not_confirmed_is_counted_of_the_newest_version_only() -> None:
    confirmed = "2026-06-16T06:00:00Z"
    assert corrections_of([]) == corrections_of([[], []]) == Corrections(0, 0, 0)
    assert corrections_of([[receipt(DAY, 2, withdrawn=1), receipt(DAY, corrected=4, withdrawn=2)]]) == Corrections(
        4, 0, 1
    )
    assert corrections_of([[receipt(DAY, withdrawn=2, confirmed_at=confirmed)]]) == Corrections(0, 2, 0)


def test_a_list_and_nothing_are_put_into_words() -> None:
    assert [in_words(value) for value in (["a", "b"], [], None, 0, "1.00")] == ["a, b", "-", "-", "0", "1.00"]


def test_a_figure_that_an_earlier_mail_did_not_know_is_a_change() -> None:
    told = mail().snapshot
    known = {name: value for name, value in told.known.items() if name != "trades"}
    assert list(changes(replace(told, known=known), told))[2:] == [("trades", "-", "3")]


def with_spread(made: dict[str, Any]) -> dict[str, Any]:
    """The report once its lines have one more column."""
    [day] = made["days"]
    for line in (*day["periods"], *made["traders"], made["total"]):
        line["spread_eur"] = "1.25"
    return made


@pytest.fixture
def first(monkeypatch: pytest.MonkeyPatch) -> Mail:
    """The first mail of a day, after which a column is added."""
    sent, as_json = mail(), AnyReport.as_json
    monkeypatch.setattr("chalicelib.mails.snapshot.FIGURES", (*FIGURES, "spread_eur"))
    monkeypatch.setattr(AnyReport, "as_json", lambda made: with_spread(as_json(made)))
    return sent


def test_a_column_added_after_a_day_s_first_mail_does_not_break_the_second(first: Mail) -> None:
    again = morning_mail(report(TRADES[:2]), FILES, first)
    assert "spread_eur" not in first.snapshot.known
    assert again.snapshot.known["spread_eur"] == "1.25"
    assert again.version == 2
    assert re.search(r"spread_eur +- +-> +1\.25\n", again.text)


def test_a_column_added_after_a_day_s_first_mail_is_no_news(first: Mail) -> None:
    again = morning_mail(report(), FILES, first)
    assert again.version == first.version == 1
    assert "Sent again" not in again.text
    later = morning_mail(report(TRADES[:2]), FILES, again)
    assert (later.version, later.snapshot.digest == again.snapshot.digest) == (2, False)


def test_a_column_removed_after_a_day_s_first_mail_breaks_no_second() -> None:
    first = mail()
    known = dict(first.snapshot.known) | {"spread_eur": "1.25"}
    again = mail(TRADES[:2], before=replace(first, snapshot=replace(first.snapshot, known=known)))
    assert again.version == 2
    assert "spread_eur" not in again.text


def test_three_hours_are_named_that_made_most_and_three_that_made_least() -> None:
    made = [
        trade(str(hour), direction="sell", price=100 * hour, delivery_hour=hour, delivery_day=str(DAY))
        for hour in range(1, 9)
    ]
    text = mail(made).text
    best, worst = text.split("Best hours\n")[1].split("\n\n")[0], text.split("Worst hours\n")[1].split("\n\n")[0]
    assert [line[2:9] for line in best.split("\n")[1:]] == ["08 - 09", "07 - 08", "06 - 07"]
    assert [line[2:9] for line in worst.split("\n")[1:]] == ["01 - 02", "02 - 03", "03 - 04"]


def because(made: Report, state: State, reason: str) -> Report:
    return made._replace(completeness=made.completeness._replace(state=state, reasons=(reason,)))


def test_the_reason_a_day_is_not_final_is_on_top_and_mailed_on_change() -> None:
    begins = "the book begins here: there is no file of 14 Jun 2026"
    made = report()
    assert "reasons" not in snapshot_of(made.as_json(), corrections_of(())).known
    first = morning_mail(because(made, State.PROVISIONAL, begins), (), None)
    assert f"Data: PROVISIONAL, not final; {begins}; newest" in first.text
    again = morning_mail(report(), (), first)
    assert again.version == 2
    assert re.search(f"Reasons +{begins} +-> +-", again.text)


def test_a_late_post_is_not_mailed_as_a_correction_by_the_exchange() -> None:
    made = because(report(), State.CORRECTED, TRADE_ADDED)
    assert f"Data: corrected; {TRADE_ADDED}; newest" in morning_mail(made, (), None).text
