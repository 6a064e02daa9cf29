#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Mounts of the user's: maps of ids, layers of overlays (which older kernels want attached), read-only for good; and a
# tmpfs, which cannot be mapped before Linux 6.3, is mounted as it is.
set -eu
top=/var/lib/mounts
rm -rf $top
mkdir -p -m 0700 $top
mkdir -p $top/mine $top/one $top/two $top/up $top/tmpfs
echo one >$top/one/file
echo two >$top/two/file
chown 33:44 $top/one/file
echo x >$top/mine/file
chown -R 1234:1300 $top/mine
mount -t tmpfs -o uid=1234,gid=1300,mode=755 tmpfs $top/tmpfs
trap 'umount $top/tmpfs' EXIT
layers=
for number in $(seq 12); do
        mkdir -p $top/many/$number
        touch $top/many/$number/f$number
        layers=$layers$top/many/$number:
done

boot-tree -D /var/lib/machines/deb -M mounts --bind=$top/mine:/a --bind-ro=$top/mine:/b:idmap --bind=:/c \
        --bind=$top/tmpfs:/d --tmpfs=/e:uid=33,mode=700 --overlay=$top/one:$top/two:$top/up:/f \
        --overlay-ro=$top/one:$top/two:/g "--overlay=$layers:/h" --inaccessible=/etc/fstab --console=read-only sh -euc '
        owner() { [ "$(stat -c %u:%g "$2")" = "$1" ] || { echo "$2: $(stat -c %u:%g "$2"), not $1"; exit 1; }; }
        refused() { if "$@" 2>/dev/null; then echo "worked: $*"; exit 1; fi; }
        owner 0:0 /a/file
        touch /a/new /c/new /f/new /h/new
        owner 1234:1300 /b/file
        refused touch /b/new /g/new
        refused mount -o remount,bind,rw /b
        refused umount /g
        owner 33:0 /e
        [ "$(cat /f/file)" = two ] && [ "$(cat /g/file)" = two ]
        chown 5:6 /f/file
        owner 5:6 /f/file
        [ "$(ls /h | wc -l)" = 13 ]
        [ -z "$(cat /etc/fstab)" ] || exit 1
        case "$(stat -c %u /d)" in 0 | 65534) ;; *) exit 1 ;; esac'

[ "$(stat -c %u:%g $top/mine/new)" = 1234:1300 ]
[ "$(stat -c %u:%g $top/up/new)" = 0:0 ]
[ "$(stat -c %u:%g $top/up/file)" = 5:6 ]
[ "$(cat $top/two/file)" = two ]
[ "$(find $top /var/tmp -name '*boot-tree*')" = "" ]
