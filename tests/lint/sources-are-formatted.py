#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""All C files are as clang-format writes them with the .clang-format at the top."""

import re
import shutil
import subprocess
from pathlib import Path

from repository import finish, name, skip, sources

formatter = shutil.which("clang-format")
if not formatter:
    skip("no clang-format")

# One process for all files: starting it is what takes time.
done = subprocess.run(
    [formatter, "--style=file", "--dry-run", *map(str, sources())], check=True, capture_output=True, text=True
)
places = {}
for path, number in re.findall(r"^(.+?):(\d+):\d+: warning: .*-Wclang-format-violations", done.stderr, re.MULTILINE):
    places.setdefault(Path(path), number)
finish([f"{name(path)}:{number}: not formatted (run clang-format -i)" for path, number in places.items()])
