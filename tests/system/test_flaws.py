# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which flaws container managers have had in twenty years, and which test proves that this one has not got them.

Each row: what went wrong, where it did, and the proofs, or in capitals why there is nothing to prove yet. A proof is
"FILE/TEST" of tests/system (without "test_"), "unit/FILE/TEST", "kernel/FACT", "vm/SCRIPT", "fuzz/FUZZER", or
"operation/OPERATION" of the table of operations that a payload tries. Whoever adds what a reason says is not there (images,
networks, copying …) finds here what to think of, and replaces the reason by a test."""

import ast
import functools
import re
from pathlib import Path

import pytest

import test_hostile

TESTS = Path(__file__).resolve().parents[1]

REASONS = {
    "NO BUNDLES": "no OCI bundle is run: paths, sources and values come from the command line and from root's files",
    "NO IMAGES": "no disk image is opened: a root is a folder, or layers of folders",
    "NO COPYING": "nothing is copied between a host and a machine that runs",
    "NO ENTERING": "nobody enters a machine that runs, but by its own services",
    "NO NETWORK": "no interface is made or handed over: a machine has a network of its own with nothing in it",
    "NO HELPER": "there is no set-user-id program and no daemon: boot-tree is run by root, for root",
    "KERNEL": "only the kernel can be wrong here; the kernels of the test hosts are mended",
}

TREE = {  # The tree decides where something of the host is written, made or read.
    "a top folder, or one below, is a link": (
        "CVE-2026-41579 CVE-2026-47766 CVE-2019-18837",
        "hostile/a_top_folder_that_is_none_touches_nothing_of_the_host",
        "hostile/a_place_that_we_write_to_leads_nowhere",
    ),
    "/dev/console and /dev/null of the tree are trusted": (
        "CVE-2026-88264 CVE-2026-88265",
        "hostile/a_place_that_we_write_to_leads_nowhere",
        "locked/a_device_node_that_came_with_the_tree_cannot_be_opened",
    ),
    "what covers a masked file is swapped, or the place of the mask": (
        "CVE-2025-31133",
        "races/mount_points_that_are_swapped_touch_nothing_of_the_host",
        "masks/a_file_of_proc_is_masked",
    ),
    "the console is mounted by its path": (
        "CVE-2025-52565",
        "races/mount_points_that_are_swapped_touch_nothing_of_the_host",
        "console/the_payload_has_a_terminal_of_the_callers_size",
    ),
    "a write to /proc is led elsewhere": (
        "CVE-2025-52881 CVE-2019-16884 CVE-2019-19921 CVE-2023-27561 CVE-2023-28642",
        "hostile/a_top_folder_that_is_none_touches_nothing_of_the_host",
        "races/mount_points_that_are_swapped_touch_nothing_of_the_host",
        "mounts/a_bind_below_proc_is_made_by_the_payloads_side",
    ),
    "a mount point is exchanged between look and mount": (
        "CVE-2021-30465 CVE-2024-45310",
        "races/mount_points_that_are_swapped_touch_nothing_of_the_host",
        "unit/test-rootpath/missing_targets_are_made_with_their_parents",
    ),
    "a mount point is below a link": (
        "CVE-2015-1335",
        "mounts_hostile/a_destination_that_leads_elsewhere_touches_nothing_of_the_host",
        "mounts_hostile/links_of_the_tree_make_nothing_in_what_is_bound",
    ),
    "a descriptor from before chroot, links at a respawn, volumes over /proc": (
        "CVE-2015-3627 CVE-2015-3629 CVE-2015-3630 CVE-2015-3631",
        "escape/a_working_folder_in_a_descriptor_stays_inside",
        "mounts/a_bind_below_proc_is_made_by_the_payloads_side",
        "survivors/each_boot_has_a_boot_id_of_its_own",
    ),
    "a file of the manager's own is put behind a link": (
        "CVE-2025-24965 CVE-2026-23954 CVE-2026-48749 CVE-2026-48752",
        "hostile/a_file_that_is_put_into_the_tree_stays_in_it",
        "hostile/a_folder_for_such_a_file_leads_nowhere",
        "hostile/a_machine_id_of_the_hosts_is_not_taken_over",
        "link_journal/a_journal_folder_that_leads_outside_touches_nothing_there",
        "escape/a_folder_that_leads_into_the_tunnels_brings_nothing_to_the_host",
    ),
    "the working folder is made on the host": (
        "CVE-2026-55686",
        "hostile/a_working_folder_that_leads_outside_stays_inside",
        "hostile/a_home_that_leads_outside_is_not_made_there",
        "escape/a_home_in_a_descriptor_is_not_made_there",
    ),
    "the source of a mount is looked up twice": (
        "CVE-2024-1753 CVE-2024-9407 CVE-2024-9675 CVE-2024-11218 CVE-2025-9566 CVE-2024-42472 CVE-2026-34078 "
        "CVE-2017-1002101 CVE-2021-25741",
        "races/a_source_that_is_swapped_is_mounted_as_what_was_looked_at",
        "mounts_hostile/a_source_inside_that_leads_elsewhere_stays_inside",
    ),
    "a file that is read is endless, blocks, or is no file": (
        "CVE-2024-9676",
        "hostile/a_file_that_is_read_neither_hangs_us_nor_leads_outside",
        "hostile/an_init_that_is_none_is_an_error",
        "hostile/a_command_that_is_none_is_an_error",
        "settings/what_is_no_settings_file_beside_the_tree_is_not_read",
        "bind_user/a_database_of_the_tree_that_is_none_is_an_error",
    ),
    "a path is checked and then copied from": (
        "CVE-2018-15664 CVE-2026-42306 CVE-2019-10152 CVE-2019-18466 CVE-2021-41089",
        "NO COPYING",
    ),
    "programs and libraries of the tree are run by the manager": (
        "CVE-2019-14271 CVE-2026-41567",
        "hostile/neither_programs_nor_libraries_of_the_tree_are_run_by_us",
        "escape/a_shell_in_a_descriptor_is_not_executed",
    ),
    "a change of owners goes through hard links and mounts, and loses modes": (
        "systemd-3547 systemd-7365",
        "unit/test-tree/file_with_a_link_outside_is_left_alone",
        "unit/test-tree/mounts_below_the_tree_are_not_entered",
        "unit/test-tree/set_id_bits_stay",
        "unit/test-tree/access_control_lists_follow",
        "boot/ownership_by_chown_shifts_every_file_once",
    ),
    "a settings file that came with the tree opens the machine": (
        "CVE-2026-40226",
        "unit/test-options/only_harmless_keys_need_no_trust",
        "settings/a_file_beside_the_tree_cannot_open_the_boundary",
        "settings/a_drop_in_beside_the_tree_cannot_undo_what_root_wrote",
    ),
}
CROSSING = {  # Descriptors, programs and rights that go along.
    "the manager's program is reached from inside, and written": (
        "CVE-2019-5736",
        "escape/nothing_of_the_stubs_process_can_be_opened",
        "escape/the_stub_is_a_program_in_sealed_memory_and_nothing_else",
        "escape/the_program_behind_the_stub_cannot_be_changed_without_a_user_namespace",
        "unit/test-sealed-program/nobody_can_change_it",
        "operation/leak-init-executable",
    ),
    "a process is traced before it is inside": (
        "CVE-2016-9962 CVE-2016-8649",
        "races/nobody_with_the_ids_of_a_machine_gets_at_its_start",
        "operation/sys-pidfd-getfd",
    ),
    "a process that enters is traced, or shows its program": ("CVE-2016-9962 CVE-2019-5736", "NO ENTERING"),
    "descriptors leak, and the working folder is one of them": (
        "CVE-2024-21626",
        "escape/no_inherited_descriptor_is_seen_inside",
        "escape/none_of_a_hundred_descriptors_leads_to_a_working_folder_outside",
        "command/no_inherited_descriptor_reaches_the_payload",
        "command/a_closed_standard_descriptor_becomes_dev_null_and_nothing_of_ours",
        "operation/leak-descriptors",
    ),
    "keys are typed into the caller's terminal": (
        "CVE-2016-10124 CVE-2017-5226 CVE-2019-10063 CVE-2019-7303 CVE-2023-28100",
        "command/nothing_can_be_typed_into_the_callers_terminal",
        "unit/test-terminal-typing/both_requests_and_nothing_else_are_refused_on_every_entry",
        "operation/leak-terminal",
    ),
    "an odd user name is another user": (
        "CVE-2016-3697 CVE-2026-30892",
        "errors/a_bad_value_is_refused_by_name",
        "unit/test-parse/ids_that_mean_none_or_look_octal_are_refused",
        "ids/an_id_of_no_range_cannot_be_taken",
    ),
    "the inheritable set is full": (
        "CVE-2022-24769 CVE-2022-27650 CVE-2022-29162",
        "command/capabilities_are_not_inheritable",
        "inside/pid_1_hands_no_capabilities_on",
        "privileges/the_stub_init_keeps_no_more_than_it_had",
        "operation/leak-inheritable",
    ),
    "a set-user-id program": (
        "CVE-2016-8659 CVE-2019-12439 CVE-2020-5291",
        "installed/nothing_has_set_user_id_or_capabilities_or_can_be_written_by_others",
        "installed/all_programs_are_ours_and_few",
    ),
    "a set-user-id helper for networks trusts names": (
        "CVE-2017-5985 CVE-2018-6556 CVE-2022-47952 CVE-2026-39402",
        "NO NETWORK",
    ),
    "everybody is told too much": (
        "CVE-2016-6349",
        "machined/machinectl_show_tells_what_it_is",
        "machined/other_users_of_the_host_cannot_touch_it",
    ),
    "a machine is registered by a user and shares the host's namespace": ("systemd-39102", "NO HELPER"),
    "other users call the service manager about the unit": ("CVE-2026-40223", "machined/other_users_of_the_host_cannot_touch_it"),
    "a reload of the service manager takes the device filter away": (
        "CVE-2020-27352",
        "hosts_devices/the_filter_outlives_what_the_service_manager_does",
        "devices/the_filter_is_on_the_group_above_the_payloads",
    ),
}
DOORS = {  # What the kernel leaves open.
    "release_agent": ("CVE-2022-0492", "operation/write-release-agent", "cgroups/the_payload_owns_nothing_else_of_its_group"),
    "helpers and knobs of the whole host": (
        "uevent_helper core_pattern modprobe sysrq binfmt mtrr irq",
        "locked/a_knob_of_the_whole_machine_cannot_be_written",
        "locked/all_of_proc_sys_is_closed_but_what_is_namespaced",
        "masks/a_knob_cannot_be_written",
        "operation/write-uevent-helper",
    ),
    "masks are missing, or are unmounted": (
        "systemd-40501",
        "locked/nor_in_a_namespace_of_its_own",
        "faults/a_call_that_fails_never_makes_a_machine_that_is_less_confined",
        "kernel/masks-made-after-the-crossing-can-be-undone",
        "operation/umount-mask",
    ),
    "dumps of a payload are the host's business": ("CVE-2025-4598", "hostile_payload/a_hundred_crashes_leave_no_file_outside"),
    "open_by_handle_at": ("shocker", "operation/sys-open-by-handle"),
    "a walk through namespaces": ("Linux-6.12", "operation/ns-walk-mount", "operation/sys-listns"),
    "key rings": (
        "keyctl",
        "command/the_callers_session_keyring_stays_behind",
        "operation/leak-session-key",
        "operation/abi-i386-keyctl",
    ),
    "abstract sockets": ("CVE-2020-15257", "operation/leak-abstract-socket"),
    "device nodes": (
        "mknod",
        "locked/a_device_node_cannot_be_made",
        "devices/root_without_a_user_namespace_cannot_open_a_node_of_the_tree",
        "hosts_devices/less_than_all_access_needs_a_filter",
        "operation/open-disk",
    ),
    "sockets of odd families": ("CVE-2026-31431", "calls/sockets_have_few_families", "operation/net-alg-socketcall"),
    "pages of read-only files are written": ("CVE-2022-0847 CVE-2016-5195", "KERNEL"),
    "user namespaces inside": ("CVE-2022-0185 CVE-2023-0386 CVE-2024-1086 CVE-2022-25636", "probe/namespaces_can_be_forbidden"),
    "read-only, nosuid and nodev are taken off by a remount": (
        "CVE-2014-5206 CVE-2014-5207",
        "locked/a_read_only_mount_cannot_be_made_writable",
        "locked/attributes_of_a_mount_cannot_be_dropped",
        "vm/what-the-manager-mounted-is-locked",
    ),
    "maps of ids": (
        "CVE-2014-8989 CVE-2018-18955 CVE-2013-1858",
        "ids/two_hundred_machines_at_once_have_ids_that_nobody_else_has",
        "ids/a_range_that_is_named_is_not_picked_by_others",
    ),
    "a rename out of a bind": ("CVE-2015-2925", "KERNEL"),
    "the host's control groups, and limits of one's own": (
        "CVE-2023-25809",
        "cgroups/it_cannot_leave_its_group",
        "cgroups/limits_of_its_own_group_are_closed_to_it",
        "operation/write-own-memory-limit",
        "operation/leak-cgroup-path",
    ),
    "the file system is frozen or shut down": ("FIFREEZE", "operation/fs-thaw", "operation/fs-shutdown"),
    "files that cannot be deleted": (
        "chattr",
        "unit/test-tree-remove/remove_takes_what_was_made_immutable",
        "operation/file-immutable",
    ),
    "io_uring, userfaultfd, perf, bpf": (
        "attack surface",
        "calls/calls_are_refused_alike_on_every_entry",
        "operation/sys-io-uring",
    ),
    "router advertisements of a machine": ("CVE-2020-13401", "NO NETWORK"),
}
TEXT = {  # Images, words, names and amounts.
    "an image is swapped, mutated, ambiguous, or of an odd file system": (
        "CVE-2026-27456 CVE-2016-5011 CVE-2014-9114 CVE-2025-6019",
        "NO IMAGES",
    ),
    "words of a machine are orders to a terminal": (
        "CVE-2023-28101 CVE-2024-28085",
        "hostile_payload/what_a_payload_calls_itself_does_nothing_to_a_terminal",
        "security/names_that_the_payload_chose_do_nothing_to_a_terminal",
        "escape/control_bytes_of_the_trees_user_come_out_escaped",
        "escape/a_line_break_in_the_trees_path_injects_no_record_key",
        "unit/test-command-line/messages_carry_no_terminal_controls_and_no_screenfuls",
    ),
    "whoever looks at a machine is held up": (
        "fifo",
        "hostile_payload/a_file_that_never_ends_holds_nobody_up",
        "hostile_payload/a_payload_that_froze_itself_holds_nobody_up",
        "security/a_file_system_that_never_answers_on_dev_holds_nobody_up",
    ),
    "names": (
        "path injection",
        "unit/test-config/names_are_letters_digits_dots_and_inner_dashes",
        "errors/a_bad_value_is_refused_by_name",
    ),
    "readiness is forged, or floods": (
        "sd_notify",
        "hostile_payload/a_flood_of_messages_changes_and_grows_nothing",
        "survivors/a_descriptor_of_fuse_in_the_notify_socket_does_not_hang_the_manager",
    ),
    "output floods": (
        "memory",
        "console/a_flood_neither_grows_us_nor_holds_up_the_end",
        "console/a_reader_that_waits_holds_the_payload_and_not_us",
    ),
    "forks, keys, inotify and memory without a bound": (
        "bombs",
        "hosts_scope/scope_has_its_own_properties",
        "vm/limits-of-the-scope-bind",
    ),
}
STARTS = {  # Defects of others at starts and ends.
    "a start that fails leaves a unit and an entry for ever": (
        "systemd-5427 systemd-7681 systemd-14961",
        "hosts_end/early_failures_leave_no_scope_and_no_entry",
        "hosts_end/a_fault_during_the_start_leaves_no_scope_and_no_entry",
        "hosts_end/a_signal_during_the_start_leaves_nothing",
    ),
    "a lock file stays and counts": ("SIGKILL", "leftovers/a_start_that_is_killed_at_a_system_call_leaves_nothing_for_the_next"),
    "a copy is not removed, and nobody is told": (
        "ephemeral",
        "ephemeral/the_next_start_of_any_machine_sweeps_what_a_killed_one_left",
        "unit/test-tree-remove/remove_takes_what_was_made_immutable",
    ),
    "a wait has no end": (
        "waitid epoll recv",
        "hosts_bus/a_bus_that_hangs_is_given_up",
        "leftovers/a_hostile_pid_1_is_ended_by_the_second_signal",
    ),
    "a call fails and the machine is less confined": (
        "fail-open",
        "faults/a_call_that_fails_never_makes_a_machine_that_is_less_confined",
        "security/a_machine_is_what_its_plan_said",
    ),
    "the group stays": ("cgroup", "faults/a_call_that_fails_never_makes_a_machine_that_is_less_confined"),
    "a mutated bundle mounts on the host": ("runc crun", "NO BUNDLES"),
    "two starts of one tree or name": (
        "concurrency",
        "leftovers/of_many_starts_of_one_tree_one_wins_and_the_others_say_why",
        "survivors/of_eight_starts_of_one_name_one_runs_and_the_others_say_why",
    ),
    "settings are fuzzed": ("crash", "fuzz/fuzz-settings-file", "fuzz/fuzz-mounts", "fuzz/fuzz-command-line"),
    "less is allowed by others": (
        "systemd-nspawn lxc crun",
        "probe/nothing_is_allowed_that_nspawn_denies",
        "probe/only_what_is_written_down_is_allowed",
    ),
}
FLAWS = {**TREE, **CROSSING, **DOORS, **TEXT, **STARTS}

# The best that others showed in twenty tests that matter most, and what is measured here. 2 to 5 are campaigns: each
# test does a part of them on every run.
TWENTY = {
    "links in the place of folders": ("crun: 0 writes", "hostile/a_top_folder_that_is_none_touches_nothing_of_the_host"),
    "dangerous operations": ("nspawn's unit: 4 too many", "probe/nothing_is_allowed_that_nspawn_denies"),
    "weaker starts under faults": ("nspawn: 4", "faults/a_call_that_fails_never_makes_a_machine_that_is_less_confined"),
    "hangs and leftovers under faults": (
        "nspawn: 3 and 11 of 257",
        "faults/a_call_that_fails_never_makes_a_machine_that_is_less_confined",
        "leftovers/a_start_that_is_killed_at_a_system_call_leaves_nothing_for_the_next",
    ),
    "restarts after SIGKILL": (
        "nspawn: 4 clean of 20",
        "leftovers/a_start_that_is_killed_anywhere_takes_its_payload_with_it",
        "hosts_end/after_sigkill_nothing_runs_and_the_next_start_works",
    ),
    "entries that early failures leave": ("nspawn: 14 of 25", "hosts_end/early_failures_leave_no_scope_and_no_entry"),
    "files of the tree that block or are endless": (
        "lxc: 0 hangs",
        "hostile/a_file_that_is_read_neither_hangs_us_nor_leads_outside",
    ),
    "inherited descriptors": (
        "nspawn, runc, crun: 0 inside",
        "escape/no_inherited_descriptor_is_seen_inside",
        "escape/none_of_a_hundred_descriptors_leads_to_a_working_folder_outside",
    ),
    "the program of PID 1": ("runc, crun: no host file", "escape/the_stub_is_a_program_in_sealed_memory_and_nothing_else"),
    "mount points that are swapped": ("nobody", "races/mount_points_that_are_swapped_touch_nothing_of_the_host"),
    "typing into the terminal": ("nspawn: a terminal of its own", "command/nothing_can_be_typed_into_the_callers_terminal"),
    "words and files of a machine that is looked at": (
        "machinectl: fails both",
        "hostile_payload/what_a_payload_calls_itself_does_nothing_to_a_terminal",
        "hostile_payload/a_file_that_never_ends_holds_nobody_up",
    ),
    "settings beside the tree": ("systemd 260: mended", "unit/test-options/only_harmless_keys_need_no_trust"),
    "the device filter after a reload": ("nobody", "hosts_devices/the_filter_outlives_what_the_service_manager_does"),
    "links at each file that is put there": ("crun", "hostile/a_file_that_is_put_into_the_tree_stays_in_it"),
    "maps of ids of many machines": ("nobody", "ids/two_hundred_machines_at_once_have_ids_that_nobody_else_has"),
    "images that are mutated": ("blkid: 0 of 1500", "NO IMAGES"),
    "values of a bundle": ("runc", "NO BUNDLES"),
    "starts at the same time": (
        "nspawn: one winner",
        "leftovers/of_many_starts_of_one_tree_one_wins_and_the_others_say_why",
        "survivors/of_eight_starts_of_one_name_one_runs_and_the_others_say_why",
    ),
    "traps in the tree": ("nobody", "hostile/neither_programs_nor_libraries_of_the_tree_are_run_by_us"),
}


@functools.cache
def _system_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@functools.cache
def _operations() -> set[str]:
    lines = (TESTS / "system/probe.table").read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line and not line.startswith("#")}


def _is_there(proof: str) -> bool:
    kind, _, rest = proof.partition("/")
    if kind == "operation":
        return rest in _operations()
    if kind in ("kernel", "fuzz"):
        return (TESTS / f"{proof}.c").is_file()
    if kind == "vm":
        return (TESTS / f"system/{proof}.sh").is_file()
    if kind == "unit":
        file, _, name = rest.partition("/")
        path = TESTS / f"unit/{file}.c"
        return path.is_file() and bool(re.search(rf"^static void {name}\(void \*\*", path.read_text("utf-8"), re.MULTILINE))
    path = TESTS / f"system/test_{kind}.py"
    return path.is_file() and f"test_{rest}" in _system_tests(path)


@pytest.mark.parametrize("flaw", [*FLAWS, *TWENTY])
def test_every_flaw_has_proofs_that_are_there_or_a_reason(flaw):
    where, *proofs = FLAWS.get(flaw) or TWENTY[flaw]
    assert where and proofs
    assert [proof for proof in proofs if proof not in REASONS and not _is_there(proof)] == []
    assert len(proofs) == 1 or not REASONS.keys() & set(proofs), "either it is proved or there is nothing to prove"


def test_every_reason_is_one_of_a_flaw():
    assert {proof for row in FLAWS.values() for proof in row if proof in REASONS} == set(REASONS)


def test_there_are_more_hostile_trees_than_others_were_tried_with():
    """Of 72, systemd-nspawn wrote to the host in 5 and hung in 2, lxc 2 and 0, runc 2 and 1, crun 0 and 1."""
    tops = len(test_hostile.TOPS) * (len(test_hostile.TARGETS) + 1) + len(test_hostile.PLACES) * 2
    files = (len(test_hostile.READ) + len(test_hostile.PUTS)) * len(test_hostile.KINDS)
    assert tops >= 72 and files >= 72
