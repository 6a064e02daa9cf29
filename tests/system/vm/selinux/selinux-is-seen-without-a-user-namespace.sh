#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# On a host with SELinux its file system is there for a payload that runs as the host's root, and it is read-only.
set -eu
mountpoint -q /sys/fs/selinux || mount -t selinuxfs selinuxfs /sys/fs/selinux

for network in --private-network --network-host; do
        boot-tree -q --private-users=no "$network" -D /var/lib/machines/deb sh -eu -c '
                cat /sys/fs/selinux/enforce
                echo
                grep " /sys/fs/selinux selinuxfs ro," /proc/self/mounts
                if { echo 1 >/sys/fs/selinux/checkreqprot; } 2>/dev/null; then exit 1; fi'
done

# Its only instance belongs to the host: with a user namespace it stays away.
boot-tree -q -D /var/lib/machines/deb sh -c '! test -e /sys/fs/selinux/enforce'
