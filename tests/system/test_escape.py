# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a tree, its payload or its caller could slip through the crossing into the namespaces: descriptors of the
manager's, words of its environment, control bytes. Nothing of the host is read, made, executed or shown."""

import contextlib
import fcntl
import os
import re
import socket
import stat
import subprocess
import uuid
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import cgroups, inside, proc, treehash

USERS = ("pick", "no")
NUMBERS = range(3, 41)
PROPAGATE = Path("/run/systemd/nspawn/propagate")
EXPORT = Path("/run/systemd/nspawn/unix-export")
SPRUNG = "#!/bin/busybox sh\necho sprung\n"
# A busybox shell answers on one line: where it is by name, by number, and what its root is.
WHERE = "echo $(readlink /proc/self/cwd) $(ls -di .) = $(ls -di / | xargs)"


@pytest.fixture
def tree(bare):
    """The smallest tree that runs anything: busybox. Anybody may write to it."""
    path = bare.tree("busybox")
    (path / "etc/os-release").write_text("ID=busybox\n", encoding="ascii")
    path.chmod(0o777)
    return path


@pytest.fixture
def canary(bare):
    """A folder beside the tree that anybody may write to, and nobody must; with a program that nobody must run."""
    folder = bare.folder("canary")
    folder.chmod(0o777)
    for name in ("program", "init", "sh"):
        (folder / name).write_text(SPRUNG, encoding="ascii")
        (folder / name).chmod(0o755)
    return folder


def _ways(canary, name=""):
    """Where a descriptor of the manager's could lead: to itself, up from it, and from there to the canary."""
    for number in NUMBERS:
        fd = f"/proc/self/fd/{number}"
        yield f"{fd}/{name}" if name else fd
        yield f"{fd}/../../../{name}"
        yield f"{fd}/{'../' * 12}{str(canary)[1:]}/{name}"


def _run(bare, tree, *words, **how):
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("esc"), "--console=pipe", *words, **how)
    assert not done.timed_out and 0 <= done.status < 126, done
    return done


def _assert_is_inside(done):
    """The payload either was refused its folder with one line, or is in its own tree."""
    if done.status == 1:
        assert done.stdout == "" and len(done.stderr.splitlines()) == 1, done
        return
    folder = done.check().stdout.split()[0]
    assert folder.startswith("/") and "canary" not in folder, done
    assert "program" not in done.stdout, done


def _replace_link(path, target):
    path.unlink(missing_ok=True)
    path.symlink_to(target)


@pytest.mark.parametrize("users", USERS)
def test_a_working_folder_in_a_descriptor_stays_inside(bare, tree, canary, users):
    before = treehash.snapshot(canary)
    for way in _ways(canary):
        _replace_link(tree / "way", way)
        script = f"{WHERE}; ls; touch made"
        _assert_is_inside(_run(bare, tree, f"--private-users={users}", "--chdir=/way", "/bin/busybox", "sh", "-c", script))
    assert treehash.difference(before, treehash.snapshot(canary)) == []


@pytest.mark.parametrize("users", USERS)
def test_a_home_in_a_descriptor_is_not_made_there(bare, tree, canary, users):
    word = f"home-{uuid.uuid4().hex[:8]}"
    before = treehash.snapshot(canary)
    for way in _ways(canary, word):
        (tree / "etc/passwd").write_text(f"mallory:x:0:77::{way}:/bin/sh\nm:x:77:77::{way}:/bin/sh\n", encoding="ascii")
        _run(bare, tree, f"--private-users={users}", "--uid=m", "/bin/busybox", "true")
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    above = [*canary.parents, Path("/run"), Path("/run/boot-tree"), Path("/run/systemd"), Path("/run/systemd/nspawn")]
    assert [str(folder / word) for folder in above if os.path.lexists(folder / word)] == []


