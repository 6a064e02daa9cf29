# SPDX-License-Identifier: LGPL-2.1-or-later
"""Called as "systemd-nspawn" it takes nspawn's defaults; the same words behave otherwise under our own name."""

import os
import re

import pytest

from beds import bare as bare_bed
from beds import inside, proc
from beds.console import Console


@pytest.fixture
def nspawn(bare):
    """The program under the other name, as a link."""
    link = bare.folder("bin") / "systemd-nspawn"
    link.symlink_to(bare.program)
    return link


@pytest.fixture
def run(nspawn, tree):
    """Runs words with the tree."""

    def run_words(*words, **how):
        return proc.run(nspawn, "-D", tree, "-M", bare_bed.new_name("ns"), *words, **how)

    return run_words


def _payload_space(kind):
    return ["sh", "-c", f"readlink /proc/self/ns/{kind}"]


@pytest.mark.parametrize("kind", ["user", "net", "time"])
def test_a_namespace_is_shared_by_default(run, bare, tree, kind):
    ours = os.readlink(f"/proc/self/ns/{kind}")
    assert run(*_payload_space(kind)).check().stdout.strip() == ours
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("own")]
    other = bare.run(*words, *_payload_space(kind)).check().stdout.strip()
    # A command of ours has clocks of its own only if it boots.
    assert (other == ours) == (kind == "time")


@pytest.mark.parametrize("kind", ["mnt", "pid", "uts", "ipc", "cgroup"])
def test_a_namespace_is_never_shared(run, kind):
    assert run(*_payload_space(kind)).check().stdout.strip() != os.readlink(f"/proc/self/ns/{kind}")


def test_the_payload_is_told_nspawns_name(run):
    done = run("sh", "-c", "echo $container; cat /run/host/container-manager").check()
    assert done.stdout.split() == ["systemd-nspawn"] * 2


def test_nothing_is_said_about_boundaries(run):
    assert run("true").check().stderr == ""


def test_without_a_command_it_is_a_login_shell(run):
    done = run("--pipe", stdin="echo $0 $PWD\n").check()
    assert done.stdout == "-bash /root\n"


def test_without_a_tree_it_is_the_working_folder(nspawn, bare):
    tree = bare.tree("minbase")
    done = proc.run(nspawn, "sh", "-c", "cat /proc/sys/kernel/hostname", cwd=tree).check()
    assert done.stdout.strip() == tree.name


def test_output_that_is_no_terminal_goes_through_a_console(run):
    assert run("sh", "-c", "tty; readlink /dev/console", stdin="").check().stdout == "/dev/pts/0\r\npts/0\r\n"


def test_the_letter_u_makes_a_user_namespace(run):
    row = run("-U", "cat", "/proc/self/uid_map").check().stdout.split()
    assert row[0] == "0" and int(row[1]) >= 524288 and row[2] == "65536"


def test_a_private_network_can_be_asked_for(run):
    assert run("--private-network", "ls", "/sys/class/net").check().stdout.split() == ["lo"]


def test_the_service_word_can_be_set_by_the_environment(run, bare, tree):
    env = {"SYSTEMD_NSPAWN_CONTAINER_SERVICE": "other-word"}
    assert run("sh", "-c", "echo $container", env=env).check().stdout.strip() == "other-word"
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("own"), "sh", "-c", "echo $container"]
    assert bare.run(*words, env=env).check().stdout.strip() == "other-word"


def test_it_boots_only_when_told_to_and_systemd_knows_it_by_name(nspawn, bare):
    name = bare_bed.new_name("boot")
    words = [str(nspawn), "-b", "-D", str(bare.tree("trixie")), "-M", name, "--private-network", "--notify-ready=yes"]
    with bare_bed.Booted(words, name) as machine:
        machine.wait_ready(20)
        assert machine.system_state() == "running"
        assert machine.inside("systemd-detect-virt", "-c").stdout.strip() == "systemd-nspawn"
        assert inside.namespaces(machine.leader)["user"] == inside.namespaces("self")["user"]
        assert machine.terminate() == 0


def test_the_os_release_check_can_be_waived(nspawn, bare):
    tree = bare.tree("busybox")
    for name in ("etc/os-release", "usr/lib/os-release"):
        (tree / name).unlink(missing_ok=True)
    words = [nspawn, "-b", "-D", tree, "-M", bare_bed.new_name("os"), "--dry-run"]
    assert proc.run(*words).status == 1
    assert proc.run(*words, env={"SYSTEMD_NSPAWN_CHECK_OS_RELEASE": "0"}).status == 0


def test_verbs_are_words_like_others_under_this_name(run):
    assert run("echo", "list").check().stdout == "list\r\n"


def test_run_is_the_long_form_of_running(bare, tree):
    done = bare.run("run", "-q", "-D", tree, "-M", bare_bed.new_name("run"), "echo", "ran").check()
    assert done.stdout == "ran\n"


SHARES = {
    "SYSTEMD_NSPAWN_SHARE_NS_PID": ["pid"],
    "SYSTEMD_NSPAWN_SHARE_NS_UTS": ["uts"],
    "SYSTEMD_NSPAWN_SHARE_NS_IPC": ["ipc"],
    "SYSTEMD_NSPAWN_SHARE_SYSTEM": ["pid", "uts", "ipc"],
}
SPACES = ("pid", "uts", "ipc")
READ_SPACES = ["sh", "-c", "for i in pid uts ipc; do readlink /proc/self/ns/$i; done"]


def _shared(stdout):
    return [kind for kind, link in zip(SPACES, stdout.split()) if link == os.readlink(f"/proc/self/ns/{kind}")]


