"""Every row of every version that came to its end is accounted for, as the book bears out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.feeds.file_change import ChangeKind
from chalicelib.feeds.file_day import FileDay
from chalicelib.feeds.receipt import BOOKED_STATES, FileState, Receipt
from chalicelib.trades.revision import FromFile, Revision
from chalicelib.trades.rules import Outcome
from tests.simulation.delivered import executed_on
from tests.simulation.holding import fewer
from tests.simulation.receipts import IN_THE_BOOK, WHICH, by_number, changes_of_the_run, quarantined
from tests.simulation.row_effects import current_of, row_effect
from tests.simulation.sides import Key, id_of, met, sides_of
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.delivered import Delivered
    from tests.simulation.model import Said
    from tests.simulation.world import World

Place = tuple[FileDay, int, int]
"""File, version and line of a row."""
BY_WEIGHT = (Outcome.ALREADY_THERE, Outcome.ENRICHED, Outcome.BOOKED, Outcome.CORRECTED)
"""Of the two sides of one line, the outcome that weighs more counts."""


def check_receipts(file: FileDay, said: Said, world: World) -> None:
    """Every row of every version that came to its end is accounted for, as the book bears out."""
    before: Receipt | None = None
    for number in sorted(receipts := by_number(file, world)):
        receipt = receipts[number]
        content = said.content_of(receipt)
        accepted = receipt.accepted_at is None or (file, receipt.sha256) in said.accepting
        must(accepted, "version {} of {} is accepted by nobody", number, file)
        if receipt.state in BOOKED_STATES:
            confirmed = (file, number) in said.confirming
            short = fewer(content, before) and not confirmed
            must(not short, "version {} of {} is far shorter, and nobody confirmed", number, file)
            _check_booked(receipt, content, before, world)
        elif receipt.state is not FileState.IMPORTING:
            _check_stopped(receipt, content)
        if receipt.state in IN_THE_BOOK:
            before = receipt


def check_imported(receipt: Receipt, said: Said, world: World) -> None:
    """To import a file once more, just after its import, would change nothing."""
    content, kept = said.content_of(receipt), quarantined(receipt, world)
    for key, (line, _) in content.good.items():
        if line not in kept:
            current = current_of(key, content, world.book.words)
            outcome = row_effect(key, content, current).outcome
            must(outcome in {Outcome.ALREADY_THERE, Outcome.STALE}, f"{WHICH} left {{1}} {{2}}", receipt, key, outcome)


def _check_booked(receipt: Receipt, file: Delivered, before: Receipt | None, world: World) -> None:
    must(receipt.rows == file.rows, f"{WHICH} counts {{0.rows}} rows of {{1}}", receipt, file.rows)
    must(receipt.accounted_for, f"{WHICH} does not account for every row: {{0}}", receipt)
    kept = quarantined(receipt, world)
    bad = len(kept)
    must(receipt.quarantined == bad, f"{WHICH} counts {{0.quarantined}} bad rows of {{1}}", receipt, bad)
    state = FileState.PROVISIONAL if bad and receipt.accepted_at is None else FileState.IMPORTED
    must(receipt.state is state, f"{WHICH} is {{0.state}}", receipt)
    must(not file.fault and not file.rejected, f"{WHICH} booked what cannot be used", receipt)
    must(kept >= file.bad, f"{WHICH} quarantines lines {{1}}, not {{2}}", receipt, kept, file.bad)
    _check_clashes(receipt, file, kept, world)
    repeated = file.repeated if file.again is None or file.good[file.again][0] not in kept else 0
    certain, of_lines = True, dict[int, Outcome]()
    for key, (line, _) in file.good.items():
        if line in kept:
            continue
        outcome, sure = _outcome((receipt.file, receipt.version, line), key, file, world, receipt.imported_at)
        of_lines[line] = max(of_lines.get(line, outcome), outcome, key=BY_WEIGHT.index)
        certain = certain and sure
    if certain:
        _check_counts(receipt, list(of_lines.values()), repeated)
        # A line of which one side clashes is quarantined, whatever became of the other.
        changes = [one for one in changes_of_the_run(receipt, world) if one.line not in kept]
        kinds = [one.kind for one in changes]
        lines = {one.line for one in changes if one.kind in _CORRECTING}
        corrected = sum(kinds.count(kind) for kind in _CORRECTING) if file.turns else len(lines)
        must(corrected == receipt.corrected, f"{WHICH} names {{1}} corrected of {{0.corrected}}", receipt, corrected)
    turned = not file.turns  # a side that a row turned is missing, also from a first version
    must(before is not None or turned or not receipt.withdrawn, f"{WHICH} withdraws and follows nothing", receipt)


_CORRECTING = (ChangeKind.CORRECTED, ChangeKind.RESTORED)


def _check_counts(receipt: Receipt, outcomes: list[Outcome], repeated: int) -> None:
    enriched = outcomes.count(Outcome.ENRICHED)
    got = (receipt.booked, receipt.corrected, receipt.already_there, receipt.enriched)
    meant = (
        outcomes.count(Outcome.BOOKED),
        outcomes.count(Outcome.CORRECTED),
        outcomes.count(Outcome.ALREADY_THERE) + enriched + repeated,
        enriched,
    )
    says = f"{WHICH} counts {{1}} booked, corrected, already there and enriched; the book says {{2}}"
    must(got == meant, says, receipt, got, meant)


def _check_clashes(receipt: Receipt, file: Delivered, kept: set[int], world: World) -> None:
    """A good row is in quarantine only if its id is another execution's."""
    clashing: dict[int, bool] = {}
    for key, (line, trade) in file.good.items():
        if line in kept:
            words = [word for side in sides_of(id_of(key), world.book.words) for word in side]
            others = any(executed_on(word.trade) != executed_on(trade) for word in words)
            clashing[line] = clashing.get(line, False) or others
    must(all(clashing.values()), f"{WHICH} quarantines {{1}}, whose ids are not in use", receipt, clashing)


