#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Roots that are made of several folders: looked at before anything is decided, run, looked at from outside and put
# into a tree. Layers that older kernels want attached, and the way back from where they were. The programs are mounted
# on /usr: copies of them would take their time here.
set -eu
top=/var/lib/roots guest=/var/lib/machines/deb
rm -rf $top
mkdir -p -m 0755 $top
mkdir -p -m 0755 $top/layer/usr $top/tree/etc
for name in bin sbin lib lib64; do
        ln -s usr/$name $top/layer/$name
done
echo layer >$top/layer/file
echo gone >$top/layer/gone
cp $guest/etc/passwd $guest/etc/group $top/tree/etc

run() {
        boot-tree -q -M roots --bind-ro=$guest/usr:/usr "$@"
}
run -D $top/tree true && exit 1 # that it is an OS is to be seen in the layer only
for users in pick no; do
        run -D $top/tree --layer=$top/layer --upper=$top/up --private-users=$users sh -euc '
                echo more >>/file; rm -f /gone; mkdir -p /new; [ "$(stat -c %u:%g /file /new | uniq)" = 0:0 ]'
done
[ "$(boot-tree diff $top/up | grep -E '/(file|gone|new)$')" = "changed   file       /file
removed   file       /gone
added     directory  /new" ]

boot-tree commit $top/up $top/whole
[ "$(cat $top/whole/file)" = "layer
more
more" ]
[ -d $top/whole/usr ] && [ ! -e $top/whole/gone ]
run -D $top/whole --pivot-root=/:/old sh -euc '[ -d /old/new ] && echo x >/mine'
[ "$(run -D $top/copy --template=$top/whole --pipe cat /mine)" = x ]

boot-tree commit $top/up
[ "$(ls $top/up)" = "" ]
[ -c $top/tree/gone ] && [ -d $top/tree/new ]
[ "$(find $top -name '.#*')" = "" ]
rm -rf $top
