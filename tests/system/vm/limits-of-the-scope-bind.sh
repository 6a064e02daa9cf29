# SPDX-License-Identifier: LGPL-2.1-or-later
# A process over MemoryMax= is killed, and counted; one over TasksMax= is not made.
set -eu
events=/sys/fs/cgroup/machine.slice/machine-limits.scope/memory.events
boot-tree -q -D /var/lib/machines/deb -M limits --property=MemoryMax=128M --property=MemorySwapMax=0 sh -c '
        head -c 400M /dev/zero | tail >/dev/null
        echo "tail: $?"
        sleep 1' >/run/out 2>&1 &
n=0
until grep -q '^tail:' /run/out; do
        n=$((n + 1))
        test $n -lt 300 || { cat /run/out; exit 1; }
        sleep 0.1
done
cat /run/out "$events"
grep -q '^tail: 137' /run/out
grep -q '^oom_kill [1-9]' "$events"
wait
boot-tree -q -D /var/lib/machines/deb -M tasks --property=TasksMax=8 sh -c '
        i=0
        while [ $i -lt 20 ]; do
                i=$((i + 1))
                sleep 5 &
        done
        echo made all' >/run/out 2>&1 || true
cat /run/out
! grep -q 'made all' /run/out
grep -qi fork /run/out
