# SPDX-License-Identifier: LGPL-2.1-or-later
# The bed itself: without these the other scripts would show nothing.
set -eu
uname -r
systemctl --version | head -n1
controllers=$(cat /sys/fs/cgroup/cgroup.controllers)
for name in cpuset cpu io memory pids; do
        case " $controllers " in
        *" $name "*) ;;
        *) echo "No controller '$name' in '$controllers'"; exit 1 ;;
        esac
done
machinectl list
test -d /var/lib/machines/deb/usr
