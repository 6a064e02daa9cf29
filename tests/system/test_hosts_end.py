# SPDX-License-Identifier: LGPL-2.1-or-later
"""However a machine on a systemd host ends, and wherever its start fails: the right status, and nothing stays."""

import signal

import pytest

from beds import bare as bare_bed
from beds import proc

TREE = "/var/lib/machines/deb"
STUBBORN = "trap 'echo he\"\"ard' TERM; echo be\"\"gun; while :; do sleep 0.05; done"


def test_sigterm_ends_it_in_order(any_host):
    with any_host.boot("deb") as machine:
        assert machine.system_state() == "running"
        machine.signal(signal.SIGTERM)
        assert machine.wait() == "0", machine.output
        assert "Reached target" in machine.output and machine.output.count("shutdown.target") > 0


def test_second_sigterm_kills(any_host):
    # By way of the terminal: what the payload writes into the journal itself belongs to the scope there.
    with any_host.command("sh", "-c", STUBBORN, options=["--kill-signal=TERM", "--console=read-only"]) as machine:
        proc.wait_for(lambda: "begun" in machine.output, 5, "the payload's first word", 0.1)
        machine.signal(signal.SIGTERM)
        proc.wait_for(lambda: "heard" in machine.output, 5, "the payload's answer", 0.1)
        assert machine.is_running
        machine.signal(signal.SIGTERM)
        assert machine.wait(5) == "1", machine.output


@pytest.mark.parametrize("options", [(), ("--private-users=no",)], ids=["pick", "no"])
def test_after_sigkill_nothing_runs_and_the_next_start_works(any_host, options):
    with any_host.boot("deb", *options) as machine:
        machine.signal(signal.SIGKILL)
        assert machine.wait() == "KILL"
        proc.wait_for(lambda: machine.name not in any_host.machines(), 5, "machined to forget it")
        state = lambda: any_host.property(machine.scope or "none.scope", "ActiveState")  # noqa: E731
        proc.wait_for(lambda: state() == "inactive", 5, "the end of the scope")
        machine.close()
        with any_host.boot("deb", *options, name=machine.name) as again:
            assert again.system_state() == "running"
            assert again.poweroff() == "0", again.output


def test_a_cleanup_right_after_sigkill_leaves_no_scope(host257):
    with host257.boot("deb") as machine:
        scope = machine.scope
        machine.signal(signal.SIGKILL)
        host257.boot_tree("--cleanup", "-M", machine.name).check()
        proc.wait_for(lambda: host257.property(scope, "ActiveState") == "inactive", 5, "the end of the scope")


@pytest.mark.parametrize("status", [0, 7, 133])
def test_exit_status_is_that_of_the_command(host257, status):
    done = host257.boot_tree("-D", TREE, "sh", "-c", f"exit {status}")
    assert done.status == (status if status != 133 else 1), str(done)


def test_exit_status_is_that_of_systemctl_exit(any_host):
    with any_host.boot("deb") as machine:
        machine.system_state()
        machine.inside("systemctl", "--no-block", "exit", "7")
        assert machine.wait() == "7", machine.output


FAULT = "strace -f -b execve -qq -o /dev/null -e inject={}:error=EPERM"
# what cannot be started: words of boot-tree
EARLY = {
    "exec fails": ("-D", TREE, "/no/such/program"),
    "no init": ("-D", "/var/lib/machines/empty", "--boot"),
    "no such user": ("-D", TREE, "--uid=nobody-there", "true"),
    "no such folder": ("-D", TREE, "--chdir=/no/such/folder", "true"),
    # After a word for the shell in front of boot-tree: what fails is on our side, and on the payload's.
    "few descriptors": ("ulimit -n 9;", "-D", TREE, "true"),
    "groups refused": (FAULT.format("setgroups"), "-D", TREE, "true"),
    "root refused": (FAULT.format("pivot_root"), "-D", TREE, "true"),
    "record refused": (FAULT.format("renameat"), "-D", TREE, "true"),
}


@pytest.fixture
def empty(any_host):
    """A tree without any program."""
    path = any_host.path("/var/lib/machines/empty")
    (path / "usr/lib").mkdir(parents=True)
    (path / "etc").mkdir()
    (path / "usr/lib/os-release").write_text("ID=empty\n", encoding="ascii")
    yield path
    any_host.remove_tree("empty")


