# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every way to fail that a user can hit: one line that says why, status 1, and nothing was touched."""

import os
import re

import pytest

from beds import bare as bare_bed
from beds import nested, proc, treehash

BAD_VALUES = {
    "--machine": ["-x", "a..b", "a.", ".a", "a/b", "a_b", "a b", "ü", "a" * 65, "../a"],
    "--hostname": ["-x", "a..b", "a/b", "a" * 65],
    "--uuid": ["0" * 32, "xyz", "1234", "00000000-0000-0000-0000-000000000000"],
    "--private-users": ["maybe", "-1", "4294967295", "4294967296", "65536:0", "1:2:3", "0x10000", "65536:", ":1"],
    "--private-users-ownership": ["maybe", ""],
    "--kill-signal": ["FOO", "0", "-1", "99", "RTMIN+99", ""],
    "--console": ["foo", ""],
    "--chdir": ["relative", "/proc/1", "/sys", "/dev/shm", "/a/../b", "", "/" + "a" * 5000],
    "--setenv": ["=x", "1a=b", "a-b=c"],
    "--uid": ["0x0", "00", "-1", "4294967295", "4294967296", "1:1:1", "", "a" * 65536, "../root"],
    "--register": ["maybe", ""],
    "--settings": ["maybe", ""],
    "--slice": ["", ".slice", "a--b"],
    "--property": ["", "x", "=y", "A B=c"],
    "--notify-ready": ["maybe", ""],
    "--dry-run": ["xml"],
    "--time-namespace": ["maybe"],
    "--boottime-offset": ["soon", "", "1 fortnight", "99999999999999999999"],
    "--monotonic-offset": ["soon", "-"],
    "--directory": ["/" + "a" * 5000],
}
BAD_LINES = {
    "unknown-option": (["--nonesuch"], "nonesuch"),
    "unknown-letter": (["-Z"], "-Z"),
    "argument-missing": (["--hostname"], "hostname"),
    "letter-argument-missing": (["-u"], "-u"),
    "argument-of-a-flag": (["--boot=yes"], "boot"),
    "boot-and-as-pid2": (["--boot", "--as-pid2"], "cannot be combined"),
    "chown-and-read-only": (["--read-only", "--private-users-ownership=chown"], "cannot be combined"),
    "offset-without-clocks": (["--time-namespace=no", "--boottime-offset=1h"], "cannot be combined"),
    "chown-of-an-odd-range": (["--private-users=65537", "--private-users-ownership=chown"], "multiple of 65536"),
    "ids-of-the-hosts-owner": (["--private-users=yes"], "no boundary"),
    "clock-before-zero": (["--boottime-offset=-9999d"], "time namespace"),
    "unknown-user": (["--uid=nobody-knows-me", "true"], "nobody-knows-me"),
    "missing-chdir": (["--chdir=/no/such", "true"], "/no/such"),
    "missing-command": (["/no/such/command"], "No such file"),
    "folder-as-command": (["/etc"], "Permission denied"),
    "file-as-command": (["/etc/passwd"], "Permission denied"),
}


@pytest.fixture
def fails(bare):
    """Runs boot-tree and expects status 1, nothing on standard output and one line that matches."""

    def run(pattern, *words, unchanged=None, program=None, **how):
        before = treehash.snapshot(unchanged) if unchanged else None
        done = proc.run(*(program or [bare.program]), "-q", *words, timeout=15, **how)
        assert done.status == 1 and not done.timed_out, done
        assert done.stdout == "" and len(done.stderr.splitlines()) == 1, done
        assert re.search(pattern, done.stderr), done
        if unchanged:
            assert treehash.difference(before, treehash.snapshot(unchanged)) == []
        return done.stderr

    return run


def _bad_values():
    rows = [(option, value) for option, values in BAD_VALUES.items() for value in values]
    return [pytest.param(option, value, id=f"{option}={value[:20]}") for option, value in rows]


@pytest.mark.parametrize("option,value", _bad_values())
def test_a_bad_value_is_refused_by_name(fails, tree, option, value):
    words = ["-D", tree] if option != "--directory" else []
    line = fails(re.escape(option), *words, f"{option}={value}", "true")
    assert len(line) < 1000


@pytest.mark.parametrize("case", sorted(BAD_LINES))
def test_a_line_that_makes_no_sense_is_refused(fails, tree, case):
    words, pattern = BAD_LINES[case]
    fails(pattern, "-D", tree, "-M", bare_bed.new_name("bad"), *words, unchanged=tree)


def test_a_missing_tree_is_named_with_a_hint(fails):
    assert "mmdebstrap" in fails("'/no/such/tree'.*No such file", "-D", "/no/such/tree")


def test_a_file_as_a_tree_is_refused(fails, bare):
    path = bare.folder() / "file"
    path.touch()
    fails(f"'{path}'.*Not a directory", "-D", path)


def test_no_tree_at_all_is_refused(fails, bare):
    fails("--directory=PATH or --machine=NAME", cwd=bare.folder())


def test_an_unknown_machine_is_refused_with_a_hint(fails):
    name = bare_bed.new_name("none")
    fails(f"{name}.*/var/lib/machines", "-M", name)


def test_an_empty_folder_does_not_boot(fails, bare):
    tree = bare.folder()
    fails(f"'{tree}' is no OS tree.*os-release", "-D", tree, unchanged=tree)


