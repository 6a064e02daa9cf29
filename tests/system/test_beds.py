# SPDX-License-Identifier: LGPL-2.1-or-later
"""The beds themselves: each boots, and is what it says it is."""

import os

import pytest

from beds import cgroups, leftovers, mounts, paths, proc, side_by_side


def test_this_machine_has_no_systemd(bare):
    if os.path.isdir("/run/systemd/system"):
        pytest.skip("machine lacks: a PID 1 other than systemd")
    assert cgroups.unified().is_dir()


def test_a_program_that_hangs_is_killed_at_its_deadline():
    done = proc.run("sh", "-c", "sleep 100 & sleep 100", timeout=0.2)
    assert done.timed_out and done.seconds < 5


def test_a_story_that_waits_in_vain_fails_alone():
    def wait(is_true):
        yield lambda: is_true, 0.05, "the word"

    ends = side_by_side.tell({is_true: lambda is_true=is_true: wait(is_true) for is_true in (False, True)})
    ends[True].check()
    with pytest.raises(AssertionError, match="the word"):
        ends[False].check()


def test_systemd_of_each_host_is_what_its_name_says(any_host):
    done = any_host.run("systemctl", "--version").check()
    assert done.stdout.split()[1] == str(any_host.version)


def test_each_host_is_running_and_machined_answers(any_host):
    state = any_host.enter("systemctl", "is-system-running", "--wait").stdout.strip()
    assert state == "running", any_host.enter("systemctl", "--failed").stdout
    assert any_host.machines() == []


def test_a_command_on_a_host_runs_in_a_unit(any_host):
    done = any_host.shell("cat /proc/self/cgroup").check()
    assert "0::/system.slice/run-" in done.stdout


def test_a_host_has_a_guest_tree(any_host):
    assert any_host.path("/var/lib/machines/deb/usr/bin").is_dir()


def test_what_is_left_on_this_machine_is_found(bare):
    folder = str(bare.folder())
    view = leftovers.View("this machine")
    before = leftovers.snapshot(view)
    group = cgroups.make(f"{paths.SESSION}-left")
    lock = paths.work_dir() / ".#tree.lck"
    lock.touch()
    lost = proc.start(["sleep", "100"])
    proc.run("mount", "-t", "tmpfs", paths.SESSION, folder).check()
    try:
        rows = "\n".join(leftovers.difference(before, view))
    finally:
        proc.run("umount", folder).check()
        proc.kill_group(lost)
        lock.unlink()
        cgroups.remove(group)
    for text in ("left cgroup", "left file", "left process", "left mount"):
        assert text in rows
    assert mounts.find("self", folder) is None


def test_what_is_left_on_a_host_is_found(host257):
    view = leftovers.View("host", str(host257.leader), f"/proc/{host257.leader}/root", (), host257.units)
    before = leftovers.snapshot(view)
    host257.enter("systemd-run", "--scope", "--unit=machine-lost", "--quiet", "sleep", "0.5")
    scope = ["systemd-run", "--quiet", "--unit=lost", "mount", "-t", "tmpfs", "lost", "/mnt"]
    host257.enter(*scope).check()
    proc.wait_for(lambda: mounts.find(host257.leader, "/mnt"), 5, "the mount")
    rows = "\n".join(leftovers.difference(before, view))
    host257.enter("umount", "/mnt").check()
    assert "left mount: /mnt" in rows and "left unit: mnt.mount" in rows
