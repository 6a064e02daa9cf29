# SPDX-License-Identifier: LGPL-2.1-or-later
"""The virtual machine's kernel, initramfs and disk, made from trees and kept in the cache."""

import dataclasses
import hashlib
import lzma
import os
import subprocess
from pathlib import Path

from beds import paths, trees

# Change this word whenever what is written into the image changes.
FORMAT = "2"
KERNELS = {"61": ("kernel61", "host252", "bookworm"), "612": ("kernel612", "host257", "trixie")}
INITRAMFS_MODULES = ("virtio_blk", "virtio_pci", "ext4")

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /dev /r
/bin/busybox mount -t devtmpfs dev /dev
for module in $(/bin/busybox cat /modules/order); do /bin/busybox insmod /modules/$module; done
n=0
while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do n=$((n + 1)); /bin/busybox sleep 0.1; done
/bin/busybox mount -t ext4 /dev/vda /r
/bin/busybox umount /dev
exec /bin/busybox switch_root /r /sbin/init
"""

# The second disk is a tar archive: the build under test below root/, and the scripts in their order.
RUNNER = """#!/bin/sh
exec >/dev/ttyS0 2>&1
stty -F /dev/ttyS0 -onlcr 2>/dev/null
mkdir -p /run/vm-tests && tar -C /run/vm-tests -xf /dev/vdb
cp -a /run/vm-tests/root/. / 2>/dev/null
systemctl daemon-reload
for script in /run/vm-tests/scripts/*; do
        [ -f "$script" ] || continue
        echo
        echo "@@BEGIN ${script##*/}"
        timeout -k 5 "$(cat /run/vm-tests/timeout)" sh "$script" </dev/null 2>&1
        status=$?
        echo
        echo "@@END ${script##*/} $status"
done
echo "@@DONE"
systemctl poweroff --force --force
"""

UNIT = """[Unit]
Description=Tests of boot-tree
After=multi-user.target

[Service]
Type=exec
ExecStart=/usr/local/lib/vm-tests
"""


@dataclasses.dataclass(frozen=True)
class Image:
    """What qemu is given."""

    kernel: Path
    initramfs: Path
    disk: Path


def image(kernel: str) -> Image:
    """The image for a kernel; made if it is not in the cache, or what it is made of has changed."""
    names = KERNELS[kernel]
    tarballs = [trees.tarball(name) for name in names]
    text = FORMAT + INIT + RUNNER + UNIT + "".join(path.name for path in tarballs)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = paths.CACHE / "vm"
    folder.mkdir(exist_ok=True)
    made = Image(*(folder / f"{part}{kernel}-{key}" for part in ("kernel-", "initramfs-", "disk-")))
    if not made.disk.exists():
        for part in ("kernel-", "initramfs-", "disk-"):
            paths.forget_old(folder, f"{part}{kernel}-*")
        _make(made, *names)
    for path in dataclasses.astuple(made):
        path.touch()
    return made


def _make(made: Image, kernel: str, host: str, guest: str) -> None:
    top = paths.work_dir() / f"{paths.SESSION}-{kernel}-image"
    try:
        boot, root = top / "kernel", top / "root"
        boot.mkdir(parents=True)
        trees.unpack(kernel, boot)
        trees.copy(host, root)
        trees.copy(guest, root / "var/lib/machines/deb")
        modules = next(path for path in (boot / "usr/lib/modules", boot / "lib/modules") if path.is_dir())
        version = next(path.name for path in modules.iterdir())
        _run("cp", "-a", modules, root / "usr/lib/")
        _run("depmod", "-b", root, version)
        _run("cp", next((boot / "boot").glob("vmlinuz-*")), made.kernel)
        made.initramfs.write_bytes(_initramfs(root / "usr/lib/modules" / version))
        _furnish(root)
        partial = made.disk.with_suffix(".partial")
        _run("truncate", "-s", "3G", partial)
        _run("mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", root, partial)
        os.rename(partial, made.disk)
    finally:
        paths.remove_tree(top)


def _furnish(root: Path) -> None:
    units = root / "etc/systemd/system"
    for unit in ("serial-getty@ttyS0.service", "apt-daily.timer", "apt-daily-upgrade.timer", "fstrim.timer"):
        (units / unit).symlink_to("/dev/null")
    (units / "vm-tests.service").write_text(UNIT, encoding="ascii")
    wants = units / "default.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / "vm-tests.service").symlink_to("../vm-tests.service")
    runner = root / "usr/local/lib/vm-tests"
    runner.write_text(RUNNER, encoding="ascii")
    runner.chmod(0o755)
    (root / "etc/hostname").write_text("vm\n", encoding="ascii")


def _run(*args) -> None:
    subprocess.run([str(arg) for arg in args], check=True)


def _module_order(folder: Path) -> list[str]:
    needs, by_name = {}, {}
    for line in (folder / "modules.dep").read_text(encoding="ascii").splitlines():
        path, _, rest = line.partition(":")
        needs[path] = rest.split()
        by_name[path.rsplit("/", 1)[1].split(".ko")[0].replace("-", "_")] = path
    order: list[str] = []

    def add(path: str) -> None:
        for need in reversed(needs[path]):
            add(need)
        if path not in order:
            order.append(path)

    for name in INITRAMFS_MODULES:
        if name in by_name:
            add(by_name[name])
    # The checksum ext4 asks for by name is no dependency that modules.dep knows of.
    for name in ("crc32c_generic", "crc32c_intel"):
        if name in by_name:
            order.insert(0, by_name[name])
    return order


def _initramfs(folder: Path) -> bytes:
    files = [("bin", 0o040755, b""), ("modules", 0o040755, b"")]
    files.append(("bin/busybox", 0o100755, Path("/bin/busybox").read_bytes()))
    files.append(("init", 0o100755, INIT.encode()))
    names = []
    for path in _module_order(folder):
        data = (folder / path).read_bytes()
        name = path.rsplit("/", 1)[1]
        if name.endswith(".xz"):
            data, name = lzma.decompress(data), name[:-3]
        names.append(name)
        files.append((f"modules/{name}", 0o100644, data))
    files.append(("modules/order", 0o100644, "\n".join(names).encode()))
    return b"".join(_cpio(number, *file) for number, file in enumerate(files, 1)) + _cpio(0, "TRAILER!!!", 0, b"")


def _cpio(number: int, name: str, mode: int, data: bytes) -> bytes:
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + "".join(f"{field:08X}" for field in fields).encode() + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
