#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Join two runs of bench into a table: KVM's costs, lhv's, and their ratio.

usage: compare.py [--limit RATIO] KVM LHV

Each file holds lines ROW<tab>COST. Exit status 1 when a ratio is above the
limit or a row is missing from one of the runs, 2 for unusable files.
"""
import argparse
import sys


def read(path):
    rows = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, _, cost = line.rstrip("\n").partition("\t")
            if cost.isdigit():
                rows[name] = int(cost)
    if not rows:
        sys.exit(f"{path}: no rows of the form ROW<tab>COST")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=1.0)
    parser.add_argument("kvm")
    parser.add_argument("lhv")
    args = parser.parse_args()
    kvm, lhv = read(args.kvm), read(args.lhv)

    worst = 0
    print(f"{'operation':<34}{'KVM':>12}{'lhv':>12}{'ratio':>8}")
    for name in list(kvm) + [n for n in lhv if n not in kvm]:
        if name not in kvm or name not in lhv:
            print(f"{name:<34}missing from one run")
            worst = float("inf")
            continue
        ratio = lhv[name] / kvm[name] if kvm[name] else float("inf")
        worst = max(worst, ratio)
        mark = "  above the limit" if ratio > args.limit else ""
        print(f"{name:<34}{kvm[name]:>12,}{lhv[name]:>12,}{ratio:>8.2f}{mark}")
    sys.exit(1 if worst > args.limit else 0)


main()