@pytest.mark.parametrize("words", EARLY.values(), ids=EARLY)
def test_early_failures_leave_no_scope_and_no_entry(any_host, empty, words):
    before = any_host.units(), any_host.machines()
    name = bare_bed.new_name()
    before_it, words = ("", words) if words[0] == "-D" else (words[0], words[1:])
    script = f'i=0; while [ $i -lt 10 ]; do i=$((i + 1)); ({before_it} boot-tree -M "$0" "$@") || echo $?; done'
    done = any_host.run("sh", "-c", script, name, *words, timeout=30)
    assert done.stdout.split() == ["1"] * 10, str(done)
    assert len(done.stderr.splitlines()) == 10, str(done)
    assert len(set(done.stderr.splitlines())) == 1, str(done)
    left = [row for row in any_host.units() if row not in before[0] and "machine-" in row]
    assert (left, any_host.machines()) == ([], before[1])


# Of the calls that there are once the bus has been asked for a scope: more are tried where none is (test_faults).
FAULTS = """
for call in sendmsg recvmsg poll clone3 setns unshare pivot_root move_mount mount_setattr openat openat2 renameat capset; do
    for number in 1 3 8 13 21; do
        timeout -k 1 20 strace -f -b execve -qq -o /dev/null -e inject=$call:error=EPERM:when=$number \\
            boot-tree -q -M "$0" -D %s --register=yes --console=pipe true 2>"/run/$0.err"
        echo $? $(wc -l <"/run/$0.err") $call $number
    done
done
rm "/run/$0.err"
""" % TREE


def test_a_fault_during_the_start_leaves_no_scope_and_no_entry(host257):
    before = host257.units()
    done = host257.run("sh", "-c", FAULTS, bare_bed.new_name(), timeout=60)
    rows = [line.split() for line in done.stdout.splitlines()]
    assert len(rows) == 65 and {row[0] for row in rows} == {"0", "1"}, str(done)
    assert not [row for row in rows if row[0] == "1" and row[1] not in ("1", "2")], str(done)
    assert [row for row in host257.units() if row not in before and "machine-" in row] == []
    assert host257.machines() == []


def test_a_signal_during_the_start_leaves_nothing(host257):
    # Ten starts, each told to end a little later.
    script = """
    i=0; while [ $i -lt 10 ]; do
        i=$((i + 1)); boot-tree -q -D %s -M "$0" --register=yes sh -c 'exec sleep 20' & sleep 0.00$i
        kill $!; wait $!; echo $?
    done""" % TREE
    done = host257.run("sh", "-c", script, bare_bed.new_name(), timeout=30)
    assert len(done.stdout.split()) == 10 and not done.timed_out, str(done)
    assert host257.machines() == []


def test_a_name_in_use_is_told_with_its_user(any_host):
    with any_host.command("sleep", "100") as machine, any_host.guest_tree("minbase") as other:
        done = any_host.boot_tree("-D", f"/var/lib/machines/{other}", "-M", machine.name, "true")
        assert done.status == 1 and len(done.stderr.splitlines()) == 1, str(done)
        assert machine.name in done.stderr and machine.is_running, str(done)


def test_a_tree_in_use_is_told_with_its_user(any_host):
    with any_host.command("sleep", "100") as machine:
        done = any_host.boot_tree("-D", TREE, "-M", bare_bed.new_name(), "true")
        assert done.status == 1 and len(done.stderr.splitlines()) == 1, str(done)
        assert TREE in done.stderr and machine.name in done.stderr, str(done)


def test_a_tree_that_nspawn_runs_is_in_use(any_host):
    with any_host.nspawn("deb", "sleep", "100"):
        done = any_host.boot_tree("-D", TREE, "-M", bare_bed.new_name(), "true")
        assert done.status == 1 and len(done.stderr.splitlines()) == 1, str(done)
        assert f"'{TREE}' is in use" in done.stderr, str(done)


def test_nspawn_respects_a_tree_that_is_in_use(any_host):
    with any_host.command("sleep", "100") as machine:
        done = any_host.run("systemd-nspawn", "-q", "-M", bare_bed.new_name(), "-D", TREE, "true")
        assert done.status == 1 and "busy" in done.stderr, str(done)
        assert machine.is_running


def test_a_name_that_nspawn_runs_is_refused(any_host):
    with any_host.nspawn("deb", "sleep", "100") as name, any_host.guest_tree("minbase") as other:
        words = ("-D", f"/var/lib/machines/{other}", "-M", name, "--register=yes", "true")
        done = any_host.boot_tree(*words)
        assert done.status == 1 and len(done.stderr.splitlines()) == 1, str(done)
        assert name in done.stderr.replace(r"\x2d", "-") and name in any_host.machines(), str(done)
