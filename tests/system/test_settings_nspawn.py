# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same settings files read by systemd-nspawn 257 and by boot-tree under its name: the same effect."""

import contextlib
import os

import pytest

MACHINES, ETC, RUN = "/var/lib/machines", "/etc/systemd/nspawn", "/run/systemd/nspawn"
# What a payload sees of most settings; NETWORK becomes the host's.
SHOW = [
    *("sh", "-c"),
    'hostname; id -un; pwd; env | grep "^T_" | sort; cut -c1-32 /proc/self/uid_map; '
    '[ "$(readlink /proc/self/ns/net)" = NETWORK ] && echo shared',
]

# name: place, file, options, words
CASES = {
    "names": (ETC, "[Exec]\nHostname=web\nUser=daemon\nWorkingDirectory=/usr\n", [], SHOW),
    "in-run": (RUN, "[Exec]\nHostname=web\n", [], SHOW),
    "beside": (MACHINES, "[Exec]\nHostname=web\nUser=daemon\n", [], SHOW),
    "environment": (
        ETC,
        "[Exec]\nEnvironment=T_A=1 \"T_B=2 3\" 'T_C=x\"y' T_D=a\\b T_E=\nEnvironment=T_F=6 T_A=7\n",
        [],
        SHOW,
    ),
    "environment-reset": (ETC, "[Exec]\nEnvironment=T_A=1\nEnvironment=\nEnvironment=T_B=2\n", [], SHOW),
    "words": (ETC, "[Exec]\nBoot=no\nParameters=printf %s. \"two words\" 'x\"y' a\\b l'in'side\n", [], []),
    "words-add-up": (ETC, "[Exec]\nBoot=no\nParameters=printf %s.\nParameters=a b\n", [], []),
    "words-of-the-line": (ETC, "[Exec]\nBoot=no\nParameters=echo file\n", [], ["echo", "line"]),
    "words-override": (ETC, "[Exec]\nBoot=no\nParameters=echo file\n", ["--settings=override"], ["echo", "line"]),
    "process-two": (ETC, "[Exec]\nProcessTwo=yes\nParameters=sh -c 'echo $$'\n", [], []),
    "boot-no-process-two": (ETC, "[Exec]\nBoot=no\nProcessTwo=yes\nParameters=sh -c 'echo $$'\n", [], []),
    "words-as-pid2": (ETC, "[Exec]\nParameters=echo file\n", ["-a"], []),
    "process-two-override": (ETC, "[Exec]\nProcessTwo=yes\n", ["--settings=override"], ["echo", "line"]),
    "chown-no": (ETC, "[Exec]\nPrivateUsers=1048576\n[Files]\nPrivateUsersChown=no\n", [], ["echo", "line"]),
    "owners": (
        ETC,
        "[Exec]\nPrivateUsers=1048576\n[Files]\nPrivateUsersOwnership=map\n",
        [],
        ["stat", "-c%u", "/usr"],
    ),
    "uuid": (ETC, "[Exec]\nMachineID=0123456789abcdef0123456789abcdef\n", [], ["sh", "-c", "echo $container_uuid"]),
    "kill": (ETC, "[Exec]\nKillSignal=SIGUSR1\nNotifyReady=yes\n", [], ["echo"]),
    "resolv": (ETC, "[Exec]\nResolvConf=copy-host\nTimezone=copy\nLinkJournal=no\n", [], ["echo"]),
    "read-only": (ETC, "[Files]\nReadOnly=yes\n", [], ["sh", "-c", "touch /x 2>&- || echo no"]),
    "last-one": (ETC, "[Exec]\nHostname=a\nHostname=b\n", [], SHOW),
    "private-network": (ETC, "[Network]\nPrivate=yes\n", [], SHOW),
    "user-namespace": (ETC, "[Exec]\nPrivateUsers=1048576\n[Files]\nPrivateUsersOwnership=map\n", [], SHOW),
    "users-of-the-line": (ETC, "[Exec]\nPrivateUsers=1048576\n", ["--private-users=no"], SHOW),
    "untrusted": (MACHINES, "[Exec]\nPrivateUsers=1048576\nHostname=web\n[Network]\nPrivate=yes\n", [], SHOW),
    "trusted": (MACHINES, "[Network]\nPrivate=yes\n", ["--settings=trusted"], SHOW),
    "no": (ETC, "[Exec]\nHostname=web\n", ["--settings=no"], SHOW),
    "group-of-the-line": (ETC, "[Exec]\nEnvironment=T_A=1 T_B=2\nHostname=web\n", ["--setenv=T_C=3"], SHOW),
    "override": (
        ETC,
        "[Exec]\nEnvironment=T_A=1 T_B=2\nHostname=web\n",
        ["--settings=override", "-ET_C=3", "--hostname=x"],
        SHOW,
    ),
    "override-others": (ETC, "[Exec]\nHostname=web\n", ["--settings=override", "--setenv=T_C=3"], SHOW),
    "form": (
        ETC,
        "; comment\n[Exec]\n# comment\n  Hostname = web  \nEnvironment=T_A=1 \\\n# between\n  T_B=2\n\n[X-Mine]\nz\n",
        [],
        SHOW,
    ),
    "carriage-returns": (ETC, "[Exec]\r\nHostname=web\r\nUser=daemon\r\n", [], SHOW),
    "no-newline": (ETC, "[Exec]\nHostname=web", [], SHOW),
    "unknown": (ETC, "[Exec]\nHostnam=x\nHostname=web\n[Nonsense]\nHostname=y\n[Files]\nHostname=z\n", [], SHOW),
    "bad-values": (ETC, "[Exec]\nBoot=maybe\nKillSignal=x\nHostname=a b\nUser=daemon\n", [], SHOW),
    "bad-lines": (ETC, "[Exec]\nBoot\nHostname=web\n", [], SHOW),
    "quote-does-not-end": (ETC, "[Exec]\nEnvironment=T_A=1 \"T_B\nHostname=web\n", [], SHOW),
}


@contextlib.contextmanager
def _settings(host, place: str, text: str):
    """The settings file of the tree "deb" in a folder of the host."""
    path = host.live(f"{place}/deb.nspawn")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    try:
        yield
    finally:
        path.unlink()


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_file_does_the_same_as_for_nspawn(host257, case):
    place, text, options, words = CASES[case]
    network = os.readlink(f"/proc/{host257.leader}/ns/net")
    words = [word.replace("NETWORK", f"'{network}'") for word in words]
    line = ["-q", "-P", "-D", f"{MACHINES}/deb", *options, *words]
    with host257.program_named("systemd-nspawn") as ours, _settings(host257, place, text):
        theirs, mine = (host257.run(program, *line) for program in ("systemd-nspawn", ours))
    assert (mine.status, mine.stdout) == (theirs.status, theirs.stdout), f"{theirs}\n{mine}"
