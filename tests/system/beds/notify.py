# SPDX-License-Identifier: LGPL-2.1-or-later
"""The receiving end of the service protocol (sd_notify): what a service manager would hear."""

import os
import socket
import time
import uuid

from beds import paths


class NotifySocket:
    """Listens on a socket of its own and keeps every message, in order."""

    def __init__(self) -> None:
        self.path = str(paths.work_dir() / f"notify-{uuid.uuid4().hex[:6]}")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.fields: list[tuple[str, str]] = []

    def read(self) -> None:
        """Takes in what has come."""
        while True:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            for line in data.decode(errors="replace").splitlines():
                key, _, value = line.partition("=")
                self.fields.append((key, value))

    def last(self, key: str) -> str | None:
        """The newest value of KEY, if there is one."""
        self.read()
        return next((value for name, value in reversed(self.fields) if name == key), None)

    def wait(self, key: str, value: str, timeout: float, alive) -> bool:
        """Waits for KEY=VALUE; False at the deadline or when ALIVE() has become false."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            is_alive = alive()
            self.read()
            if (key, value) in self.fields:
                return True
            if not is_alive:
                return False
            time.sleep(0.01)
        return False

    def close(self) -> None:
        self.socket.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
