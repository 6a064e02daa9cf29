#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every file that can hold a comment says its license in one of its first three lines."""

from repository import ROOT, files, finish, name

LINE = "SPDX-License-Identifier: LGPL-2.1-or-later"
# Texts, data that tests compare byte by byte, and settings of other tools.
WITHOUT = (".md", ".plan", ".args", ".facts", ".json", ".txt", ".seed")
NAMES = {"COPYING", ".clang-format", ".editorconfig", ".gitignore", "allowed-skips"}

problems = []
for path in files():
    if path.suffix in WITHOUT or path.name in NAMES or path.is_symlink():
        continue
    try:
        head = path.read_text().splitlines()[:3]
    except UnicodeDecodeError:
        problems.append(f"{name(path)}: not a text file")
        continue
    if not any(LINE in line for line in head):
        problems.append(f"{name(path)}: no line '{LINE}' at the top")
if not (ROOT / "COPYING").is_file():
    problems.append("COPYING: missing")
finish(problems)
