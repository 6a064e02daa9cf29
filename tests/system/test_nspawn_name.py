# SPDX-License-Identifier: LGPL-2.1-or-later
"""Called as "systemd-nspawn" it takes nspawn's defaults; the same words behave otherwise under our own name."""

import os

import pytest

from beds import bare as bare_bed
from beds import inside, proc


@pytest.fixture(scope="module")
def tree(tree_cache):
    """A tree that no test here changes."""
    return tree_cache.unpacked("minbase")


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
