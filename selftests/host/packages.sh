#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Install the Debian packages that building and testing want. Called by the
# top Makefile before anything else; quiet and quick when all is there.
# It never asks, waits for apt's lock, and uses sudo where it must.
# Packages that would disturb the machine (kernels, busybox-static, firmware)
# are not installed but unpacked into the cache, by fetch.sh.
#
# usage: packages.sh [build|test|bochs|chroot]
# (build is what `make` alone needs; bochs is Debian's own, a last resort;
# chroot is for kernels that this machine's compiler cannot build for)
set -eu

build="gcc make libc6-dev libelf1 binutils kmod xz-utils util-linux"
checks="python3 sparse perl curl ca-certificates libzydis-dev"
hosts="qemu-system-x86 g++ patch e2fsprogs cpio"

case "${1:-test}" in
build) want="$build" ;;
test) want="$build $checks $hosts" ;;
bochs) want=bochs ;;
chroot) want=debootstrap ;;
*) echo "usage: packages.sh [build|test|bochs|chroot]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "packages: not a Debian system, so nothing is installed;" \
	     "this must be there: $want" >&2
	exit 0
fi

missing=
for p in $want; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || :)
	[ "$state" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root="sudo -n"
	if ! $as_root true 2>/dev/null; then
		echo "packages: this needs root once:" \
		     "apt-get install$missing" >&2
		exit 1
	fi
fi

apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
		apt-get -qq -y -o DPkg::Lock::Timeout=600 \
		-o Dpkg::Use-Pty=0 -o APT::Install-Recommends=0 "$@"
}

echo "packages: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# An index that is older than the mirror names files that are gone, so it is
# read anew before the install, once.
if ! { apt update && apt install $missing; } >"$log" 2>&1 </dev/null; then
	tail -n 30 "$log" >&2
	echo "packages: apt-get failed (its last lines are above)" >&2
	exit 1
fi
