# SPDX-License-Identifier: LGPL-2.1-or-later
"""Payloads that try to outlive or to hang their manager, and surroundings in which it must not go wrong."""

import fcntl
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import cgroups, paths, proc

pytestmark = pytest.mark.own_tree("busybox")
SOURCES = Path(__file__).parent / "payload"
CONNECTIONS = Path("/sys/fs/fuse/connections")


def _build(tree, name):
    subprocess.run(
        ["gcc", "-static", "-O1", "-pthread", "-o", tree / name, SOURCES / f"{name}.c"], check=True, capture_output=True
    )


def _members(name):
    """The processes of the machine's control group that are alive."""
    proc.reap_orphans()
    found = []
    for folder, _, _ in os.walk(cgroups.unified() / f"boot-tree-{name}"):
        try:
            pids = Path(folder, "cgroup.procs").read_text(encoding="ascii").split()
            found += [int(pid) for pid in pids if not re.search(r"\) Z", Path(f"/proc/{pid}/stat").read_text("utf-8"))]
        except OSError:
            continue
    return found


@pytest.fixture
def fuse_connections():
    """Aborts every FUSE connection that the test made, whatever happens: what waits for it can end then."""
    was_mounted = os.path.ismount(CONNECTIONS)
    if not was_mounted:
        subprocess.run(["mount", "-t", "fusectl", "fusectl", CONNECTIONS], check=True)
    before = set(os.listdir(CONNECTIONS))
    made = lambda: sorted(set(os.listdir(CONNECTIONS)) - before)  # noqa: E731
    yield made
    for number in made():
        (CONNECTIONS / number / "abort").write_text("1", encoding="ascii")
    if not was_mounted:
        subprocess.run(["umount", CONNECTIONS], check=True)


@pytest.mark.parametrize("words", [[], ["alone"]], ids=["served", "alone"])
def test_a_descriptor_of_fuse_in_the_notify_socket_does_not_hang_the_manager(bare, tree, fuse_connections, words):
    _build(tree, "fuse-never-answers")
    (tree / "tmp").chmod(0o777)
    with bare.start(tree, "-q", "--console=pipe", "/fuse-never-answers", *words) as machine:
        try:
            proc.wait_for(lambda: "sent" in machine.output or "failed" in machine.output, 5, "the descriptor to be sent")
            assert "failed" not in machine.output, machine.output
            assert fuse_connections() != []
            time.sleep(0.3)
            began = time.monotonic()
            machine.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            machine.process.send_signal(signal.SIGTERM)
            # A process that waits for its own FUSE cannot be killed: then the manager gives up, and says so.
            limit = 15 if words else 5
            proc.wait_for(lambda: not machine.is_running, limit, "the end of the manager")
            assert time.monotonic() - began < limit
            assert ("cannot be killed" in machine.output) == bool(words), machine.output
        finally:
            for number in fuse_connections():
                (CONNECTIONS / number / "abort").write_text("1", encoding="ascii")
    # What had to be left is swept by the next start.
    assert bare.run("-q", "-D", str(tree), "--console=pipe", "/bin/busybox", "true", timeout=20).ok


def _lost(word):
    """Processes that carry WORD in their command line, or are children of ours and no test's."""
    proc.reap_orphans()
    done = proc.run("ps", "-eo", "pid=,stat=,args=")
    return [line for line in done.stdout.splitlines() if word in line and " Z" not in line and "ps -eo" not in line]


@pytest.mark.parametrize("number", range(1, 9))
def test_a_kill_while_the_ids_are_mapped_leaves_no_process(bare, tree, number):
    name = bare_bed.new_name("idmap")
    words = [bare.program, "-q", "-D", str(tree), "-M", name, "--private-users-ownership=map", "/bin/busybox", "true"]
    # Calls are counted for each process: the helper makes none of these.
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject=write:signal=SIGKILL:when={number}"]
    killed = proc.run(*inject, *words, timeout=10)
    assert not killed.timed_out, killed
    proc.wait_for(lambda: not _lost(name), 5, f"the end of {_lost(name)}")
    proc.wait_for(lambda: not _members(name), 5, "the end of the payload")
    done = bare.run(*words[1:]).check()
    assert done.stderr == ""


