"""A province on a Spark cluster: each pair of sources compared by `tuban compare --pairs` wherever there is room, the
matrices added up.

    spark-submit job.py pairs.csv sums.json --tuban /path/to/tuban [-- --by DLBM --method survey]

The program is shipped with the job: workers need nothing installed. They must see the sources under the paths of the
list (a shared folder), seen from the folder of the list. What stands behind `--` goes to `tuban compare` as it is.

Figures of classes and cells are added up without rounding on the way (Shewchuk 1997), so that neither the order in which
pairs are ready nor a worker that is lost and whose pairs are compared again changes a digit: the sums are those that
`tuban compare --pairs` prints on one machine. A pair that cannot be compared is listed with its reason and exit code and
counts nowhere.
"""

import argparse
import csv
import json
import math
import os
import stat
import subprocess
import sys
import tempfile

BEFORE = ("before", "base", "前", "基期", "现状", "变更前")
AFTER = ("after", "scenario", "后", "方案", "规划", "变更后")
FIGURES = ("base_m2", "scenario_m2", "unchanged_m2", "changed_m2", "only_in_base_m2", "only_in_scenario_m2")
OF_CLASS = (
    "base_m2", "scenario_m2", "base_printed_m2", "scenario_printed_m2",
    "base_only_m2", "scenario_only_m2", "base_twice_m2", "scenario_twice_m2",
)


def plus(parts, value):
    """Adds a number to a sum that is kept as numbers which do not overlap, the smallest first."""
    kept = []
    for part in parts:
        large, small = (part, value) if abs(value) < abs(part) else (value, part)
        high = large + small
        low = small - (high - large)
        if low:
            kept.append(low)
        value = high
    if value:
        kept.append(value)
    return kept


def together(a, b):
    """Adds up two records of the same shape: sums part by part, counts as counts."""
    out = {}
    for key in a.keys() | b.keys():
        one, other = a.get(key), b.get(key)
        if one is None or other is None:
            out[key] = one if other is None else other
        elif isinstance(one, list):
            for part in other:
                one = plus(one, part)
            out[key] = one
        else:
            out[key] = one + other
    return out


def rounded(record):
    """Sums as the doubles nearest to them."""
    return {key: math.fsum(value) if isinstance(value, list) else value for key, value in record.items()}