def test_an_empty_folder_runs_no_command(fails, bare):
    tree = bare.folder()
    fails(f"'{tree}' is no OS tree.*usr", "-D", tree, "true", unchanged=tree)


def test_the_hosts_own_root_is_refused(fails):
    fails("Refusing", "-D", "/", "true")


def test_the_hosts_own_root_is_refused_by_another_name(fails, bare):
    link = bare.folder() / "link"
    link.symlink_to("/")
    fails("Refusing", "-D", f"{link}/.", "true")


@pytest.mark.parametrize("words", [["true"], []], ids=["command", "boot"])
def test_without_root_it_says_what_to_do(fails, tree, bare, words):
    program = ["setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", bare.program]
    fails("as root.*sudo", "-D", tree, *words, program=program, unchanged=tree)


def test_a_tree_in_use_is_refused_and_its_user_named(fails, bare, tree):
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        fails(f"'{tree}' is in use by machine '{machine.name}'", "-D", tree, "-M", bare_bed.new_name(), "true")
        assert machine.is_running and bare_bed.read_record(machine.name)


def test_a_read_only_run_cannot_join_a_writable_one(fails, bare, tree):
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        fails("in use", "--read-only", "-D", tree, "-M", bare_bed.new_name(), "true")


def test_a_name_in_use_is_refused_and_its_tree_named(fails, bare, tree):
    other = bare.tree("busybox")
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        pattern = f"'{machine.name}' is running already.*'{tree}'.*{machine.process.pid}"
        fails(pattern, "-D", other, "-M", machine.name, "true", unchanged=other)
        assert machine.is_running


NAMESPACES = ["user", "pid", "mnt", "uts", "ipc", "net", "cgroup", "time"]


@pytest.mark.parametrize("kind", NAMESPACES)
def test_a_refused_namespace_is_named_with_a_hint(fails, tree, kind):
    options = ["--private-users=identity", "--time-namespace=yes", "-D", tree, "-M", bare_bed.new_name("ns"), "true"]
    line = fails("namespace", *options, preexec_fn=nested.forbid(kind), unchanged=tree)
    assert f"user.max_{kind}_namespaces" in line or "user.max_*_namespaces" in line


def test_in_a_nested_namespace_without_limits_it_runs(bare, tree):
    options = ["--private-users=identity", "--time-namespace=yes", "-D", tree, "-M", bare_bed.new_name("ns"), "true"]
    proc.run(bare.program, "-q", *options, preexec_fn=nested.forbid()).check()


def _in_private_mounts(script, bare):
    return ["unshare", "--mount", "sh", "-c", f'{script}; exec "$0" "$@"', bare.program]


def test_a_read_only_tree_without_mount_points_is_named(fails, bare):
    tree = bare.folder()
    for name in ("usr", "etc"):
        (tree / name).mkdir()
    script = f"mount --bind {tree} {tree} && mount -o remount,bind,ro {tree}"
    fails(f"{tree}", "-D", tree, "-M", bare_bed.new_name("ro"), "true", program=_in_private_mounts(script, bare))


def test_a_run_folder_that_cannot_be_written_is_named(fails, bare, tree):
    script = "mount -t tmpfs none /run && mount -o remount,ro /run"
    fails("/run/", "-D", tree, "-M", bare_bed.new_name("run"), "true", program=_in_private_mounts(script, bare))


@pytest.mark.parametrize("made", ["file", "link"])
def test_a_record_folder_that_is_not_one_is_named(fails, bare, tree, made):
    what = "touch /run/boot-tree" if made == "file" else "mkdir /run/x && ln -s x /run/boot-tree"
    script = f"mount -t tmpfs none /run && {what}"
    words = ["-D", tree, "-M", bare_bed.new_name("run"), "true"]
    fails("/run/boot-tree", *words, program=_in_private_mounts(script, bare))


NO_CGROUP = "umount -l /sys/fs/cgroup/unified 2>/dev/null || umount -l /sys/fs/cgroup"


def test_without_a_control_group_a_command_runs_and_one_line_says_so(bare, tree):
    words = ["-D", tree, "-M", bare_bed.new_name("cg"), "--read-only", "sh", "-c", "echo ran"]
    done = proc.run(*_in_private_mounts(NO_CGROUP, bare), *words, "--console=passive")
    assert (done.status, done.stdout) == (0, "ran\n"), done


def test_without_a_control_group_a_boot_warns_in_one_line(bare):
    words = ["-D", bare.tree("busybox"), "-M", bare_bed.new_name("cg"), "-b", "--console=passive", "--dry-run"]
    done = proc.run(*_in_private_mounts(NO_CGROUP, bare), *words)
    assert len([line for line in done.stderr.splitlines() if "control group" in line]) == 1, done


def test_registration_without_a_bus_is_refused_only_if_asked_for(fails, bare, tree):
    if os.path.exists("/run/dbus/system_bus_socket"):
        pytest.skip("machine lacks: a PID 1 other than systemd")
    fails("--register=yes.*bus", "--register=yes", "-D", tree, "true", unchanged=tree)
    for how in ("auto", "no"):
        bare.run("-q", f"--register={how}", "-D", tree, "-M", bare_bed.new_name("reg"), "true").check()
