# SPDX-License-Identifier: LGPL-2.1-or-later
# The payload's root can neither make writable nor take away what was mounted read-only for it.
set -eu
boot-tree -q -D /var/lib/machines/deb -M locks --read-only sh -c '
        status=0
        refused() {
                if "$@" 2>/tmp/error; then
                        echo "worked: $*"
                        status=1
                else
                        cat /tmp/error
                fi
        }
        refused mount -o remount,bind,rw /run/host
        refused mount -o remount,bind,rw /
        refused mount -o remount,bind,rw /run/host/os-release
        refused umount /run/host
        refused umount -l /run/host/os-release
        refused umount /dev
        refused touch /run/host/new /etc/new
        refused mknod /dev/disk b 254 0
        refused sh -c "echo 1 >/proc/sys/kernel/sysrq"
        refused sh -c "echo b >/proc/sysrq-trigger"
        refused sh -c "echo /x >/proc/sys/kernel/core_pattern"
        mount -t tmpfs tmpfs /mnt && touch /mnt/works
        unshare -Urpfm --mount-proc true
        exit $status'
