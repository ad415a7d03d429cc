#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Find the QEMU that emulates an SVM host: print the program, "fair" or "unfair",
# and a line for each folder that its firmware is in. Called by the runner.
#
# Unfair: before version 8.1, QEMU that counts instructions starves all
# processors of its machine but one. Where the system's own is older, Debian's backport is
# unpacked into the cache; it is not installed. Where there is none, or with
# LHV_QEMU=system, the system's own serves; hosts of several processors then run
# without counting.
set -eu

here=$(dirname "$(readlink -f "$0")")

version() {	# program: major * 100 + minor
	"$1" --version |
		sed -n 's/^QEMU emulator version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' |
		{ read -r major minor && echo $((major * 100 + minor)); }
}

use_system() {	# fair or unfair
	printf '%s\n' "$system" "$1"
	exit 0
}

system=$(command -v qemu-system-x86_64)
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ "$(version "$system")" -lt 801 ] || use_system fair
[ "${LHV_QEMU:-}" != system ] && [ -n "$codename" ] || use_system unfair
if ! dirs=$("$here/fetch.sh" --suite "$codename-backports" qemu-system-x86 \
		qemu-system-data seabios); then
	echo "qemu: no newer QEMU to be had: using the system's" >&2
	use_system unfair
fi
set -- $dirs
if ! "$1/usr/bin/qemu-system-x86_64" --version >/dev/null 2>&1; then
	echo "qemu: the backport does not run here: using the system's" >&2
	use_system unfair
fi
echo "$1/usr/bin/qemu-system-x86_64"
echo fair
echo "$2/usr/share/qemu"
echo "$3/usr/share/seabios"
