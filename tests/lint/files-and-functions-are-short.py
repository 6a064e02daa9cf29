#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file has at most 500 lines, a header 150, a function 60, a line of C 100 columns.

Only literals may be longer: the formatter leaves them whole, so that messages can be searched for.
"""

import re

from repository import files, finish, name, sources

FILE_LINES, HEADER_LINES, FUNCTION_LINES, COLUMNS = 500, 150, 60, 100
# With our format a definition starts in the first column and ends with "}" alone.
SIGNATURE = re.compile(r"^[A-Za-z_].*\(|^static .*\(")


def functions(lines: list[str]):
    """Yields (first line, name, number of lines) of each function."""
    start = None
    for number, line in enumerate(lines, 1):
        if SIGNATURE.match(line) and not line.endswith(";"):
            start = number
        if line == "}" and start:
            found = re.search(r"(\w+)\(", lines[start - 1])
            yield start, found.group(1) if found else "?", number - start + 1
            start = None
        elif line.startswith("}"):
            start = None


problems = []
for path in files(".c", ".h", ".py", ".build", ".bash"):
    limit = HEADER_LINES if path.suffix == ".h" else FILE_LINES
    n_lines = len(path.read_text().splitlines())
    if n_lines > limit:
        problems.append(f"{name(path)}: {n_lines} lines, {limit} are allowed")
for path in sources():
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS and '"' not in line:
            problems.append(f"{name(path)}:{number}: {len(line)} columns, {COLUMNS} are allowed")
    for number, function, n_lines in functions(lines):
        if n_lines > FUNCTION_LINES:
            problems.append(
                f"{name(path)}:{number}: {function}() has {n_lines} lines, "
                f"{FUNCTION_LINES} are allowed"
            )
finish(problems)
