# SPDX-License-Identifier: LGPL-2.1-or-later
"""The payload's journal is written on the host too, by systemd-journal-remote: who writes, what arrives, how it ends."""

import contextlib

from beds import bare as bare_bed
from beds import proc
from beds.other_host import OtherHost

PROGRAM = "systemd-journal-"  # as ps(1) has it


@contextlib.contextmanager
def folder(host, owner: str = "root"):
    """A new folder on the disk of HOST."""
    path = f"/var/{bare_bed.new_name('logs')}"
    host.enter("install", "-d", "-o", owner, "-g", owner, path).check()
    try:
        yield path
    finally:
        host.enter("rm", "-rf", path).check()


def receivers(host) -> list[list[str]]:
    """Process, user, effective and bounding capabilities of each that runs."""
    script = f"""for pid in $(pgrep -f {PROGRAM}'remote --output'); do
        echo $pid $(ps -o user= -p $pid) $(sed -n 's/^Cap[PB].*:\\t//p;s/^NoNewPrivs:\\t//p' /proc/$pid/status)
    done"""
    return [line.split() for line in host.enter("sh", "-c", script).stdout.splitlines()]


def messages(host, *words) -> list[str]:
    """The messages of the journal that WORDS name."""
    return host.enter("journalctl", "-q", "--no-pager", "--output=cat", *words).check().stdout.splitlines()


def test_a_host_without_the_receiver_is_told_what_to_install(bare):
    other = OtherHost(bare, bare.tree("busybox"))
    other.change("mount -t tmpfs x /usr/lib/systemd")
    done = other.run("--forward-journal=/var/log/x.journal", "/bin/busybox", "true")
    assert done.status == 1 and "install the package" in done.stderr and len(done.stderr.splitlines()) == 1, done


def test_an_old_receiver_is_refused(host252):
    done = host252.boot_tree("-D", "/var/lib/machines/deb", "--forward-journal=/var/log/x.journal", "/bin/true")
    assert done.status == 1 and "256" in done.stderr and len(done.stderr.splitlines()) == 1, done


def test_limits_need_a_newer_receiver(host257):
    words = ["--forward-journal=/var/log/x.journal", "--forward-journal-max-files=1"]
    done = host257.boot_tree("-D", "/var/lib/machines/deb", *words, "/bin/true")
    assert done.status == 1 and "261" in done.stderr and len(done.stderr.splitlines()) == 1, done


def test_a_folder_gets_what_the_payload_logs_to_its_very_end(host262):
    """Also after a reboot inside; written by the owner of the folder, who has no capability, within the limits."""
    limits = ["--forward-journal-max-use=64M", "--forward-journal-max-file-size=512K", "--forward-journal-keep-free=1M"]
    with host262.guest_tree("trixie") as tree, folder(host262, "daemon") as logs:
        words = [f"--forward-journal={logs}/deep", *limits]
        with host262.boot(tree, *words) as machine:
            rows = receivers(host262)
            assert [row[1:] for row in rows] == [["daemon", "0" * 16, "0" * 16, "1"]], rows
            assert machine.shell("stat -c '%F %a %u' /run/host/journal/socket").stdout == "socket 600 0\n"
            machine.shell("logger before-the-reboot").check()
            leader = machine.leader
            machine.inside("systemctl", "--no-block", "reboot").check()
            machine.wait_reboot(leader)
            assert len(receivers(host262)) == 1
            machine.shell("for i in $(seq 4000); do echo number-$i; done | systemd-cat && logger last-word").check()
            assert machine.poweroff() == "0"
        assert receivers(host262) == []
        lines = messages(host262, "-D", f"{logs}/deep")
        assert "before-the-reboot" in lines and "last-word" in lines and "Journal stopped" in lines
        # An entry can be there twice: in the old file, whose end it did not fit in, and in the new one.
        assert {f"number-{i}" for i in range(1, 4001)} == {line for line in lines if line.startswith("number-")}
        owners = host262.enter("sh", "-c", f"stat -c '%U %a' {logs}/deep; stat -c '%U %a %s' {logs}/deep/*").stdout.split("\n")
        assert owners[0] == "daemon 755" and len(owners) > 3, "one file is not enough for this"
        assert all(row.startswith("daemon 640 ") and int(row.split()[2]) <= 1 << 20 for row in owners[1:] if row), owners


def test_a_file_gets_it_and_nothing_runs_on_after_a_kill(host257):
    """Without a user namespace; what was logged until then is there."""
    with host257.guest_tree("trixie") as tree, folder(host257) as logs:
        words = [f"--forward-journal={logs}/guest.journal", "--private-users=no"]
        with host257.boot(tree, *words) as machine:
            assert [row[1:] for row in receivers(host257)] == [["root", "0" * 16, "0" * 16, "1"]]
            machine.shell("logger a-word && journalctl --sync").check()
            machine.signal(9)
            proc.wait_for(lambda: not receivers(host257), 10, "the end of the receiver")
            machine.wait()
        assert host257.enter("ls", logs).stdout == "guest.journal\n"
        assert "a-word" in messages(host257, f"--file={logs}/guest.journal")
        host257.boot_tree("--cleanup", "-M", machine.name).check()


def test_a_receiver_that_ends_early_is_told_and_ends_nothing(host257):
    with folder(host257) as logs, host257.command("sleep", "60", options=[f"--forward-journal={logs}"]) as machine:
        host257.enter("kill", "-9", receivers(host257)[0][0]).check()
        proc.wait_for(lambda: "is not written" in machine.output, 10, "a word about it")
        assert machine.is_running and receivers(host257) == []


def test_what_it_cannot_write_to_is_an_error(host257):
    with folder(host257) as logs:
        host257.enter("mkdir", f"{logs}/x.journal").check()
        words = ["-D", "/var/lib/machines/deb", f"--forward-journal={logs}/x.journal", "/bin/true"]
        done = host257.boot_tree(*words)
        assert done.status == 1 and f"'{logs}'" in done.stderr and len(done.stderr.splitlines()) == 1, done
        assert receivers(host257) == []
