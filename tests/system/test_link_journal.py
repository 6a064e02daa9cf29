# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the payload's journal is kept, and who can read it."""

import os
import shutil
import stat

import pytest

from beds import bare as bare_bed
from beds import treehash
from beds.other_host import OtherHost

USERS = pytest.mark.parametrize("users", ["pick", "no"])
ID = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
FOLDER = f"var/log/journal/{ID}"
READERS = 4999


@pytest.fixture
def tree(bare):
    """A tree with a machine id."""
    path = bare.tree("busybox")
    (path / "etc/machine-id").write_text(f"{ID}\n", encoding="ascii")
    with open(path / "etc/group", "a", encoding="ascii") as handle:
        handle.write("systemd-journal:x:77:\n")
    return path


@pytest.fixture
def journals(bare):
    """The host's /var/log/journal, with a group of readers."""
    path = bare.folder("journal")
    os.chown(path, 0, READERS)
    path.chmod(0o2755)
    return path


@pytest.fixture
def host(bare, tree, journals):
    """A host with that folder."""
    other = OtherHost(bare, tree)
    other.change(f"mkdir -p /var/log/journal && mount --bind {journals} /var/log/journal")
    return other


def shell(host, line: str, *options):
    """Runs a line of busybox's shell, which has to succeed without a word of ours."""
    done = host.run("--console=pipe", *options, "--", "/bin/busybox", "sh", "-c", line).check()
    assert done.stderr == "", done
    return done


WRITE = f"echo x >/{FOLDER}/x && stat -c '%u:%g' /{FOLDER}/x"


@USERS
@pytest.mark.parametrize("mode", ["host", "try-host"])
def test_a_journal_is_kept_on_the_host(host, tree, journals, mode, users):
    done = shell(host, WRITE, f"--link-journal={mode}", f"--private-users={users}")
    inside, outside = os.stat(tree / FOLDER), os.stat(journals / ID)
    assert (outside.st_uid, outside.st_gid, oct(outside.st_mode)) == (0, READERS, "0o42755")
    assert (journals / ID / "x").read_text(encoding="ascii") == "x\n" and not (tree / FOLDER / "x").exists()
    st = os.stat(journals / ID / "x")
    assert (st.st_uid, st.st_gid) == (0, READERS)
    assert done.stdout == ("0:77\n" if users == "pick" else f"0:{READERS}\n")
    assert inside.st_uid == 0


@USERS
def test_auto_takes_a_folder_that_is_there(host, journals, users):
    (journals / ID).mkdir()
    shell(host, WRITE, f"--private-users={users}")
    assert (journals / ID / "x").exists()


def test_auto_makes_no_folder(host, tree, journals):
    shell(host, f"test ! -e /{FOLDER}")
    assert list(journals.iterdir()) == [] and not (tree / FOLDER).exists()


def test_no_leaves_a_folder_alone(host, tree, journals):
    (journals / ID).mkdir()
    shell(host, f"test ! -e /{FOLDER}", "--link-journal=no")
    assert not (tree / FOLDER).exists()


@USERS
@pytest.mark.parametrize("option", ["--link-journal=guest", "--link-journal=try-guest", "-j"])
def test_a_journal_is_kept_in_the_tree(host, tree, journals, option, users):
    shell(host, WRITE, option, f"--private-users={users}")
    assert os.readlink(journals / ID) == str(tree / FOLDER)
    assert (tree / FOLDER / "x").read_text(encoding="ascii") == "x\n"


def test_a_link_that_led_elsewhere_is_replaced(host, tree, journals):
    (journals / ID).symlink_to("/nowhere")
    shell(host, "true", "-j")
    assert os.readlink(journals / ID) == str(tree / FOLDER)


def test_nobody_but_root_and_readers_is_mapped(host, journals):
    """What others own on the host is nobody's inside, and nobody else inside can make files there."""
    (journals / ID).mkdir(mode=0o777)
    (journals / ID).chmod(0o777)
    (journals / ID / "foreign").touch()
    os.chown(journals / ID / "foreign", 4711, 4711)
    line = f"cd /{FOLDER}; stat -c %u:%g foreign; chown 5:5 foreign 2>&- || echo no; touch mine && chown 5 mine 2>&- || echo no"
    assert shell(host, line).stdout.splitlines() == ["65534:65534", "no", "no"]


