#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bash completes every option that is not obsolete, and the words of every option that has some.

Arguments: the boot-tree program.
"""

import os
import subprocess
import sys
from pathlib import Path

import option_table
from repository import ROOT, finish

SCRIPT = r"""
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
_boot_tree
printf '%s\n' "${COMPREPLY[@]}"
"""
COMPLETION = ROOT / "src/completion/boot-tree.bash"
PROGRAM = Path(sys.argv[1]).resolve()


def complete(*words: str) -> set[str]:
    """What bash offers for the last of WORDS; "=" is a word of its own, as bash cuts it."""
    done = subprocess.run(
        ["bash", "-c", SCRIPT, "bash", str(COMPLETION), "boot-tree", *words],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
    )
    return {word.rstrip() for word in done.stdout.splitlines()} - {""}


options = [option for option in option_table.read(str(PROGRAM)) if "obsolete" not in option.flags]
problems = []

offered = complete("--")
expected = {f"--{o.name}" + ("=" if o.argument == "required" else "") for o in options if o.name}
problems += [f"{label}: is not offered" for label in expected - offered]
problems += [f"{label}: is offered, but no option" for label in offered - expected]

for option in options:
    if option.argument == "none" or not option.values:
        continue
    words = complete(option.label, "=", "")
    if words != set(option.values):
        problems.append(f"{option.label}=: offers {sorted(words)}, takes {sorted(option.values)}")
    word = option.values[0]
    if word not in complete(option.label, "=", word[:1]):
        problems.append(f"{option.label}={word[:1]}: does not offer '{word}'")

if "--boot" in complete("-D", "/", "command", "--"):
    problems.append("options are offered behind the command")
if "--setenv=" not in complete("cat", "web", "--set") or "--json" not in complete("cat", "--j"):
    problems.append("options of a start, and its own, are not offered behind 'cat'")
shown = subprocess.run([str(PROGRAM), "help"], check=True, capture_output=True, text=True).stdout
verbs = {line.split()[0] for line in shown.split("Verbs:\n")[1].split("\n\n")[0].splitlines()}
problems += [f"{verb}: is not offered, or no verb" for verb in verbs ^ complete("")]
if "list" not in complete("li") or "list" in complete("-q", "li"):
    problems.append("verbs are not offered exactly as the first word")
finish(problems)
