#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run the kernel's checkpatch.pl over all C and assembly of the project; fails
# at any warning. Called by the top Makefile. The script is taken from Debian's
# kernel source package and cached, since header packages lack it.
#
# usage: checkpatch.sh [FILE...]	all files by default
set -eu

here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
cache="${LHV_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lhv}"

script() {
	meta=$("$here/fetch.sh" linux-source)
	package=$(tr ',|' '\n\n' <"$meta/.depends" | sed 's/^ *//; s/ .*//' |
		grep -m 1 '^linux-source-')
	dest="$cache/checkpatch/$package"
	if [ ! -e "$dest/checkpatch.pl" ]; then
		source=$("$here/fetch.sh" "$package")
		rm -rf "$dest"
		mkdir -p "$dest.new"
		tar -C "$dest.new" --strip-components=2 -xf \
			"$source/usr/src/$package.tar.xz" \
			"$package/scripts/checkpatch.pl" \
			"$package/scripts/const_structs.checkpatch" \
			"$package/scripts/spelling.txt"
		mv "$dest.new" "$dest"
		# The tarball is large and has served.
		rm -rf "$source"
	fi
	echo "$dest/checkpatch.pl"
}

# What does not hold outside of the kernel's own tree: the module builds for
# several kernels, and there is no MAINTAINERS file. Lists that generate tables
# (exit reasons, registers) are macros of a kind that checkpatch cannot read.
# A string that is searched for is not split, however long. A vCPU that spins waits
# for nothing that the kernel knows of: yield() is what it is for.
module="LINUX_VERSION_CODE,FILE_PATH_CHANGES,LONG_LINE_STRING"
module="$module,COMPLEX_MACRO,MULTISTATEMENT_MACRO_USE_DO_WHILE"
module="$module,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE,TRAILING_SEMICOLON"
module="$module,BRACKET_SPACE,YIELD"
# Userspace lacks the kernel's names (ARRAY_SIZE, BIT, u64, __printf), talks to
# assembly by extern, and to libraries with names of their own.
program="$module,PREFER_DEFINED_ATTRIBUTE_MACRO,AVOID_EXTERNS,CAMELCASE"
program="$program,VOLATILE,MEMORY_BARRIER,PREFER_KERNEL_TYPES,ARRAY_SIZE"
program="$program,BIT_MACRO,EMBEDDED_FUNCTION_NAME"
# Shims stand for the kernel's own headers and are shaped as those are; a
# header of assembly is not C.
shim="$program,NEW_TYPEDEFS,SPACING,UNSPECIFIED_INT,MACRO_WITH_FLOW_CONTROL"

rules() {
	case "$1" in
	*/include/linux/*|*/include/asm/*|*_asm.h) echo "$shim" ;;
	userspace-tools/*|selftests/*) echo "$program" ;;
	*) echo "$module" ;;
	esac
}

pl=$(script)
clean="$(dirname "$pl")/clean"
mkdir -p "$clean"
cd "$top"
if [ $# = 0 ]; then
	set -- $(find module arch-x86 mmu irqchip uapi userspace-tools \
		selftests -name '*.[chS]' | sort)
fi

# A file that was found clean under the same rules is not read again.
one() {
	ignore=$(rules "$1")
	key=$({ echo "$ignore"; cat "$1"; } | sha256sum | cut -c 1-32)
	[ ! -e "$clean/$key" ] || return 0
	if perl "$pl" --no-tree --strict --quiet --terse --show-types \
			--no-summary --max-line-length=100 --ignore "$ignore" \
			-f "$1" 2>&1; then
		: >"$clean/$key"
	fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Two at a time, by turns.
( n=0; for f; do n=$((n + 1)); [ $((n % 2)) = 0 ] || one "$f"; done ) \
	>"$log.odd" &
( n=0; for f; do n=$((n + 1)); [ $((n % 2)) = 1 ] || one "$f"; done ) \
	>"$log.even"
wait
sort "$log.odd" "$log.even" >"$log"
rm -f "$log.odd" "$log.even"
if [ -s "$log" ]; then
	cat "$log"
	echo "checkpatch: $(grep -c . "$log") complaints" >&2
	exit 1
fi
echo "checkpatch: $# files are clean"
