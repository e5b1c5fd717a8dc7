"""The torture ends by naming what it found, also where a part itself fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.torture import parts
from tests.torture.__main__ import main
from tests.torture.parts import Done, Result


@pytest.fixture
def two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: float) -> Result:
        raise ValueError("no score:\nnothing to read")

    def finds(_: float) -> Result:
        return Result({"passed": 7}, ["FAILED test_a: it\n  differs"])

    monkeypatch.setattr("tests.torture.__main__.PARTS", {"simulation": (0.5, fails), "durability": (0.0, finds)})


@pytest.mark.usefixtures("two_parts")
def test_what_broke_is_named_at_once_and_in_the_last_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    first = "simulation: did not end: ValueError('no score:\\nnothing to read')"
    second = "durability: FAILED test_a: it differs"
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["simulation, 0 s: {}", first]
    assert lines[-4:] == [second, "Broken: 2", first, second]


def test_the_last_line_says_that_nothing_broke(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.torture.__main__.PARTS", {"fuzzing": (0.5, lambda seconds: Result({"s": seconds}))})
    assert main(["--minutes", "2"]) == 0
    assert capsys.readouterr().out == 'fuzzing, 0 s: {\n "s": 60.0\n}\nNothing broke.\n'


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("print('a'); raise SystemExit('no engine')", "(exit code 1): no engine"),
        ("print('killed'); raise SystemExit(3)", "(exit code 3): killed"),
        ("raise SystemExit(4)", "(exit code 4): it printed nothing"),
    ],
)
@pytest.mark.parametrize("part", [parts.mutation, parts.durability])
def test_a_process_that_fails_is_named_with_its_last_words(
    part: parts.Part, code: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda _, **how: run([sys.executable, "-c", code], **how))
    [broken] = part(1).broken
    assert broken.endswith(reason)


@pytest.mark.parametrize("line", ["SURVIVED  trades.model.a: b -> c", "UNSOUND  trades.model: its tests fail"])
def test_a_mutant_that_survives_is_named(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = "mutants of the domain: 3 mutants, 2 tried: 1 killed, 0 equivalent, 1 survived"
    monkeypatch.setattr(parts, "_python", lambda *_: Done(1, f"{line}\n{figures}\n", ""))
    assert parts.mutation(1).broken == [line]
    monkeypatch.setattr(parts, "_python", lambda *_: Done(0, f"{line}\n{figures}\n", ""))
    assert parts.mutation(1).broken == []


def test_the_minutes_are_shared_out() -> None:
    assert sum(share for share, _ in parts.PARTS.values()) <= 1
