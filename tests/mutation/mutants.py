"""Which mutants there are of a module: cosmic-ray's, less those that differ in nothing a program can see."""

from __future__ import annotations

import ast
import pickle
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator

from tests.mutation.changes import smallest_change, without_types
from tests.mutation.tested_by import are_values, path_of

OPERATORS: Final = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Mul",
    "ReplaceBinaryOperator_Mul_Add",
    "ReplaceBinaryOperator_Mul_FloorDiv",
    "ReplaceBinaryOperator_Pow_Mul",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Eq",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_NotEq",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_LtE_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_Lt_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceFalseWithTrue",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ZeroIterationForLoop",
)
"""Each makes another mistake that people make; cosmic-ray's other ones turn one of these into one as gross."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small change to one module, named by function and expression; `number` tells equal changes in it apart."""

    module: str
    source: str
    place: str
    was: str
    became: str
    number: int = 1

    @property
    def name(self) -> str:
        """The name in the list of equivalent mutants."""
        return f"{self.place}: {self.was} -> {self.became}{f' ({self.number})' if self.number > 1 else ''}"


def sound(module: str) -> Mutant:
    """Give the module as it is."""
    return Mutant(module, path_of(module).read_text("utf-8"), "", "", "")


def mutants_of(module: str) -> Iterator[Mutant]:
    """Return every mutant of a module; no two alike."""
    source = path_of(module).read_text("utf-8")
    sound = without_types(source)
    seen, named = {ast.dump(sound)}, Counter[tuple[str, str, str]]()
    for mutated in _mutated(source):
        with suppress(SyntaxError):
            tree = without_types(mutated)
            if (meaning := ast.dump(tree)) not in seen:
                seen.add(meaning)
                changed = smallest_change(sound, tree, module)
                if "frozen=True" in changed and not are_values(module):
                    continue
                named[changed] += 1
                yield Mutant(module, mutated, *changed, named[changed])


def _mutated(source: str) -> Iterator[str]:
    parsed: Any = get_ast(source)
    copy = pickle.dumps(parsed)  # read again in less time than cosmic-ray parses the module for each mutant
    for name in OPERATORS:
        operator: Any = get_operator(f"core/{name}")()
        places = sum(1 for node in ast_nodes(parsed) for _ in operator.mutation_positions(node))
        for occurrence in range(places):
            with suppress(AttributeError):  # the replacer of exceptions takes none that is written `module.Error`
                tree: Any = MutationVisitor(occurrence, operator).walk(pickle.loads(copy))  # noqa: S301 - made above
                yield tree.get_code()
