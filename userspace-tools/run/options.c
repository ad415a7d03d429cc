// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the command line of `lhv run`. Opens nothing: files and the device
 * are checked by who reads them.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>
#include "options.h"
#include "report.h"
#include "size.h"

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, 'k' },
	{ "initrd", required_argument, NULL, 'i' },
	{ "append", required_argument, NULL, 'a' },
	{ "memory", required_argument, NULL, 'm' },
	{ "cpus", required_argument, NULL, 'c' },
	{ "disk", required_argument, NULL, 'd' },
	{ "device", required_argument, NULL, 'D' },
	{ "status-json", required_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static const char short_options[] = "+:k:i:a:m:c:d:h";

static const char help_text[] =
"Usage: lhv run --kernel FILE [options]\n"
"Boot a Linux kernel as a guest and connect its serial port to this terminal.\n"
"\n"
"  -k, --kernel FILE      bzImage, or ELF vmlinux with a PVH note\n"
"  -i, --initrd FILE      initial RAM disk\n"
"  -a, --append TEXT      kernel command line\n"
"  -m, --memory SIZE      guest memory, e.g. 512M or 2G (default 512M)\n"
"  -c, --cpus N           number of virtual CPUs (default 1)\n"
"  -d, --disk FILE[,ro]   add a virtio disk, read-only with \",ro\"; may be\n"
"                         given up to 8 times (the guest's vda, vdb, ...)\n"
"      --device NODE      hypervisor to use (default /dev/lhv if it is there,\n"
"                         else /dev/kvm)\n"
"      --status-json FILE write how the guest ended to FILE as JSON\n"
"  -h, --help             print this and exit\n"
"\n"
"On a terminal, Ctrl-A x ends the guest and Ctrl-A Ctrl-A sends one Ctrl-A.\n"
"\n"
"Exit status: 0 guest powered off, 1 the host failed, 2 bad arguments,\n"
"3 guest reset, 4 guest triple fault, 5 hypervisor error, 6 ended by Ctrl-A x,\n"
"7 guest crash reported through the hypervisor.\n"
"\n"
"Examples:\n"
"  lhv run --kernel /boot/vmlinuz --initrd initrd.img \\\n"
"          --append \"console=ttyS0\"\n"
"  lhv run -k bzImage -i initrd.img -a \"console=ttyS0 root=/dev/vda1\" \\\n"
"          -m 2G -c 2 -d disk.img -d tools.img,ro\n"
"  lhv run -k vmlinux -a console=ttyS0 --device /dev/kvm </dev/null\n";

void run_options_help(void)
{
	fputs(help_text, stdout);
}

static int set_memory(struct run_options *options, const char *text)
{
	int ret = parse_size(text, &options->memory);

	if (ret == -EINVAL)
		return usage_error("--memory %s: not a size: give a number and K, M or G, e.g. 512M",
				   text);
	if (ret == -ERANGE)
		return usage_error("--memory %s: too large for any machine", text);
	if (!options->memory)
		return usage_error("--memory %s: a guest needs memory: give e.g. 512M",
				   text);
	if (options->memory % (4 * KIB))
		return usage_error("--memory %s: not a multiple of 4K: round it", text);
	return 0;
}

static int set_cpus(struct run_options *options, const char *text)
{
	int ret = parse_count(text, &options->cpus);

	if (ret == -EINVAL)
		return usage_error("--cpus %s: not a number: give 1 to %d", text,
				   MAX_CPUS);
	if (ret || !options->cpus || options->cpus > MAX_CPUS)
		return usage_error("--cpus %s: give 1 to %d", text, MAX_CPUS);
	return 0;
}

static int add_disk(struct run_options *options, char *text)
{
	struct disk_option *disk = &options->disks[options->nr_disks];
	char *comma = strrchr(text, ',');

	if (options->nr_disks == MAX_DISKS)
		return usage_error("--disk %s: at most %d disks: leave one out", text,
				   MAX_DISKS);
	disk->read_only = comma && !strcmp(comma, ",ro");
	if (disk->read_only)
		*comma = '\0';
	if (!*text)
		return usage_error("--disk: the file name is empty: give FILE or FILE,ro");
	disk->path = text;
	options->nr_disks++;
	return 0;
}

static int set_file(const char **where, const char *option, const char *text)
{
	if (*where)
		return usage_error("--%s %s: given twice: give it once", option, text);
	if (!*text)
		return usage_error("--%s: the file name is empty", option);
	*where = text;
	return 0;
}

static int set_append(struct run_options *options, const char *text)
{
	if (*options->append)
		return usage_error("--append: given twice: put all of it in one, in quotes");
	options->append = text;
	return 0;
}

static int take_option(struct run_options *options, int letter, char *text)
{
	switch (letter) {
	case 'k':
		return set_file(&options->kernel, "kernel", text);
	case 'i':
		return set_file(&options->initrd, "initrd", text);
	case 'D':
		return set_file(&options->device, "device", text);
	case 'j':
		return set_file(&options->status_json, "status-json", text);
	case 'a':
		return set_append(options, text);
	case 'm':
		return set_memory(options, text);
	case 'c':
		return set_cpus(options, text);
	case 'd':
		return add_disk(options, text);
	case 'h':
		options->help = true;
		return 0;
	}
	return STATUS_USAGE;
}

/* getopt has seen something that is no option, or one without its argument. */
static int bad_option(int letter, char **argv)
{
	const char *word = argv[optind - 1];

	if (letter == ':')
		return usage_error("%s: needs an argument: see lhv run --help", word);
	if (optopt > 0 && strncmp(word, "--", 2))
		return usage_error("-%c: no such option: see lhv run --help", optopt);
	return usage_error("%s: no such option: see lhv run --help", word);
}

int run_options_parse(struct run_options *options, int argc, char **argv)
{
	int letter, ret;

	*options = (struct run_options){
		.append = "",
		.cpus = 1,
		.memory = 512 * MIB,
	};
	opterr = 0;
	optind = 0;	/* glibc: forget what was parsed before */
	while ((letter = getopt_long(argc, argv, short_options, long_options,
				     NULL)) != -1) {
		if (letter == '?' || letter == ':')
			return bad_option(letter, argv);
		ret = take_option(options, letter, optarg);
		if (ret || options->help)
			return ret;
	}
	if (optind < argc)
		return usage_error("%s: not an option: see lhv run --help",
				   argv[optind]);
	if (!options->kernel)
		return usage_error("no kernel: give --kernel FILE, see lhv run --help");
	return 0;
}
