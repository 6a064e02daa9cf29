# SPDX-License-Identifier: LGPL-2.1-or-later
"""Some 180 dangerous operations, tried by a payload and by a service of a booted system: what they may do is written
down, and it is never more than systemd-nspawn lets its own do.

probe.table holds the verdicts under all tools as they were seen last; what another tool allows may differ elsewhere. To
write it anew after a change that is meant, reading the difference afterwards:

    BOOT_TREE_UPDATE_PROBE=1 tests/run system -k probe"""

import contextlib
import ctypes
import os
import platform
import socket
import subprocess
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import peers

SOURCES = Path(__file__).parent / "payload" / "probe"
TABLE = Path(__file__).parent / "probe.table"
OURS = {"boot-tree": [], "nesting": ["--nesting"], "no-users": ["--private-users=no"]}
# Who of the others does it under the same conditions.
PAIRS = [("boot-tree", "nspawn_users"), ("nesting", "nspawn_users"), ("no-users", "nspawn")]
# Behind the name of a tool: a system that runs the probe as its one service, and not a plain payload.
SERVICE = "/service"
COLUMNS = [*OURS, *peers.TOOLS]
WORDS = {"allowed": "yes", "denied": "no", "absent": "-"}

UNIT = """
[Unit]
SuccessAction=poweroff
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/probe
StandardOutput=truncate:/probe.out
"""
BOOT = ["systemd.unit=probe.service"]

_ADD_KEY, _KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
_JOIN_SESSION, _SESSION = 1, -3
# What the probe finds of it.
BAIT = ("leak-session-key", "leak-abstract-socket")


@pytest.fixture(scope="module")
def tree(tree_cache):
    """A tree with the probe in it."""
    path = tree_cache.copy("trixie")
    sources = sorted(SOURCES.glob("*.c"))
    flags = ["-static", "-O1", "-Wall", "-Wextra", "-Wno-missing-field-initializers"]
    subprocess.run(["gcc", *flags, "-o", path / "probe", *sources], check=True, capture_output=True)
    (path / "etc/systemd/system/probe.service").write_text(UNIT, encoding="ascii")
    yield path
    bare_bed.paths.remove_tree(path)


@contextlib.contextmanager
def bait():
    """What must not get inside: a key of the session, a socket that has no file."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(_KEYCTL, _JOIN_SESSION, None) > 0
    assert libc.syscall(_ADD_KEY, b"user", b"boot-tree-probe", b"x", ctypes.c_size_t(1), _SESSION) > 0
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0boot-tree-probe")
        listener.listen(16)
        yield


def verdicts(output: str) -> dict[str, str]:
    """What the probe says of each operation: allowed, denied or absent."""
    found = {line.split()[0]: line.split()[1] for line in output.splitlines() if line.strip()}
    assert len(found) > 170, output
    return found


def allowed(found: dict[str, str]) -> set[str]:
    return {name for name, verdict in found.items() if verdict == "allowed"}


def try_everywhere(tree: Path) -> dict[str, dict[str, str]]:
    """The verdicts under every tool, by its name."""
    program, found, output = bare_bed.Bare(), {}, tree / "probe.out"
    for name, options in OURS.items():
        words = ["-q", "-D", tree, "-M", bare_bed.new_name("probe"), *options]
        found[name] = verdicts(program.run(*words, "/probe", timeout=60).check().stdout)
        program.run(*words, "-b", *BOOT, timeout=60).check()
        found[name + SERVICE] = verdicts(output.read_text(encoding="ascii"))
        output.unlink()
    for name in peers.TOOLS:
        found[name] = verdicts(peers.run(name, tree, "/probe").check().stdout)
    for name in peers.INITS:
        peers.run(name, tree, *BOOT, boots=True).check()
        found[name + SERVICE] = verdicts(output.read_text(encoding="ascii"))
        output.unlink()
    return found


@pytest.fixture(scope="module")
def seen(tree):
    with bait():
        outside = subprocess.run([tree / "probe", *BAIT], check=True, capture_output=True, text=True).stdout
        assert outside.split() == [word for name in BAIT for word in (name, "allowed")]
        found = try_everywhere(tree)
    if os.environ.get("BOOT_TREE_UPDATE_PROBE"):
        write_table(found)
    return found


def write_table(found) -> None:
    lines = ["# SPDX-License-Identifier: LGPL-2.1-or-later"]
    lines.append("# payload/service, or both".ljust(32) + "".join(column.rjust(14) for column in COLUMNS))
    for name in found["boot-tree"]:
        cells = []
        for column in COLUMNS:
            payload = WORDS[found[column][name]]
            service = WORDS[found.get(column + SERVICE, found[column])[name]]
            cells.append((payload if payload == service else f"{payload}/{service}").rjust(14))
        lines.append(name.ljust(32) + "".join(cells))
    TABLE.write_text("\n".join(lines) + "\n", encoding="ascii")


def written_down(column: str, kind: str) -> set[str]:
    """What is allowed by the table."""
    rows = [line.split() for line in TABLE.read_text(encoding="ascii").splitlines() if not line.startswith("#")]
    cells = {row[0]: row[1 + COLUMNS.index(column)].split("/") for row in rows}
    return {name for name, cell in cells.items() if cell[-1 if kind else 0] == WORDS["allowed"]}


@pytest.mark.parametrize("kind", ["", SERVICE], ids=["payload", "service"])
@pytest.mark.parametrize("column", list(OURS))
def test_only_what_is_written_down_is_allowed(seen, column, kind):
    assert allowed(seen[column + kind]) - written_down(column, kind) == set()


@pytest.mark.parametrize("kind", ["", SERVICE], ids=["payload", "service"])
@pytest.mark.parametrize("ours,theirs", PAIRS)
def test_nothing_is_allowed_that_nspawn_denies(seen, ours, theirs, kind):
    denied = {name for name, verdict in seen[theirs + kind].items() if verdict == "denied"}
    assert allowed(seen[ours + kind]) & denied == set()


def test_namespaces_can_be_forbidden(bare, tree):
    """CVE-2022-0185, CVE-2022-25636, CVE-2023-0386, CVE-2024-1086: flaws that a user namespace made reachable."""
    wanted = {
        "sys-unshare-user": "denied EPERM",
        "sys-clone-user": "denied EPERM",
        "abi-i386-unshare-user": "denied EPERM",
        "sys-clone3-user": "denied ENOSYS",
        "sys-clone3-all": "denied ENOSYS",
        "sys-unshare-mount": "allowed",
    }
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("probe"), "--restrict-namespaces=~user", "/probe"]
    lines = bare.run(*words, *wanted).check().stdout.splitlines()
    assert dict(line.split(" ", 1) for line in lines) == wanted


@pytest.mark.parametrize("column", list(OURS))
def test_nothing_of_the_caller_comes_along(seen, column):
    assert {name for name in allowed(seen[column]) if name.startswith("leak-")} == set()
