"""The Spark job against one machine: two workers, one of them killed in the middle, the same digits.

    test.py /path/to/tuban [pairs.csv [options of compare]]

Without a list it writes a small province of its own.
"""

import glob
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time

import job

COUNTIES = 12


def province(folder):
    """Counties of squares of 10 m, each with classes and a shift of its own; one source is missing."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    codes = ["0101", "0102", "0301", "0404", "0701", "1104"]
    rows = ["before,after,name"]
    for county in range(COUNTIES):
        for side in range(2):
            features = []
            for row in range(20):
                for column in range(20):
                    # Corners off the whole metre, so that sums have digits that could be lost.
                    x, y = 500_000 + 10 * column + 0.1 * county, 4_070_000 + 10 * row + 0.037 * county
                    ring = [[x, y], [x + 9.7, y + 0.3], [x + 10, y + 10], [x, y + 10.1], [x, y]]
                    code = codes[(row * (county + 1) + column * (3 + side) + side * county) % len(codes)]
                    geometry = {"type": "Polygon", "coordinates": [ring]}
                    features.append({"type": "Feature", "properties": {"DLBM": code}, "geometry": geometry})
            path = os.path.join(folder, f"{county}-{side}.geojson")
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"type": "FeatureCollection", "crs": crs, "features": features}, file)
        rows.append(f"{county}-0.geojson,{county}-1.geojson,County {county}")
    rows.append("none.geojson,0-1.geojson,Missing")
    listed = os.path.join(folder, "pairs.csv")
    with open(listed, "w", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    return listed


def executors():
    """The processes of executors that descend from this one."""
    parents, words = {}, {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
            pid = int(path.split("/")[2])
            parents[pid] = int(text.rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words[pid] = file.read()
        except OSError:
            continue

    def is_own(pid):
        while pid > 1:
            pid = parents.get(pid, 0)
            if pid == os.getpid():
                return True
        return False

    # Its command line begins with java: a shell that starts one does not do the work.
    return [
        pid for pid in words
        if b"CoarseGrainedExecutorBackend" in words[pid] and b"java" in words[pid].split(b"\0")[0] and is_own(pid)
    ]


def figures(answer):
    """All that must be the same, to the last bit."""
    classes = {(of["key"], of["name"]): [of.get(key) for key in job.OF_CLASS] for of in answer["classes"]}
    cells = {}
    for cell in answer["cells"]:
        cells.setdefault((cell["from"], cell["to"]), []).append((cell["m2"], cell["pieces"]))
    return {
        "classes": classes,
        "cells": {ends: sorted(of) for ends, of in cells.items()},
        "total": {key: answer["total"][key] for key in job.FIGURES},
        "pairs": [[of["name"]] + [of[key] for key in job.FIGURES] for of in answer["pairs"]],
        "failed": [(of.get("name"), of["exit_code"]) for of in answer["failed"]],
    }


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="tuban-spark-") as folder:
        listed = sys.argv[2] if len(sys.argv) > 2 else province(folder)
        options = sys.argv[3:] or ["--by", "DLBM"]
        begun = os.path.join(folder, "begun")
        # Each pair is written down as it begins, and takes long enough to be hit.
        slow = os.path.join(folder, "tuban")
        with open(slow, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\necho pair >> "{begun}"\nsleep 1\nexec "{program}" "$@"\n')
        os.chmod(slow, os.stat(slow).st_mode | stat.S_IXUSR)

        alone = subprocess.run(
            [program, "--lang", "en", "compare", "--pairs", listed, "--json", *options], stdout=subprocess.PIPE, check=False
        )
        wanted = figures(json.loads(alone.stdout))

        import pyspark
        from pyspark import SparkConf, SparkContext

        # Executors find the classes of Spark, and Python this folder, by these.
        os.environ["SPARK_HOME"] = os.path.dirname(pyspark.__file__)
        os.environ["PYSPARK_PYTHON"] = sys.executable
        conf = SparkConf().setMaster("local-cluster[2,1,1024]").setAppName("tuban test")
        conf.set("spark.ui.enabled", "false").set("spark.driver.host", "127.0.0.1").set("spark.executor.memory", "512m")
        spark = SparkContext(conf=conf)
        spark.addPyFile(job.__file__)
        killed = []

        def kill():
            """Ends one of the workers once some pairs have begun and others have not."""
            while not killed:
                time.sleep(0.1)
                count = len(open(begun, encoding="utf-8").readlines()) if os.path.exists(begun) else 0
                found = executors()
                if count >= 5 and len(found) == 2:
                    os.kill(found[0], signal.SIGKILL)
                    killed.append(found[0])

        threading.Thread(target=kill, daemon=True).start()
        start = time.monotonic()
        try:
            answer = job.run(spark, listed, slow, options)
        finally:
            spark.stop()
        took = time.monotonic() - start
        runs = len(open(begun, encoding="utf-8").readlines())

    count = answer["pair_count"] - len([of for of in answer["failed"] if "row" in of])
    assert killed, "no worker was killed: the run was over before"
    assert runs > count, f"{runs} runs of {count} pairs: what the worker had done was not done again"
    found = figures(answer)
    for part, value in wanted.items():
        assert found[part] == value, f"{part} differ:\n{found[part]}\n{value}"
    print(f"{answer['pair_count']} pairs on two workers, one killed (process {killed[0]}), {runs} runs, {took:.1f} s:")
    print(f"{len(wanted['cells'])} cells and {len(wanted['classes'])} classes with the digits of one machine,")
    print(f"base {wanted['total']['base_m2']!r} m2, changed {wanted['total']['changed_m2']!r} m2")


if __name__ == "__main__":
    main()
