#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Build the Bochs that emulates a VMX host, and print its folder: bin/bochs
# with BIOS-bochs-latest and VGABIOS-lgpl-latest beside it in share/. Called
# by the runner and by `make check`. The source is Debian's package of a newer
# suite (apt-suite.sh). Tarball and binary are cached; the binary's key is
# processor, source, flags, patches.
#
# Where no mirror has the source, or with LHV_BOCHS=debian, Debian's own binary
# serves: slow, unpatched.
set -eu

here=$(dirname "$(readlink -f "$0")")
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}"
work="$cache/bochs"
suite=trixie
series=3.0
mkdir -p "$work"

exec 8>"$work/.lock"
flock 8

# VMX and SVM, the vector registers a modern guest asks for, and everything
# that makes it fast. No debugger: it costs three quarters of the speed.
features="--enable-x86-64 --enable-cpu-level=6 --enable-vmx=2 --enable-svm
	--enable-smp --enable-avx --enable-evex --enable-pci
	--enable-all-optimizations --enable-fpu --enable-repeat-speedups
	--enable-fast-function-calls --enable-handlers-chaining
	--enable-memtype --enable-cet --enable-protection-keys
	--disable-docbook --with-nogui"
flags="-O3 -march=native"

say() {
	echo "bochs: $*" >&2
}

tarball() {
	ls -1 "$work"/bochs_"$series"*.orig.tar.* 2>/dev/null | head -n 1
}

fetch_source() {
	out=$(mktemp -d "$work/source.XXXXXX")
	say "fetching the source of $series from Debian $suite"
	( cd "$out" && "$here/apt-suite.sh" "$suite" --tar-only \
		--download-only source bochs ) >"$out/log" 2>&1 ||
		tail -n 5 "$out/log" >&2
	mv "$out"/bochs_*.orig.tar.* "$work/" 2>/dev/null || :
	rm -rf "$out"
}

firmware() {	# destination: the two ROM images, from Debian's packages
	mkdir -p "$1"
	for dir in $("$here/fetch.sh" bochsbios vgabios); do
		find "$dir/usr/share" \( -name 'BIOS-bochs-l*' \
			-o -name 'VGABIOS-lgpl-latest*' -o -name 'vgabios.bin' \
			\) -exec cp -L {} "$1/" \;
	done
}

build() {	# destination
	dest=$1
	tree="$dest.build"
	rm -rf "$tree"
	mkdir -p "$tree"
	tar -xf "$tar" -C "$tree" --strip-components=1
	for p in "$here"/patches/bochs-*.patch; do
		patch -s -d "$tree" -p1 <"$p"
	done
	say "building $(basename "$tar"), about three minutes"
	if ! ( cd "$tree" && CFLAGS="$flags" CXXFLAGS="$flags" \
			./configure --prefix="$dest" $features &&
			nice make -j"$(nproc)" bochs ) >"$tree.log" 2>&1 \
			</dev/null; then
		tail -n 20 "$tree.log" >&2
		say "the build failed; its log is $tree.log"
		return 1
	fi
	mkdir -p "$dest/bin"
	strip -o "$dest/bin/bochs.new" "$tree/bochs"
	mv "$dest/bin/bochs.new" "$dest/bin/bochs"
	rm -rf "$tree" "$tree.log"
}

use_debian_binary() {
	say "using Debian's own slow binary"
	"$here/packages.sh" bochs >&2
	mkdir -p "$work/debian/bin"
	ln -sfn /usr/bin/bochs-bin "$work/debian/bin/bochs"
	echo rfb >"$work/debian/display"
	[ -d "$work/debian/share" ] || firmware "$work/debian/share"
	echo "$work/debian"
	exit 0
}

[ "${LHV_BOCHS:-}" != debian ] || use_debian_binary
tar=$(tarball)
if [ -z "$tar" ]; then
	fetch_source
	tar=$(tarball)
fi
if [ -z "$tar" ]; then
	use_debian_binary
fi

key=$( { grep -m 1 '^model name' /proc/cpuinfo; grep -m 1 '^flags' \
		/proc/cpuinfo; sha256sum <"$tar"; echo $features $flags;
		cat "$here"/patches/bochs-*.patch; } | sha256sum | cut -c 1-16)
dest="$work/$key"
if [ ! -x "$dest/bin/bochs" ]; then
	build "$dest" || use_debian_binary
fi
[ -d "$dest/share" ] || firmware "$dest/share"
echo "$dest"
