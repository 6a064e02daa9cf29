#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each name that a Python file uses is defined or imported there, and each name it imports is used.

Scopes are not looked at: a name that is defined anywhere in the file counts. That is enough to find what is left when
two changes to the imports meet, before a test fails of it in the middle of a long run.
"""

import ast
import builtins

from repository import files, finish, name

ALWAYS = {*dir(builtins), "__file__", "__name__"}


def imported(tree: ast.Module) -> dict[str, int]:
    """The imported names, with their lines."""
    statements = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {
        (alias.asname or alias.name).split(".")[0]: node.lineno
        for node in statements
        for alias in node.names
    }


def defined(tree: ast.Module) -> set[str]:
    """All other names that the file gives something."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


problems = []
for path in files(".py"):
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    used = {node.id: node.lineno for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = imported(tree)
    known = ALWAYS | defined(tree) | imports.keys()
    problems += [f"{name(path)}:{used[word]}: '{word}' is not defined" for word in used.keys() - known]
    problems += [
        f"{name(path)}:{imports[word]}: '{word}' is imported and not used"
        for word in imports.keys() - used.keys()
    ]
finish(sorted(problems))
