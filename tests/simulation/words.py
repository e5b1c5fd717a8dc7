"""Every word in the book was said by somebody, in an order that may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.positions.model import VENUE
from chalicelib.trades.revision import FromFile, Posted, Revision
from chalicelib.trades.rules import CHANGING, Outcome
from tests.simulation.receipts import by_number
from tests.simulation.row_effects import may_turn, row_effect
from tests.simulation.sides import id_of, key_of, sides_of
from tests.simulation.venues import NOT_COUNTED
from tests.simulation.withdrawals import check_withdrawal
from tests.simulation.world import must

if TYPE_CHECKING:
    from tests.simulation.model import Said
    from tests.simulation.sides import Words
    from tests.simulation.world import World


def check_words(words: Sequence[Revision], said: Said, world: World) -> None:
    """Every word on a side was said by somebody, in an order that may be."""
    name, trade_id = words[0].side_id, id_of(key_of(words[0].trade))
    sides = sides_of(trade_id, world.book.words)
    must(len({side[-1].trade.direction for side in sides}) == len(sides), "{} has two sides of one direction", trade_id)
    for number, word in enumerate(words, 1):
        must(word.number == number, "word {} on {} bears the number {}", number, name, word.number)
        must((word.side_id, id_of(key_of(word.trade))) == (name, trade_id), "{} stands on {}", word, name)
        before = words[number - 2] if number > 1 else None
        if isinstance(word.source, Posted):
            by_hand = word.withdrawn_by_hand is not None
            must(not by_hand or name in said.by_hand, "nobody took out {}", name)
            back = number > 2 and words[number - 2].withdrawn and word.trade == words[number - 3].trade
            _check_said(word, before, back or word.withdrawn, said)
        elif number > 2 and words[number - 2].withdrawn and word.source == words[number - 3].source:
            must(word.trade == words[number - 3].trade, "{} was put back as {}", words[number - 3], word)
        else:
            _check_row(word, word.source, before, said, world)
    if words[-1].withdrawn and words[-1].withdrawn_by_hand is None:
        check_withdrawal(words, said, world)


def _check_said(word: Revision, before: Revision | None, as_before: bool, said: Said) -> None:
    """What is posted is new, changes nothing, or says what a statement may say of the word before."""
    if before is not None and as_before:
        must(word.trade == before.trade, "{} turned into {} as it was taken out or put back", before, word)
        return
    at_exchange = word.trade.venue == VENUE
    posted = at_exchange and before is None and word.side == 1 and word.trade in said.posts.get(word.trade.id, ())
    must(posted or said.statements.explains(word, before), "nobody stated {} after {}", word, before)


def _check_row(word: Revision, source: FromFile, before: Revision | None, said: Said, world: World) -> None:
    """A row of a file says what it says, and may."""
    key = key_of(word.trade)
    file = said.content_of(by_number(source.file, world)[source.version])
    line, _ = file.good.get(key, (0, None))
    must(line == source.line, "version {} does not say {}", source.version, word)
    effect = row_effect(key, file, before)
    must(word.trade == effect.trade, "version {} does not say {}, but {}", source.version, word, effect.trade)
    if before is None:
        first = sides_of(id_of(key), world.book.words)[0]
        two = file.self_traded(id_of(key)) or not all(may_turn(file, other) for other in first)
        must(word.side == 1 or two, "a file with one row made {} a self-trade", key)
        return
    turned = word.trade.direction is not before.trade.direction
    must(not turned or may_turn(file, before), "{} was turned, and a file of another feed states it", before)
    must(not source.older_than(before.source), "an older version's word on {} replaced a newer one's", key)
    must(effect.outcome is not Outcome.STALE, "the file that does not lead corrected {}", key)
    must(effect.outcome is not Outcome.CLASHED, "another execution took the id of {}", key)
    must(effect.outcome in CHANGING, "{} was changed by a row that says the same", key)


def was_taken_back(words: Words) -> bool:
    return any(word.trade.state in NOT_COUNTED for word in words)
