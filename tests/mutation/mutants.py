"""Which mutants there are of a module: cosmic-ray's, less those that differ in nothing a program can see."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

DOMAIN: Final = Path(__file__).resolve().parents[2] / "chalicelib" / "domain"
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
    """One small change to one module, named by the line it changes."""

    module: str
    source: str
    was: str
    became: str

    @property
    def name(self) -> str:
        """What stands in the list of mutants that were argued away."""
        return f"{self.module}: {self.was} -> {self.became}"


def mutants_of(module: str) -> Iterator[Mutant]:
    """Give every mutant of a module of the domain; no two alike."""
    sound = (DOMAIN / f"{module}.py").read_text("utf-8")
    seen = {_meaning(sound)}
    for name in OPERATORS:
        operator: Any = get_operator(f"core/{name}")()
        places = sum(1 for node in ast_nodes(get_ast(sound)) for _ in operator.mutation_positions(node))
        for occurrence in range(places):
            mutated = str(mutate_code(sound, operator, occurrence))
            meaning = _meaning(mutated)
            if meaning not in seen:
                seen.add(meaning)
                yield Mutant(module, mutated, *_changed(sound, mutated))


class _WithoutTypes(ast.NodeTransformer):
    """Takes out annotations, which nobody evaluates, and slots, which save memory and change no answer."""

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "slots":
            node.value = ast.Constant(None)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


def _meaning(source: str) -> str:
    try:
        return ast.dump(_WithoutTypes().visit(ast.parse(source)))
    except SyntaxError:
        return ""


def _changed(sound: str, mutated: str) -> tuple[str, str]:
    lines = [line for line in difflib.ndiff(sound.splitlines(), mutated.splitlines()) if line[:2] in {"- ", "+ "}]
    was = " ".join(line[2:].strip() for line in lines if line[0] == "-")
    return was, " ".join(line[2:].strip() for line in lines if line[0] == "+")
