# SPDX-License-Identifier: LGPL-2.1-or-later
"""The option table as boot-tree --dump-options shows it."""

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One line; empty fields are empty."""

    name: str
    letter: str
    argument: str  # none, optional, required
    metavar: str
    key: str
    flags: tuple[str, ...]
    values: tuple[str, ...]
    group: str
    help: str

    @property
    def label(self) -> str:
        """How users write it: --name, or -X if it has no long name."""
        return f"--{self.name}" if self.name else f"-{self.letter}"


def read(program: str) -> list[Option]:
    """All options of the program at the path PROGRAM."""
    dump = subprocess.run([program, "--dump-options"], check=True, capture_output=True, text=True)
    options = []
    for line in dump.stdout.splitlines():
        fields = ["" if field == "-" else field for field in line.split("\t")]
        name, letter, argument, metavar, key, flags, values, group, text = fields[:9]
        words = tuple(flags.split()), tuple(values.split())
        options.append(Option(name, letter, argument, metavar, key, *words, group, text))
    return options
