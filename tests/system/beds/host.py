# SPDX-License-Identifier: LGPL-2.1-or-later
"""A real systemd host, nested: systemd, D-Bus and machined on cgroup2, booted by Debian's own nspawn.

The bed must not depend on what is tested, hence nspawn. It runs without a user namespace and with all
capabilities, so that containers can be started inside. Its root folder is a plain folder of this machine:
Host.path() reaches every file of the host from outside.
"""

import contextlib
import json
import os
import shlex
import signal
from pathlib import Path

from beds import bare, cgroups, paths, proc, trees
from beds.console import Console
from beds.notify import NotifySocket
from beds.proc import Result

# In front of nspawn: what it keeps below /run shows up nowhere else, and neither fails where /run is on a disk.
OWN_RUN = ("unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh")
SYSTEM_CALLS = "mount_setattr @mount bpf keyctl add_key open_tree_attr"
MACHINES = "/var/lib/machines"
PROGRAM = "/usr/bin/boot-tree"
# Units that have nothing to do in a test bed and would only cost time or touch the machine's clock.
MASKED = (
    "console-getty.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "systemd-timesyncd.service",
    "systemd-networkd-wait-online.service",
    "systemd-resolved.service",
)


class Host:
    """One nested host. `version` is systemd's; the tree is "host" + version."""

    def __init__(self, version: int, guest: str = "bookworm") -> None:
        self.version = version
        self.guest = guest
        self.name = f"{paths.SESSION}-host{version}"
        self.root = paths.work_dir() / self.name
        self.console: Console | None = None
        self.notify: NotifySocket | None = None
        self.group: Path | None = None
        self.leader = 0

    # Life

    def start(self, timeout: float = 60) -> None:
        """Makes the tree, installs boot-tree into it and boots it."""
        paths.need_tools("systemd-nspawn", "nsenter")
        trees.copy(f"host{self.version}", self.root)
        self._furnish()
        self.notify = NotifySocket()
        self.group = cgroups.make(self.name)
        self.console = Console(
            *self._nspawn(),
            env={
                "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
                "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "yes",
                "NOTIFY_SOCKET": self.notify.path,
            },
            preexec_fn=lambda: cgroups.join(self.group),
        )
        if not self.notify.wait("READY", "1", timeout, lambda: self.console.process.poll() is None):
            text = self.console.text
            self.stop()
            raise AssertionError(f"The bed '{self.name}' did not boot:\n{text}")
        self.leader = int(self.notify.last("X_NSPAWN_LEADER_PID") or 0)
        assert self.leader, "nspawn did not say which process leads"
        # Nobody reads it from now on, and nspawn would wait for a reader once it is full: the host with it.
        self.notify.close()
        self.notify = None
        self.enter("systemctl", "is-system-running", "--wait", timeout=timeout)

    def _nspawn(self) -> list[str]:
        loops = [f"--bind={path}" for path in sorted(Path("/dev").glob("loop[0-9]*")) if path.is_block_device()]
        control = ["--bind=/dev/loop-control"] if os.path.exists("/dev/loop-control") else []
        return [
            *OWN_RUN,
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--notify-ready=yes",
            f"--machine={self.name}",
            f"--directory={self.root}",
            "--boot",
            "--private-network",
            "--capability=all",
            f"--system-call-filter={SYSTEM_CALLS}",
            *[f"--bind={path}" for path in ("/dev/fuse", "/dev/net/tun") if os.path.exists(path)],
            *control,
            *loops,
        ]

    def _furnish(self) -> None:
        units = self.path("/etc/systemd/system")
        for unit in MASKED:
            (units / unit).unlink(missing_ok=True)
            (units / unit).symlink_to("/dev/null")
        self.path("/etc/hostname").write_text(f"host{self.version}\n", encoding="ascii")
        self.install()
        self.add_tree("deb", self.guest)

    def stop(self) -> None:
        """Powers the host off and removes all of it."""
        if self.console is not None:
            if proc.stop(self.console.process, signal.SIGTERM, 20) is None:
                print(f"The bed '{self.name}' had to be killed")
            self.console.close()
        if self.group is not None:
            cgroups.remove(self.group)
        if self.notify is not None:
            self.notify.close()
        paths.remove_tree(self.root)

    @property
    def is_running(self) -> bool:
        return self.console is not None and self.console.process.poll() is None

    # Contents

    def path(self, inner: str | Path) -> Path:
        """A path of the host as a path of this machine (not below its /run, /tmp, /proc, /sys)."""
        return self.root / str(inner).lstrip("/")

    def live(self, inner: str | Path) -> Path:
        """The same through the host's own mounts, also for /run, /sys and so on."""
        return Path(f"/proc/{self.leader}/root") / str(inner).lstrip("/")

    def install(self) -> None:
        """Puts the build under test into the host, as `meson install` does."""
        build = paths.build_dir()
        if paths.boot_tree().exists():
            proc.run(
                *("meson", "install", "--no-rebuild", "--quiet", "-C", build),
                env={"DESTDIR": str(self.root)},
                timeout=60,
            ).check()

    def add_tree(self, name: str, tree: str = "bookworm") -> Path:
        """A guest tree below /var/lib/machines for one test; returns its path in the host."""
        trees.copy(tree, self.path(f"{MACHINES}/{name}"))
        return Path(MACHINES) / name

    def remove_tree(self, name: str) -> None:
        """Removes what add_tree() made."""
        paths.remove_tree(self.path(f"{MACHINES}/{name}"))

    # Work

    def run(self, *command, timeout: float = 20, stdin: str | None = None, properties=()) -> Result:
        """Runs a command in a transient service of the host."""
        options = [f"--property={text}" for text in properties]
        return proc.run(
            *bare.nsenter(self.leader, "systemd-run", "--pipe", "--wait", "--quiet", "--collect"),
            f"--property=RuntimeMaxSec={timeout:.0f}",
            *options,
            "--",
            *command,
            timeout=timeout + 2,
            stdin=stdin,
        )

    def enter(self, *command, timeout: float = 20) -> Result:
        """Runs a command in the host's namespaces, but in no unit of it: cheap, good for looking."""
        return proc.run(*bare.nsenter(self.leader, *command), timeout=timeout)

    def shell(self, script: str, timeout: float = 20) -> Result:
        """run() for a line of shell."""
        return self.run("sh", "-c", script, timeout=timeout)

    def boot_tree(self, *options, timeout: float = 20, properties=()) -> Result:
        """boot-tree OPTIONS… in a service of the host, to its end."""
        return self.run(PROGRAM, *options, timeout=timeout, properties=properties)

    def machines(self) -> list[str]:
        """The names machined knows."""
        done = self.enter("machinectl", "list", "--no-legend", "--no-pager", "--output=json")
        if done.ok and done.stdout.strip():
            return sorted(row["machine"] for row in json.loads(done.stdout))
        done = self.enter("machinectl", "list", "--no-legend", "--no-pager").check()
        return sorted(line.split()[0] for line in done.stdout.splitlines() if line.strip())

    def units(self) -> list[str]:
        """All units of the host with their state, as "NAME STATE"; but for the folders of credentials of systemd's own
        services, which systemd 252 notices or forgets when it likes."""
        done = self.enter("systemctl", "list-units", "--all", "--plain", "--no-legend", "--no-pager", "--full")
        rows = (line.split() for line in done.check().stdout.splitlines())
        own = "run-credentials-systemd"
        return [f"{row[0]} {row[2]}" for row in rows if len(row) >= 4 and not row[0].startswith(own)]

    def property(self, unit: str, name: str) -> str:
        """One property of a unit of the host."""
        done = self.enter("systemctl", "show", "--value", "--property", name, unit)
        return done.check().stdout.strip()

    def boot(self, tree: str = "deb", *options, name: str | None = None, timeout=40, properties=(), program=PROGRAM):
        """Boots TREE (a name below /var/lib/machines) by boot-tree in a service of type notify."""
        name = name or bare.new_name(f"h{self.version}")
        booted = HostBooted(self, name)
        root = tree if str(tree).startswith("/") else f"{MACHINES}/{tree}"
        booted.start(["-D", root, "-M", name, "--notify-ready=yes", *options], timeout, properties, program)
        return booted

    def command(self, *words, options=(), tree: str = "deb", **how):
        """The same with a command as the payload; returns when it runs."""
        return self.boot(tree, *options, "--notify-ready=no", "--", *words, **how)

    @contextlib.contextmanager
    def guest_tree(self, tree: str):
        """The name of a private copy of TREE below /var/lib/machines; removed at the end."""
        name = bare.new_name(tree)
        self.add_tree(name, tree)
        try:
            yield name
        finally:
            self.remove_tree(name)

    @contextlib.contextmanager
    def nspawn(self, tree: str, *words):
        """A command in TREE run by the host's own systemd-nspawn, registered; its name, once machined knows it."""
        name = bare.new_name("ns")
        unit = f"{name}-nspawn.service"
        self.enter(
            *("systemd-run", "--quiet", "--collect", f"--unit={unit}", "--property=KillMode=mixed"),
            *("systemd-nspawn", "-q", "-M", name, "-D", f"{MACHINES}/{tree}", *words),
        ).check()
        try:
            proc.wait_for(lambda: name in self.machines(), 10, f"systemd-nspawn's '{name}'", 0.1)
            yield name
        finally:
            self.enter("machinectl", "terminate", name)
            proc.wait_for(lambda: name not in self.machines(), 10, f"the end of systemd-nspawn's '{name}'", 0.1)
            self.enter("systemctl", "reset-failed", unit)

    @contextlib.contextmanager
    def program_named(self, word: str):
        """A link of that name to boot-tree."""
        folder = self.path(f"/usr/local/{bare.new_name('bin')}")
        folder.mkdir()
        (folder / word).symlink_to(PROGRAM)
        try:
            yield f"/usr/local/{folder.name}/{word}"
        finally:
            (folder / word).unlink()
            folder.rmdir()

    @contextlib.contextmanager
    def file(self, inner: str, text: str):
        """A file of the host's disk, removed at the end; folders above it are made and stay."""
        path = self.path(inner)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        try:
            yield path
        finally:
            path.unlink()


