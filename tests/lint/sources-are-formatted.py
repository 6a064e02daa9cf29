#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All C files are as clang-format writes them with the .clang-format at the top."""

import shutil
import subprocess

from repository import finish, name, skip, sources

formatter = shutil.which("clang-format")
if not formatter:
    skip("no clang-format")

problems = []
for path in sources():
    text = path.read_text()
    formatted = subprocess.run(
        [formatter, "--style=file", str(path)], check=True, capture_output=True, text=True
    ).stdout
    for number, (ours, theirs) in enumerate(zip(text.splitlines(), formatted.splitlines()), 1):
        if ours != theirs:
            problems.append(f"{name(path)}:{number}: not formatted (run clang-format -i)")
            break
    else:
        if text != formatted:
            problems.append(f"{name(path)}: not formatted (run clang-format -i)")
finish(problems)
