"""Names the changes of mutants by function and expression, so that neither layout nor position matter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.mutation.tested_by import path_of

_TOO_SMALL: Final = (ast.Constant, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


class _WithoutTypes(ast.NodeTransformer):
    """Takes out annotations and their imports, which nobody evaluates, and slots and caches, which change no answer."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "slots":
            node.value = ast.Constant(None)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        if node.value is None:
            return node
        return self.generic_visit(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.decorator_list = [one for one in node.decorator_list if "lru_cache" not in ast.unparse(one)]
        return self.generic_visit(node)


def without_types(source: str) -> ast.Module:
    """Return the syntax tree of what a program does."""
    return _WithoutTypes().visit(ast.parse(source))  # type: ignore[no-any-return]  # a module stays one


def expressions_of(module: str) -> set[tuple[str, str]]:
    """Return what a mutant of a module can change: the place (`trades.service.settle`) and its expressions."""
    return set(_expressions(without_types(path_of(module).read_text("utf-8")), module))


def _expressions(node: ast.AST, place: str) -> Iterator[tuple[str, str]]:
    inside = _inside(node, place)
    yield inside, _text(node)
    for child in ast.iter_child_nodes(node):
        yield from _expressions(child, inside)


def smallest_change(was: ast.AST, became: ast.AST, place: str) -> tuple[str, str, str]:
    """Return the function and the smallest part of it that differs and is more than a constant or an operator."""
    before, after = [*ast.iter_child_nodes(was)], [*ast.iter_child_nodes(became)]
    pairs = [pair for pair in zip(before, after, strict=False) if ast.dump(pair[0]) != ast.dump(pair[1])]
    if len(before) == len(after) and len(pairs) == 1 and _can_descend(*pairs[0]):
        smaller = smallest_change(*pairs[0], _inside(was, place))
        if smaller[1]:
            return smaller
    return _inside(was, place), "" if isinstance(was, _TOO_SMALL) else _text(was), _text(became)


def _can_descend(was: ast.AST, became: ast.AST) -> bool:
    return type(was) is type(became) or (isinstance(was, ast.stmt) and isinstance(became, ast.stmt))


def _inside(node: ast.AST, place: str) -> str:
    return f"{place}.{node.name}" if isinstance(node, ast.FunctionDef | ast.ClassDef) else place


def _text(node: ast.AST) -> str:
    """Return the first line of a node, or the decorators of a definition."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return " ".join(f"@{ast.unparse(each)}" for each in node.decorator_list)
    return ast.unparse(node).strip().partition("\n")[0]