class HostBooted:
    """A machine that runs on a nested host."""

    def __init__(self, host: Host, name: str) -> None:
        self.host = host
        self.name = name
        self.unit = f"{name}-runner.service"
        self.status_file = f"/run/{name}.status"

    def start(self, options, timeout: float, properties, program: str = PROGRAM) -> None:
        """Starts the service; returns when the machine is ready."""
        note = f"/bin/sh -c 'echo $EXIT_STATUS >{self.status_file}'"
        self.started = proc.run(
            *bare.nsenter(self.host.leader, "systemd-run", f"--unit={self.unit}", "--service-type=notify"),
            *("--quiet", "--collect", "--property=KillMode=mixed", f"--property=TimeoutStartSec={timeout:.0f}"),
            *("--property=NotifyAccess=main", f"--property=ExecStopPost={note}", *[f"--property={text}" for text in properties]),
            *("--", program, *map(str, options)),
            timeout=timeout + 5,
        )
        if not self.started.ok:
            text = f"{self.started}\n--- journal\n{self.output}"
            self.close()
            raise AssertionError(text)

    @property
    def output(self) -> str:
        """What boot-tree and the console wrote, from the host's journal."""
        self.host.enter("journalctl", "--sync")
        return self.host.enter("journalctl", "--no-pager", "--output=cat", f"--unit={self.unit}").stdout

    @property
    def record(self) -> dict[str, str]:
        return bare.read_record(self.name, f"/proc/{self.host.leader}/root")

    @property
    def leader(self) -> int:
        """PID 1 of the machine, as a pid of the host."""
        pid = self.record.get("LEADER")
        assert pid, f"No leader known for '{self.name}':\n{self.output}"
        return int(pid)

    @property
    def manager(self) -> int:
        """The process of boot-tree, as a pid of the host."""
        return int(self.record["MANAGER"])

    @property
    def scope(self) -> str:
        """The scope made for the machine."""
        return self.record["UNIT"]

    def group_of(self, pid: int) -> str:
        """The control group of a process of the host, from the hierarchy's root."""
        return self.host.enter("sed", "-n", "s/^0:://p", f"/proc/{pid}/cgroup").check().stdout.strip()

    @property
    def top(self) -> str:
        """The control group of the machine's unit, from the hierarchy's root."""
        group, found, _ = self.group_of(self.leader).partition("/payload")
        assert found, f"PID 1 of '{self.name}' is in {group}"
        return group

    def read(self, inner: str) -> str:
        """A file as the machine sees it, through its own mounts."""
        return self.inside("cat", inner).check().stdout

    def signal(self, number: int) -> None:
        """Sends a signal to boot-tree."""
        self.host.enter("kill", f"-{int(number)}", str(self.manager)).check()

    def wait_reboot(self, leader: int, timeout: float = 20) -> None:
        """Waits until the machine has another PID 1 than LEADER, and that one has come up."""

        def has_come_up():
            if not self.is_running:
                return "it ended instead"
            if self.record.get("LEADER", str(leader)) == str(leader):
                return ""
            state = self.inside("systemctl", "is-system-running", "--wait", timeout=timeout).stdout.strip()
            # Its leader is known before that has become systemd.
            return "" if state == "offline" else state

        state = proc.wait_for(has_come_up, timeout, f"the reboot of '{self.name}'")
        assert state == "running", f"{state}\n{self.output}"

    @property
    def is_running(self) -> bool:
        state = self.host.property(self.unit, "ActiveState")
        return state not in ("inactive", "failed", "")

    def inside(self, *command, timeout: float = 10) -> Result:
        """Runs a command in all of the machine's namespaces and in PID 1's cgroup."""
        line = shlex.join(bare.nsenter(self.leader, *command))
        find = f"$(sed -n 's/^0:://p' /proc/{self.leader}/cgroup)"
        script = f'echo $$ >"/sys/fs/cgroup{find}/cgroup.procs" && PATH=/usr/sbin:/usr/bin:/sbin:/bin exec {line}'
        return self.host.enter("sh", "-c", script, timeout=timeout)

    def shell(self, script: str, timeout: float = 10) -> Result:
        """The same for a line of shell."""
        return self.inside("sh", "-c", script, timeout=timeout)

    def system_state(self, timeout: float = 30) -> str:
        """What systemd inside says of itself, once it has finished starting."""
        return self.inside("systemctl", "is-system-running", "--wait", timeout=timeout).stdout.strip()

    def wait(self, timeout: float = 20) -> str:
        """Waits until the service has ended; the exit status of boot-tree, or the name of the signal."""
        path = self.host.live(self.status_file)
        proc.wait_for(lambda: path.exists() and not self.is_running, timeout, f"the end of {self.unit}", 0.02)
        return path.read_text(encoding="ascii").strip()

    def poweroff(self, timeout: float = 20) -> str:
        """Asks systemd inside to power off, and waits until boot-tree has ended; its exit status."""
        self.inside("systemctl", "--no-block", "poweroff", timeout=timeout)
        return self.wait(timeout)

    def close(self) -> None:
        """Ends whatever still runs."""
        if self.is_running and not self.host.enter("systemctl", "stop", self.unit, timeout=10).ok:
            self.host.enter("systemctl", "kill", "--signal=KILL", self.unit)
            proc.wait_for(lambda: not self.is_running, 5, f"the end of {self.unit}", 0.1)
        self.host.enter("systemctl", "reset-failed", self.unit)
        self.host.live(self.status_file).unlink(missing_ok=True)

    def __enter__(self) -> "HostBooted":
        return self

    def __exit__(self, *_) -> None:
        self.close()
