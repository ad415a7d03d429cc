#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Download Debian packages and unpack each into a folder of the cache, without
# installing anything on this machine; print one folder a package. Called by
# kernel.sh, bochs.sh, qemu.sh and the runner. Knows nothing of what is in a
# package.
#
# usage: fetch.sh [--suite SUITE[:ARCH]] PACKAGE...
set -eu

here=$(dirname "$(readlink -f "$0")")
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}/packages"
suite=
if [ "${1:-}" = --suite ]; then
	suite=$2
	shift 2
	cache="$cache/$suite"
fi
mkdir -p "$cache"

newest() {	# the folder of a package unpacked earlier
	ls -1dt "$cache/$1"_*/ 2>/dev/null | head -n 1 | sed 's,/$,,'
}

locked=
lock() {	# one download at a time: parallel builds may want the same
	[ -z "$locked" ] || return 0
	exec 9>"$cache/.lock"
	flock 9
	locked=yes
}

refresh_index() {
	[ -z "$suite" ] || return 0
	if [ "$(id -u)" = 0 ]; then
		apt-get -qq -o DPkg::Lock::Timeout=600 update
	else
		sudo -n apt-get -qq -o DPkg::Lock::Timeout=600 update
	fi >&2 </dev/null
}

download() {	# package, empty folder: leaves one .deb there
	if [ -n "$suite" ]; then
		set -- "$1" "$2" "$here/apt-suite.sh" "$suite"
	else
		set -- "$1" "$2" apt-get -qq -o APT::Sandbox::User=root
	fi
	package=$1
	folder=$2
	shift 2
	( cd "$folder" && "$@" download "$package" ) >&2 2>"$folder/errors" \
		</dev/null
}

for package in "$@"; do
	dir=$(newest "$package")
	if [ -z "$dir" ]; then
		lock
		dir=$(newest "$package")
	fi
	if [ -n "$dir" ] && [ -z "${LHV_REFRESH:-}" ]; then
		echo "$dir"
		continue
	fi
	lock
	tmp=$(mktemp -d "$cache/.new.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	if ! download "$package" "$tmp"; then
		refresh_index || :
		if ! download "$package" "$tmp"; then
			cat "$tmp/errors" >&2
			echo "fetch: cannot download package $package" >&2
			exit 1
		fi
	fi
	deb=$(ls "$tmp"/*.deb)
	version=$(dpkg-deb -f "$deb" Version | tr : _)
	dir="$cache/${package}_$version"
	if [ ! -d "$dir" ]; then
		mkdir "$tmp/root"
		dpkg-deb -x "$deb" "$tmp/root"
		dpkg-deb -f "$deb" Depends >"$tmp/root/.depends"
		chmod 755 "$tmp/root"
		mv "$tmp/root" "$dir"
	fi
	touch "$dir"
	rm -rf "$tmp"
	trap - EXIT
	echo "$dir"
done