@pytest.mark.parametrize("users", USERS)
def test_a_login_shell_starts_in_no_home_in_a_descriptor(bare, tree, canary, users):
    before = treehash.snapshot(canary)
    for way in _ways(canary):
        (tree / "etc/passwd").write_text(f"root::0:0::{way}:/bin/sh\n", encoding="ascii")
        _assert_is_inside(_run(bare, tree, f"--private-users={users}", "--uid=root", stdin=f"{WHERE}; ls; touch made\n"))
    assert treehash.difference(before, treehash.snapshot(canary)) == []


@pytest.mark.parametrize("users", USERS)
def test_a_shell_in_a_descriptor_is_not_executed(bare, tree, canary, users):
    for way in _ways(canary, "program"):
        (tree / "etc/passwd").write_text(f"root::0:0::/:{way}\n", encoding="ascii")
        done = _run(bare, tree, f"--private-users={users}", "--uid=root", stdin="echo own\n")
        assert "sprung" not in done.stdout, done


@pytest.mark.parametrize("users", USERS)
def test_an_init_in_a_descriptor_is_not_executed(bare, tree, canary, users):
    for way in _ways(canary, "init"):
        (tree / "bin/init").unlink(missing_ok=True)
        _replace_link(tree / "sbin/init", way)
        done = _run(bare, tree, f"--private-users={users}", "-b")
        assert "sprung" not in done.stdout, done
        assert done.status == 1 and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize("users", USERS)
def test_a_command_in_a_descriptor_is_not_executed(bare, tree, canary, users):
    for way in _ways(canary, "program"):
        _replace_link(tree / "bin/evil", way)
        done = _run(bare, tree, f"--private-users={users}", "/bin/evil")
        assert done.status == 1 and done.stdout == "" and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize("count", ["1", "8", "64", "4294967292", "4294967293", "4294967294", "4294967295"])
