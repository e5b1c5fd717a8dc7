"""The results of the last torture as a page: promises, what was tried against them, and what is known to be open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
RESULTS: Final = DOCS / "torture.json"
PAGE: Final = DOCS / "reliability.md"

PROMISES: Final = (
    (
        "A trade is booked once",
        "tests/simulation, tests/durability/test_at_once.py, tests/trades/test_dynamodb_faults.py",
    ),
    (
        "A trade and its position are one write",
        "tests/simulation (after every step), tests/durability/test_kill_sweep.py",
    ),
    (
        "Nothing is lost and nothing is silent",
        "tests/simulation, tests/durability, tests/imports/test_hostile_files.py",
    ),
    (
        "The database decides, never an earlier read",
        "tests/durability/test_at_once.py, tests/imports/test_disorder.py",
    ),
    ("Late means told, once", "tests/simulation, tests/imports/test_polling.py, tests/notices/test_dynamodb.py"),
    ("Nobody sees what is not theirs", "tests/simulation (random readers), tests/api/test_roles.py"),
)
LIMITS: Final = (
    (
        "The simulation replaces the adapters by the fakes of the contract suite; DynamoDB's own behaviour is tried on "
        "the durable engine, in `tests/durability` and `tests/*/test_dynamodb*.py`."
    ),
    (
        "Its files have a few rows, in windows of three, and the transactions of a run go one after another; many at "
        "once are tried on the durable engine."
    ),
    "Of the 48 polls of a day it makes about two, one of them often at 08:00 sharp.",
    (
        "A notice is sent at least once: a run that dies after SNS took it and before that is noted, or that sleeps "
        "past its claim of a minute, lets it be sent again. The simulation allows exactly that."
    ),
    (
        "A full disk is played by the kernel, which lets the engine's files grow no further; a real one was tried by "
        "hand, and the engine says the same."
    ),
    (
        "The clock of a whole machine is moved in Python alone, in processes of their own: the engine keeps the right "
        "time, and so does what is written in C. An import whose clock is ahead and that dies keeps others out for as "
        "long as it was ahead."
    ),
    (
        "The local server keeps 900 connections, each at most a minute on one request: who opens more keeps others "
        "waiting that long. On AWS that is the gateway's."
    ),
    "A client that never hears an answer may have booked; it finds out by asking again.",
    "Index reads on AWS lag a moment; neither the fakes nor the local engine do.",
)


def render(results: Mapping[str, Any]) -> str:
    """Give the page in Markdown."""
    return "\n".join([*_head(results), *_score(results), *_faults(results), *_defects(results), *_tail()])


def _head(results: Mapping[str, Any]) -> Iterator[str]:
    yield "# How far Voltbook can be relied on"
    yield ""
    yield "Written by `make torture` from what it found; not by hand."
    yield ""
    yield "| promise | held by |"
    yield "|---|---|"
    yield from (f"| {promise} | {tests} |" for promise, tests in PROMISES)
    yield ""
    broken = [one for part in results.values() for one in part["broken"]]
    yield f"**What broke: {'; '.join(broken) or 'nothing'}.**"
    yield ""
    yield "| part | run on | seconds |"
    yield "|---|---|---|"
    yield from (f"| {name} | {part['at']} | {part['seconds']} |" for name, part in results.items())
    yield ""


def _score(parts: Mapping[str, Any]) -> Iterator[str]:
    yield "## The scorecard"
    yield ""
    yield "| tried | figure |"
    yield "|---|---|"
    for name, rows in _ROWS.items():
        if name in parts:
            yield from (f"| {tried} | {figure} |" for tried, figure in rows(parts[name]))
    yield ""


def _simulation(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "days simulated", f"{found['days']:,}"
    yield "calls between which a fault could happen", f"{found['calls']:,}"
    yield "faults injected", f"{sum(found['faults'].values()):,}"
    for name, times in found["tried"].items():
        yield name, f"{times:,}"


def _mutation(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for group in ("domain", "services"):
        one = found[group]
        ended = ", ".join(f"{one[name]} {name}" for name in ("killed", "equivalent", "survived"))
        yield f"mutants of the {group}", f"{one['mutants']}, of which {one['tried']} tried: {ended}"


def _fuzzing(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, one in found.items():
        if isinstance(one, dict):
            grown = f"coverage {one['coverage from']} -> {one['coverage to']}"
            yield f"fuzzing of the {name}", f"{one['executions']:,} executions, {grown}"


def _hostile(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "tests of hostile requests", f"{found['requests']['passed']} passed"
    if "sockets" in found:
        yield "tests of hostile sockets, one of 10,000 requests in a row", f"{found['sockets']['passed']} passed"
    yield "tests of hostile files and of the seeds of the fuzzer", f"{found['files']['passed']} passed"


def _durability(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "tests of faults, races and histories on the durable engine", f"{found['passed']} passed"


def _kills(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "processes killed before and after every call to AWS, and run again", f"{found['kill points']:,}"
    yield "pairs of kills, one in the second run", f"{found['pairs']:,}"


def _seeded_bugs(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "seeded bugs caught", f"{found['caught']} of {found['seeded']}"


_ROWS: Final[dict[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, object]]]]] = {
    "simulation": _simulation,
    "process kills": _kills,
    "durability": _durability,
    "seeded bugs": _seeded_bugs,
    "mutation": _mutation,
    "hostile input": _hostile,
    "fuzzing": _fuzzing,
}


def _faults(parts: Mapping[str, Any]) -> Iterator[str]:
    faults = parts.get("simulation", {}).get("faults", {})
    if faults:
        yield "## Faults injected by the simulation"
        yield ""
        yield "| fault | times |"
        yield "|---|---|"
        yield from (f"| {name} | {times:,} |" for name, times in faults.items())
        yield ""


def _defects(parts: Mapping[str, Any]) -> Iterator[str]:
    noticed = parts.get("seeded bugs", {}).get("by", {})
    if noticed:
        yield "## Bugs seeded in a copy of the code, and which test caught them"
        yield ""
        yield "| defect | noticed by |"
        yield "|---|---|"
        yield from (f"| {name} | {who} |" for name, who in noticed.items())
        yield ""


def _tail() -> Iterator[str]:
    yield "## Limits known"
    yield ""
    yield from (f"- {limit}" for limit in LIMITS)
    yield ""
    yield "## To run it again"
    yield ""
    yield "```"
    yield "make torture MINUTES=30                        # everything, and this page anew"
    yield "python -m tests.simulation --seed N            # one history, as a failing run names it"
    yield "python -m tests.simulation --days 100000       # as many days as you like"
    yield "python -m tests.durability --seconds 600       # kills, then pairs of kills for ten minutes"
    yield "python -m tests.seeded_bugs WORD               # the bugs whose name or file holds a word"
    yield "python -m tests.mutation imports.service    # the mutants of one module"
    yield "python -m tests.fuzz --seconds 60              # each reader of bytes for a minute"
    yield "```"
    yield ""
