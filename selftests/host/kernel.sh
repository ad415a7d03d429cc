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
#
# LHV_KERNEL=6.12 (`make KERNEL=6.12`) asks for another version than that of the
# release: the release's backports and sid are looked at, in this order. "newest"
# is sid's, whatever its version, "backports" the release's backports'. Where its headers want another compiler than
# this machine's, they and the compiler are installed in a chroot (chroot.sh).
set -eu

here=$(dirname "$(readlink -f "$0")")
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}"
arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)

suite=
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
if [ "${LHV_KERNEL:-}" = newest ]; then
	suite=sid
elif [ "${LHV_KERNEL:-}" = backports ]; then
	suite=$codename-backports
elif [ -n "${LHV_KERNEL:-}" ]; then
	for candidate in "$codename-backports" sid; do
		dir=$("$here/fetch.sh" --suite "$candidate" "linux-image-$arch") ||
			continue
		case "$(basename "$dir")" in
		linux-image-"$arch"_"$LHV_KERNEL".*)
			suite=$candidate
			break
			;;
		esac
	done
	if [ -z "$suite" ]; then
		echo "kernel: no suite has Linux $LHV_KERNEL" >&2
		exit 1
	fi
fi

fetch() {
	"$here/fetch.sh" ${suite:+--suite "$suite"} "$@"
}

names() {	# all dependencies of an unpacked package, one a line
	tr ',|' '\n\n' <"$1/.depends" | sed 's/^ *//; s/ .*//'
}

abi() {
	meta=$(fetch "linux-image-$arch")
	image=$(names "$meta" | grep -m 1 '^linux-image-') || {
		echo "kernel: linux-image-$arch names no kernel" >&2
		exit 1
	}
	echo "${image#linux-image-}"
}

# Some suites split the image: its parts are laid into one folder.
image() {
	dir=$(fetch "linux-image-$1")
	parts=$(names "$dir" | grep -E "^linux-(base|binary|modules)-") || :
	if [ -z "$parts" ]; then
		echo "$dir"
		return
	fi
	dest="$cache/kernel-parts/$(basename "$dir")"
	if [ ! -e "$dest/.complete" ]; then
		rm -rf "$dest"
		mkdir -p "$dest"
		for part in $(fetch $parts); do
			cp -al "$part/." "$dest/"
			rm -f "$dest/.depends"
		done
		touch "$dest/.complete"
	fi
	echo "$dest"
}

# The compiler that a header package wants, where this machine has another.
foreign_compiler() {
	gcc=$(names "$1" | grep -m 1 -oE '^gcc-[0-9]+') || return 1
	! command -v "$gcc" >/dev/null
}

# The header package is made to lie in /usr: its Makefile and its links name
# its own parts there. The parts are laid into one folder, and the names
# changed to it.
headers() {
	abi=$1
	flavour=$(fetch "linux-headers-$abi")
	dest="$cache/kdir/$(basename "$flavour")"
	kdir="$dest/usr/src/linux-headers-$abi"
	if [ -n "$suite" ] && foreign_compiler "$flavour"; then
		root=$("$here/chroot.sh" make "$suite" "linux-headers-$abi" make)
		echo "$root/usr/src/linux-headers-$abi"
		return
	fi
	if [ ! -e "$dest/.complete" ]; then
		rm -rf "$dest"
		mkdir -p "$dest"
		parts=$(names "$flavour" |
			grep -E '^linux-(headers-.*-common|kbuild-)')
		for dir in $(fetch $parts) "$flavour"; do
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
	image "$(abi)"
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
