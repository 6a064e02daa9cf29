#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A row of the option table whose parser makes another type than its field has does not compile.

Arguments: the compiler's command.
"""

import subprocess
import sys

from repository import ROOT, finish

TABLE = (ROOT / "src/config/options.c").read_text()
# Each swaps the field of one row for another field of nearly the same type.
MISTAKES = {
    "bool for an enum": ("BOOL(read_only)", "BOOL(console_mode)"),
    "one enum for another": ("CHOICE(value_dry_run, dry_run)", "CHOICE(value_dry_run, ownership)"),
    "a list for a text": ("VALUE(value_hostname, hostname)", "VALUE(value_hostname, words)"),
    "a flag that is no Tristate": ("GIVEN(boottime_is_set)", "GIVEN(quiet)"),
}


def compiles(text: str) -> bool:
    """Whether TEXT compiles in place of the option table."""
    command = [*sys.argv[1:], "-std=gnu17", "-D_GNU_SOURCE", "-fsyntax-only", "-x", "c"]
    command += [f"-I{ROOT}/src", "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True).returncode == 0


problems = []
if not compiles(TABLE):
    problems.append("src/config/options.c does not compile by itself")
for mistake, (right, wrong) in MISTAKES.items():
    if right not in TABLE:
        problems.append(f"src/config/options.c has no '{right}' to try '{mistake}' with")
    elif compiles(TABLE.replace(right, wrong)):
        problems.append(f"{mistake}: compiles")
finish(problems)
