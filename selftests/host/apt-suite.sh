#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# apt-get for another suite of the machine's Debian mirror, through a private
# configuration in the cache: the system's own lists are not touched, nothing is
# installed. Called by bochs.sh, fetch.sh and chroot.sh.
#
# usage: apt-suite.sh SUITE[:ARCH] ARGUMENT...  apt-get with these arguments
#        apt-suite.sh --mirror              print the mirror's address
#
# The index is fetched when there is none and when it is a day old. Exit status
# 3: apt's sources name no Debian mirror.
set -eu

suite=$1
shift
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}"
apt="$cache/apt/$suite"
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# The URIs of the machine's mirrors, from either form of apt's sources.
mirrors() {
	cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
		sed -n 's/^URIs: *\([^ ]*\).*/\1/p'
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
		sed -n 's/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\) .*/\2/p'
}

uri=$(mirrors | grep -E '/debian/?$' | head -n 1)
if [ -z "$uri" ]; then
	echo "apt: the sources name no Debian mirror to take packages from" >&2
	exit 3
fi
if [ "$suite" = --mirror ]; then
	echo "$uri"
	exit 0
fi
case "$suite" in
*:*) arch=${suite#*:}; suite=${suite%%:*} ;;
*) arch= ;;
esac
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts"
exec 7>"$apt/.lock"
flock 7
printf 'deb [signed-by=%s] %s %s main\ndeb-src [signed-by=%s] %s %s main\n' \
	"$keys" "$uri" "$suite" "$keys" "$uri" "$suite" >"$apt/sources.list"

run() {
	apt-get -qq -o APT::Sandbox::User=root \
		-o Dir::Etc::SourceList="$apt/sources.list" \
		-o Dir::Etc::SourceParts="$apt/parts" \
		-o Dir::State::Lists="$apt/lists" \
		-o Dir::Cache="$apt/archives" \
		${arch:+-o APT::Architecture="$arch" -o APT::Architectures="$arch"} \
		-o Acquire::IndexTargets::deb-src::Sources::DefaultEnabled=true \
		"$@" </dev/null
}

if [ -z "$(find "$apt/.updated" -mmin -1440 2>/dev/null)" ]; then
	run update >&2
	touch "$apt/.updated"
fi
run "$@"