def _outcome(row: Place, key: Key, file: Delivered, world: World, ended: str | None) -> tuple[Outcome, bool]:
    """What the book says became of a row, and whether it can only be that: later words may have hidden it."""
    sides = sides_of(id_of(key), world.book.words)
    own = [word for side in sides for word in side if _place_of(word) == row]
    if not file.turns:  # both sides may stand on one line
        own = [word for word in own if word.trade.direction is key.direction]
    words = next((side for side in sides if own and own[0] in side), met(key, world.book.words) or ())
    later = bool(words) and words[-1].number > 1 and _place_of(words[-1]) != row
    if not own:
        return Outcome.ALREADY_THERE, not later
    # The same file may come again after its run, which then changes what was stated meanwhile.
    of_the_run = ended is None or own[0].recorded_at <= ended
    before = words[own[0].number - 2] if own[0].number > 1 else None
    if before is None:
        outcome = Outcome.BOOKED
    else:
        enriched = row_effect(key, file, before).outcome is Outcome.ENRICHED
        outcome = Outcome.ENRICHED if enriched else Outcome.CORRECTED
    return outcome, len(own) == 1 and of_the_run and not later


def _place_of(word: Revision) -> Place | None:
    source = word.source
    return (source.file, source.version, source.line) if isinstance(source, FromFile) else None


def _check_stopped(receipt: Receipt, file: Delivered) -> None:
    if receipt.state is FileState.WAITING:
        must(file.fault == "cut", f"{WHICH} waits for a whole file that is there", receipt)
    elif receipt.state is FileState.REJECTED:
        must(file.fault == "garbage" or file.rejected, f"{WHICH} rejected a good file", receipt)
    else:
        must(not file.fault and not file.rejected, f"{WHICH} holds a file that cannot be used", receipt)
