# SPDX-License-Identifier: LGPL-2.1-or-later
# What "security" says of a machine's limits is what the kernel keeps, also when they are changed while it runs.
set -eu
boot-tree -q -D /var/lib/machines/deb -M told --property=MemoryMax=256M --property=TasksMax=30 --property=CPUQuota=50% \
        sh -c 'echo up; exec sleep 60' >/run/out 2>&1 &
n=0
until grep -q up /run/out; do
        n=$((n + 1))
        test $n -lt 300 || { cat /run/out; exit 1; }
        sleep 0.1
done
boot-tree security told >/run/told
cat /run/told
grep -q '^    memory: 268435456$' /run/told
grep -q '^    processes: 30$' /run/told
grep -q '^    processors: 50%$' /run/told
grep -q '^  remarks: \[\]$' /run/told
grep -q '^  device_filter: on$' /run/told
systemctl set-property --runtime machine-told.scope MemoryMax=infinity
boot-tree security told >/run/told
grep -q 'It can use all of the memory' /run/told
boot-tree stop told
