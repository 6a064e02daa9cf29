# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a command that runs as PID 1 finds and inherits: descriptors, keys, environment, terminal, exit status."""

import ctypes
import fcntl
import os
import platform
import signal
import termios
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import inside, proc

KEYCTL = {"x86_64": 250, "aarch64": 219}
ADD_KEY = {"x86_64": 248, "aarch64": 217}
JOIN_SESSION_KEYRING, SEARCH, SESSION_KEYRING = 1, 10, -3


@pytest.fixture
def run(bare, tree):
    """Runs a line of shell as the payload, by default with our own standard descriptors."""

    def run_script(script, *options, **how):
        return bare.run("-q", "-D", tree, "-M", bare_bed.new_name("cmd"), *options, "sh", "-c", script, **how)

    return run_script


def test_no_inherited_descriptor_reaches_the_payload(bare, tree):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("fds"), "sh", "-c", "ls /proc/self/fd"]
    script = "for i in $(seq 10 59); do eval \"exec $i</etc/passwd\"; done; exec \"$0\" \"$@\""
    done = proc.run("bash", "-c", script, bare.program, *words).check()
    assert done.stdout.split() == ["0", "1", "2", "3"]  # 3 is the folder that ls reads


@pytest.mark.parametrize("missing", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_a_closed_standard_descriptor_becomes_dev_null_and_nothing_of_ours(bare, tree, missing):
    out = bare.folder() / "out"
    closed = " ".join(f"{fd}>&-" for fd in missing)
    words = ["-q", "-D", str(tree), "-M", bare_bed.new_name("fds"), "perl", "-e"]
    payload = 'open(O, ">&=3"); print O "$_ " . readlink("/proc/self/fd/$_") . "\\n" for (0..2)'
    script = f'export LISTEN_PID=$$ LISTEN_FDS=1; exec 3>{out} {closed}; exec "$0" "$@"'
    proc.run("bash", "-c", script, bare.program, *words, payload)
    links = dict(line.split(" ", 1) for line in out.read_text(encoding="utf-8").splitlines())
    assert [links[str(fd)] for fd in missing] == ["/dev/null"] * len(missing)


def test_sockets_are_passed_on_with_their_names(bare, tree):
    words = ["-q", "-D", str(tree), "-M", bare_bed.new_name("listen"), "sh", "-c"]
    payload = 'echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES; cat <&3; cat <&4; ls /proc/self/fd | xargs'
    script = (
        'exec 3<<<one 4<<<two 5<<<three; export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=a:b; exec "$0" "$@"'
    )
    done = proc.run("bash", "-c", script, bare.program, *words, payload).check()
    assert done.stdout == "2 1 a:b\none\ntwo\n0 1 2 3 4 5\n"  # 5 is the folder that ls reads


def test_sockets_of_another_process_are_not_passed_on(run):
    env = {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
    assert run("echo ${LISTEN_FDS-none}; ls /proc/self/fd | xargs", env=env).check().stdout == "none\n0 1 2 3\n"


def test_the_callers_session_keyring_stays_behind(bare, tree):
    call = ctypes.CDLL(None).syscall
    keyctl = KEYCTL[platform.machine()]

    def plant():
        call(keyctl, JOIN_SESSION_KEYRING, None)
        call(ADD_KEY[platform.machine()], b"user", b"canary", b"x", 1, SESSION_KEYRING)

    names = '$type = "user"; $name = "canary";'
    search = f"{names} exit(syscall({keyctl}, {SEARCH}, {SESSION_KEYRING}, $type, $name, 0) < 0 ? 1 : 0)"
    assert proc.run("perl", "-e", search, preexec_fn=plant).status == 0, "the test's own key is not found"
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("key"), "--private-users=no", "perl", "-e", search]
    assert proc.run(bare.program, *words, preexec_fn=plant).status == 1


@pytest.mark.parametrize("mask", [0, 0o77])
def test_umask_is_the_usual_one_whatever_the_caller_has(bare, tree, mask):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("umask"), "sh", "-c", "umask"]
    done = proc.run(bare.program, *words, preexec_fn=lambda: os.umask(mask)).check()
    assert done.stdout == "0022\n"