@pytest.mark.parametrize("users", ["no", "pick"])
def test_a_hostile_pid_1_is_ended_by_the_next_start_of_any_machine(bare, tree, users):
    _build(tree, "outlives")
    other, name = bare.tree("busybox"), bare_bed.new_name("evil")
    with bare.start(tree, f"--private-users={users}", "--console=read-only", "/outlives", name=name) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        leader, record = machine.leader, bare_bed.read_record(name)
        machine.process.kill()
        machine.wait(5)
    # The start of somebody else on this machine may have swept already: then this shows less, but not wrongly.
    done = bare.run("-q", "-D", other, "-M", bare_bed.new_name("any"), "/bin/busybox", "true").check()
    assert done.stderr == ""
    assert _members(name) == []
    proc.reap_orphans()
    with pytest.raises(ProcessLookupError):
        os.kill(leader, 0)
    ids = f"{record['ID_BASE']}:65536" if users == "pick" else users
    # The same name: only its own start takes away the lock and the folder of the tunnel that it left.
    done = bare.run("-q", "-D", tree, "-M", name, f"--private-users={ids}", "/bin/busybox", "echo", "again").check()
    assert (done.stdout, done.stderr) == ("again\n", "")


@pytest.mark.parametrize("link", ["/nowhere/at/all", "systemd", "/dev/null"])
def test_a_run_folder_that_is_a_dangling_link_is_one_line(bare, tree, link):
    # All of it in a mount namespace of its own: this machine's /run is not touched.
    script = f'mount -t tmpfs none /run && ln -s {link} /run/systemd && exec "$0" "$@"'
    words = [bare.program, "-q", "-D", str(tree), "-M", bare_bed.new_name("link"), "/bin/busybox", "true"]
    done = proc.run("unshare", "-m", "--propagation", "private", "sh", "-c", script, *words, timeout=5)
    assert not done.timed_out and done.status == 1 and len(done.stderr.splitlines()) == 1, done
    assert "/run/systemd" in done.stderr and done.seconds < 2, done


@pytest.mark.parametrize("below", ["", "payload", "other/deep"])
def test_a_foreign_process_in_the_control_group_is_not_killed(bare, tree, below):
    name = bare_bed.new_name("foreign")
    top = cgroups.make(f"boot-tree-{name}")
    (top / below).mkdir(parents=True, exist_ok=True)
    member = proc.start(["sleep", "100"], preexec_fn=lambda: cgroups.join(top / below))
    try:
        done = bare.run("-q", "-D", tree, "-M", name, "/bin/busybox", "true")
        assert (done.status, len(done.stderr.splitlines())) == (1, 1) and name in done.stderr, done
        assert member.poll() is None and cgroups.of_process(member.pid) == top / below
    finally:
        proc.kill_group(member)
        cgroups.remove(top)


