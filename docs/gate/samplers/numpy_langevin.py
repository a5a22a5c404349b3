"""Unadjusted Langevin Monte Carlo with NumPy, from the start and with the step of the spec, [sampler.lmc]:

    x <- x + step * score(x) + sqrt(2 * step) * z,  z standard normal,

every row by itself, so that rows are independent. It does not have the law of the target, but that of LMC after so many steps, which --law knows exactly:

    scorebound gate --law question.toml --sampler-cmd "python numpy_langevin.py" --draws 200000
"""

import math
import sys

import numpy

import scorebound_target as target

if "lmc" not in target.settings:
    sys.exit("numpy_langevin.py: the spec needs [sampler.lmc]")
lmc = target.settings["lmc"]
if "step" not in lmc or "time" in lmc or "truncate" in lmc:
    sys.exit("numpy_langevin.py: [sampler.lmc] with `step`, without `time` and `truncate` is needed")
step = float(lmc["step"])
steps = int(lmc["steps"]) if "steps" in lmc else math.ceil(float(lmc["horizon"]) / step - 1e-9)

rng = numpy.random.default_rng(target.seed)
x = target.sample_start(target.samples, rng)
for _ in range(steps):
    x = x + step * target.score(x) + math.sqrt(2.0 * step) * rng.standard_normal(x.shape)
target.write(x)