@pytest.mark.parametrize("users", ["pick", "no"])
def test_the_callers_login_stays_behind_and_a_login_inside_can_be_its_own(bare, tree, users):
    def log_in():
        Path("/proc/self/loginuid").write_text("4711", encoding="ascii")

    words = ["-q", "-D", tree, "-M", bare_bed.new_name("login"), f"--private-users={users}", "sh", "-c"]
    script = "cat /proc/self/loginuid; echo; echo 33 >/proc/self/loginuid; cat /proc/self/loginuid"
    done = proc.run(bare.program, *words, script, preexec_fn=log_in).check()
    assert done.stdout.split() == ["4294967295", "33"]


# Of fds 0 to 2 and the controlling terminal: TIOCSTI, the same with a bit that the kernel does not look at, TIOCLINUX.
TYPE = """
    open($tty, "+<", "/dev/tty");
    for $fd (0, 1, 2, defined fileno($tty) ? fileno($tty) : ()) {
        for $request (0x5412, 0x100005412, 0x541C, 0xA0000541C) {
            $byte = $request % 65536 == 0x5412 ? "\n" : chr(3);
            print syscall(NUMBER, $fd, $request, $byte) < 0 ? $!{EPERM} ? "refused " : "failed " : "worked ";
        }
    }
    print "done\n";
"""


@pytest.mark.parametrize("users", ["pick", "no"])
@pytest.mark.parametrize("mode", ["pipe", "interactive"])
def test_nothing_can_be_typed_into_the_callers_terminal(bare, tree, mode, users):
    script = TYPE.replace("NUMBER", {"x86_64": "16", "aarch64": "29"}[platform.machine()])
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("type"), f"--private-users={users}", f"--console={mode}"]
    with bare.console(*words, "perl", "-MErrno", "-e", script) as console:
        seen = console.expect(r"((?:worked |failed |refused )+)done")[1].split()
        assert console.wait() == 0
        if mode == "pipe":
            assert seen == ["refused"] * 12, console.text  # and it has no /dev/tty
        else:
            assert "worked" in seen, "its own terminal takes none either: nothing is tested"
        waiting = fcntl.ioctl(console.terminal, termios.FIONREAD, b"\0" * 4)
        assert waiting == b"\0" * 4, console.text


def test_signals_are_as_a_new_process_has_them(bare, tree):
    def block():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGCHLD})
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)

    words = ["-q", "-D", tree, "-M", bare_bed.new_name("sig"), "grep", "-E", "SigBlk|SigIgn", "/proc/self/status"]
    done = proc.run(bare.program, *words, preexec_fn=block).check()
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["0" * 16] * 2


def test_capabilities_are_not_inheritable(run):
    done = run("grep -E 'CapInh|CapAmb' /proc/self/status").check()
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["0" * 16] * 2


def test_loopback_is_up_without_anybodys_help(run):
    assert int(run("cat /sys/class/net/lo/flags").check().stdout, 16) & 1


def test_boot_id_is_new_each_time(run):
    ids = {run("cat /proc/sys/kernel/random/boot_id").check().stdout for _ in range(2)}
    ids.add(inside.read("/proc/sys/kernel/random/boot_id"))
    assert len(ids) == 3 and all(len(text) == 37 for text in ids)


def test_environment_of_a_command_is_complete_and_none_of_ours(run):
    env = {"SECRET": "x", "LD_PRELOAD": "", "TERM": "vt100"}
    rows = dict(line.split("=", 1) for line in run("env -u PWD -u SHLVL", env=env).check().stdout.splitlines())
    uuid = rows.pop("container_uuid")
    assert len(uuid) == 36
    assert {key: value for key, value in rows.items() if not key.startswith("container_host_")} == {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "container": "boot-tree",
        "NOTIFY_SOCKET": "/run/host/notify",
        "TERM": "dumb",
        "LANG": "C.UTF-8",
        "HOME": "/root",
        "USER": "root",
        "LOGNAME": "root",
    }
    assert rows["container_host_id"] == "debian"


