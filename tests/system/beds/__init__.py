# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test beds. Each is a fixture of conftest.py.

bare                    this machine (bare.py)
  bare.run(*options, timeout=, env=, stdin=)   boot-tree to its end → proc.Result
  bare.tree("trixie"), bare.folder()           a private tree, an empty folder; removed after the test
  with bare.boot(tree, *options) as machine:   boots and waits for READY; always ended
  with bare.start(tree, *options) as machine:  the same without waiting (machine.wait_ready(30))
    machine.leader, .name, .output, .lines, .notify, .is_running
    machine.inside(*command), machine.shell("…"), machine.system_state()
    machine.call(function, *args)                what a Python function returns inside, as root (inside.py: mount,
                                                 umount, refusal → name of the error, …)
    machine.wait_started()                       until PID 1 is the payload's program
    machine.poweroff(), .terminate() (SIGTERM), .wait()   → exit status
    bare.start(…, prefix=("unshare", "--mount"))  words in front of boot-tree
  with bare.console(*options) as console:      on a terminal: .send(), .expect(regex), .resize(), .wait(), .attributes()
module_bare             the same for machines that all tests of a module look at
host252 host257 host262 any_host   nested systemd hosts (host.py)
  host.run(*command), host.shell("…")          in a transient unit; host.enter(*command): in the namespaces only
  host.boot_tree(*options)                     boot-tree in a unit, to its end
  with host.boot("deb", *options) as machine:  in a notify service; .leader (a pid of the host), .inside(), .poweroff()
  host.machines(), host.units(), host.property(unit, name), host.add_tree(name, "trixie"), host.remove_tree(name)
  host.path("/etc/x") on disk, host.live("/run/x") through the host's mounts
vm61 vm612              results of the scripts in vm/ in a virtual machine: vm61["NAME.sh"].check()
tree_cache              the module trees: unpacked(name) shared and never changed, copy(name) private
beds.side_by_side       machines that boot and end at once, while one thread waits for all of them
beds.treehash           snapshot() and difference() of a folder that nobody may touch
beds.nested.forbid(…)   a preexec_fn: a user namespace in which kinds of namespaces cannot be made
nothing_left            always on: compares before and after (leftovers.py)
"""
