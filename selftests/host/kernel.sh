#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The stock Debian kernel that emulated hosts run, and its headers: which one,
# and where it lies. Image and headers are of one ABI, discovered from apt and
# unpacked into the cache; the machine's own /boot is never looked at.
# Called by the top Makefile and the runner.
#
# usage: kernel.sh abi       its version, as `uname -r` prints it there
#        kernel.sh image     the folder with boot/vmlinuz-* and lib/modules/
#        kernel.sh headers   a KDIR for building modules for it
#        kernel.sh kdir      the default KDIR of `make`: the running kernel's
#                            headers where they are installed, else the above
set -eu

here=$(dirname "$(readlink -f "$0")")
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}"
arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)

names() {	# all dependencies of an unpacked package, one a line
	tr ',|' '\n\n' <"$1/.depends" | sed 's/^ *//; s/ .*//'
}

abi() {
	meta=$("$here/fetch.sh" "linux-image-$arch")
	image=$(names "$meta" | grep -m 1 '^linux-image-') || {
		echo "kernel: linux-image-$arch names no kernel" >&2
		exit 1
	}
	echo "${image#linux-image-}"
}

# The header package is made to lie in /usr: its Makefile and its links name
# its own parts there. The parts are laid into one folder, and the names
# changed to it.
headers() {
	abi=$1
	flavour=$("$here/fetch.sh" "linux-headers-$abi")
	dest="$cache/kdir/$(basename "$flavour")"
	kdir="$dest/usr/src/linux-headers-$abi"
	if [ ! -e "$dest/.complete" ]; then
		rm -rf "$dest"
		mkdir -p "$dest"
		parts=$(names "$flavour" |
			grep -E '^linux-(headers-.*-common|kbuild-)')
		for dir in $("$here/fetch.sh" $parts) "$flavour"; do
			cp -a "$dir/." "$dest/"
		done
		grep -rlI --include=Makefile /usr/src/linux-headers \
			"$dest"/usr/src/*/Makefile |
			xargs sed -i "s,/usr/src/linux-headers,$dest&,g"
		for link in $(find "$dest/usr/src" -type l -lname '/usr/*'); do
			ln -sfn "$dest$(readlink "$link")" "$link"
		done
		touch "$dest/.complete"
	fi
	echo "$kdir"
}

case "${1:-}" in
abi)
	abi
	;;
image)
	"$here/fetch.sh" "linux-image-$(abi)"
	;;
headers)
	headers "$(abi)"
	;;
kdir)
	running="/lib/modules/$(uname -r)/build"
	if [ -e "$running/Makefile" ]; then
		echo "$running"
	else
		headers "$(abi)"
	fi
	;;
*)
	echo "usage: kernel.sh abi|image|headers|kdir" >&2
	exit 2
	;;
esac
