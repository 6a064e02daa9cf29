# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fixtures: the test beds, and the check after every test that nothing is left."""

import os
import signal

import pytest

from beds import bare as bare_bed
from beds import leftovers, paths, proc, trees, vm
from beds.host import Host

# Two sessions can run side by side: the tests of what boot-tree does on this machine, and those in nested hosts,
# virtual machines and pristine trees. These leave nothing on this machine that does not carry their session's word.
PARTS = ("here", "elsewhere")
ELSEWHERE = {"host252", "host257", "host262", "any_host", "vm61", "vm612", "pristine"}
HOSTS = {"host252": 252, "host257": 257, "host262": 262}
_started: dict[str, Host] = {}
_module_beds: list[bare_bed.Bare] = []


def pytest_addoption(parser):
    parser.addoption("--part", choices=PARTS, help="run only this part of the tests")


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("The system tests need root", returncode=2)
    config.addinivalue_line("markers", "own_tree(name): the fixture `tree` is a private copy of this tree")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if config.getoption("--part") == "elsewhere":
        os.environ["BOOT_TREE_SHARED_MACHINE"] = "1"
    proc.become_subreaper()
    paths.work_in_memory()


def _hosts_of(item) -> tuple[str, ...]:
    """The nested hosts that a test needs."""
    names = {name for name in item.fixturenames if name in HOSTS}
    if "any_host" in item.fixturenames:
        names.add(item.callspec.params["any_host"])
    return tuple(sorted(names))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """First all tests that need no host, then one host after the other: each that runs costs all tests time."""
    items.sort(key=_hosts_of)
    part = config.getoption("--part")
    if part:
        others = [item for item in items if (part == "here") != ELSEWHERE.isdisjoint(item.fixturenames)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Stops the hosts that no later test needs."""
    yield
    _stop_hosts(but=_hosts_of(nextitem) if nextitem else ())


def _stop_hosts(but: tuple[str, ...] = ()) -> None:
    for name in set(_started) - set(but):
        _started.pop(name).stop()


def pytest_sessionfinish():
    _stop_hosts()
    paths.work_done()


def lacks(what: str) -> None:
    """Skips a test for something this machine truly cannot do; tests/lib/allowed-skips knows what may lack."""
    pytest.skip(f"machine lacks: {what}")


@pytest.fixture
def bare():
    """This machine."""
    bed = bare_bed.Bare()
    yield bed
    bed.done()


@pytest.fixture(scope="module")
def module_bare():
    """This machine, for machines that all tests of a module look at; compared before and after the module."""
    paths.work_dir()
    view = leftovers.View("this machine", own_groups=_own_groups())
    before = leftovers.snapshot(view)
    bed = bare_bed.Bare()
    _module_beds.append(bed)
    yield bed
    _module_beds.remove(bed)
    bed.done()
    rows = leftovers.wait_until_clean([(view, before)])
    if rows:
        leftovers.clean_up(before, view)
        pytest.fail("Left behind:\n  " + "\n  ".join(rows), pytrace=False)


def _host(version: int) -> Host:
    name = f"host{version}"
    if name in _started and not _started[name].is_running:
        _started.pop(name).stop()
        pytest.fail(f"The bed {name} died in an earlier test; it is started anew for the next", pytrace=False)
    if name not in _started:
        host = Host(version)
        host.start()
        _started[name] = host
    return _started[name]


@pytest.fixture
def host252():
    """A nested Debian 12 host; started before the first test that needs it, stopped after the last."""
    return _host(252)


@pytest.fixture
def host257():
    """A nested Debian 13 host."""
    return _host(257)


@pytest.fixture
def host262():
    """A nested Debian unstable host."""
    return _host(262)


@pytest.fixture(params=sorted(HOSTS))
def any_host(request):
    """Each of the three hosts in turn."""
    return _host(HOSTS[request.param])


@pytest.fixture(scope="session")
def tree_cache():
    """The trees: unpacked() shared, copy() private."""
    return trees


@pytest.fixture
def tree(request, bare, tree_cache):
    """minbase, shared: nobody may change it. Where the mark own_tree names another one: a copy of that for the test."""
    mark = request.node.get_closest_marker("own_tree")
    return bare.tree(*mark.args) if mark else tree_cache.unpacked("minbase")


@pytest.fixture
def run(bare, tree):
    """Runs words as the payload in the tree, behind options."""

    def run_words(*words, **how):
        return bare.run("-q", "-D", tree, "-M", bare_bed.new_name("run"), *words, **how)

    return run_words


def _vm_results(request, kernel: str):
    """Runs the scripts of all selected tests of that kernel in one boot."""
    wanted = [
        item.callspec.params["script"]
        for item in request.session.items
        if f"vm{kernel}" in item.fixturenames and "script" in getattr(item, "callspec", _NoParams).params
    ]
    return vm.Machine(kernel).run(wanted)


class _NoParams:
    params: dict = {}


@pytest.fixture(scope="session")
def vm61(request):
    """Results of the scripts run in a virtual machine with Debian 12's kernel and systemd 252."""
    return _vm_results(request, "61")


@pytest.fixture(scope="session")
def vm612(request):
    """The same with Debian 13's kernel and systemd 257."""
    return _vm_results(request, "612")


def _own_groups() -> tuple[str, ...]:
    """The groups of the beds: what goes on in them is no test's doing."""
    machines = [f"boot-tree-{name}" for bed in _module_beds for name in bed.names]
    return tuple([host.name for host in _started.values()] + machines)


def _views() -> list[leftovers.View]:
    views = [leftovers.View("this machine", own_groups=_own_groups())]
    for name, host in _started.items():
        if host.is_running:
            root = f"/proc/{host.leader}/root"
            views.append(leftovers.View(name, str(host.leader), root, (), host.units, host.machines))
    return views


@pytest.fixture(autouse=True)
def nothing_left(request):
    """Compares the machine, and each running host, before and after the test."""
    for name in _hosts_of(request.node):
        _host(HOSTS[name])
    for name in ("vm61", "vm612"):
        if name in request.fixturenames:
            request.getfixturevalue(name)
    paths.work_dir()
    befores = [(view, leftovers.snapshot(view)) for view in _views()]
    yield
    rows = leftovers.wait_until_clean(befores)
    if rows:
        leftovers.clean_up(befores[0][1], befores[0][0])
        pytest.fail("Left behind:\n  " + "\n  ".join(rows), pytrace=False)
