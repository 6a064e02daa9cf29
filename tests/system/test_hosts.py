# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests on real systemd hosts: they come up, are known to machined, own their groups, and end in order."""

import contextlib

import pytest

GUESTS = [
    ("host257", "bullseye"),
    ("host257", "deb"),
    ("host257", "trixie"),
    ("host257", "sid"),
    ("host252", "deb"),
    ("host252", "trixie"),
    ("host262", "deb"),
    ("host262", "trixie"),
]
# The ways to a control group: options of boot-tree, properties of the service that it runs in.
KEEP_UNIT = (["--keep-unit", "--register=no"], ["Delegate=yes"])
OWN = (["--register=no"], [])


@pytest.mark.parametrize("any_host,guest", GUESTS, indirect=["any_host"])
def test_guest_boots_to_running_and_powers_off(any_host, guest):
    with contextlib.nullcontext(guest) if guest == "deb" else any_host.guest_tree(guest) as tree:
        with any_host.boot(tree) as machine:
            state = machine.system_state()
            assert state == "running", machine.inside("systemctl", "--failed", "--plain").stdout
            assert machine.name in any_host.machines()
            assert machine.poweroff() == "0", machine.output
            assert machine.name not in any_host.machines()
