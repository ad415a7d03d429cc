#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# A Debian suite in a folder of the cache, for building against kernels whose
# headers want a newer compiler and C library than this machine has, and as the host's
# root when clients run in it. Called by kernel.sh, the top Makefile and clients.
#
# usage: chroot.sh make NAME PACKAGE...     print its root; made when it is not there
#                                           (NAME: SUITE, or SUITE-for-something)
#        chroot.sh of PATH                  print the root that PATH lies in, if any
#        chroot.sh run ROOT COMMAND...      COMMAND there, in this folder
#
# Needs root, and mounts in a mount namespace of its own: nothing stays mounted.
# What COMMAND reads and writes outside ROOT is this folder and $LHV_BIND.
set -eu

here=$(dirname "$(readlink -f "$0")")
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}"
roots="$cache/chroot"

make_root() {
	name=$1
	suite=${name%%-for-*}
	shift
	root="$roots/$name"
	mkdir -p "$roots"
	exec 8>"$roots/.lock"
	flock 8
	if [ "$(cat "$root/.complete" 2>/dev/null)" = "$*" ] &&
	   [ -z "${LHV_REFRESH:-}" ]; then
		echo "$root"
		return
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "chroot: a build for $suite needs root" >&2
		exit 1
	fi
	"$here/packages.sh" chroot >&2
	uri=$("$here/apt-suite.sh" --mirror)
	echo "chroot: installing $suite and $* (some minutes)" >&2
	rm -rf "$root" "$root.new"
	case "$suite" in
	*-backports) base=${suite%-backports}; first=ca-certificates ;;
	*) base=$suite; first=$(echo "$*" | tr ' ' ,) ;;
	esac
	if ! debootstrap --variant=minbase --include="$first" \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		"$base" "$root.new" "$uri" >"$roots/$name.log" 2>&1 ||
	   { [ "$base" != "$suite" ] && ! add_backports "$root.new" "$@"; }; then
		tail -n 5 "$roots/$name.log" >&2
		echo "chroot: debootstrap failed: see $roots/$name.log" >&2
		exit 1
	fi
	rm -rf "$root.new"/var/cache/apt/archives/*.deb
	echo "$*" >"$root.new/.complete"
	mv "$root.new" "$root"
	echo "$root"
}

# Backports are no suite of their own, but packages on top of one.
add_backports() {
	dir=$1
	shift
	echo "deb $uri $suite main" >"$dir/etc/apt/sources.list.d/backports.list"
	printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
	chmod +x "$dir/usr/sbin/policy-rc.d"
	cp /etc/resolv.conf "$dir/etc/resolv.conf" 2>/dev/null || :
	for words in "update" "install -y --no-install-recommends -t $suite $*"; do
		"$0" run "$dir" env DEBIAN_FRONTEND=noninteractive apt-get -qq $words \
			>>"$roots/$name.log" 2>&1 || return 1
	done
}

# Inside the namespace: $1 is the root, the rest is the command.
enter() {
	root=$1
	shift
	mount --make-rprivate /
	for dir in "$PWD" ${LHV_BIND:-}; do
		mkdir -p "$root$dir"
		mount --bind "$dir" "$root$dir"
	done
	# objtool reads its stack's limit there.
	mount -t proc proc "$root/proc"
	exec chroot "$root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$PWD" "$@"
}

case "${1:-}" in
make)
	shift
	make_root "$@"
	;;
of)
	case "$2" in
	"$roots"/*)
		rest=${2#"$roots"/}
		echo "$roots/${rest%%/*}"
		;;
	esac
	;;
run)
	shift
	exec unshare --mount "$(readlink -f "$0")" enter "$@"
	;;
enter)
	shift
	enter "$@"
	;;
*)
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
	;;
esac
