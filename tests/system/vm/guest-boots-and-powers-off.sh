# SPDX-License-Identifier: LGPL-2.1-or-later
# A systemd inside comes up in its scope, is known to machined, and powers off; nothing stays.
set -eu
uname -r
systemd-run --quiet --unit=guest --service-type=notify --property=KillMode=mixed --property=NotifyAccess=main \
        boot-tree -D /var/lib/machines/deb -M guest --notify-ready=yes
machinectl list --no-legend | grep '^guest '
leader=$(machinectl show --property=Leader --value guest)
state=$(nsenter -t "$leader" -a systemctl is-system-running --wait || true)
test "$state" = running || { echo "'$state'"; nsenter -t "$leader" -a systemctl --failed --plain; exit 1; }
systemctl show --property=ActiveState machine-guest.scope | grep =active
machinectl poweroff guest
n=0
while systemctl is-active --quiet guest; do
        n=$((n + 1))
        test $n -lt 600 || { journalctl -u guest | tail -n 30; exit 1; }
        sleep 0.1
done
! systemctl is-failed guest
test -z "$(machinectl list --no-legend)"
! systemctl is-active machine-guest.scope
test ! -e /sys/fs/cgroup/machine.slice/machine-guest.scope
test -z "$(ls -A /run/boot-tree)"
