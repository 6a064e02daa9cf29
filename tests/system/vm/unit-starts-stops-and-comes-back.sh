# SPDX-License-Identifier: LGPL-2.1-or-later
# boot-tree@deb: up, asked to reboot from inside, up again, stopped.
set -eu
systemctl start boot-tree@deb
first=$(machinectl show --property=Leader --value deb)
nsenter -t "$first" -a systemctl is-system-running --wait || true
machinectl reboot deb
n=0
until now=$(machinectl show --property=Leader --value deb 2>/dev/null) && test "$now" != "$first"; do
        n=$((n + 1))
        test $n -lt 600 || { systemctl status boot-tree@deb; exit 1; }
        sleep 0.1
done
systemctl show --property=NRestarts boot-tree@deb | grep '=1$'
cat "/sys/fs/cgroup/machine.slice/system-boot\\x2dtree.slice/boot-tree@deb.service/payload/cgroup.controllers" ||
        find /sys/fs/cgroup/machine.slice
systemctl stop boot-tree@deb
systemctl show --property=Result boot-tree@deb | grep '=success$'
