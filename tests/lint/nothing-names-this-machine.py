#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No file names the machine that it was written on: its package sources, its name, its folders.

What to look for is read from the machine itself; the names of public mirrors are fine.
"""

import os
import re
import socket
from pathlib import Path

from repository import ROOT, files, finish, name

PUBLIC = re.compile(r"(^|\.)(debian|fedoraproject|archlinux|alpinelinux|ubuntu)\.(org|com)$")
CONFIGURATIONS = [
    *Path("/etc/apt").rglob("*"),
    Path("/etc/pip.conf"),
    Path.home() / ".config/pip/pip.conf",
    Path.home() / ".pip/pip.conf",
    Path.home() / ".npmrc",
    Path.home() / ".gitconfig",
]
URL_HOST = re.compile(r"^[^#/]*\b(?:https?|ftp)://(?:[^/@\s\"']*@)?([^/:\s\"';]+)", re.MULTILINE)


def words_of_this_machine() -> set[str]:
    """Host names and folders that mean something only here."""
    found = set()
    for path in CONFIGURATIONS:
        if path.is_file() and path.suffix not in (".gpg", ".asc"):
            found.update(URL_HOST.findall(path.read_text(errors="replace")))
    for variable in ("http_proxy", "https_proxy", "PIP_INDEX_URL", "GOPROXY", "CARGO_REGISTRY"):
        found.update(URL_HOST.findall(os.environ.get(variable, "")))
    found = {host for host in found if "." in host and not PUBLIC.search(host)}
    # A name that is just a word would be found everywhere.
    if len(socket.gethostname()) > 7 and not socket.gethostname().isalpha():
        found.add(socket.gethostname())
    if len(ROOT.parts) > 2:
        found.add(str(ROOT))
    return found


words = words_of_this_machine()
problems = []
for path in files():
    text = path.read_text(errors="replace")
    for word in sorted(words):
        for number, line in enumerate(text.splitlines(), 1):
            if word in line:
                problems.append(f"{name(path)}:{number}: names this machine ('{word}')")
finish(problems)
