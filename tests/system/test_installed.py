# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed: nothing in it gives anybody a right that he has not."""

import os
import stat

import pytest

from beds import paths, proc


@pytest.fixture
def installed(bare):
    """Everything below a folder, as packagers would have it."""
    folder = bare.folder("install")
    words = ["meson", "install", "--no-rebuild", "--quiet", "-C", paths.build_dir()]
    proc.run(*words, env={"DESTDIR": str(folder)}, timeout=60).check()
    found = [path for path in folder.rglob("*") if not path.is_symlink()]
    assert any(path.name == "boot-tree" and path.is_file() for path in found)
    return found


def test_nothing_has_set_user_id_or_capabilities_or_can_be_written_by_others(installed):
    for path in installed:
        mode = path.stat().st_mode
        assert not mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH), path
        assert os.listxattr(path) == [], path


def test_all_programs_are_ours_and_few(installed):
    """A helper that others may run would be one more thing to get at: there is none."""
    assert {path.name for path in installed if path.is_file() and path.stat().st_mode & 0o111} == {"boot-tree"}
