# SPDX-License-Identifier: LGPL-2.1-or-later
"""What each base option does. The options of ids are in test_boot.py, bad values in test_errors.py."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import inside, proc, treehash


# name: options, payload, what it prints
PRINTS = {
    "chdir": (["--chdir=/usr/lib"], ["pwd"], "/usr/lib"),
    "uid-by-name": (["--uid=daemon"], ["id", "-un"], "daemon"),
    "uid-by-number": (["--uid=1"], ["id", "-un"], "daemon"),
    "uid-of-nobody-known": (["--uid=12345"], ["id", "-u"], "12345"),
    "uid-letter": (["-u", "games"], ["id", "-g"], "60"),
    "uid-old-name": (["--user=daemon"], ["id", "-u"], "1"),
    "uid-has-no-capabilities": (["-u", "1"], ["grep", "-c", "CapEff:.0000000000000000", "/proc/self/status"], "1"),
    "uid-in-environment": (["--uid=games"], ["sh", "-c", "echo $USER $LOGNAME $HOME"], "games games /usr/games"),
    "setenv": (["--setenv=FOO=a b"], ["sh", "-c", "echo $FOO"], "a b"),
    "setenv-last-wins": (["-E", "FOO=1", "-EFOO=2"], ["sh", "-c", "echo $FOO"], "2"),
    "setenv-over-ours": (["--setenv=HOME=/x", "--setenv=container=y"], ["sh", "-c", "echo $HOME $container"], "/x y"),
    "setenv-empty": (["--setenv=FOO="], ["sh", "-c", "echo ${FOO-unset}."], "."),
    "hostname": (["--hostname=other.name"], ["cat", "/proc/sys/kernel/hostname"], "other.name"),
    "uuid": (
        ["--uuid=0123456789abcdef0123456789abcdef"],
        ["sh", "-c", "echo $container_uuid"],
        "01234567-89ab-cdef-0123-456789abcdef",
    ),
    "read-only": (["--read-only"], ["sh", "-c", "touch /x /usr/x 2>&-; ls /x /usr/x 2>&-; echo end"], "end"),
    "read-only-but-run": (["--read-only"], ["sh", "-c", "touch /run/x /tmp/x /dev/shm/x && echo yes"], "yes"),
    "as-pid2": (["--as-pid2"], ["sh", "-c", "echo $$"], "2"),
    "as-pid2-letter": (["-a"], ["sh", "-c", "echo $$"], "2"),
    # PID 1 gives itself that name while the program already runs.
    "as-pid2-name": (["-a"], ["sh", "-c", "until grep stub /proc/1/comm; do :; done"], "(sd-stubinit)"),
    "private-network": (["--private-network"], ["sh", "-c", "ls /sys/class/net"], "lo"),
    "default-network": ([], ["sh", "-c", "ls /sys/class/net"], "lo"),
    "time-namespace": (["--time-namespace=yes"], ["sh", "-c", "cut -d. -f1 /proc/uptime"], "0"),
    "register": (["--register=no"], ["echo", "ran"], "ran"),
    "dash-dash": (["--", "echo"], ["-n", "x"], "x"),
    "words-are-not-options": (["echo", "--quiet"], ["-D"], "--quiet -D"),
    "empty-word": (["printf", "%s."], ["", "a"], ".a."),
    "no-pager": (["--no-pager"], ["echo", "ran"], "ran"),
}


@pytest.mark.parametrize("case", sorted(PRINTS))
def test_option_does_what_it_says(run, case):
    options, payload, wanted = PRINTS[case]
    assert run(*options, *payload).check().stdout.strip() == wanted


# What is done at once and touches nothing: a word of its output.
SHOWS = {"--help": "--directory=", "-h": "--directory=", "--version": "boot-tree", "--dump-options": "private-users"}


@pytest.mark.parametrize("option", sorted(SHOWS))
def test_what_is_only_shown_needs_neither_tree_nor_root(bare, option):
    done = proc.run("setpriv", "--reuid=4242", "--regid=4242", "--clear-groups", bare.program, option).check()
    assert SHOWS[option] in done.stdout and done.stderr == ""


@pytest.mark.parametrize("form", ["", "=text", "=json"])
def test_a_dry_run_shows_the_plan_and_touches_nothing(bare, tree, form):
    name = bare_bed.new_name("dry")
    before = treehash.snapshot(tree)
    done = bare.run("-q", "-D", tree, "-M", name, f"--dry-run{form}", "true").check()
    assert name in done.stdout and "/run/host/os-release" in done.stdout
    assert treehash.difference(before, treehash.snapshot(tree)) == []


def test_a_variable_of_ours_is_passed_on_by_its_name(run):
    assert run("-E", "WORD", "sh", "-c", "echo $WORD", env={"WORD": "of ours"}).check().stdout == "of ours\n"


def test_a_variable_that_we_have_not_is_left_out_with_a_warning(run):
    done = run("-E", "SURELY_NOT_SET", "sh", "-c", "echo ${SURELY_NOT_SET-unset}").check()
    assert done.stdout == "unset\n" and "SURELY_NOT_SET" in done.stderr and len(done.stderr.splitlines()) == 1


def test_groups_of_the_user_are_those_of_the_tree(bare):
    tree = bare.tree("minbase")
    with open(tree / "etc/group", "a", encoding="ascii") as handle:
        handle.write("first:x:901:daemon\nother:x:902:games\nlast:x:903:games,daemon\n")
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("grp"), "--uid=daemon", "id", "-G").check()
    assert done.stdout.split() == ["1", "901", "903"]


def test_a_home_that_is_missing_is_made_for_its_user(bare):
    tree = bare.tree("minbase")
    with open(tree / "etc/passwd", "a", encoding="ascii") as handle:
        handle.write("new:x:1234:1235::/home/new:/bin/sh\n")
    bare.run("-q", "-D", tree, "-M", bare_bed.new_name("home"), "--uid=new", "true").check()
    st = os.stat(tree / "home/new")
    assert (st.st_uid, st.st_gid) == (1234, 1235)


def test_the_trees_machine_id_wins_over_the_options(bare):
    tree = bare.tree("minbase")
    (tree / "etc/machine-id").write_text("fedcba9876543210fedcba9876543210\n", encoding="ascii")
    words = ["--uuid=0123456789abcdef0123456789abcdef", "sh", "-c", "echo $container_uuid"]
    done = bare.run("-q", "-D", tree, "-M", bare_bed.new_name("id"), *words).check()
    assert done.stdout == "fedcba98-7654-3210-fedc-ba9876543210\n"


def test_a_read_only_tree_is_not_touched(bare):
    tree = bare.tree("minbase")
    before = treehash.snapshot(tree)
    bare.run("-q", "-D", tree, "-M", bare_bed.new_name("ro"), "--read-only", "true").check()
    assert treehash.difference(before, treehash.snapshot(tree)) == []


def test_read_only_runs_share_a_tree(bare, tree):
    with bare.start(tree, "--read-only", "sleep", "60") as machine:
        machine.wait_started()
        bare.run("-q", "--read-only", "-D", tree, "-M", bare_bed.new_name("ro"), "true").check()


def test_a_machine_is_found_by_its_name(bare):
    name = bare_bed.new_name("found")
    link = Path("/var/lib/machines") / name
    link.symlink_to(bare.tree("minbase"))
    try:
        assert bare.run("-q", "-M", name, "sh", "-c", "cat /proc/sys/kernel/hostname").check().stdout == f"{name}\n"
    finally:
        link.unlink()


def test_without_a_name_the_folders_name_serves(bare):
    tree = bare.tree("minbase")
    done = bare.run("-q", "-D", tree, "cat", "/proc/sys/kernel/hostname").check()
    assert done.stdout.strip() == tree.name


def test_the_network_of_the_host_can_be_shared(run):
    ours = sorted(os.listdir("/sys/class/net"))
    done = run("--network-host", "sh", "-c", "ls /sys/class/net; readlink /proc/self/ns/net").check()
    *found, space = done.stdout.split()
    assert (sorted(found), space) == (ours, os.readlink("/proc/self/ns/net"))


def test_with_the_hosts_network_sys_is_locked_and_closed(bare, tree):
    with bare.start(tree, "--network-host", "sleep", "60") as machine:
        machine.wait_started()
        assert machine.call(inside.refusal, inside.umount, "/sys") == "EINVAL"
        remount = inside.MS_REMOUNT | inside.MS_BIND | inside.MS_NOSUID | inside.MS_NODEV | inside.MS_NOEXEC
        assert machine.call(inside.refusal, inside.mount, "none", "/sys", None, remount) == "EPERM"
        assert machine.call(inside.refusal, inside.open_for_writing, "/proc/sys/net/ipv4/ip_forward") != ""


OFFSETS = {
    "boottime-hours": ("--boottime-offset=5h", time.CLOCK_BOOTTIME, 18000),
    "boottime-days": ("--boottime-offset=2d", time.CLOCK_BOOTTIME, 172800),
    "boottime-back": ("--boottime-offset=-10s", time.CLOCK_BOOTTIME, -10),
    "monotonic-seconds": ("--monotonic-offset=1000", time.CLOCK_MONOTONIC, 1000),
}


@pytest.mark.parametrize("case", sorted(OFFSETS))
def test_a_clock_is_offset_from_the_hosts(bare, tree, case):
    option, clock, offset = OFFSETS[case]
    with bare.start(tree, option, "sleep", "60") as machine:
        machine.wait_started()
        seen = machine.call(time.clock_gettime, clock)
        assert abs(seen - time.clock_gettime(clock) - offset) < 1
        other = time.CLOCK_MONOTONIC if clock == time.CLOCK_BOOTTIME else time.CLOCK_BOOTTIME
        assert machine.call(time.clock_gettime, other) < 30, "the other clock starts at zero"


def test_without_a_time_namespace_the_clocks_are_the_hosts(bare, tree):
    with bare.start(tree, "--time-namespace=no", "sleep", "60") as machine:
        machine.wait_started()
        assert inside.namespaces(machine.leader)["time"] == inside.namespaces("self")["time"]


@pytest.mark.parametrize("word", ["USR1", "SIGUSR1", str(int(signal.SIGUSR1))])
def test_the_kill_signal_is_sent_on_a_stop(bare, tree, word):
    script = 'trap "exit 9" USR1; echo up; while :; do sleep .05; done'
    with bare.start(tree, f"--kill-signal={word}", "--console=read-only", "sh", "-c", script) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        assert machine.terminate(5) == 9


def test_a_command_without_a_kill_signal_is_killed(bare, tree):
    script = 'trap "" TERM INT; echo up; while :; do sleep .05; done'
    with bare.start(tree, "--console=read-only", "sh", "-c", script) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        assert machine.terminate(5) == 1


def _ready(machine, timeout) -> bool:
    return machine.notify.wait("READY", "1", timeout, lambda: machine.is_running)


NOTIFY = """use IO::Socket::UNIX; $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $ENV{NOTIFY_SOCKET}) or die;
$s->send("%s"); sleep 60"""


def test_readiness_is_told_at_once_by_default(bare, tree):
    with bare.start(tree, "--notify-ready=no", "sleep", "60") as machine:
        assert _ready(machine, 5)


def test_readiness_waits_for_pid_1_if_asked_to(bare, tree):
    with bare.start(tree, "sleep", "60") as machine:
        proc.wait_for(lambda: machine.notify.last("X_NSPAWN_LEADER_PID"), 5, "the leader's pid")
        assert not _ready(machine, 0.5)


def test_readiness_of_pid_1_is_passed_on(bare, tree):
    with bare.start(tree, "--console=passive", "perl", "-e", NOTIFY % "READY=1\\nSTATUS=word of pid 1") as machine:
        assert _ready(machine, 5)
        told = machine.notify.wait("STATUS", "Machine running: word of pid 1", 5, lambda: machine.is_running)
        assert told, machine.notify.fields


def test_watchdog_pings_of_pid_1_are_passed_on(bare, tree):
    with bare.start(tree, "--console=passive", "perl", "-e", NOTIFY % "WATCHDOG=1") as machine:
        assert machine.notify.wait("WATCHDOG", "1", 5, lambda: machine.is_running), machine.notify.fields


def test_watchdog_pings_of_another_process_are_not(bare, tree):
    other = f"if (fork) {{ sleep 60 }} else {{ {NOTIFY % 'WATCHDOG=1'} }}"
    with bare.start(tree, "--console=passive", "perl", "-e", other) as machine:
        assert not machine.notify.wait("WATCHDOG", "1", 0.5, lambda: machine.is_running) and machine.is_running


def test_readiness_of_another_process_is_not(bare, tree):
    program = f"if (fork) {{ sleep 60 }} else {{ {NOTIFY % 'READY=1'} }}"
    with bare.start(tree, "--console=passive", "perl", "-e", program) as machine:
        assert not _ready(machine, 0.5) and machine.is_running


STUB = ["--as-pid2", "--console=pipe", "sh", "-c"]


def test_the_stub_reaps_orphans(run):
    zombies = "grep -c '^State:.Z' /proc/[0-9]*/status | grep -c :1"
    script = f"for i in 1 2 3 4 5; do (sleep .05 &) ; done; sleep .3; {zombies}"
    assert run(*STUB, script).stdout == "0\n"


@pytest.mark.parametrize("status", [0, 7, 255])
def test_the_stub_passes_the_exit_status_on(run, status):
    assert run(*STUB, f"exit {status}").status == status


def test_the_stub_says_255_for_a_command_that_was_killed(run):
    assert run(*STUB, "kill -9 $$").status == 255


def test_the_stub_ends_a_command_in_order(bare, tree):
    # It is told twice: a shell at its prompt heeds only the second, SIGHUP.
    script = 'trap "echo asked; exit 3" TERM; trap : HUP; echo up; while :; do sleep .05; done'
    with bare.start(tree, *STUB, script) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        assert machine.terminate(5) == 0
        assert "asked" in machine.output


# A signal from inside that the stub takes: how boot-tree ends; None: it goes on.
STUB_SIGNALS = {"RTMIN+3": 0, "RTMIN+4": 0, "RTMIN+13": 0, "RTMIN+14": 0, "TERM": None, "HUP": None}


def _number(word: str) -> int:
    return signal.SIGRTMIN + int(word[6:]) if word.startswith("RTMIN") else getattr(signal, f"SIG{word}")


@pytest.mark.parametrize("word", sorted(STUB_SIGNALS))
def test_the_stub_takes_the_signals_of_the_tools(bare, tree, word):
    script = 'echo up; while :; do sleep .05; done'
    with bare.start(tree, *STUB, script) as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        os.kill(machine.leader, _number(word))
        if STUB_SIGNALS[word] is not None:
            assert machine.wait(5) == STUB_SIGNALS[word]
        else:
            time.sleep(0.3)
            assert machine.is_running


@pytest.mark.parametrize("word", ["INT", "RTMIN+5", "RTMIN+6", "RTMIN+15", "RTMIN+16"])
def test_the_stub_reboots_in_the_same_program(bare, tree, word):
    with bare.start(tree, *STUB, "echo up; while :; do sleep .05; done") as machine:
        proc.wait_for(lambda: "up" in machine.lines, 5, "the payload")
        os.kill(machine.leader, _number(word))
        proc.wait_for(lambda: machine.lines.count("up") == 2, 5, "the second start")
        assert machine.is_running


def test_the_stub_holds_nothing_of_ours(bare, tree):
    with bare.start(tree, "-a", "sleep", "60") as machine:
        machine.wait_started()
        folder = f"/proc/{machine.leader}"
        proc.wait_for(lambda: inside.read(f"{folder}/comm") == "(sd-stubinit)\n", 5, "the stub's name")
        assert [os.readlink(f"{folder}/fd/{fd}") for fd in os.listdir(f"{folder}/fd")] == ["anon_inode:[signalfd]"]
        assert inside.read(f"{folder}/cmdline").rstrip("\0") == "(sd-stubinit)"
        assert inside.read(f"{folder}/environ").strip("\0") == ""


BYTES = bytes(range(256)) * 300 + b"\r\n\x1d\x1d\x1d\x04\x03 end without newline"


@pytest.mark.parametrize("option", ["--pipe", "-P", "--console=pipe", "--console=autopipe"])
def test_pipes_pass_every_byte_in_both_directions(bare, tree, option):
    words = [bare.program, "-D", tree, "-M", bare_bed.new_name("pipe"), option, "--", "sh", "-c", "cat; echo err >&2"]
    done = subprocess.run(words, input=BYTES, capture_output=True, timeout=10, check=True)
    assert (done.stdout, done.stderr) == (BYTES, b"err\n")


def test_a_pipe_has_no_console(run):
    assert run("--pipe", "sh", "-c", "test -e /dev/console; echo $?; tty").stdout == "1\nnot a tty\n"


def test_quiet_says_nothing_and_without_it_the_boundary_is_told(run, bare, tree):
    words = ["--private-users=no", "--console=read-only", "true"]
    assert run(*words).check().stderr == ""
    loud = bare.run("-D", tree, "-M", bare_bed.new_name("loud"), *words).check()
    assert "no security boundary" in loud.stderr


@pytest.mark.parametrize("option", ["--slice=x.slice", "--property=MemoryMax=1G"])
def test_what_only_a_scope_has_is_told_to_have_no_effect(bare, tree, option):
    if os.path.isdir("/run/systemd/system"):
        pytest.skip("machine lacks: a PID 1 other than systemd")
    words = ["-D", tree, "-M", bare_bed.new_name("scope"), option, "--console=read-only", "true"]
    assert "have no effect" in bare.run(*words).check().stderr


# A file descriptor that is not there can be synced only if nothing is done.
SYNCED = ["perl", "-e", f"print syscall({82 if os.uname().machine == 'aarch64' else 74}, 999) == 0 ? 'yes' : 'no'"]
# option, variable: whether syncing is suppressed
SUPPRESSED = {
    "default": ([], {}, "no"),
    "option": (["--suppress-sync=yes"], {}, "yes"),
    "variable": ([], {"SYSTEMD_SUPPRESS_SYNC": "1"}, "yes"),
    "option-wins": (["--suppress-sync=no"], {"SYSTEMD_SUPPRESS_SYNC": "1"}, "no"),
    "as-pid2": (["-a", "--suppress-sync=yes"], {}, "yes"),
    "as-user": (["--uid=daemon", "--suppress-sync=yes"], {}, "yes"),
    "without-a-user-namespace": (["--private-users=no", "--suppress-sync=yes"], {}, "yes"),
}


@pytest.mark.parametrize("case", sorted(SUPPRESSED))
def test_syncing_to_disk_can_be_suppressed(run, case):
    options, env, wanted = SUPPRESSED[case]
    assert run(*options, *SYNCED, env=env).check().stdout == wanted


def test_files_can_be_opened_for_synced_writing_where_syncing_is_suppressed(bare):
    tree = bare.tree("minbase")
    words = ["dd", "if=/dev/zero", "of=/x", "oflag=sync", "count=1", "status=none"]
    bare.run("-q", "-D", tree, "-M", bare_bed.new_name("sync"), "--suppress-sync=yes", *words).check()
    assert (tree / "x").stat().st_size == 512
