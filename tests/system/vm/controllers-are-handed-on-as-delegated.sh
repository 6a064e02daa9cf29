# SPDX-License-Identifier: LGPL-2.1-or-later
# What the scope delegates is what the machine's root sees and may hand on, and no more.
set -eu
run() {
        boot-tree -q -D /var/lib/machines/deb -M "$@"
}
script='cat /sys/fs/cgroup/cgroup.controllers; echo +pids +memory >/sys/fs/cgroup/cgroup.subtree_control
cat /sys/fs/cgroup/cgroup.subtree_control'
all=$(run all sh -c "$script")
echo "$all"
for name in cpuset cpu io memory pids; do
        case " $(echo "$all" | head -n1) " in
        *" $name "*) ;;
        *) echo "No controller '$name' inside"; exit 1 ;;
        esac
done
few=$(run few --property='Delegate=pids memory' sh -c 'cat /sys/fs/cgroup/cgroup.controllers')
test "$few" = "memory pids" || { echo "'$few' instead of 'memory pids'"; exit 1; }