@pytest.mark.parametrize("variable", sorted(SHARES))
def test_namespaces_are_shared_by_the_environment_only_under_this_name(run, bare, tree, variable):
    assert _shared(run(*READ_SPACES, env={variable: "1"}).check().stdout) == SHARES[variable]
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("own"), "--private-users=no", *READ_SPACES]
    assert _shared(bare.run(*words, env={variable: "1"}).check().stdout) == []


def test_with_the_hosts_processes_a_signal_is_no_reboot_and_nothing_survives(nspawn, bare, tree):
    env = {"SYSTEMD_NSPAWN_SHARE_NS_PID": "1"}
    marker = str(10**6 + os.getpid())
    script = f"setsid sleep {marker} </dev/null >/dev/null 2>&1 & kill -HUP $$; sleep 5"
    done = proc.run(nspawn, "-D", tree, "-M", bare_bed.new_name("hup"), "sh", "-c", script, env=env)
    assert done.status == 1 and "SIGHUP" in done.stderr and len(done.stderr.splitlines()) == 1, done
    proc.wait_for(lambda: proc.run("pgrep", "-f", f"sleep {marker}").status == 1, 5, "the end of the sleeper")


def test_the_host_name_of_a_shared_namespace_stays(run):
    before = os.uname().nodename
    run("--hostname=other", "true", env={"SYSTEMD_NSPAWN_SHARE_NS_UTS": "1"}).check()
    assert os.uname().nodename == before


KNOBS = ["sh", "-c", "for i in /proc/sys/kernel /proc/sys/net /sys; do findmnt -no OPTIONS -T $i | cut -c1-2; done"]
# variable's value: whether /proc/sys, /proc/sys/net and /sys can be written
WRITABLE = {"": "ro ro ro", "no": "ro ro ro", "network": "ro rw ro", "yes": "rw rw rw"}


@pytest.mark.parametrize("value", sorted(WRITABLE))
def test_kernel_knobs_are_opened_by_the_environment(run, bare, tree, value):
    env = {"SYSTEMD_NSPAWN_API_VFS_WRITABLE": value}
    assert run(*KNOBS, env=env).check().stdout.split() == WRITABLE[value].split()
    words = ["-q", "-D", tree, "-M", bare_bed.new_name("own"), "--private-users=no", "--network-host", *KNOBS]
    assert bare.run(*words, env=env).check().stdout.split() == ["ro"] * 3


def test_nothing_is_masked_when_all_is_writable(run):
    script = "grep -c inaccessible /proc/self/mountinfo"
    assert run("sh", "-c", script).status == 0
    assert run("sh", "-c", script, env={"SYSTEMD_NSPAWN_API_VFS_WRITABLE": "yes"}).status == 1


def test_tmp_can_be_the_trees(bare, nspawn):
    tree = bare.tree("minbase")
    env = {"SYSTEMD_NSPAWN_TMPFS_TMP": "0"}
    for index, words in enumerate([[nspawn], [bare.program, "-q"]]):
        name = bare_bed.new_name("tmp")
        proc.run(*words, "-D", tree, "-M", name, "touch", f"/tmp/{index}", env=env).check()
        assert (tree / "tmp" / str(index)).exists()


def test_locks_for_others_can_be_left_out(bare, nspawn):
    tree = bare.tree("minbase")
    folder = "/run/systemd/nspawn/locks"
    name = bare_bed.new_name("lock")
    words = [str(nspawn), "-D", str(tree), "-M", name, "--console=passive", "sleep", "60"]
    for value, is_there in (("1", True), ("0", False)):
        with bare_bed.Booted(words, name, env={"SYSTEMD_NSPAWN_LOCK": value}) as machine:
            machine.wait_started()
            inode = f"inode-{os.stat(tree).st_dev}:{os.stat(tree).st_ino}"
            assert [os.path.exists(f"{folder}/{file}") for file in (f"name-{name}", inode)] == [is_there] * 2
            done = proc.run(nspawn, "-D", tree, "-M", bare_bed.new_name("too"), "true", env={"SYSTEMD_NSPAWN_LOCK": value})
            assert done.status == 1 and name in done.stderr


QUESTION, TITLE = "\x1b]11;?\x1b\\\x1b[c", "\x1b[22;0t\x1b]0;{}\x1b\\"
BACK = "\x1b]0;\x1b\\\x1b[23;0t\x1b]111\x1b\\"
# what the terminal answers: the background that it gets
ANSWERS = {
    "dark": ("\x1b]11;rgb:0000/1000/0000\x1b\\\x1b[?6c", "000e1f"),
    "light": ("\x1b]11;rgb:ff/ff/ff\a\x1b[?64;1c", "dfdffe"),
    "does-not-say": ("\x1b[?6c", ""),
    "says-nothing": ("", ""),
    "keys-between": ("ty\x1b]11;rgb:0/0/0\aped\x1b[?6c", "00001f"),
}


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_a_terminal_is_tinted_by_its_own_background(nspawn, bare, tree, kind):
    answer, color = ANSWERS[kind]
    name = bare_bed.new_name("ns")
    words = [nspawn, "-q", "-D", tree, "-M", name, "sh", "-c", "read line; echo got $line"]
    with Console(*map(str, words), env={"TERM": "xterm", "NO_COLOR": ""}) as console:
        console.expect(re.escape(QUESTION))
        console.send(answer)
        console.expect(re.escape(TITLE.format(name) + (f"\x1b]11;#{color}\x1b\\" if color else "")))
        console.send("\r")
        assert console.wait() == 0
        proc.wait_for(lambda: console.text.endswith(BACK), 5, "the terminal's own looks")
        assert ("got typed\r\n" if kind == "keys-between" else "got\r\n") in console.text
        assert ("]11;#" in console.text) == bool(color)