def pairs_of(path):
    """The rows of the list with their headings; paths as seen from its folder."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    sign = max(",;\t", key=text.split("\n", 1)[0].count)
    rows = list(csv.reader(text.splitlines(), delimiter=sign))
    head, folder = [cell.strip() for cell in rows[0]], os.path.dirname(os.path.abspath(path))
    sides = {at for at, cell in enumerate(head) if cell.lower() in BEFORE + AFTER}
    if len(sides) != 2:
        sys.exit(f"{path}: the columns before and after are needed")
    seen, out = set(), []
    for row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        row = [cell.strip() for cell in row] + [""] * (len(head) - len(row))
        row = [os.path.join(folder, cell) if at in sides and cell and "://" not in cell else cell for at, cell in enumerate(row)]
        # A pair that stands twice counts once.
        what = tuple(cell for at, cell in enumerate(row) if head[at].lower() not in ("name", "名称", "县", "区县", "行政区", "行政区名称"))
        out.append((len(out), head, row, what in seen))
        seen.add(what)
    return out


def compared(pair, program, options):
    """One pair by the program: its answer, or what kept it from one."""
    at, head, row, is_twice = pair
    if is_twice:
        return at, None, {"row": row, "reason": "this pair stands in the list twice and counts once", "exit_code": 2}
    os.chmod(program, os.stat(program).st_mode | stat.S_IXUSR)
    with tempfile.TemporaryDirectory(prefix="tuban-") as folder:
        listed = os.path.join(folder, "pair.csv")
        with open(listed, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, row])
        command = [program, "--lang", "en", "compare", "--pairs", listed, "--json", *options]
        # A task has a core; whoever gives it more says so. The number of threads changes no digit.
        threads = {"RAYON_NUM_THREADS": os.environ.get("RAYON_NUM_THREADS", "1")}
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, env={**os.environ, **threads}
        )
    if done.returncode < 0:
        # Killed, for memory most likely: the task is tried again, elsewhere if need be.
        raise RuntimeError(f"tuban was ended by signal {-done.returncode}: {row}")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        reason = done.stderr.decode("utf-8", "replace").strip()
        return at, None, {"row": row, "reason": reason, "exit_code": done.returncode}
    for failed in answer["failed"]:
        return at, None, failed
    return at, answer, None


def summands(answer):
    """What is added up of an answer, each under what it is of."""
    # The same code means different classes in different schemes: their names tell them apart.
    names = {of["key"]: of["name"] for of in answer.get("classes", [])}
    for of in answer.get("classes", []):
        record = {figure: plus([], of[figure]) for figure in OF_CLASS if of.get(figure) is not None}
        yield ("class", of["key"], of["name"]), record
    for cell in answer.get("cells", []):
        ends = tuple(None if cell[end] is None else (cell[end], names[cell[end]]) for end in ("from", "to"))
        yield ("cell", *ends), {"m2": plus([], cell["m2"]), "pieces": cell["pieces"]}
    for pair in answer["pairs"]:
        record = {figure: plus([], pair[figure]) for figure in FIGURES}
        record["features"] = pair["base_feature_count"] + pair["scenario_feature_count"]
        yield ("total",), record


def report(answers, sums):
    """The figures in the shape of `tuban compare --pairs --json`."""
    pairs = [pair for _, answer, _ in sorted(answers, key=lambda of: of[0]) if answer for pair in answer["pairs"]]
    failed = [failure for _, _, failure in sorted(answers, key=lambda of: of[0]) if failure]
    out = {"pair_count": len(answers), "pairs": pairs, "failed": failed, "total": {}, "classes": [], "cells": []}
    for key, record in sorted(sums.items(), key=lambda of: json.dumps(of[0])):
        record = rounded(record)
        if key[0] == "total":
            out["total"] = record
        elif key[0] == "class":
            out["classes"].append({"key": key[1], "name": key[2], **record})
        else:
            ends = [None if end is None else end[0] for end in key[1:]]
            out["cells"].append({"from": ends[0], "to": ends[1], **record})
    return out


def run(spark, listed, program, options, parts=None):
    """Compares the pairs of a list on the cluster of `spark` and adds them up."""
    from pyspark import SparkFiles

    spark.addFile(program)
    name, pairs = os.path.basename(program), pairs_of(listed)
    # A partition a pair: what is lost with a worker is one pair of each of its cores.
    tasks = spark.parallelize(pairs, parts or max(len(pairs), 1))
    done = tasks.map(lambda pair: compared(pair, SparkFiles.get(name), options)).persist()
    sums = done.flatMap(lambda of: summands(of[1]) if of[1] else ()).reduceByKey(together).collectAsMap()
    # Classes and cells stay on the workers.
    slim = lambda of: (of[0], of[1] and {"pairs": of[1]["pairs"]}, of[2])
    return report(done.map(slim).collect(), sums)


def main():
    from pyspark import SparkConf, SparkContext

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", help="the list of pairs: CSV with the columns before and after")
    parser.add_argument("output", help="JSON to write")
    parser.add_argument("--tuban", required=True, help="the program, which is shipped to the workers")
    parser.add_argument("--parts", type=int, help="partitions; one a pair without it")
    own, options = sys.argv[1:], []
    if "--" in own:
        own, options = own[: own.index("--")], own[own.index("--") + 1 :]
    args = parser.parse_args(own)
    # A worker that fails for a reason of its own costs a try; four of one pair end the job.
    spark = SparkContext(conf=SparkConf().setAppName("tuban compare --pairs"))
    try:
        answer = run(spark, args.pairs, os.path.abspath(args.tuban), options, args.parts)
    finally:
        spark.stop()
    part = f"{args.output}.part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(answer, file, ensure_ascii=False, indent=1)
    os.replace(part, args.output)
    print(f"{len(answer['pairs'])} of {answer['pair_count']} pairs, {len(answer['failed'])} failed: {args.output}")
    sys.exit(1 if answer["failed"] else 0)


if __name__ == "__main__":
    main()
