"""The benchmarks still run, whatever the machine's time; and docs/reference/performance.md is what they last said."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench import __main__ as command
from bench.__main__ import ALL
from bench.costs import MEGABYTE
from bench.page import PAGE, RESULTS, page
from bench.pairs import TO_COMPARE, about, at_least, at_most, exactly, judged, read
from bench.rivals.__main__ import PYTHON as OF_RIVALS
from infra import ROOT
from infra.package import MAX_BYTES

MAX_MEGABYTES = f"{MAX_BYTES / MEGABYTE:g}"
IN_A_BROWSER = "dashboard"
"""Its loads are timed by `make bench` only; tests/browser holds what it shows."""


@pytest.mark.usefixtures("dynoxide", "without_coverage")
@pytest.mark.parametrize("name", [name for name in ALL if name != IN_A_BROWSER])
def test_a_benchmark_runs_and_gives_ratios(name: str, tmp_path: Path) -> None:
    if name == "rivals" and not OF_RIVALS.exists():
        pytest.skip("the packages of the two simple programs are not installed: make .venv-rivals/.made")
    written = tmp_path / "results.json"
    command = [sys.executable, "-m", f"bench.{name}", "--fast", "--json", str(written)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    results = read(written)
    assert results
    assert all(result.ratio > 0 for result in results)


def test_what_was_not_measured_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "results.json"
    file.write_text(RESULTS.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(command, "RESULTS", file)
    monkeypatch.setattr(command, "write_page", lambda: None)
    command.keep({IN_A_BROWSER: []})  # without a browser
    before, after = (json.loads(path.read_text("utf-8"))["benchmarks"] for path in (RESULTS, file))
    assert after == before
    assert all(one["results"] for one in after.values())


def test_the_page_is_what_the_results_say() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_the_page_measures_the_package_by_the_limit_that_packaging_has() -> None:
    results = json.loads(RESULTS.read_text())["benchmarks"]["costs"]["results"]
    [package] = [one for one in results if one["unit"] == "MB"]
    assert (package["baseline"], package["baseline_is"]) == (MAX_BYTES / MEGABYTE, f"at most {MAX_MEGABYTES} MB")


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/how-to/deploy.md", "docs/explanation/single-sign-on.md"])
def test_a_page_quotes_the_limit_that_packaging_has(name: str) -> None:
    quoted = re.findall(r"(?:under|at most) (\d[\d.]*) MB", (ROOT / name).read_text("utf-8"))
    assert set(quoted) == {MAX_MEGABYTES}


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ([0.5, 0.7, 0.6], "met"),
        ([1.0, 1.1, 1.3], "met"),
        ([0.9, 1.3, 1.25], "within its spread"),
        ([1.4, 1.5], "missed"),
    ],
)
def test_a_target_is_missed_only_beyond_the_spread(ratios: list[float], verdict: str) -> None:
    below = judged("time", "bare", "s", at_most(1.2), [(2.0, 2.0 * ratio) for ratio in ratios])
    assert below.verdict == verdict
    above = judged("rate", "bare", "rows/s", at_least(1 / 1.2), [(2.0, 2.0 / ratio) for ratio in ratios])
    assert above.verdict == verdict


@pytest.mark.parametrize(
    ("engine", "ours", "verdict"),
    [
        ([11, 12, 13], 11, "beyond the engine"),
        ([19, 21, 22], 11, "at the engine's limit"),
        ([21, 21, 22], 11, "missed"),
        ([12, 12, 12], 20, "met"),
    ],
)
def test_what_the_engine_alone_misses_as_well_is_not_ours(engine: list[float], ours: float, verdict: str) -> None:
    pairs = [(2.0, 2.0 * ours)]
    alone = judged("rate", "POSTs", "rows/s", TO_COMPARE, [(2.0, 2.0 * ratio) for ratio in engine])
    assert judged("rate", "POSTs", "rows/s", at_least(20), pairs, within_reach=alone).verdict == verdict
    assert not judged("rate", "POSTs", "rows/s", TO_COMPARE, pairs).missed


@pytest.mark.parametrize(("ratio", "verdict"), [(1.5, "met"), (1.28, "met"), (1.72, "met"), (1.2, "missed")])
def test_what_others_measured_is_met_within_a_share_of_it(ratio: float, verdict: str) -> None:
    assert judged("rate", "theirs", "requests/s", about(1.5, 0.15), [(2.0, 2.0 * ratio)]).verdict == verdict


@pytest.mark.parametrize(("ratio", "verdict"), [(1.0, "met"), (0.99, "missed"), (1.01, "missed")])
def test_what_is_counted_is_met_by_itself_alone(ratio: float, verdict: str) -> None:
    assert judged("units", "docs", "units", exactly(1), [(4.0, 4.0 * ratio)]).verdict == verdict
