#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No object but base/log has variables that outlive a function and can be written.

Arguments: the build folder. Tables of pointers are written once, by the dynamic linker, and are in
.data.rel.ro.
"""

import re

from object_files import objects, symbols
from repository import finish

ALLOWED = {"base/log"}
MUTABLE = re.compile(r"^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)")
CONSTANT = re.compile(r"^\.data\.rel\.ro")

problems = []
for source, path in objects():
    for flags, section, symbol in symbols(path):
        if "O" not in flags or not MUTABLE.match(section) or CONSTANT.match(section):
            continue
        if source not in ALLOWED:
            problems.append(f"src/{source}.c: the variable '{symbol}' can be written ({section})")
finish(problems)
