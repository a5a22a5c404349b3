"""Exact draws with NumPy: the shortest sampler that passes.

    scorebound gate --target question.toml --sampler-cmd "python numpy_exact.py" --draws 200000
"""

import numpy

import scorebound_target as target

rng = numpy.random.default_rng(target.seed)
target.write(target.sample(target.samples, rng, **target.against))
