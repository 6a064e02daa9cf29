# SPDX-License-Identifier: LGPL-2.1-or-later
"""Operating system trees: made once by mmdebstrap, kept as tarballs, unpacked once per session.

    python3 -m beds.trees NAME…      makes the tarballs (all of them without a NAME), two at a time
"""

import dataclasses
import fcntl
import functools
import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from beds import paths

BASE = ("iproute2", "procps", "util-linux", "mount", "login", "passwd", "libcap2-bin")
SYSTEMD = ("systemd", "systemd-sysv", "dbus", "libpam-systemd")
HOST = (
    "systemd-container",
    "systemd-journal-remote",
    "strace",
    "e2fsprogs",
    "attr",
    "acl",
    "kmod",
    "nftables",
    "libseccomp2",
    "libmount1",
    "libblkid1",
    "libcap2",
    "libmnl0",
    "libjansson4",
    "libnftables1",
    "libcryptsetup12",
    "cryptsetup-bin",
    "squashfs-tools",
)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What a tree is made of. The tarball's name holds a hash of all this."""

    suite: str
    packages: tuple[str, ...] = ()
    variant: str = "minbase"
    hooks: tuple[str, ...] = ()

    def key(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


LOGIN = ("chroot \"$1\" passwd -d root",)


def _hook(script: str) -> tuple[str, ...]:
    """A script that runs in the tree's folder (not chrooted), up to its first failure."""
    return ('set -e\ncd "$1"\n' + script.strip(),)


# Other inits want ttys that a container has not got: their only login is on the console.
GETTY = "/sbin/getty --noclear --keep-baud console 115200,38400,9600 vt220"
INITTAB = _hook(f"""
sed -i '/respawn:.*getty/d' etc/inittab
echo '1:2345:respawn:{GETTY}' >>etc/inittab
""")
OPENRC_INIT = _hook("""
ln -sf openrc-init sbin/init
ln -s agetty etc/init.d/agetty.console
ln -s /etc/init.d/agetty.console etc/runlevels/default/
mkdir -p etc/conf.d
echo 'agetty_options="--noclear --keep-baud" baud=115200,38400,9600 term_type=vt220' >etc/conf.d/agetty.console
""")
RUNIT = _hook(f"""
rm etc/runit/runsvdir/default/getty-*
mkdir etc/sv/getty-console
printf '#!/bin/sh\\nexec %s\\n' '{GETTY}' >etc/sv/getty-console/run
chmod 755 etc/sv/getty-console/run
ln -s /etc/sv/getty-console etc/runit/runsvdir/default/
""")
FINIT = _hook(f"""
rm etc/finit.d/getty.conf
sed -i '/^tty /d' etc/finit.conf
echo 'service [2345] {GETTY} -- Console getty' >etc/finit.d/console.conf
""")
# The least there can be: one program, its links, and an init with nothing to start but a login.
BUSYBOX = _hook("""
mkdir -p dev proc sys run tmp root var sbin usr etc/init.d
for name in $(bin/busybox --list); do ln -s busybox bin/$name || test $name = busybox; done
ln -s ../bin/busybox sbin/init
printf '%s\\n' 'console::respawn:/bin/getty -L 0 console vt220' '::shutdown:/bin/echo down' >etc/inittab
echo 'ID=busybox' >etc/os-release
echo 'root::0:0:root:/root:/bin/sh' >etc/passwd
echo 'root:x:0:' >etc/group
""")


def _guest(suite: str) -> Recipe:
    return Recipe(suite, SYSTEMD + BASE, hooks=LOGIN)


def _host(suite: str) -> Recipe:
    return Recipe(suite, SYSTEMD + BASE + HOST, hooks=LOGIN)


def _kernel(suite: str) -> Recipe:
    return Recipe(suite, ("linux-image-cloud-amd64",), variant="extract")


RECIPES = {
    "bullseye": _guest("bullseye"),
    "bookworm": _guest("bookworm"),
    "trixie": _guest("trixie"),
    "sid": _guest("sid"),
    "nesting": Recipe("trixie", SYSTEMD + BASE + ("podman", "crun", "bubblewrap", "busybox-static", "uidmap"), hooks=LOGIN),
    "nss": Recipe("bookworm", SYSTEMD + BASE + ("libnss-systemd", "systemd-userdbd"), hooks=LOGIN),
    "host252": _host("bookworm"),
    "host257": _host("trixie"),
    "host262": _host("sid"),
    "minbase": Recipe("bookworm"),
    "kernel61": _kernel("bookworm"),
    "kernel612": _kernel("trixie"),
    "sysvinit": Recipe("bookworm", ("sysvinit-core", "initscripts") + BASE, hooks=LOGIN + INITTAB),
    "openrc": Recipe("bookworm", ("sysvinit-core", "openrc") + BASE, hooks=LOGIN + INITTAB),
    "openrc-init": Recipe("bookworm", ("sysvinit-core", "openrc") + BASE, hooks=LOGIN + OPENRC_INIT),
    "runit": Recipe("bookworm", ("runit-init",) + BASE, hooks=LOGIN + RUNIT),
    "finit": Recipe("trixie", ("finit", "finit-sysv") + BASE, hooks=LOGIN + FINIT),
    "busybox": Recipe("bookworm", ("busybox-static",), variant="extract", hooks=BUSYBOX),
}
# Those a run of all tests needs in any case; the others are made when a test asks for them.
USUAL = (
    *("bullseye", "bookworm", "trixie", "sid", "host252", "host257", "host262", "minbase"),
    *("sysvinit", "openrc", "openrc-init", "runit", "finit", "busybox"),
)

_BUILDERS = threading.Semaphore(2)


@functools.cache
def mirror() -> str:
    """The Debian mirror this machine's apt uses."""
    fields = "$(SIGNED_BY)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)"
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"],
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line.split("|") for line in done.stdout.splitlines()]
    mains = [row for row in rows if row[2] == "main" and "-" not in row[1]]
    # Other publishers' archives use the same words; the archive key tells Debian's from theirs.
    mains.sort(key=lambda row: "debian-archive" not in row[0])
    if not mains:
        raise RuntimeError("apt is configured with no Debian mirror")
    return mains[0][3]


