# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trees whose PID 1 is not systemd: they boot to a login and end in order, each asked in its own way."""

import dataclasses
import re
import time

import pytest

from beds import bare as bare_bed
from beds import paths, proc, trees


@dataclasses.dataclass(frozen=True)
class Init:
    """A tree; what its root types to end it; what only its own orderly end writes to the console.

    Not the very last words: the kernel drops what is still on its way through a pty when the leader of its session dies.
    """

    tree: str
    poweroff: tuple[str, ...] = ("poweroff",)
    reboot: tuple[str, ...] = ("reboot",)
    farewell: str = "Asking all remaining processes to terminate"

    def __str__(self) -> str:
        return self.tree


SYSVINIT = Init("sysvinit")
RUNIT = Init("runit", farewell="leave stage: /etc/runit/3")
INITS = (
    SYSVINIT,
    Init("openrc"),
    Init(
        "openrc-init",
        ("openrc-shutdown", "--poweroff", "now"),
        ("openrc-shutdown", "--reboot", "now"),
        "Sending the final term signal",
    ),
    RUNIT,
    Init("finit", farewell="Stopping Console getty"),
    Init("busybox", farewell=r"\bdown\r?\n"),
)
LOGIN = " login: "


def unpack(init, path):
    """Unpacks the init's tree, without the shared copy: it is needed once or twice only."""
    path.mkdir(exist_ok=True)
    trees.unpack(init.tree, path)
    return path


@pytest.fixture(scope="module", params=INITS, ids=str)
def init(request):
    """Each init in turn; pytest runs all tests of one before those of the next."""
    return request.param


@pytest.fixture(scope="module")
def tree(init):
    """The init's tree, used by one test after the other: a machine that was powered off boots again."""
    path = paths.work_dir() / bare_bed.new_name(init.tree)
    unpack(init, path)
    yield path
    paths.remove_tree(path)


def wait_login(machine, number=1):
    """Waits until the NUMBER-th login is on the console."""
    proc.wait_for(
        lambda: not machine.is_running or machine.output.count(LOGIN) >= number, 20, f"login number {number}"
    )
    assert machine.is_running, machine.output


def assert_orderly(machine, init, status):
    """A kill would give another status; what init says after the last login is that its scripts ran."""
    assert status == 0, machine.output
    assert re.search(init.farewell, machine.output.rpartition(LOGIN)[2]), machine.output


def test_stops_in_order_on_a_signal(bare, init, tree):
    with bare.start(tree) as machine:
        wait_login(machine)
        assert_orderly(machine, init, machine.terminate(12))


@pytest.mark.parametrize("stopped", [SYSVINIT, RUNIT], ids=str)
def test_stops_in_order_without_a_user_namespace(bare, stopped):
    # The two ways by a file: its maker then works as the host's root, but without any capability.
    with bare.start(unpack(stopped, bare.folder()), "--private-users=no") as machine:
        wait_login(machine)
        assert_orderly(machine, stopped, machine.terminate(12))


def test_reboots_and_powers_off_from_inside(bare, init, tree):
    with bare.start(tree) as machine:
        wait_login(machine)
        first = machine.leader
        machine.inside(*init.reboot)
        wait_login(machine, 2)
        assert machine.leader != first
        machine.inside(*init.poweroff)
        assert_orderly(machine, init, machine.wait(12))


@pytest.mark.parametrize("early", [Init("trixie", farewell="Reached target .*Power Off"), SYSVINIT], ids=str)
def test_a_signal_before_init_listens_is_not_lost(bare, early):
    path = unpack(early, bare.folder())
    for delay_ms in (0, 1, 2, 5, 10, 20, 50, 100, 200, 500):
        with bare.start(path) as machine:
            proc.wait_for(lambda: machine.notify.last("X_NSPAWN_LEADER_PID"), 5, "PID 1 to run")
            time.sleep(delay_ms / 1000)
            assert machine.terminate(10) == 0, f"after {delay_ms} ms:\n{machine.output}"
            assert re.search(early.farewell, machine.output), f"after {delay_ms} ms:\n{machine.output}"


def test_a_tree_without_init_says_so(bare):
    tree = bare.folder()
    (tree / "etc").mkdir()
    (tree / "etc/os-release").write_text("ID=none\n", encoding="ascii")
    result = bare.run("-q", "-D", tree)
    assert result.status == 1, result
    assert result.stderr == f"Failed to run an init in '{tree}': No such file or directory\n"
    assert result.stdout == ""
