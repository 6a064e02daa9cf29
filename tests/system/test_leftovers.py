# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a killed run leaves is ended and swept by the next start of the name. That nothing is left after that is
checked behind every test."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import cgroups, proc

PROPAGATE = Path("/run/systemd/nspawn/propagate")
LOCKS = Path("/run/systemd/nspawn/locks")


def _members(name: str) -> list[int]:
    """The processes of the machine's control group that are alive."""
    proc.reap_orphans()
    found = []
    for folder, _, _ in os.walk(cgroups.unified() / f"boot-tree-{name}"):
        try:
            pids = Path(folder, "cgroup.procs").read_text(encoding="ascii").split()
        except OSError:
            continue
        for pid in pids:
            try:
                state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if not re.search(r"\) Z", state):
                found.append(int(pid))
    return found


def _wait_dead(name: str) -> None:
    proc.wait_for(lambda: not _members(name), 5, "the end of the payload")


@pytest.fixture
def own_records(bare):
    """Words in front of boot-tree that give it state records of its own: whoever else starts a machine on this
    machine meanwhile would sweep what a test has left on purpose."""
    Path("/run/boot-tree").mkdir(exist_ok=True)
    bind = f'mount --bind {bare.folder("records")} /run/boot-tree && exec "$0" "$@"'
    return ["unshare", "--mount", "sh", "-c", bind]


@pytest.mark.parametrize("delay_ms", [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 40, 100])
def test_a_start_that_is_killed_anywhere_takes_its_payload_with_it(bare, tree, own_records, delay_ms):
    name = bare_bed.new_name("kill")
    process = proc.start([*own_records, bare.program, "-q", "-D", tree, "-M", name, "sleep", "60"])
    proc.wait_for(lambda: os.readlink(f"/proc/{process.pid}/exe") == os.path.realpath(bare.program), 5, "exec", 0)
    time.sleep(delay_ms / 1000)
    process.kill()
    process.wait(5)
    _wait_dead(name)
    done = proc.run(*own_records, bare.program, "-q", "-D", tree, "-M", name, "echo", "again").check()
    assert (done.stdout, done.stderr) == ("again\n", "")


CALLS = """
mkdirat openat flock unshare open_tree fsopen fsconfig fsmount mount_setattr move_mount mknodat symlinkat bind
socketpair clone3 pivot_root umount2 sethostname sendmsg recvmsg keyctl close_range capset prctl execve poll
renameat signalfd4 setsid
""".split()


@pytest.mark.parametrize("call", CALLS)
def test_a_start_that_is_killed_at_a_system_call_leaves_nothing_for_the_next(bare, tree, own_records, call):
    name = bare_bed.new_name("call")
    words = [bare.program, "-q", "-D", str(tree), "-M", name, "--console=read-only", "true"]
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when=2"]
    killed = proc.run(*own_records, *inject, *words, timeout=10)
    assert not killed.timed_out, killed
    _wait_dead(name)
    done = proc.run(*own_records, *words).check()
    assert done.stderr == ""


def test_a_booted_machine_dies_with_us_and_boots_again(bare, own_records):
    tree = bare.tree("trixie")
    with bare.boot(tree, prefix=own_records) as machine:
        name, leader = machine.name, machine.leader
        machine.process.kill()
        machine.wait(5)
        _wait_dead(name)
        assert not Path(f"/proc/{leader}/exe").exists()
    with bare.boot(tree, name=name, prefix=own_records) as machine:
        assert machine.system_state() == "running"
        assert machine.terminate() == 0


HOSTILE = """
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(void) {
        for (int i = 1; i < 65; i++)
                signal(i, SIG_IGN);
        prctl(PR_SET_PDEATHSIG, 0);
        if (fork() == 0)
                setsid();
        write(1, "up\\n", 3);
        for (;;)
                sleep(1000);
}
"""


@pytest.fixture
def hostile(bare):
    """A tree whose program does not want to die, "/hostile"."""
    tree = bare.tree("busybox")
    command = ["gcc", "-static", "-O1", "-x", "c", "-o", tree / "hostile", "-"]
    subprocess.run(command, input=HOSTILE.encode(), check=True)
    return tree


def _leave_hostile(bare, hostile, own_records) -> str:
    """Kills boot-tree while its payload does not want to die; the name of the machine."""
    with bare.start(hostile, "--console=read-only", "/hostile", prefix=own_records) as machine:
        machine.wait_started()
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        machine.process.kill()
        machine.wait(5)
        time.sleep(0.2)
        assert len(_members(machine.name)) == 2, f"It died by itself:\n{machine.output}"
        return machine.name


@pytest.mark.parametrize("status", [0, 3])
def test_a_hostile_pid_1_that_outlives_us_is_ended_by_the_next_start(bare, hostile, own_records, status):
    name = _leave_hostile(bare, hostile, own_records)
    words = ["-q", "-D", hostile, "-M", name, "--", "/bin/busybox", "sh", "-c", f"exit {status}"]
    done = proc.run(*own_records, bare.program, *words)
    assert (done.status, done.stderr) == (status, ""), done
    assert _members(name) == []


