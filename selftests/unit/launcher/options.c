// SPDX-License-Identifier: GPL-2.0
/* The command line: what is taken, and each refusal with its line. */
#include <string.h>

#include "run/options.h"
#include "run/report.h"
#include "unit.h"

#define MAX_WORDS 24

static struct run_options options;

/* Parses a command line given as words between spaces. */
static int parse(const char *line)
{
	static char words[512];
	char *argv[MAX_WORDS + 1] = { "run" };
	int argc = 1;
	char *word;

	strcpy(words, line);
	for (word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return run_options_parse(&options, argc, argv);
}

static void defaults(void)
{
	EXPECT_EQ(parse("--kernel k"), 0);
	EXPECT(!strcmp(options.kernel, "k"));
	EXPECT(!options.initrd);
	EXPECT(!options.device);
	EXPECT(!options.status_json);
	EXPECT(!strcmp(options.append, ""));
	EXPECT_EQ(options.memory, 512 * MIB);
	EXPECT_EQ(options.cpus, 1);
	EXPECT_EQ(options.nr_disks, 0);
	EXPECT(!options.help);
	expect_no_message();
}

#define MACHINE_OPTIONS	"--kernel=k --initrd i --append console=ttyS0 --memory 2G --cpus 255 "
#define OTHER_OPTIONS	"--disk a --disk b,ro --disk c,d --device /dev/x --status-json s"

static void everything(void)
{
	EXPECT_EQ(parse(MACHINE_OPTIONS OTHER_OPTIONS), 0);
	EXPECT(!strcmp(options.initrd, "i"));
	EXPECT(!strcmp(options.append, "console=ttyS0"));
	EXPECT(!strcmp(options.device, "/dev/x"));
	EXPECT(!strcmp(options.status_json, "s"));
	EXPECT_EQ(options.memory, 2 * GIB);
	EXPECT_EQ(options.cpus, 255);
	EXPECT_EQ(options.nr_disks, 3);
	EXPECT(!strcmp(options.disks[0].path, "a"));
	EXPECT(!options.disks[0].read_only);
	EXPECT(!strcmp(options.disks[1].path, "b"));
	EXPECT(options.disks[1].read_only);
	EXPECT(!strcmp(options.disks[2].path, "c,d"));
	EXPECT(!options.disks[2].read_only);
}

static void short_forms(void)
{
	EXPECT_EQ(parse("-k k -i i -a q -m 64M -c 2 -d a"), 0);
	EXPECT_EQ(options.memory, 64 * MIB);
	EXPECT_EQ(options.cpus, 2);
}

static void help(void)
{
	EXPECT_EQ(parse("--help"), 0);
	EXPECT(options.help);
	EXPECT_EQ(parse("-h --nonsense"), 0);
	EXPECT(options.help);
}

static const struct {
	const char *line;
	const char *message;
} refusals[] = {
	{ "", "no kernel: give --kernel" },
	{ "--initrd i", "no kernel: give --kernel" },
	{ "--kernel", "--kernel: needs an argument" },
	{ "--kernel k --disk", "--disk: needs an argument" },
	{ "-k", "-k: needs an argument" },
	{ "--kernel k --kernel l", "--kernel l: given twice" },
	{ "--kernel k --initrd a --initrd b", "--initrd b: given twice" },
	{ "--kernel k --append a --append b", "--append: given twice" },
	{ "--kernel k --frob", "--frob: no such option" },
	{ "--kernel k -z", "-z: no such option" },
	{ "--kernel k extra", "extra: not an option" },
	{ "--kernel k --memory 0", "--memory 0: a guest needs memory" },
	{ "--kernel k --memory 0M", "--memory 0M: a guest needs memory" },
	{ "--kernel k --memory 4095", "--memory 4095: not a multiple of 4K" },
	{ "--kernel k --memory 1049K", "--memory 1049K: not a multiple of 4K" },
	{ "--kernel k --memory much", "--memory much: not a size" },
	{ "--kernel k --memory -5M", "--memory -5M: not a size" },
	{ "--kernel k --memory 99999999999T", "too large for any machine" },
	{ "--kernel k --cpus 0", "--cpus 0: give 1 to 255" },
	{ "--kernel k --cpus 256", "--cpus 256: give 1 to 255" },
	{ "--kernel k --cpus 4294967297", "--cpus 4294967297: give 1 to 255" },
	{ "--kernel k --cpus two", "--cpus two: not a number" },
	{ "--kernel k --cpus -1", "--cpus -1: not a number" },
	{ "--kernel k --disk ,ro", "--disk: the file name is empty" },
	{ "--kernel k -d 1 -d 2 -d 3 -d 4 -d 5 -d 6 -d 7 -d 8 -d 9",
	  "--disk 9: at most 8 disks" },
	{ "--kernel=", "--kernel: the file name is empty" },
	{ "--kernel k --device=", "--device: the file name is empty" },
};

static void all_refusals(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		EXPECT_EQ(parse(refusals[i].line), STATUS_USAGE);
		expect_message(refusals[i].message);
	}
}

const struct tap_case option_cases[] = {
	{ "defaults", defaults },
	{ "everything", everything },
	{ "short_forms", short_forms },
	{ "help", help },
	{ "refusals", all_refusals },
	{ }
};
