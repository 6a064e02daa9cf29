#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each folder of src/ includes only the layers that the map in src/README.md allows."""

import re

from repository import ROOT, finish, name, sources

BELOW_CONTAINER = {"base", "sys", "config", "plan", "image", "bus"}
# Folder: folders and single headers that it may include besides itself.
ALLOWED = {
    "stub": set(),
    "base": set(),
    "sys": {"base"},
    "config": {"base"},
    "plan": {"base", "config"},
    "image": {"base", "sys", "config", "plan/facts.h"},
    "bus": {"base", "sys", "plan"},
    "container": BELOW_CONTAINER | {"stub/image.h"},
    "control": BELOW_CONTAINER | {"container"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

problems = []
for path in sources("src"):
    layer = path.relative_to(ROOT / "src").parts[0]
    if path.parent == ROOT / "src":
        continue  # main.c and what belongs to it may include everything
    if layer not in ALLOWED:
        problems.append(f"{name(path)}: the folder '{layer}' is not in the table of layers")
        continue
    for header in INCLUDE.findall(path.read_text()):
        folder = header.split("/")[0]
        if "/" not in header:
            problems.append(f"{name(path)}: '{header}' is not written with its folder")
        elif folder != layer and not {folder, header} & ALLOWED[layer]:
            problems.append(f"{name(path)}: {layer}/ may not include '{header}'")
finish(problems)