def test_a_start_of_another_name_sweeps_as_well(bare, hostile, own_records):
    name = _leave_hostile(bare, hostile, own_records)
    words = ["-q", "-D", hostile, "-M", bare_bed.new_name("other"), "--", "/bin/busybox", "true"]
    proc.run(*own_records, bare.program, *words).check()
    assert _members(name) == [] and not (cgroups.unified() / f"boot-tree-{name}").exists()
    assert not (PROPAGATE / name).exists() and not (LOCKS / f"name-{name}").exists()


def test_a_hostile_pid_1_is_ended_by_the_second_signal(bare, hostile):
    with bare.start(hostile, "--console=read-only", "--kill-signal=TERM", "/hostile") as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        machine.process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert machine.is_running
        assert machine.terminate(5) == 1


def test_twenty_starts_in_a_row_all_work(bare, tree):
    name = bare_bed.new_name("row")
    for number in range(20):
        done = bare.run("-q", "-D", tree, "-M", name, "sh", "-c", f"exit {number}")
        assert (done.status, done.stderr) == (number, ""), done


def test_five_boots_in_a_row_all_work(bare):
    tree, name = bare.tree("trixie"), bare_bed.new_name("row")
    for _ in range(5):
        with bare.boot(tree, name=name) as machine:
            assert machine.terminate() == 0, machine.output


def test_of_many_starts_of_one_name_one_wins_and_the_others_say_why(bare, tree):
    name = bare_bed.new_name("race")
    words = [bare.program, "-q", "--read-only", "-D", tree, "-M", name, "--console=passive", "sleep", "1"]
    processes = [proc.start(words, stderr=subprocess.PIPE) for _ in range(8)]
    ends = [(process.communicate(timeout=15)[1].decode(), process.returncode) for process in processes]
    for process in processes:
        proc.kill_group(process)
    losers = [text for text, status in ends if status == 1]
    assert len(losers) == 7 and sum(status == 0 for _, status in ends) == 1, ends
    assert all(name in text and len(text.splitlines()) == 1 for text in losers), losers


def test_of_many_starts_of_one_tree_one_wins_and_the_others_say_why(bare, tree):
    processes = []
    for _ in range(8):
        words = [bare.program, "-q", "-D", tree, "-M", bare_bed.new_name("race"), "--console=passive", "sleep", "1"]
        processes.append(proc.start(words, stderr=subprocess.PIPE))
    ends = [(process.communicate(timeout=15)[1].decode(), process.returncode) for process in processes]
    for process in processes:
        proc.kill_group(process)
    assert sorted(status for _, status in ends) == [0] + [1] * 7, ends
    assert all("in use" in text for text, status in ends if status == 1), ends


def test_many_machines_at_once_all_work(bare, tree):
    processes = []
    for number in range(10):
        words = [bare.program, "-q", "--read-only", "-D", tree, "-M", bare_bed.new_name("many"), "sh", "-c"]
        processes.append(proc.start([*words, f"sleep .3; exit {number}"], stderr=subprocess.PIPE))
    ends = [(process.communicate(timeout=30)[1].decode(), process.returncode) for process in processes]
    for process in processes:
        proc.kill_group(process)
    assert ends == [("", number) for number in range(10)]


def test_cleanup_takes_away_what_a_killed_run_left(bare, tree, own_records):
    name = bare_bed.new_name("clean")
    with bare.start(tree, "sleep", "60", name=name, prefix=own_records) as machine:
        machine.wait_started()
        assert (PROPAGATE / name).exists()
        machine.process.kill()
        machine.wait(5)
    done = proc.run(*own_records, bare.program, "--cleanup", "-M", name).check()
    assert (done.stdout, done.stderr) == ("", "")
    assert not _members(name) and not (PROPAGATE / name).exists() and not (LOCKS / f"name-{name}").exists()


def test_cleanup_finds_the_name_by_the_tree_and_needs_nothing_to_clean(bare):
    tree = bare.tree("busybox")
    proc.run(bare.program, "--cleanup", "-D", ".", cwd=tree).check()
    (PROPAGATE / tree.name).mkdir(parents=True)
    proc.run(bare.program, "--cleanup", "-D", ".", cwd=tree).check()
    assert not (PROPAGATE / tree.name).exists()


def test_cleanup_takes_away_the_mount_that_systemd_nspawn_left(bare):
    name = bare_bed.new_name("theirs")
    folder = Path("/run/systemd/nspawn/unix-export") / name
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    bare.run("--cleanup", "-M", name).check()
    assert not folder.exists()


def test_cleanup_leaves_a_machine_that_runs_alone(bare, tree):
    with bare.start(tree, "sleep", "60") as machine:
        machine.wait_started()
        done = bare.run("--cleanup", "-M", machine.name)
        assert done.status == 1 and machine.name in done.stderr and len(done.stderr.splitlines()) == 1
        assert machine.is_running and (PROPAGATE / machine.name).exists()


@pytest.mark.parametrize("words", [["--cleanup"], ["--cleanup", "-D", "/nowhere"], ["--cleanup", "--dry-run", "-M", "x"]])
def test_cleanup_of_nothing_in_particular_is_refused(bare, words):
    done = bare.run(*words)
    assert done.status == 1 and len(done.stderr.splitlines()) == 1