def test_the_callers_terminal_type_is_passed_on(bare, tree):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("term"), "sh", "-c", "echo $TERM $COLORTERM $NO_COLOR"]
    with bare.console(*words, env={"TERM": "vt220", "COLORTERM": "full", "NO_COLOR": "1"}) as console:
        console.expect("vt220 full 1")
        assert console.wait() == 0


def test_a_terminal_is_the_console_and_the_controlling_one(bare, tree):
    script = "tty; readlink /dev/console; echo c >/dev/tty"
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("tty"), "sh", "-c", script]
    with bare.console(*words) as console:
        console.expect(r"/dev/pts/0\r\npts/0\r\nc\r\n")
        assert console.wait() == 0


def test_a_command_starts_in_the_root_folder(run, bare):
    assert run("pwd", cwd=bare.folder()).check().stdout == "/\n"


def test_a_shell_starts_in_its_users_home_as_a_login(bare, tree):
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("sh"), "--as-pid2", "--console=pipe"]
    done = bare.run(*words, stdin="pwd; echo $0\n").check()
    assert done.stdout == "/root\n-bash\n"


def test_a_command_is_pid_1_and_alone(run):
    done = run("echo $$; ls -d /proc/[0-9]*").check()
    assert done.stdout.split()[:2] == ["1", "/proc/1"]


def test_the_host_does_not_see_the_commands_mounts(run):
    before = inside.read("/proc/self/mountinfo")
    run("mount -t tmpfs canary /mnt && cat /proc/self/mountinfo").check()
    assert inside.read("/proc/self/mountinfo") == before


@pytest.mark.parametrize("status", [0, 1, 7, 132, 134, 255])
def test_exit_status_is_the_commands(run, status):
    assert run(f"exit {status}").status == status


def test_exit_status_of_a_restart_request_is_not_passed_on(run):
    assert run("exit 133").status == 1


def test_a_command_that_is_killed_is_a_failure_with_one_line(bare, tree):
    name = bare_bed.new_name("sig")
    with bare.start(tree, "sleep", "60", name=name) as machine:
        machine.wait_started()
        os.kill(machine.leader, signal.SIGKILL)
        assert machine.wait() == 1
        assert machine.output == f"Machine '{name}' was ended by SIGKILL\n"


def test_a_command_that_crashes_is_a_failure_with_one_line(bare, tree):
    name = bare_bed.new_name("sig")
    done = bare.run("-q", "-D", tree, "-M", name, "--console=passive", "perl", "-e", 'unpack "p", pack "Q", 1')
    assert (done.status, done.stderr) == (1, f"Machine '{name}' was ended by SIGSEGV\n")


def test_a_caller_in_a_chroot_stays_there_and_in_its_folder(bare, tree):
    folder = bare.folder("chroot")
    script = (
        'mount --rbind / "$0" && mount -t tmpfs none "$0/mnt" && touch "$0/mnt/marker" && '
        'exec chroot "$0" sh -c \'cd /mnt && exec "$@"\' sh "$@"'
    )
    prefix = ["unshare", "--mount", "sh", "-c", script, folder]
    with bare.start(tree, "--private-users=no", "sleep", "60", prefix=prefix) as machine:
        machine.wait_started()
        manager = bare_bed.read_record(machine.name)["MANAGER"]
        assert os.path.exists(f"/proc/{manager}/root/mnt/marker") and os.path.exists(f"/proc/{manager}/cwd/marker")
        assert os.stat(f"/proc/{machine.leader}/root/usr").st_ino == os.stat(tree / "usr").st_ino
