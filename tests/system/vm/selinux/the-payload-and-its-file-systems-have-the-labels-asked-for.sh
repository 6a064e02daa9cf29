# SPDX-License-Identifier: LGPL-2.1-or-later
# With a policy a payload runs under its label, commas and all, in every way to run; a label that is none is refused.
set -eu
cat /run/vm-tests/policy/selinux >/sys/fs/selinux/load
grep -q host_t /proc/self/attr/current
tree=/var/lib/machines/deb
process=u:r:payload_t:s0:c1,c2
files=u:object_r:files_t:s0:c1,c2

for users in pick no; do
        for form in "" --as-pid2; do
                boot-tree -q -D $tree --private-users=$users $form -Z $process -L $files --tmpfs=/srv sh -eu -c '
                        label=$(tr -d "\0" </proc/self/attr/current)
                        test "$label" = '$process' || { echo "process: $label"; exit 1; }
                        for mount in /dev /dev/shm /run /tmp /srv /dev/pts; do
                                label=$(stat -c %C $mount)
                                test "$label" = '$files' || { echo "$mount: $label"; exit 1; }
                        done'
        done
done

if boot-tree -q -D $tree --selinux-context=u:r:nobody_t:s0 true 2>/tmp/error; then exit 1; fi
cat /tmp/error
grep "nobody_t.*the policy knows no such label" /tmp/error
if boot-tree -q -D $tree --apparmor-profile=payload true 2>/tmp/error; then exit 1; fi
grep "AppArmor is not active" /tmp/error
