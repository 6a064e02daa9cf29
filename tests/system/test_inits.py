# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trees whose PID 1 is not systemd: they boot to a login and end in order, each asked in its own way."""

import contextlib
import dataclasses
import functools
import re
import signal
import time

import pytest

from beds import paths, proc, side_by_side, trees


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


def login(machine, number=1):
    """Waits until the NUMBER-th login is on the console."""
    yield lambda: not machine.is_running or machine.output.count(LOGIN) >= number, 20, f"login number {number}"
    assert machine.is_running, machine.output


def orderly_end(machine, init):
    """Waits for it. A kill would give another status; what init says after the last login is that its scripts ran."""
    yield lambda: not machine.is_running, 12, f"the end of {init}"
    assert machine.wait() == 0, machine.output
    assert re.search(init.farewell, machine.output.rpartition(LOGIN)[2]), machine.output


@contextlib.contextmanager
def started(bed, init, *options):
    """The init on a tree of its own."""
    tree = bed.folder(init.tree)
    with bed.start(unpack(init, tree), *options) as machine:
        yield machine
    paths.remove_tree(tree)


def stop_on_a_signal(bed, init, *options):
    with started(bed, init, *options) as machine:
        yield from login(machine)
        machine.process.send_signal(signal.SIGTERM)
        yield from orderly_end(machine, init)


def stop_without_a_user_namespace(bed, init):
    # The two ways by a file: its maker then works as the host's root, but without any capability.
    yield from stop_on_a_signal(bed, init, "--private-users=no")


def reboot_and_power_off(bed, init):
    with started(bed, init) as machine:
        yield from login(machine)
        first = machine.leader
        machine.inside(*init.reboot)
        yield from login(machine, 2)
        assert machine.leader != first
        machine.inside(*init.poweroff)
        yield from orderly_end(machine, init)


# The longest first.
STORIES = {
    "test_reboots_and_powers_off_from_inside": reboot_and_power_off,
    "test_stops_in_order_on_a_signal": stop_on_a_signal,
    "test_stops_in_order_without_a_user_namespace": stop_without_a_user_namespace,
}


@pytest.fixture(scope="module")
def ends(module_bare, request):
    """The ends of the stories of all selected tests. They are told side by side, since inits mostly wait."""
    items = [item for item in request.session.items if item.module is request.module and item.originalname in STORIES]
    wanted = {(item.originalname, item.callspec.params["init"]) for item in items}
    return side_by_side.tell(
        {
            (name, init): functools.partial(story, module_bare, init)
            for name, story in STORIES.items()
            for init in INITS
            if (name, init) in wanted
        }
    )


@pytest.fixture
def end(ends, request):
    """The end of the story of one test."""
    return ends[request.node.originalname, request.node.callspec.params["init"]]


@pytest.mark.parametrize("init", INITS, ids=str)
def test_stops_in_order_on_a_signal(end, init):
    end.check()


@pytest.mark.parametrize("init", [SYSVINIT, RUNIT], ids=str)
def test_stops_in_order_without_a_user_namespace(end, init):
    end.check()


@pytest.mark.parametrize("init", INITS, ids=str)
def test_reboots_and_powers_off_from_inside(end, init):
    end.check()


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
