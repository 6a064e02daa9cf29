# SPDX-License-Identifier: LGPL-2.1-or-later
"""The folder through which a system that boots offers sockets to its host."""

import errno
import os
import signal
import socket
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import mounts, proc

INSIDE = "/run/host/unix-export"
EXPORT = Path("/run/systemd/nspawn/unix-export")


@pytest.fixture(scope="module")
def machine(module_bare):
    """A Debian machine with all defaults."""
    with module_bare.boot(module_bare.tree("bookworm")) as booted:
        yield booted


def _answer_once(path: str) -> None:
    """Listens at PATH, and leaves a child behind that says hello to whoever connects first."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    listener.settimeout(10)
    if os.fork() == 0:
        try:
            os.closerange(listener.fileno() + 1, 1024)  # whoever waits for our caller must not wait for us
            os.closerange(0, listener.fileno())
            listener.accept()[0].sendall(b"hello")
        finally:
            os._exit(0)


def test_the_host_reaches_a_socket_that_the_machine_offers(machine):
    machine.call(_answer_once, f"{INSIDE}/ssh")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(EXPORT / machine.name / "ssh"))
        assert client.recv(16) == b"hello"


def test_the_host_cannot_write_there(machine):
    with pytest.raises(OSError) as refusal:
        (EXPORT / machine.name / "x").write_text("x", encoding="ascii")
    assert refusal.value.errno == errno.EROFS


def test_no_link_leads_the_host_away(machine):
    machine.call(os.symlink, "/etc/passwd", f"{INSIDE}/away")
    with pytest.raises(OSError) as refusal:
        (EXPORT / machine.name / "away").read_bytes()
    assert refusal.value.errno == errno.ELOOP


def test_the_machine_cannot_fill_the_hosts_memory_there(machine):
    def fill(path: str) -> int:
        try:
            with open(path, "wb") as file:
                file.write(bytes(8 << 20))
        except OSError as error:
            return error.errno
        return 0

    assert machine.call(fill, f"{INSIDE}/large") == errno.ENOSPC


@pytest.mark.parametrize("options", [[], ["--private-users=no"]], ids=["users", "no-users"])
def test_it_is_there_again_after_a_reboot_and_gone_after_the_end(bare, options):
    with bare.boot(bare.tree("trixie"), *options) as booted:
        name, leader = booted.name, booted.leader
        (EXPORT / name).stat()
        booted.inside("systemctl", "--no-block", "reboot")
        proc.wait_for(lambda: booted.leader != leader, 30, "the second boot")
        booted.shell(f"echo again > {INSIDE}/again").check()
        assert (EXPORT / name / "again").read_text(encoding="ascii") == "again\n"
        assert booted.terminate() == 0
    assert not (EXPORT / name).exists()


def test_a_command_shares_nothing_with_the_host(bare):
    name = bare_bed.new_name("share")
    done = bare.run("-q", "-D", bare.tree("minbase"), "-M", name, "sh", "-c", f"echo x > {INSIDE}/x && cat {INSIDE}/x")
    assert done.check().stdout == "x\n"
    assert not (EXPORT / name).exists()


def test_what_a_killed_manager_left_mounted_is_swept_by_the_next_start(bare):
    tree = bare.tree("trixie")
    with bare.boot(tree) as booted:
        name = booted.name
        booted.process.send_signal(signal.SIGKILL)
        booted.wait()
    bare.run("-q", "-D", tree, "true").check()
    assert mounts.find(os.getpid(), str(EXPORT / name)) is None
    assert not (EXPORT / name).exists()
