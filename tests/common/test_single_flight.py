"""Simultaneous calls of one key are one."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from chalicelib.common.single_flight import SingleFlight


class Key:
    """A key that reports each look-up, which happens when a call has joined."""

    def __init__(self) -> None:
        self.looked_up = threading.Semaphore(0)

    def __hash__(self) -> int:
        self.looked_up.release()
        return 1

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass
class Gate:
    """Work that runs until it is opened."""

    error: Exception | None = None
    runs: int = 0

    def __post_init__(self) -> None:
        self.opened = threading.Event()

    def __call__(self) -> int:
        self.runs += 1
        assert self.opened.wait(30)
        if self.error is not None:
            raise self.error
        return self.runs


def together(pool: ThreadPoolExecutor, flight: SingleFlight[int], gate: Gate, calls: int) -> list[Future[int]]:
    """Start so many calls of one key; all have joined when this returns."""
    key = Key()
    started = [pool.submit(flight.run, key, gate) for _ in range(calls)]
    for _ in range(calls):
        assert key.looked_up.acquire(timeout=30)
    return started


def test_calls_at_once_work_once_and_all_receive_the_result() -> None:
    gate = Gate()
    with ThreadPoolExecutor(20) as pool:
        calls = together(pool, SingleFlight(), gate, 20)
        gate.opened.set()
        assert {call.result() for call in calls} == {1}
    assert gate.runs == 1


def test_an_exception_reaches_all_and_is_not_kept() -> None:
    gate, flight = Gate(ValueError("wrong")), SingleFlight[int]()
    with ThreadPoolExecutor(20) as pool:
        calls = together(pool, flight, gate, 20)
        gate.opened.set()
        for call in calls:
            with pytest.raises(ValueError, match="wrong"):
                call.result()
        gate.error = None
        assert together(pool, flight, gate, 1)[0].result() == 2


def test_keys_do_not_wait_for_each_other() -> None:
    gate, flight = Gate(), SingleFlight[int]()
    with ThreadPoolExecutor(1) as pool:
        [running] = together(pool, flight, gate, 1)
        assert flight.run("another", lambda: 7) == 7
        gate.opened.set()
        assert running.result() == 1


def test_a_call_after_the_end_works_again() -> None:
    flight = SingleFlight[int]()
    results = iter(range(3))
    assert [flight.run("key", lambda: next(results)) for _ in range(3)] == [0, 1, 2]
