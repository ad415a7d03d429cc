#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Run a checking build and fail if it printed anything that is a warning or an
# error. Called by the top Makefile for sparse. Lines about BTF, which header
# packages cannot make, are not warnings of ours.
#
# usage: quiet-build.sh NAME COMMAND...
set -u

name=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT

"$@" >"$log" 2>&1 </dev/null
rc=$?
grep -v -e '^Skipping BTF generation' -e '^$' "$log"
if [ $rc != 0 ]; then
	echo "$name: the build failed with status $rc" >&2
	exit 1
fi
n=$(grep -c -E '(warning|error):' "$log")
if [ "$n" != 0 ]; then
	echo "$name: $n warnings" >&2
	exit 1
fi
echo "$name: clean"
