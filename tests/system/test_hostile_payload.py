# SPDX-License-Identifier: LGPL-2.1-or-later
"""A payload that means harm to whoever looks at it: what it calls itself, sends and leaves in its tree does nothing to a
terminal, holds nobody up, and grows nobody."""

import json
import os
import signal
import subprocess
import time
import unicodedata
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import cgroups, proc

pytestmark = pytest.mark.own_tree("busybox")
SOURCES = Path(__file__).parent / "payload"
SECONDS = 1
# What a terminal takes for an order: a clipboard, a title, a cleared screen, an overwritten line, C1, and text that runs
# from right to left.
ORDERS = ["\x1b]52;c;eA==\x07", "\x1b]0;t\x07", "\x1b[2J", "\r#", "\x9b2J", "\u202e", "\u2066", "\x7f", "\n- x", "\t"]


def _start(bare, tree, script, *options):
    machine = bare.start(tree, "-q", "--console=pipe", *options, "/bin/busybox", "sh", "-c", f"{script}\necho up; while :; do sleep 60; done")
    try:
        proc.wait_for(lambda: "up" in machine.output or not machine.is_running, 10, "the payload")
        assert machine.is_running, machine.output
    except BaseException:
        machine.close()
        raise
    return machine


def _looks(bare, machine):
    """What each verb that looks at machines says, each within a second."""
    texts = {}
    for words in (["list"], ["list", "--json"], *([verb, *how, machine.name] for verb in ("status", "security") for how in ([], ["--json"]))):
        done = bare.run(*words).check()
        assert done.seconds < SECONDS * 3, done
        texts[" ".join(words[:2])] = done.stdout
    return texts


def _quote(text: str) -> str:
    """For printf(1)."""
    return "".join(f"\\{byte:03o}" for byte in text.encode())


def test_what_a_payload_calls_itself_does_nothing_to_a_terminal(bare, tree):
    for number, order in enumerate(ORDERS):
        (tree / f"folder-{number}{order}").mkdir()
    (tree / "etc/os-release").write_text("".join(f'NAME="a{order}"\nPRETTY_NAME="b{order}"\n' for order in ORDERS), "utf-8")
    names = [f"n{order}"[:15] for order in ORDERS]
    for name in names:
        script = f"""
        printf '{_quote(name)}' >/proc/self/comm; printf '{_quote("h" + name)}' >/proc/sys/kernel/hostname
        mkdir "/sys/fs/cgroup/$(printf '{_quote(name.replace("/", ""))}')" 2>&-
        for folder in /folder*; do mount -t tmpfs "$folder" "$folder"; done
        """
        with _start(bare, tree, script) as machine:
            for verb, text in _looks(bare, machine).items():
                bad = {char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"}
                assert bad == set() and "\ufffd" not in text, (verb, bad)
                if verb.endswith("json"):
                    assert json.loads(text)


@pytest.mark.parametrize("kind", ["fifo", "endless", "folder"])
def test_a_file_that_never_ends_holds_nobody_up(bare, tree, kind):
    script = "for f in /etc/os-release /usr/lib/os-release /etc/machine-id /etc/passwd /etc/hostname; do rm -f $f; {} $f; done"
    make = {"fifo": "mkfifo", "endless": "ln -s /dev/zero", "folder": "mkdir"}[kind]
    with _start(bare, tree, script.format(make)) as machine:
        _looks(bare, machine)


def test_a_payload_that_froze_itself_holds_nobody_up(bare, tree):
    script = "cd /sys/fs/cgroup && mkdir x && echo $$ >x/cgroup.procs; echo up; echo 1 >x/cgroup.freeze"
    with _start(bare, tree, script, "--kill-signal=TERM") as machine:
        events = cgroups.of_process(machine.leader) / "cgroup.events"
        proc.wait_for(lambda: "frozen 1" in events.read_text("ascii"), 5, "the frost")
        _looks(bare, machine)
        machine.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert machine.terminate(5) in (0, 1)


def _status(pid):
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines() if ":\t" in line)


def _size(pid) -> int:
    return int(_status(pid)["VmHWM"].split()[0])


def test_a_flood_of_messages_changes_and_grows_nothing(bare, tree):
    subprocess.run(["gcc", "-static", "-O1", "-o", tree / "floods", SOURCES / "floods.c"], check=True)
    with bare.start(tree, "-q", "--console=pipe", "/floods", "20000") as machine:
        machine.wait_started()
        before = len(os.listdir(f"/proc/{machine.process.pid}/fd")), _size(machine.process.pid)
        proc.wait_for(lambda: "flooded" in machine.output or not machine.is_running, 30, "the end of the flood")
        assert machine.is_running, machine.output
        machine.notify.read()
        said = [field for field in machine.notify.fields if field[0] in ("READY", "MAINPID", "WATCHDOG", "STOPPING")]
        assert said == [] and not [value for key, value in machine.notify.fields if "forged" in value], machine.notify.fields
        assert len(os.listdir(f"/proc/{machine.process.pid}/fd")) == before[0]
        assert _size(machine.process.pid) < before[1] + 1024, "KiB"
        (tree / "go").touch()
        assert machine.notify.wait("READY", "1", 5, lambda: machine.is_running)
        assert machine.notify.last("STATUS") == "Machine running: own"


def test_a_hundred_crashes_leave_no_file_outside(bare, tree):
    """Whatever the host does with dumps by /proc/sys/kernel/core_pattern: nothing of it is where we are, or beside."""
    folder = bare.folder("cwd")
    places = ("/", "/root", "/tmp", "/var/tmp", folder, tree.parent)
    before = {place: {name for name in os.listdir(place) if "core" in name} for place in places}
    script = "ulimit -c unlimited; mkdir /x; cd /x; for i in $(seq 100); do /bin/busybox sh -c 'kill -SEGV $$'; done; echo $i"
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("crash"), "--console=pipe", "/bin/busybox", "sh", "-c", script]
    done = bare.run(*words, cwd=folder, timeout=30)
    assert done.stdout == "100\n", done
    assert {place: {name for name in os.listdir(place) if "core" in name} for place in places} == before
