# SPDX-License-Identifier: LGPL-2.1-or-later
# What the scope delegates is what the machine's root sees and may hand on, and no more.
set -eu
run() {
        boot-tree -q -D /var/lib/machines/deb -M "$@"
}
# First: systemd takes a controller from a slice again only when it must.
few=$(run few --property='Delegate=pids memory' cat /sys/fs/cgroup/cgroup.controllers)
test "$few" = "memory pids" || { echo "'$few' instead of 'memory pids'"; exit 1; }
script='cd /sys/fs/cgroup
mkdir leaf
echo 1 >leaf/cgroup.procs
echo "+cpu +cpuset +io +memory +pids" >cgroup.subtree_control
cat leaf/cgroup.controllers
echo 5 >leaf/pids.max'
all=$(run all sh -c "$script")
test "$all" = "cpuset cpu io memory pids" || { echo "'$all' inside"; exit 1; }
