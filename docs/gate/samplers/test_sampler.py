"""A sampler under pytest: its draws are written with numpy.save and held against the exact law by `scorebound gate`.

    pytest test_sampler.py

`scorebound` is looked for on the PATH, or where the environment variable SCOREBOUND says. Where it is missing the tests fail; they are never skipped.
"""

import os
import subprocess

import numpy

SCOREBOUND = os.environ.get("SCOREBOUND", "scorebound")

TARGET = """
[target.mixture]
weights = [0.3, 0.7]
means = [[-2.0, 0.0], [2.0, 1.0]]
covs = [[[1.0, 0.5], [0.5, 0.8]], [[0.5, -0.2], [-0.2, 1.0]]]
"""

DRAWS = 200_000


def draw(n, rng, spread=1.0):
    """The sampler under test: put yours here. `spread` is there to damage it on purpose."""
    covs = numpy.array([[[1.0, 0.5], [0.5, 0.8]], [[0.5, -0.2], [-0.2, 1.0]]])
    means = numpy.array([[-2.0, 0.0], [2.0, 1.0]])
    mode = rng.choice(2, size=n, p=[0.3, 0.7])
    z = rng.standard_normal((n, 2))
    return means[mode] + spread * numpy.einsum("nij,nj->ni", numpy.linalg.cholesky(covs)[mode], z)


def gate(folder, xs, *options):
    """Exit code (0: pass, 1: fail, 2: nothing could be said) and the report."""
    (folder / "target.toml").write_text(TARGET, encoding="utf-8")
    numpy.save(folder / "draws.npy", xs)
    command = [SCOREBOUND, "gate", "--target", "target.toml", "--samples", "draws.npy", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout + done.stderr


def test_draws_come_from_the_target(tmp_path):
    code, report = gate(tmp_path, draw(DRAWS, numpy.random.default_rng(0)), "--detect", "variance=3%")
    assert code == 0, report


def test_the_gate_would_see_a_wrong_spread(tmp_path):
    code, report = gate(tmp_path, draw(DRAWS, numpy.random.default_rng(0), spread=1.02))
    assert code == 1, report
