"""Answers one question of the prover: by Yices, which is quick, or else by Z3, which bears with products.

    solver.py FILE.smt2
"""

import pathlib
import subprocess
import sys

BIN = pathlib.Path(sys.executable).parent
QUICK_SECONDS = 10
SOLVERS = [
    (QUICK_SECONDS, [BIN / "yices-smt2", "--smt2-model-format", "--bvconst-in-decimal"]),
    (None, [BIN / "z3"]),
]


def answer(question):
    """The first answer that is one. The prover itself stops what takes too long."""
    said = "unknown\n"
    for seconds, command in SOLVERS:
        try:
            solved = subprocess.run([*command, question], capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
        said = solved.stdout
        if said.startswith(("sat", "unsat")):
            break
    return said


sys.stdout.write(answer(sys.argv[1]))
