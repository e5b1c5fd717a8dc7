"""The generator: the same bytes from the same seed, and any number of rows without filling the memory."""

import itertools
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from samples.generate import Row, day_of_trades, file_name, main, stream, write_daily_file

SAMPLES = Path(__file__).parents[2] / "samples"
MIDSUMMER = date(2026, 6, 15)


def test_without_options_the_committed_files_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    committed = sorted(SAMPLES.glob("*.csv"))
    monkeypatch.setattr("samples.generate.HERE", tmp_path)
    main([])
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in committed]
    for path in committed:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_options_choose_days_rows_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(f"--seed 7 --count 12 --day 2026-06-30 --days 2 --out {tmp_path}/new".split())
    names = [f"{kind}_{day}.csv" for day in ("20260630", "20260701") for kind in ("epex_trades", "reference_prices")]
    made = [tmp_path / "new" / name for name in names]
    assert capsys.readouterr().out.split() == [str(path) for path in made]
    assert [len(path.read_text().splitlines()) for path in made] == [13, 25, 13, 25]


@pytest.mark.parametrize("options", ["--seed 7", "--day 2026-06-15", "--count 0 --out x", "--day 1.6.26 --out x"])
def test_options_that_make_no_sense_are_refused(options: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options.split())


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in [("one", 7), ("again", 7), ("other", 8)]:
        write_daily_file(tmp_path / name, day_of_trades(MIDSUMMER, seed=seed, count=50))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "again").read_bytes()
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    def broken_off() -> Iterator[Row]:
        yield from day_of_trades(MIDSUMMER, seed=7, count=3)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        write_daily_file(tmp_path / file_name(MIDSUMMER), broken_off())
    assert not (tmp_path / "epex_trades_20260615.csv").exists()


def test_a_stream_is_one_day_after_the_other() -> None:
    days = [day_of_trades(MIDSUMMER + timedelta(days=day), seed=7, count=40) for day in range(2)]
    assert list(stream(MIDSUMMER, seed=7, count=60, per_day=40))[:40] == days[0]
    assert list(stream(MIDSUMMER, seed=7, count=80, per_day=40)) == days[0] + days[1]


def test_a_stream_makes_rows_only_as_they_are_asked_for() -> None:
    tracemalloc.start()
    endless = stream(MIDSUMMER, seed=7, count=10**12, per_day=500)
    first = list(itertools.islice(endless, 5))
    after_five = tracemalloc.get_traced_memory()[1]
    for _ in itertools.islice(endless, 5_000):
        pass
    after_many = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(first) == 5
    assert after_many < 2 * after_five


def test_ids_of_a_stream_stay_unique_if_a_day_is_larger_than_memory() -> None:
    rows = list(stream(MIDSUMMER, seed=7, count=25_000, per_day=25_000))
    assert len({row.id for row in rows}) == len(rows) == 25_000
    assert {row.id[4:12] for row in rows} == {"20260615"}


def test_a_stream_of_no_rows_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="per_day"):
        next(stream(MIDSUMMER, seed=7, count=1, per_day=0))
