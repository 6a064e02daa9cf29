# SPDX-License-Identifier: LGPL-2.1-or-later
"""A virtual machine, emulated: full cgroup2 with all controllers, device-mapper, and older kernels.

One boot runs a list of scripts, one after the other. A script sees boot-tree installed and the guest tree
/var/lib/machines/deb; it runs as root in a service of a real systemd host.
"""

import re
import tarfile
from pathlib import Path

from beds import paths, proc, vm_image
from beds.proc import Result

BOOT_SECONDS = 90
# The kernel runs one module for mandatory access control: each virtual machine has another one.
MODULES = {"61": "selinux", "612": "apparmor"}
SCRIPTS = Path(__file__).parent.parent / "vm"


def scripts_of(kernel: str) -> list[Path]:
    """The scripts for both, and those about its module behind them: they load policies."""
    return sorted(SCRIPTS.glob("*.sh")) + sorted((SCRIPTS / MODULES[kernel]).glob("*.sh"))


class Machine:
    """A virtual machine with a kernel: "61" or "612"."""

    def __init__(self, kernel: str) -> None:
        self.kernel = kernel

    def run(self, scripts: list[Path], timeout_each: int = 120, timeout: float | None = None) -> dict[str, Result]:
        """Boots, runs the scripts, and returns the result of each by its file name."""
        paths.need_tools("qemu-system-x86_64", "depmod", "mke2fs", "busybox")
        image = vm_image.image(self.kernel)
        top = paths.work_dir() / paths.unique(f"vm{self.kernel}")
        top.mkdir()
        try:
            self._pack(top / "work.tar", scripts, timeout_each)
            done = proc.run(
                *self._qemu(image, top),
                timeout=timeout or BOOT_SECONDS + 60 * len(scripts),
                env={"TMPDIR": str(top)},
            )
            serial = (top / "serial").read_text(encoding="utf-8", errors="replace").replace("\r", "")
            return _parse(serial, scripts, done)
        finally:
            paths.remove_tree(top)

    def _pack(self, path: Path, scripts: list[Path], timeout_each: int) -> None:
        stage = path.parent / "stage"
        (stage / "root").mkdir(parents=True)
        (stage / "scripts").mkdir()
        # As in the image: else "lib" would be a folder of its own, and stay behind when all this is copied there.
        (stage / "root/usr/lib").mkdir(parents=True)
        (stage / "root/lib").symlink_to("usr/lib")
        (stage / "timeout").write_text(str(timeout_each), encoding="ascii")
        if paths.boot_tree().exists():
            proc.run(
                *("meson", "install", "--no-rebuild", "--quiet", "-C", paths.build_dir()),
                env={"DESTDIR": str(stage / "root")},
                timeout=60,
            ).check()
        (stage / "root/lib").unlink()
        for script, name in zip(scripts, _packed_names(scripts)):
            (stage / "scripts" / name).write_bytes(script.read_bytes())
        self._compile_policy(stage / "policy")
        with tarfile.open(path, "w") as archive:
            archive.add(stage, arcname=".")

    def _compile_policy(self, folder: Path) -> None:
        folder.mkdir()
        module = MODULES[self.kernel]
        if module == "selinux":
            policy = SCRIPTS / "selinux/policy.cil"
            proc.run("secilc", "-c", "33", "-o", folder / module, "-f", "/dev/null", policy).check()
        else:
            compiled = ["-Q", "-q", "-K", "-M", "/etc/apparmor.d/abi/3.0", "-o", folder / module]
            proc.run("apparmor_parser", *compiled, SCRIPTS / "apparmor/profile").check()

    def _qemu(self, image: vm_image.Image, top: Path) -> list[str]:
        # thread=single: with a thread for each processor one may run a breakpoint that Linux, as it patches its own
        # code, has put there and taken away again, and dies of it ("Oops: int3").
        # cx16=off: QEMU 7.2 spoils the flags of cmpxchg16b now and then, and Linux 6.12 dies of that.
        return [
            *("qemu-system-x86_64", "-accel", "tcg,thread=single", "-cpu", "max,cx16=off", "-m", "4G", "-smp", "2"),
            *("-no-reboot", "-display", "none", "-monitor", "none", "-nic", "none"),
            *("-serial", f"file:{top}/serial"),
            *("-kernel", str(image.kernel), "-initrd", str(image.initramfs)),
            *("-drive", f"file={image.disk},if=virtio,format=raw,snapshot=on"),
            *("-drive", f"file={top}/work.tar,if=virtio,format=raw,readonly=on"),
            *("-append", f"console=ttyS0 quiet systemd.show_status=0 rw panic=-1 security={MODULES[self.kernel]}"),
        ]


def _packed_names(scripts: list[Path]) -> list[str]:
    """Under these names they run in their order."""
    return [f"{number:02}-{script.name}" for number, script in enumerate(scripts)]


def _parse(serial: str, scripts: list[Path], qemu: Result) -> dict[str, Result]:
    results = {}
    for script, packed in zip(scripts, _packed_names(scripts)):
        name = re.escape(packed)
        match = re.search(rf"^@@BEGIN {name}\n(.*?)\n?\n@@END {name} (\d+)$", serial, re.M | re.S)
        if match:
            results[script.name] = Result((script.name,), int(match[2]), match[1], "", qemu.seconds)
        else:
            text = f"{qemu}\n--- serial\n{serial[-6000:]}"
            results[script.name] = Result((script.name,), 255, "", f"The script did not run to its end\n{text}", 0)
    return results
