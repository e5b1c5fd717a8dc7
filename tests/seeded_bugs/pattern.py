"""Patterns of Python code, matched on its syntax tree: layout, comments and the place in a file do not matter.

In a pattern `A` to `Z` each match one expression, the same one where repeated. `AS` to `ZS` match any number of
operands, elements or statements, or all other arguments of a call. A replacement refers to what they matched.
`X = A` also matches an annotated assignment.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

Match = dict[str, list[ast.AST]]


def replace_pattern(root: ast.AST, old: str, new: str) -> int:
    """Replace each part of the tree that matches the pattern; return how many there are."""
    pattern: list[Any] = ast.parse(old).body
    replacement: list[Any] = ast.parse(new).body
    if all(len(part) == 1 and isinstance(part[0], ast.Expr) for part in (pattern, replacement)):
        pattern, replacement = [pattern[0].value], [replacement[0].value]
    found = list(_places(root, pattern))
    for owner, field, start, match in found:
        value = getattr(owner, field)
        filled = [part for node in copy.deepcopy(replacement) for part in _filled(node, match)]
        if isinstance(value, list):
            value[start : start + len(pattern)] = filled
            setattr(owner, field, value or [ast.Pass()])
        else:
            setattr(owner, field, *filled)
    return len(found)


def definition(root: ast.AST, name: str) -> ast.AST:
    """Return the class or function of a qualified name (`Identity.may_read`), or nothing; without a name the root."""
    for part in filter(None, name.split(".")):
        inside = (node for node in ast.walk(root) if getattr(node, "name", None) == part)
        root = next(inside, ast.Module([], []))
    return root


def _places(root: ast.AST, pattern: Sequence[ast.AST]) -> Iterator[tuple[ast.AST, str, int, Match]]:
    for owner in ast.walk(root):
        for field, value in ast.iter_fields(owner):
            nodes = value if isinstance(value, list) else [value]
            for start in range(len(nodes) - len(pattern) + 1):
                if (match := _match_all(pattern, nodes[start : start + len(pattern)], {})) is not None:
                    yield owner, field, start, match


def _match(pattern: Any, node: Any, match: Match) -> Match | None:
    if (name := _variable(pattern, "[A-Z]")) and isinstance(node, ast.expr):
        return _match(match[name][0], node, match) if name in match else {**match, name: [node]}
    if isinstance(pattern, list) and isinstance(node, list):
        return _match_all(pattern, node, match)
    if isinstance(pattern, ast.Assign) and isinstance(node, ast.AnnAssign) and node.value:
        node = ast.Assign([node.target], node.value)
    if type(pattern) is not type(node):
        return None
    if isinstance(pattern, ast.AST):
        return _match_all(_parts(pattern), _parts(node), match)
    return match if pattern == node else None


def _parts(node: ast.AST) -> list[Any]:
    if isinstance(node, ast.Call):
        return [node.func, *node.args, *node.keywords]
    return [getattr(node, field) for field in node._fields if field not in {"ctx", "kind", "type_comment"}]


def _match_all(patterns: Sequence[Any], nodes: Sequence[Any], match: Match) -> Match | None:
    if not patterns:
        return None if nodes else match
    if not (name := _variable(patterns[0], "[A-Z]S")):
        inner = _match(patterns[0], nodes[0], match) if nodes else None
        return None if inner is None else _match_all(patterns[1:], nodes[1:], inner)
    for length in range(len(nodes) + 1):
        rest = _match_all(patterns[1:], nodes[length:], {**match, name: [*nodes[:length]]})
        if rest is not None:
            return rest
    return None


def _variable(pattern: Any, form: str) -> str:
    within = isinstance(pattern, ast.Expr) or (isinstance(pattern, ast.keyword) and pattern.arg is None)
    node = pattern.value if within else pattern
    return node.id if isinstance(node, ast.Name) and re.fullmatch(form, node.id) else ""


def _filled(node: Any, match: Match) -> list[Any]:
    """Return what the replacement's node becomes: one node, or any number for `AS`."""
    if (name := _variable(node, "[A-Z]S?")) in match:
        return copy.deepcopy(match[name])
    for field, value in ast.iter_fields(node) if isinstance(node, ast.AST) else ():
        if isinstance(value, list):
            setattr(node, field, [filled for part in value for filled in _filled(part, match)])
        else:
            setattr(node, field, *_filled(value, match))
    if isinstance(node, ast.Call):
        arguments = [*node.args, *node.keywords]
        node.args = [each for each in arguments if isinstance(each, ast.expr)]
        node.keywords = [each for each in arguments if isinstance(each, ast.keyword)]
    return [node]
