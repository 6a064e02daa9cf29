# SPDX-License-Identifier: LGPL-2.1-or-later
# Without a policy the kernel takes any label, and it means nothing. (Runs before a policy is loaded.)
set -eu
grep -q '^kernel' /proc/self/attr/current
sh -c 'printf u:r:payload_t:s0 >/proc/self/attr/exec; exec grep -q "^kernel" /proc/self/attr/current'
for option in --selinux-context --selinux-apifs-context; do
        if boot-tree -q -D /var/lib/machines/deb $option=u:r:payload_t:s0 true 2>/tmp/error; then exit 1; fi
        cat /tmp/error
        grep -q -e "$option=: SELinux has no policy on this host" /tmp/error
        test "$(wc -l </tmp/error)" = 1
done
