# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each script in vm/ is one claim, checked in a virtual machine with either kernel; those in its folders with one of
them."""

from pathlib import Path

import pytest

from beds import vm

def _name(script: Path) -> str:
    return script.stem


@pytest.mark.parametrize("script", vm.scripts_of("61"), ids=_name)
def test_linux_61(vm61, script):
    vm61[script.name].check()


@pytest.mark.parametrize("script", vm.scripts_of("612"), ids=_name)
def test_linux_612(vm612, script):
    vm612[script.name].check()
