# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other tools that run a command in a tree, as their users would start them, for comparison on this machine.

Each runs in a place of its own: a control group that looks like the root of a host, a mount and a pid namespace, and
an empty /run, so that nothing that a tool forgets stays behind."""

import json
import shlex
from pathlib import Path

from beds import cgroups, paths, proc
from beds.proc import Result

BASE, COUNT = 0x70000000, 65536
PLACE = """
set -e
echo $$ >{group}/cgroup.procs
exec unshare --mount --cgroup --pid --fork --propagation private sh -ec '
        mount -t proc proc /proc
        mount --bind {group} /sys/fs/cgroup
        mount -t tmpfs tmpfs /run
        exec {command}'
"""


def _nspawn(_work: Path, name: str, tree: Path, *options: str) -> list[str]:
    return ["systemd-nspawn", "-q", "--register=no", "--keep-unit", "-M", name, *options, "-D", str(tree), "--"]


def _lxc(work: Path, name: str, tree: Path, *lines: str) -> list[str]:
    config = work / "lxc.conf"
    text = [f"lxc.rootfs.path = dir:{tree}", "lxc.net.0.type = empty", f"lxc.uts.name = {name}", *lines]
    text += ["lxc.include = /usr/share/lxc/config/common.conf"]
    config.write_text("\n".join(text) + "\n", encoding="utf-8")
    (work / "lxc").mkdir()
    return ["lxc-execute", "-n", name, "-P", str(work / "lxc"), "-f", str(config), "-o", "/dev/null", "--"]


def nspawn(work, name, tree):
    """systemd-nspawn with its defaults."""
    return _nspawn(work, name, tree)


def nspawn_users(work, name, tree):
    """systemd-nspawn -U, as in its unit."""
    return _nspawn(work, name, tree, "-U", "--private-network")


def lxc(work, name, tree):
    """LXC with what its own templates include."""
    return _lxc(work, name, tree, "lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed")


def lxc_users(work, name, tree):
    """The same with a user namespace."""
    maps = [f"lxc.idmap = {kind} 0 {BASE} {COUNT}" for kind in "ug"]
    extra = ["lxc.rootfs.options = idmap=container", "lxc.mount.auto = proc:mixed sys:mixed cgroup:mixed"]
    return _lxc(work, name, tree, *maps, *extra)


def crun(work, name, tree):
    """crun with what `crun spec` writes; the command is put into the bundle."""
    proc.run("crun", "spec", cwd=work).check()
    spec = json.loads((work / "config.json").read_text(encoding="utf-8"))
    spec["root"] = {"path": str(tree), "readonly": False}
    spec["process"]["terminal"] = False
    spec["linux"]["cgroupsPath"] = f"/{name}-oci"
    spec["linux"].pop("resources", None)  # a device filter wants a limit raised that this machine may not raise
    (work / "config.json").write_text(json.dumps(spec), encoding="utf-8")
    return ["crun", "--root", str(work / "state"), "run", "--bundle", str(work), name]


INITS = ("nspawn", "nspawn_users")
TOOLS = {tool.__name__: tool for tool in (nspawn, nspawn_users, lxc, lxc_users, crun)}


def run(tool: str, tree: Path, *words: str, boots: bool = False, timeout: float = 60) -> Result:
    """Runs a command in the tree under the tool of that name; or boots it, if that is in INITS, with words for its init."""
    name = paths.unique("peer")
    work = paths.work_dir() / f"{name}-peer"
    work.mkdir(mode=0o755)
    group = cgroups.make(name)
    try:
        command = TOOLS[tool](work, name, tree)
        if boots:
            command.insert(1, "--boot")
        if tool == "crun":
            spec = json.loads((work / "config.json").read_text(encoding="utf-8"))
            spec["process"]["args"] = list(words)
            (work / "config.json").write_text(json.dumps(spec), encoding="utf-8")
        else:
            command = [*command, *words]
        script = PLACE.format(group=group, command=shlex.join(command).replace("'", "'\\''"))
        return proc.run("sh", "-c", script, timeout=timeout, env={"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
    finally:
        cgroups.remove(group)
        paths.remove_tree(work)
