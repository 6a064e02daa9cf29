# SPDX-License-Identifier: LGPL-2.1-or-later
"""What "security" says of a machine that runs, beside what its plan says, and what the machine can do against it."""

import json
import os
import signal

import pytest

from beds import bare as bare_bed
from beds import proc

BASE = 0x10000 * 4731
UP = "echo up; exec sleep 60"


def _start(bare, tree, *options, script=UP):
    words = ["-q", "--console=pipe", *options, "sh", "-c", script]
    machine = bare.start(tree, *words)
    proc.wait_for(lambda: "up" in machine.lines or not machine.is_running, 10, "the payload")
    return machine


def _report(bare, machine):
    (report,) = json.loads(bare.run("security", "--json", machine.name).check().stdout)
    return report


@pytest.mark.parametrize("users", [BASE, "no"])
def test_a_machine_is_what_its_plan_said(bare, tree, users):
    shared, given = bare.folder("shared"), bare.folder("given")
    options = [f"--private-users={users}", f"--bind={shared}:/mnt", f"--bind-ro={given}:/media", "--drop-capability=mknod"]
    options += ["--no-new-privileges=yes", "--device=/dev/loop-control", "--rlimit=NOFILE=100:200", "--read-only"]
    with _start(bare, tree, *options) as machine:
        found = _report(bare, machine)
        words = ["-q", "-D", tree, "-M", machine.name, *options, "--dry-run=security-json", "sh", "-c", UP]
        planned = json.loads(bare.run(*words).check().stdout)
        for key in ("name", "is_boundary", "ids", "no_new_privileges", "is_call_filtered", "label", "device_filter"):
            assert found[key] == planned[key], key
        assert (found["read_from"], planned["read_from"]) == ("machine", "plan")
        # Clocks are not its own by default, where a command runs.
        for kind, whose in planned["namespaces"].items():
            assert kind == "time" or found["namespaces"][kind] == whose, kind
        assert found["namespaces"]["user"] == ("host" if users == "no" else "own")
        assert set(found["capabilities"]) <= set(planned["capabilities"]) and "CAP_MKNOD" not in found["capabilities"]
        assert {path for path in planned["files"]["masked"] if os.path.exists(path)} == set(found["files"]["masked"])
        assert found["files"]["is_tree_read_only"] is True
        assert {row["path"]: row["is_writable"] for row in found["files"]["from_outside"]} == {"/mnt": True, "/media": False}
        assert found["limits"]["each_process"]["NOFILE"] == "100:200"
        said = "\n".join(found["remarks"])
        assert "It can change files from outside of its tree: " in said and str(shared.name) in said
        assert str(given.name) not in said and "/dev/loop-control" in said
        assert ("no security boundary" in said) == (users == "no")
        text = bare.run("security", machine.name).check().stdout
        assert all(line in text for line in found["remarks"])


def test_a_filter_that_is_not_the_default_one_is_told(bare, tree):
    options = ["--system-call-filter=kexec_load keyctl", "--restrict-address-families=default AF_VSOCK"]
    with _start(bare, tree, *options) as machine:
        said = _report(bare, machine)["remarks"]
        assert "Its filter of system calls is not the default one: it allows keyctl kexec_load" in said, said
        assert [line for line in said if line.endswith(": AF_VSOCK")], said
    with _start(bare, tree, "--system-call-filter=@known") as machine:
        said = _report(bare, machine)["remarks"]
        assert [line for line in said if " more" in line and len(line) < 400], said


def test_what_became_of_a_machine_is_told_not_what_was_asked_for(bare, tree):
    script = "mount -t tmpfs none /srv; mount -o remount,bind,ro /; echo up; exec sleep 60"
    with _start(bare, tree, "--private-users=pick", script=script) as machine:
        assert _report(bare, machine)["files"]["is_tree_read_only"] is True


def test_a_file_system_that_never_answers_on_dev_holds_nobody_up(bare, tree):
    script = "exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none {}; echo up; exec sleep 60"
    for target in ("/dev", "/dev/full"):
        words = script.format(target).replace("40000", "40000" if target == "/dev" else "20000")
        with _start(bare, tree, script=words) as machine:
            assert machine.is_running, machine.output
            assert _report(bare, machine)["devices"] == []


def test_names_that_the_payload_chose_do_nothing_to_a_terminal(bare, tree):
    script = "d=$(printf '/mnt/\\033]52;c\\007\\n- x'); mount -t tmpfs n /mnt; mkdir \"$d\"; mount --bind /media \"$d\"; echo up; exec sleep 60"
    with _start(bare, tree, f"--bind={bare.folder()}:/media", script=script) as machine:
        text = bare.run("security", machine.name).check().stdout
        assert "\x1b" not in text and "\x07" not in text and "]52;c" in text, text
        assert not [line for line in text.splitlines() if line.startswith("- x")]


def test_a_machine_that_does_not_run_is_an_error_and_the_others_are_shown(bare, tree):
    with _start(bare, tree) as machine:
        done = bare.run("security", "--json", machine.name, bare_bed.new_name("none"))
        assert done.status == 1 and "is not running" in done.stderr and len(done.stderr.splitlines()) == 1
        assert [row["name"] for row in json.loads(done.stdout)] == [machine.name]
        machine.process.send_signal(signal.SIGTERM)
        assert machine.wait() in (0, 1)
    done = bare.run("security", machine.name)
    assert done.status == 1 and done.stdout == ""
