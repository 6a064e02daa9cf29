# SPDX-License-Identifier: LGPL-2.1-or-later
# A payload runs under its profile in every way to run; one that is not loaded is refused.
set -eu
mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
cat /run/vm-tests/policy/apparmor >/sys/kernel/security/apparmor/.load
tree=/var/lib/machines/deb

for users in pick no; do
        for form in "" --as-pid2 --no-new-privileges=yes; do
                boot-tree -q -D $tree --private-users=$users $form sh -c 'cat /etc/os-release >/dev/null'
                boot-tree -q -D $tree --private-users=$users $form --apparmor-profile=payload sh -eu -c '
                        grep "^payload (enforce)" /proc/self/attr/apparmor/current
                        cat /etc/debian_version
                        if cat /etc/os-release; then exit 1; fi'
        done
done

if boot-tree -q -D $tree --apparmor-profile=nothing true 2>/tmp/error; then exit 1; fi
cat /tmp/error
grep "nothing.*no such profile is loaded" /tmp/error
if boot-tree -q -D $tree --selinux-context=u:r:payload_t:s0 true 2>/tmp/error; then exit 1; fi
grep "SELinux is not active" /tmp/error