def command(recipe: Recipe, output: Path, kind: str = "tar") -> list[str]:
    """The mmdebstrap command that makes a tree, as a tarball or as a folder."""
    words = ["mmdebstrap", "--quiet", f"--variant={recipe.variant}", "--mode=root", f"--format={kind}"]
    if recipe.packages:
        words.append("--include=" + ",".join(recipe.packages))
    # Of the hooks that come after the packages the variant "extract" knows only this one.
    stage = "extract" if recipe.variant == "extract" else "customize"
    words += [f"--{stage}-hook={hook}" for hook in recipe.hooks]
    for folder in ("doc", "man", "info", "locale"):
        words.append(f"--dpkgopt=path-exclude=/usr/share/{folder}/*")
    if recipe.suite in ("sid", "forky"):
        words.append("--aptopt=Acquire::Check-Valid-Until \"false\"")
    return words + [recipe.suite, str(output), mirror()]


def tarball(name: str) -> Path:
    """The tree NAME as a tarball; made if it is not in the cache."""
    recipe = RECIPES[name]
    folder = paths.CACHE / "trees"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{recipe.key()}.tar"
    if path.exists():
        path.touch()
        return path
    with _BUILDERS, open(folder / f"{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path
        partial = folder / f"{name}.partial.tar"
        done = subprocess.run(
            command(recipe, partial),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            partial.unlink(missing_ok=True)
            raise RuntimeError(f"mmdebstrap failed to make '{name}':\n{done.stderr[-4000:]}")
        # Not "NAME-*": a longer name may begin with this one.
        paths.forget_old(folder, f"{name}-{'?' * len(recipe.key())}.tar")
        os.rename(partial, path)
        os.unlink(lock.name)
    return path


def prepare(names) -> None:
    """Makes the tarballs of NAMES, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tarball, names))


@functools.cache
def unpacked(name: str) -> Path:
    """The tree NAME, unpacked once per session. Shared: nobody may change it."""
    path = paths.work_dir() / "shared" / name
    path.mkdir(parents=True)
    unpack(name, path)
    return path


def unpack(name: str, path: Path) -> None:
    """Unpacks the tree NAME into the folder PATH."""
    options = ["--numeric-owner", "--xattrs", "--xattrs-include=*", "--exclude=./dev/*"]
    subprocess.run(["tar", "-C", str(path), *options, "-xf", str(tarball(name))], check=True)


def copy(name: str, path: Path | None = None) -> Path:
    """A copy of the tree NAME that the caller may change; by default below the work folder."""
    if path is None:
        path = paths.work_dir() / paths.unique(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["cp", "--archive", "--reflink=auto", "--one-file-system", "-T", str(unpacked(name)), str(path)], check=True
    )
    return path


if __name__ == "__main__":
    prepare(sys.argv[1:] or RECIPES)