def test_sockets_that_are_not_there_are_an_error(bare, tree, count):
    words = ["-q", "-D", str(tree), "-M", bare_bed.new_name("listen"), "/bin/busybox", "ls", "/proc/self/fd"]
    script = f'export LISTEN_PID=$$ LISTEN_FDS={count}; exec "$0" "$@"'
    done = proc.run("sh", "-c", script, bare.program, *words)
    assert (done.status, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done
    assert "LISTEN_FDS" in done.stderr


def test_fewer_sockets_than_announced_are_an_error(bare, tree):
    words = ["-q", "-D", str(tree), "-M", bare_bed.new_name("listen"), "/bin/busybox", "ls", "/proc/self/fd"]
    script = 'exec 3</etc/hostname 4</etc/hostname; export LISTEN_PID=$$ LISTEN_FDS=3; exec "$0" "$@"'
    done = proc.run("bash", "-c", script, bare.program, *words)
    assert (done.status, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done


@pytest.mark.parametrize("users", USERS)
@pytest.mark.parametrize("target", ["/run/host/incoming", "/run/host", "/run/host/unix-export"])
@pytest.mark.parametrize("top", ["dev", "run", "proc", "sys", "tmp"])
def test_a_folder_that_leads_into_the_tunnels_brings_nothing_to_the_host(bare, tree, top, target, users):
    (tree / top).rmdir()
    (tree / top).symlink_to(target)
    write = 'for d in /dev /run /proc /sys /tmp /run/host/incoming; do echo x >$d/loot; mkdir $d/folder; done 2>/dev/null'
    script = f"{write}; echo up; exec sleep 60"
    name = bare_bed.new_name("tunnel")
    with bare.start(
        tree, "-q", "--console=pipe", f"--private-users={users}", "/bin/busybox", "sh", "-c", script, name=name
    ) as machine:
        proc.wait_for(lambda: "up" in machine.lines or not machine.is_running, 10, "an end or the payload")
        if machine.is_running:
            assert list((PROPAGATE / name).iterdir()) == []
            assert not (EXPORT / name).exists() or list((EXPORT / name).iterdir()) == []
            assert machine.terminate(10) in (0, 1)
        else:
            assert machine.wait() == 1 and len(machine.output.splitlines()) == 1, machine.output
    assert not (PROPAGATE / name).exists() and not (EXPORT / name).exists()


@pytest.mark.parametrize("users", USERS)
def test_the_tunnel_from_the_host_is_never_writable(bare, tree, users):
    script = "for n in 1 2 3; do touch /run/host/incoming/$n && exit 9; done 2>/dev/null; exit 0"
    with bare.start(tree, "-q", f"--private-users={users}", "/bin/busybox", "sh", "-c", script) as machine:
        assert machine.wait() == 0


@contextlib.contextmanager
def _many_descriptors(folder="/etc"):
    """A hundred descriptors of all kinds, as a careless caller has them."""
    fds, sockets = [], []
    try:
        for _ in range(15):
            fds.append(os.open("/", os.O_PATH | os.O_DIRECTORY))
            fds.append(os.open("/etc/hostname", os.O_RDONLY))
            sockets += socket.socketpair()
        for _ in range(5):
            fds += [os.open(folder, os.O_RDONLY | os.O_DIRECTORY), *os.pipe(), *os.openpty()]
            fds += [os.memfd_create("inherited"), os.pidfd_open(1), os.open("/proc/self/ns/mnt", os.O_RDONLY)]
        yield fds[:20] + [one.fileno() for one in sockets] + fds[20:]
    finally:
        for fd in fds:
            os.close(fd)
        for one in sockets:
            one.close()


def _identity(path):
    st = os.stat(path)
    return st.st_dev, st.st_ino


def _members(name):
    top, found = cgroups.unified() / f"boot-tree-{name}", []
    for folder, _, _ in os.walk(top):
        with contextlib.suppress(OSError):
            found += Path(folder, "cgroup.procs").read_text(encoding="ascii").split()
    return found


def _descriptors(pid):
    with contextlib.suppress(OSError):
        return {fd: _identity(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
    return {}


@pytest.mark.parametrize("users", USERS)
@pytest.mark.parametrize("kind", ["command", "stub", "shell"])
def test_no_inherited_descriptor_is_seen_inside(bare, tree, kind, users):
    name = bare_bed.new_name("fds")
    command = {"command": ["/bin/busybox", "sleep", "61"], "stub": ["-a", "/bin/busybox", "sleep", "61"], "shell": ["--uid=root"]}
    words = [bare.program, "-q", "-D", tree, "-M", name, f"--private-users={users}", "--console=pipe", *command[kind]]
    is_up = {"command": ["sleep 61"], "stub": ["(sd-stubinit)", "sleep 61"], "shell": ["-sh", "sleep 61"]}[kind]

    def lines():
        texts = []
        for pid in _members(name):
            with contextlib.suppress(OSError):
                texts.append(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip())
        # Before its exec the payload's side still has the manager's words, ours among them.
        return [text for text in texts if name not in text]

    with _many_descriptors() as fds:
        inherited = {_identity(f"/proc/self/fd/{fd}") for fd in fds}
        process = proc.start(words, stdin=subprocess.PIPE, pass_fds=fds, stdout=subprocess.DEVNULL)
        try:
            process.stdin.write(b"sleep 61\n")
            process.stdin.flush()
            proc.wait_for(lambda: all(any(word in line for line in lines()) for word in is_up), 10, f"{is_up} in {lines()}")
            seen = {pid: _descriptors(pid) for pid in _members(name)}
        finally:
            process.stdin.close()
            process.terminate()
            assert proc.stop(process, 15, 10) is not None
    assert seen and all(not inherited & set(one.values()) for one in seen.values()), seen
    # A shell may keep a descriptor of the pipe that it reads from; nobody else has more than three.
    if kind != "shell":
        assert all(set(one) <= {"0", "1", "2"} for one in seen.values()), seen


# Every number that a descriptor of the caller's, or one of ours, could have; $1 says how it is asked for.
EVERY_NUMBER = """
for number in $(seq 0 200); do
    ln -sfn /proc/self/fd/$number "$TREE/way"
    eval "folder=$1"
    "$0" -q -D "$TREE" -M "$NAME" --private-users=no --console=pipe "--chdir=$folder" /bin/busybox sh -c \
        'pwd; ls program init sh; touch made' 2>&1 && echo "$number ran"
done
"""


@pytest.mark.parametrize("folder", ["/way", "/proc/self/fd/\\$number"], ids=["link", "word"])
def test_none_of_a_hundred_descriptors_leads_to_a_working_folder_outside(bare, tree, canary, folder):
    before = treehash.snapshot(canary)
    with _many_descriptors(canary) as fds:
        assert len(fds) >= 100
        env = {"TREE": str(tree), "NAME": bare_bed.new_name("cwd")}
        words = ["bash", "-c", EVERY_NUMBER, bare.program, folder]
        process = proc.start(words, pass_fds=fds, env={**os.environ, **env}, stdout=subprocess.PIPE)
        text = process.communicate(timeout=60)[0].decode(errors="replace")
        proc.kill_group(process)
    assert not [line for line in text.splitlines() if line.endswith("ran") or line in ("program", "init", "sh")], text
    assert len(text.splitlines()) == 201, text
    assert treehash.difference(before, treehash.snapshot(canary)) == []


CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
EVIL = "a\x1b]52;c;ZXZpbA==\x07b\x1b[2J\x9b31m\rc"


def _assert_printable(done):
    assert "\\x1b]52" in done.stderr, done
    assert not CONTROL.search(done.stderr), done
    return done


def test_control_bytes_of_a_tree_path_come_out_escaped(bare):
    folder = bare.folder() / EVIL
    folder.mkdir()
    done = _assert_printable(bare.run("-D", folder, "-b"))
    assert done.status == 1 and len(done.stderr.splitlines()) == 1


def test_control_bytes_of_the_trees_user_come_out_escaped(bare, tree):
    # Found by its number, and refused: it lies beyond the ids of the machine.
    (tree / "etc/passwd").write_text(f"{EVIL}:x:77777:77777::/:/bin/sh\n", encoding="utf-8", newline="\n")
    done = _assert_printable(bare.run("-q", "-D", tree, "-M", bare_bed.new_name("log"), "--uid=77777", "/bin/busybox", "true"))
    assert done.status == 1 and len(done.stderr.splitlines()) == 1


def test_control_bytes_of_a_user_that_is_not_there_come_out_escaped(bare, tree):
    done = _assert_printable(bare.run("-q", "-D", tree, "-M", bare_bed.new_name("log"), f"--uid={EVIL}", "true"))
    assert done.status == 1 and len(done.stderr.splitlines()) == 1


def test_a_line_break_in_an_error_line_makes_no_second_line(bare, tree):
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("log"), "--uid=a\nFAKE: all is well", "true")
    assert done.status == 1 and len(done.stderr.splitlines()) == 1, done


def test_a_line_break_in_the_trees_path_injects_no_record_key(bare, tree):
    evil = bare.folder() / "x\nLEADER=1\nMANAGER=1\nCGROUP=\nNAME=evil\nROOT=nowhere"
    tree.rename(evil)
    with bare.start(evil, "-q", "--console=pipe", "/bin/busybox", "sh", "-c", "echo up; sleep 60") as machine:
        proc.wait_for(lambda: "up" in machine.lines, 10, "the payload")
        text = Path(f"/run/boot-tree/{machine.name}/record").read_text(encoding="utf-8")
        keys = [line.split("=")[0] for line in text.splitlines()]
        assert len(keys) == len(set(keys)) and "nowhere" not in text and "NAME=evil" not in text, text
        listed = bare.run("list", "--no-legend").check().stdout.splitlines()
        assert len([line for line in listed if machine.name in line]) == 1, listed
        assert not any("evil" in line.split()[:1] or line.startswith(("LEADER", "NAME")) for line in listed), listed
        status = bare.run("status", machine.name).check().stdout
        assert str(machine.leader) in status and str(machine.process.pid) in status, status
        # The tree's path may be shown, but only escaped.
        assert not any(line.startswith(("LEADER", "NAME=", "ROOT")) for line in status.splitlines()), status
        assert machine.terminate(10) in (0, 1)


@pytest.mark.parametrize("name", ["exe", "mem", "maps", "environ", "fd", "root", "cwd", "task/1/mem", "map_files"])
def test_nothing_of_the_stubs_process_can_be_opened(bare, tree, name):
    words = ["-q", "-a", "-D", tree, "-M", bare_bed.new_name("stub"), "--console=pipe", "/bin/busybox", "sh", "-c"]
    script = f"ls /proc/1/{name}/. || {{ exec 3</proc/1/{name}; }} && echo read; {{ exec 3>>/proc/1/{name}; }} && echo written"
    done = bare.run(*words, f"({script}); cat /proc/1/comm")
    assert done.stdout == "(sd-stubinit)\n" and "ermission denied" in done.stderr, done


def test_the_program_behind_the_stub_cannot_be_changed_without_a_user_namespace(bare, tree):
    words = ["-q", "-a", "-D", tree, "-M", bare_bed.new_name("stub"), "--console=pipe", "--private-users=no"]
    done = bare.run(*words, "/bin/busybox", "sh", "-c", "exec 3>>/proc/1/exe")
    assert done.status != 0 and "busy" in done.stderr, done


@pytest.mark.parametrize("users", USERS)
def test_the_stub_is_a_program_in_sealed_memory_and_nothing_else(bare, tree, users):
    with bare.start(tree, "-a", f"--private-users={users}", "--console=pipe", "/bin/busybox", "sleep", "60") as machine:
        machine.wait_started()
        folder = f"/proc/{machine.leader}"
        assert os.readlink(f"{folder}/exe") == "/memfd:(sd-stubinit) (deleted)"
        maps = [line.split() for line in inside.read(f"{folder}/maps").splitlines()]
        assert {line[5] for line in maps if len(line) > 5} <= {"/memfd:(sd-stubinit)", "[stack]", "[vvar]", "[vvar_vclock]", "[vdso]", "[vsyscall]"}
        assert not [line for line in maps if "w" in line[1] and "x" in line[1]]
        with open(f"{folder}/exe", "rb") as program:
            seals = fcntl.fcntl(program, fcntl.F_GET_SEALS)
            assert seals == fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
            assert stat.S_IMODE(os.fstat(program.fileno()).st_mode) == 0o111 and os.fstat(program.fileno()).st_uid == 0
            # A program that nobody maps for us: it has nothing to be relocated, and asks for no loader.
            headers = proc.run("readelf", "-lW", f"{folder}/exe").check().stdout
            assert "LOAD" in headers and "DYNAMIC" not in headers and "INTERP" not in headers, headers


def test_the_stub_has_its_name_before_the_program_runs(bare, tree):
    words = ["-q", "-a", "-D", tree, "-M", bare_bed.new_name("stub"), "--console=pipe", "/bin/busybox", "cat", "/proc/1/comm"]
    assert [bare.run(*words).stdout for _ in range(5)] == ["(sd-stubinit)\n"] * 5


SECRET = "s3cret-of-the-manager"


@pytest.mark.parametrize("prefix", [["env"], ["env", "-i"], ["env", "-i", "X=1"]], ids=["environment", "none", "one"])
@pytest.mark.parametrize("users", USERS)
def test_the_stub_shows_nothing_of_the_manager(bare, tree, users, prefix):
    words = [bare.program, "-q", "-a", "-D", tree, "-M", bare_bed.new_name("stub"), f"--private-users={users}"]
    words += ["--console=pipe", f"--setenv=WORD={SECRET}", "/bin/busybox", "sh", "-c"]
    # The payload's own environment has the word; that of PID 1 must not.
    script = 'unset WORD; cat /proc/1/comm; tr "\\0" "|" </proc/1/cmdline; echo; tr "\\0" "|" </proc/1/environ'
    done = proc.run(*prefix, *words, script, env={"MANAGERS_OWN": SECRET})
    assert done.stdout.splitlines()[0] == "(sd-stubinit)", done
    assert SECRET not in done.stdout and "MANAGERS_OWN" not in done.stdout, done
    assert str(tree) not in done.stdout and "--console" not in done.stdout and "X=1" not in done.stdout, done
