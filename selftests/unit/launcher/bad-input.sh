#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `lhv run` with every kind of bad input: one line on stderr that names the
# file or the option, nothing on stdout, exit status 2. All of it is refused
# before the hypervisor is opened, so this runs anywhere. $LHV names the
# program; by default it is tools/lhv in the current folder.

LHV=${LHV:-tools/lhv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

number=0
failed=0

# result NAME STATUS: report the last case.
result()
{
	number=$((number + 1))
	if [ "$2" = 0 ]; then
		echo "ok $number bad_input.$1"
	else
		echo "not ok $number bad_input.$1"
		sed 's/^/# /' "$work/out" "$work/err"
		failed=$((failed + 1))
	fi
}

# refused NAME TEXT ARGUMENT...: TEXT is part of the line.
refused()
{
	local name=$1 text=$2 status
	shift 2
	timeout 20 "$LHV" run "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	[ $status = 2 ] && [ ! -s "$work/out" ] &&
		[ "$(wc -l <"$work/err")" = 1 ] &&
		grep -qF -- "$text" "$work/err"
	result "$name" $?
}

# A file of SIZE bytes with little-endian fields at offsets.
put()
{
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

good=$work/vmlinuz
truncate -s 8192 "$good"
put "$good" $((0x1f1)) '\x04'			# setup sectors
put "$good" $((0x1f4)) '\x00\x01\x00\x00'	# payload, in 16 bytes
put "$good" $((0x1fe)) '\x55\xaa'
put "$good" $((0x201)) '\x6a'
put "$good" $((0x202)) 'HdrS\x0f\x02'
put "$good" $((0x211)) '\x01'			# loaded high
put "$good" $((0x236)) '\x01\x00'		# 64-bit entry
put "$good" $((0x238)) '\xff\x07\x00\x00'	# command line
put "$good" $((0x258)) '\x00\x00\x00\x01'	# at 16 MiB
put "$good" $((0x260)) '\x00\x00\x80\x00'	# 8 MiB while it boots

truncate -s 1M "$work/disk"
truncate -s 64M "$work/initrd"
: >"$work/empty"
truncate -s 1000 "$work/odd"
truncate -s 1M "$work/sealed" && chmod 444 "$work/sealed"
head -c 4000 "$good" >"$work/short"
head -c 600 "$good" >"$work/shorter"
head -c 4096 /dev/zero >"$work/zeroes"
printf '#!/bin/sh\necho hello\n' >"$work/script"
cp "$good" "$work/old" && put "$work/old" $((0x206)) '\x00\x02'
cp "$good" "$work/kernel32" && put "$work/kernel32" $((0x236)) '\x00'
cp "$(command -v ls)" "$work/program"
mkfifo "$work/fifo"
ln -s nowhere "$work/dangling"
long=$(printf 'x%.0s' {1..2048})

echo "TAP version 13"
echo "1..$(($(grep -c '^refused ' "$0") + 1))"

refused no_arguments "no kernel"
refused unknown_option "--frob" --kernel "$good" --frob
refused stray_word "surplus" --kernel "$good" surplus
refused option_without_value "--memory" --kernel "$good" --memory

refused kernel_missing "$work/none" --kernel "$work/none"
refused kernel_dangling "$work/dangling" --kernel "$work/dangling"
refused kernel_empty "$work/empty: the kernel is empty" --kernel "$work/empty"
refused kernel_folder "$work: the kernel is not a regular" --kernel "$work"
refused kernel_fifo "$work/fifo: the kernel is not" --kernel "$work/fifo"
refused kernel_truncated "$work/short: the kernel is truncated" \
	--kernel "$work/short"
refused kernel_header_truncated "$work/shorter: the kernel is truncated" \
	--kernel "$work/shorter"
refused kernel_zeroes "$work/zeroes: not a kernel" --kernel "$work/zeroes"
refused kernel_script "$work/script: not a kernel" --kernel "$work/script"
refused kernel_program "$work/program" --kernel "$work/program"
refused kernel_too_old "$work/old: the kernel has no 64-bit entry" \
	--kernel "$work/old"
refused kernel_32_bit "$work/kernel32: the kernel has no 64-bit entry" \
	--kernel "$work/kernel32"

refused initrd_missing "$work/none" --kernel "$good" --initrd "$work/none"
refused initrd_empty "$work/empty: the initrd is empty" \
	--kernel "$good" --initrd "$work/empty"
refused initrd_folder "$work: the initrd is not" --kernel "$good" --initrd "$work"
refused initrd_too_large "too little for $work/initrd" \
	--kernel "$good" --initrd "$work/initrd" --memory 64M

refused disk_missing "$work/none" --kernel "$good" --disk "$work/none"
refused disk_missing_ro "$work/none" --kernel "$good" --disk "$work/none,ro"
refused disk_empty "$work/empty: the disk is empty" \
	--kernel "$good" --disk "$work/empty"
refused disk_odd "$work/odd: the disk's 1000 bytes are not a multiple" \
	--kernel "$good" --disk "$work/odd"
refused disk_read_only "$work/sealed: the disk is read-only" \
	--kernel "$good" --disk "$work/sealed"
refused disk_folder "$work: " --kernel "$good" --disk "$work"
refused disk_fifo "$work/fifo: the disk is neither" \
	--kernel "$good" --disk "$work/fifo"
refused disk_twice "$work/disk: the disk is in use" \
	--kernel "$good" --disk "$work/disk" --disk "$work/disk"

refused memory_zero "--memory 0" --kernel "$good" --memory 0
refused memory_odd "--memory 1234567" --kernel "$good" --memory 1234567
refused memory_one_byte_more "--memory 536870913" --kernel "$good" \
	--memory 536870913
refused memory_word "--memory lots" --kernel "$good" --memory lots
refused memory_negative "--memory -1" --kernel "$good" --memory -1
refused memory_overflow "--memory 16777216T" --kernel "$good" \
	--memory 16777216T
refused memory_more_than_host "more than the host's" --kernel "$good" \
	--memory 16777215T
refused memory_too_little "too little for $good" --kernel "$good" --memory 16M

refused cpus_zero "--cpus 0" --kernel "$good" --cpus 0
refused cpus_too_many "--cpus 256" --kernel "$good" --cpus 256
refused cpus_word "--cpus two" --kernel "$good" --cpus two

refused append_too_long "--append" --kernel "$good" --append "$long"

refused device_missing "$work/none: cannot open the hypervisor" \
	--kernel "$good" --device "$work/none"
refused device_not_kvm "/dev/null: does not speak the KVM interface" \
	--kernel "$good" --device /dev/null

# On a terminal: the same line, and the terminal is as it was.
# A file, for script(1) runs its command with /bin/sh where there is no $SHELL,
# and dash does not hand on bash's functions.
cat >"$work/on-terminal" <<'END'
before=$(stty -g)
"$LHV" run --kernel "$work/none" 2>"$work/err"
after=$(stty -g)
[ -n "$before" ] && [ "$before" = "$after" ] && [ "$(wc -l <"$work/err")" = 1 ]
END
export LHV work
# Sandboxes may have no terminals to give.
if script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
	: >"$work/err"
	script -qec 'sh "$work/on-terminal"' "$work/typescript" >"$work/out" 2>&1 </dev/null
	result terminal_intact $?
else
	echo "ok $((number + 1)) bad_input.terminal_intact # SKIP script(1) gets no terminal"
fi

[ "$failed" = 0 ]
