# SPDX-License-Identifier: LGPL-2.1-or-later
"""The symbol tables of what was built from src/."""

import subprocess
import sys
from pathlib import Path

from repository import finish


def objects() -> list[tuple[str, Path]]:
    """(layer/file, object) of every object below the src/ of the build folder in argv[1]."""
    found = []
    for path in sorted((Path(sys.argv[1]) / "src").rglob("*.o")):
        # src/base/libbase.a.p/arena.c.o; src/boot-tree.p/main.c.o
        folder = path.parent.parent
        layer = folder.name if folder.name != "src" else "main"
        source = path.name.removesuffix(".o").removesuffix(".c")
        # With a source from another folder meson writes the path into the name, with underscores.
        found.append((f"{layer}/{source}", path))
    if not found:
        finish([f"no objects below '{sys.argv[1]}/src': was it built?"])
    return found


def symbols(path: Path) -> list[tuple[str, str, str]]:
    """(flags, section, name) of every symbol of the object PATH, as objdump -t shows them."""
    table = subprocess.run(["objdump", "-t", str(path)], check=True, capture_output=True, text=True)
    found = []
    for line in table.stdout.splitlines():
        # "0000000000000000 l     O .bss   0000000000000008 current_sink"
        head, _, tail = line.partition("\t")
        if not tail or len(head) < 24:
            continue
        found.append((head[17:24], head[25:].strip(), tail.split()[-1]))
    return found