@pytest.mark.parametrize("mode", ["host", "guest"])
def test_the_hosts_own_journal_is_nobody_elses(host, journals, mode):
    host.change(f"echo {ID} >machine-id")
    done = host.run(f"--link-journal={mode}", "/bin/busybox", "true")
    assert done.status == 1 and "same machine id" in done.stderr and list(journals.iterdir()) == [], done
    assert shell(host, "true", f"--link-journal=try-{mode}").stdout == ""
    assert list(journals.iterdir()) == []


@pytest.mark.parametrize("mode", ["host", "guest"])
def test_a_host_that_keeps_its_journal_in_memory_has_no_place(bare, tree, mode):
    other = OtherHost(bare, tree)
    other.change("mount -t tmpfs x /var/log")
    done = other.run(f"--link-journal={mode}", "/bin/busybox", "true")
    assert done.status == 1 and "/var/log/journal" in done.stderr and len(done.stderr.splitlines()) == 1, done
    shell(other, "true", f"--link-journal=try-{mode}")


def test_a_copys_journal_goes_with_the_copy(host, journals):
    shell(host, f"test ! -e /{FOLDER}", "-x", "--link-journal=try-host")
    assert list(journals.iterdir()) == []


def test_what_was_mounted_is_locked(host, journals):
    line = f"umount /{FOLDER} 2>&-; echo x >/{FOLDER}/x"
    shell(host, line, "--link-journal=host")
    assert (journals / ID / "x").exists()


# Harm

CANARY = ("absolute", "relative", "fifo", "file", "device")


def replace(path, kind: str, canary) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "absolute":
        path.symlink_to(canary)
    elif kind == "relative":
        path.symlink_to("../" * 30 + str(canary)[1:])
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    else:
        path.touch()


@pytest.mark.parametrize("mode", ["host", "guest", "try-guest"])
@pytest.mark.parametrize("kind", CANARY)
@pytest.mark.parametrize("place", ["var", "var/log", "var/log/journal", FOLDER])
def test_a_journal_folder_that_leads_outside_touches_nothing_there(bare, host, tree, journals, place, kind, mode):
    canary = bare.folder("canary")
    for name in ("log/journal", f"journal/{ID}", ID):
        (canary / name).mkdir(parents=True)
    replace(tree / place, kind, canary)
    before = treehash.snapshot(canary)
    done = host.run("--console=pipe", f"--link-journal={mode}", "--", "/bin/busybox", "true")
    assert not done.timed_out and done.status in (0, 1) and len(done.stderr.splitlines()) <= 1, done
    assert treehash.difference(before, treehash.snapshot(canary)) == []
    if mode != "host" and (journals / ID).is_symlink():
        assert not os.path.realpath(journals / ID).startswith(str(canary)), "the host would read what the tree names"


# On a systemd host


@pytest.fixture
def persistent(host257):
    """A host that keeps its journal on disk."""
    host257.shell("mkdir -p /var/log/journal && systemd-tmpfiles --create --prefix /var/log/journal && journalctl --flush").check()
    return host257


@USERS
@pytest.mark.parametrize("mode", ["host", "guest"])
def test_journalctl_on_the_host_reads_the_payloads_journal(persistent, mode, users):
    with persistent.guest_tree("trixie") as tree:
        word = bare_bed.new_name("word")
        with persistent.boot(tree, f"--link-journal={mode}", f"--private-users={users}") as machine:
            machine.shell(f"logger {word} && journalctl --sync --flush").check()
            machine_id = machine.read("/etc/machine-id").strip()
            for words in (["-m"], ["-D", f"/var/log/journal/{machine_id}"], ["-M", machine.name]):
                done = persistent.enter("journalctl", "--no-pager", "-q", "--output=cat", *words, "-g", word)
                assert word in done.stdout, (words, done)
            assert machine.shell(f"journalctl -q -g {word} --output=cat").check().stdout.strip() == word
        persistent.enter("rm", "-rf", f"/var/log/journal/{machine_id}").check()