@pytest.mark.parametrize("words", [[], ["-a"]], ids=["command", "stub"])
def test_a_caller_that_ignores_its_children_gets_the_exit_status(bare, tree, words):
    command = [bare.program, "-q", *words, "-D", tree, "-M", bare_bed.new_name("chld"), "/bin/busybox", "sh", "-c", "exit 7"]
    done = proc.run(*command, preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    assert (done.status, done.stderr) == (7, ""), done


def test_a_caller_that_blocks_all_signals_can_still_end_us(bare, tree):
    prefix = ["perl", "-MPOSIX", "-e", "sigprocmask(SIG_SETMASK, POSIX::SigSet->new(1..31)); exec @ARGV", "--"]
    with bare.start(tree, "-q", "--console=pipe", "/bin/busybox", "sh", "-c", "echo up; sleep 60", prefix=prefix) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        machine.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert machine.terminate(5) in (0, 1)


@pytest.mark.parametrize("users", ["no", "pick"])
def test_each_boot_has_a_boot_id_of_its_own(bare, tree, users):
    _build(tree, "reboots")
    name = bare_bed.new_name("bootid")
    for _ in range(2):
        (tree / "boots").unlink(missing_ok=True)
        done = bare.run("-q", "-D", tree, "-M", name, f"--private-users={users}", "/reboots", "2", timeout=20)
        assert done.status == 3, done
        (tree / f"boots-{os.urandom(2).hex()}").write_bytes((tree / "boots").read_bytes())
    ids = [line for path in tree.glob("boots-*") for line in path.read_text(encoding="ascii").split()]
    assert len(ids) == 6 and len(set(ids)) == 6, ids
    assert Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip() not in ids


def test_a_payload_that_reboots_for_ever_is_given_up(bare, tree):
    _build(tree, "reboots")
    name = bare_bed.new_name("loop")
    done = bare.run("-q", "-D", tree, "-M", name, "/reboots", timeout=20)
    assert (done.timed_out, done.status, len(done.stderr.splitlines())) == (False, 1, 1), done
    assert name in done.stderr


@pytest.mark.parametrize("attempt", range(3))
def test_of_eight_starts_of_one_name_one_runs_and_the_others_say_why(bare, tree, attempt):
    name = bare_bed.new_name(f"race{attempt}")
    words = [bare.program, "-q", "--read-only", "-D", tree, "-M", name, "--console=passive", "/bin/busybox", "sleep", "2"]
    processes = [proc.start(words, stderr=subprocess.PIPE) for _ in range(8)]
    ends = [(process.communicate(timeout=15)[1].decode(), process.returncode) for process in processes]
    for process in processes:
        proc.kill_group(process)
    losers = [text for text, status in ends if status == 1]
    assert sorted(status for _, status in ends) == [0] + [1] * 7, ends
    assert all(name in text and len(text.splitlines()) == 1 and "nspawn" not in text for text in losers), losers
    assert not Path(f"/run/boot-tree/{name}").exists() and not (cgroups.unified() / f"boot-tree-{name}").exists()


def test_a_start_waits_for_whoever_cleans_up_behind_a_killed_run_of_its_name(bare, tree):
    name = bare_bed.new_name("swept")
    with bare.start(tree, "/bin/busybox", "sleep", "60", name=name) as machine:
        machine.wait_started()
        machine.process.kill()
        machine.process.wait()
    folder = Path("/run/boot-tree", name)
    with open(folder / "lock", "rb+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)  # as another start does that sweeps
        process = proc.start([bare.program, "-q", "-D", tree, "-M", name, "/bin/busybox", "true"], stderr=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        (folder / "record").unlink()
    errors = process.communicate(timeout=10)[1]
    assert (process.returncode, errors) == (0, b""), errors


@pytest.mark.parametrize("end", ["exit", "signal"])
def test_keep_unit_gives_the_group_back_as_it_was(bare, tree, end):
    unit = cgroups.make(f"{paths.SESSION}-unit")
    name = bare_bed.new_name("keep")
    payload = "echo up; sleep 60" if end == "signal" else "exit 5"
    words = [bare.program, "-q", "-D", str(tree), "-M", name, "--keep-unit", "--register=no", "--console=pipe"]
    words += ["/bin/busybox", "sh", "-c", payload]
    try:
        before = (unit / "cgroup.subtree_control").read_text(encoding="ascii")
        with bare_bed.Booted(["sh", "-c", f'echo 0 >{unit}/cgroup.procs; exec "$0" "$@"', *words], name) as machine:
            if end == "signal":
                proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
                machine.process.send_signal(signal.SIGTERM)
                time.sleep(0.2)
                machine.terminate(5)
            else:
                assert machine.wait(5) == 5, machine.output
        assert [path.name for path in unit.iterdir() if path.is_dir()] == []
        assert (unit / "cgroup.subtree_control").read_text(encoding="ascii") == before
    finally:
        cgroups.remove(unit)


# In front of boot-tree: a mount namespace in which no control group can be found.
GROUPLESS = ["unshare", "--mount", "sh", "-c", 'umount --recursive --lazy /sys/fs/cgroup && exec "$0" "$@"']


@pytest.mark.parametrize("users", ["no", "pick"])
def test_a_hostile_pid_1_without_a_control_group_is_ended_by_the_next_start(bare, tree, users):
    _build(tree, "outlives")
    other, name = bare.tree("busybox"), bare_bed.new_name("loose")
    words = [f"--private-users={users}", "--console=read-only", "/outlives"]
    with bare.start(tree, *words, name=name, prefix=GROUPLESS) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        leader, record = machine.leader, bare_bed.read_record(name)
        assert "CGROUP" not in record and record["LEADER_IDENTITY"]
        machine.process.kill()
        machine.wait(5)
    done = bare.run("-q", "-D", other, "-M", bare_bed.new_name("any"), "/bin/busybox", "true").check()
    assert done.stderr == ""
    proc.reap_orphans()
    with pytest.raises(ProcessLookupError):
        os.kill(leader, 0)
    # The same name: only its own start takes away the lock and the folder of the tunnel that it left.
    bare.run("-q", "-D", tree, "-M", name, "/bin/busybox", "true").check()


def test_a_process_that_only_has_the_number_of_a_lost_payload_is_not_killed(bare, tree):
    name = bare_bed.new_name("reused")
    with bare.start(tree, "/bin/busybox", "sleep", "60", name=name, prefix=GROUPLESS) as machine:
        machine.wait_started()
        path = bare_bed.RUN / name / "record"
        machine.process.kill()
        machine.wait(5)
    innocent = proc.start(["sleep", "100"])
    try:
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub("LEADER=.*", f"LEADER={innocent.pid}", text), encoding="utf-8")
        bare.run("--cleanup", "-M", name).check()
        assert innocent.poll() is None and not path.exists()
    finally:
        proc.kill_group(innocent)
