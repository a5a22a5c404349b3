"""The target that `scorebound gate --sampler-cmd` asks a sampler for; docs/gate/protocol.md says how the two talk.

A law is held as parts that are added up, sum_k w_k N(m_k, C_k), or as independent blocks of such laws. Shapes: n rows, d coordinates, K parts.
`scale` s and `noise` u stand for the law of s X + u Z, X from the target and Z standard normal:
    sum_k w_k N(s m_k, s^2 C_k + u^2 I),
which discrete points (C_k = 0) need. `xp` is numpy or jax.numpy.
"""

import json
import numbers
import pathlib
import sys

import numpy

_request = json.loads((pathlib.Path(__file__).resolve().parent / "request.json").read_text(encoding="utf-8"))

dim = _request["dim"]
samples = _request["samples"]  # rows that are wanted, of all chains together
seed = _request["seed"]
settings = _request["settings"]  # the table [sampler] of the spec
target = _request["target"]
start = _request.get("start")
program = _request.get("program")
against = _request.get("against", {"scale": 1.0, "noise": 0.0})  # the noise under which draws are held against the target

_PIECE = 1 << 22  # numbers of an intermediate array


def _parts(law):
    """Weights (K,), means (K, d) and C_k: variances (K, 1) or (K, d), or matrices (K, d, d) where one of them is dense."""
    if law["kind"] == "points":
        weights, means = law["weights"], numpy.asarray(law["points"], dtype=float)
        spread = numpy.zeros((len(means), 1))
    elif law["kind"] == "mixture":
        weights, means = law["weights"], numpy.asarray(law["means"], dtype=float)
        spread = [numpy.asarray(c, dtype=float) for c in law["covariances"]]
        d = law["dim"]
        if any(c.ndim == 2 for c in spread):
            spread = numpy.stack([c if c.ndim == 2 else c * numpy.eye(d) for c in spread])
        else:
            spread = numpy.stack([c if c.shape == (d,) else numpy.full(d, c) for c in spread])
    else:
        return None
    weights = numpy.asarray(weights, dtype=float)
    keep = weights > 0.0
    return weights[keep] / weights[keep].sum(), means[keep], spread[keep]


def _prepared(law):
    """The law with its numbers in arrays: {"parts": ...} or {"blocks": [(law, copies), ...]}."""
    if law["kind"] == "product":
        return {"dim": law["dim"], "blocks": [(_prepared(f["law"]), f["copies"]) for f in law["factors"]]}
    return {"dim": law["dim"], "parts": _parts(law), "kind": law["kind"]}


_target, _start = _prepared(target), start and _prepared(start)


def _of(law):
    """The parts of a law that is not made of blocks."""
    if law["parts"] is None:
        raise NotImplementedError(f"a law of the kind {law['kind']!r} has neither a density nor draws here")
    return law["parts"]


def _blocks(law, x, each, xp):
    """`each` of every independent block, as a list of (value, copies): the rows of all copies of a block are handed over at once."""
    found, at = [], 0
    for block, copies in law["blocks"]:
        width = block["dim"] * copies
        rows = xp.reshape(x[:, at : at + width], (x.shape[0] * copies, block["dim"]))
        found.append((each(block, rows), copies))
        at += width
    return found


def _terms(parts, x, scale, noise, xp):
    """log w_k + log N(x; s m_k, C), (n, K), and its gradient in x, C^-1 (s m_k - x), (n, K, d); C = s^2 C_k + u^2 I."""
    weights, means, spread = parts
    if isinstance(noise, numbers.Number) and noise == 0 and not spread.any():
        raise ValueError("the target is discrete points, which have no density without noise: give noise > 0")
    gap = scale * xp.asarray(means)[None, :, :] - x[:, None, :]
    if spread.ndim == 2:
        variance = scale**2 * xp.asarray(spread) + noise**2
        slope = gap / variance[None, :, :]
        logdet = xp.sum(xp.log(variance) + xp.zeros(means.shape), axis=1)
    else:
        root = xp.linalg.cholesky(scale**2 * xp.asarray(spread) + noise**2 * xp.eye(means.shape[1]))
        white = xp.linalg.solve(root, xp.transpose(gap, (1, 2, 0)))
        slope = xp.transpose(xp.linalg.solve(xp.swapaxes(root, 1, 2), white), (2, 0, 1))
        logdet = 2.0 * xp.sum(xp.log(xp.diagonal(root, axis1=1, axis2=2)), axis=1)
    square = xp.sum(gap * slope, axis=2)
    constant = numpy.log(weights) - 0.5 * means.shape[1] * numpy.log(2.0 * numpy.pi)
    return xp.asarray(constant)[None, :] - 0.5 * (logdet[None, :] + square), slope


def _in_pieces(each, parts, x, xp):
    """`each` of some rows at a time, so that no array has much more than `_PIECE` numbers."""
    rows = max(1, _PIECE // parts[1].size)
    if x.shape[0] <= rows:
        return each(x)
    return xp.concatenate([each(x[i : i + rows]) for i in range(0, x.shape[0], rows)])


def _log_density(law, x, scale, noise, xp):
    if "blocks" in law:
        found = _blocks(law, x, lambda block, rows: _log_density(block, rows, scale, noise, xp), xp)
        return sum(xp.sum(xp.reshape(value, (x.shape[0], copies)), axis=1) for value, copies in found)

    def each(rows):
        terms, _ = _terms(_of(law), rows, scale, noise, xp)
        top = xp.max(terms, axis=1, keepdims=True)
        return top[:, 0] + xp.log(xp.sum(xp.exp(terms - top), axis=1))

    return _in_pieces(each, _of(law), x, xp)


def _score(law, x, scale, noise, xp):
    if "blocks" in law:
        found = _blocks(law, x, lambda block, rows: _score(block, rows, scale, noise, xp), xp)
        return xp.concatenate([xp.reshape(value, (x.shape[0], -1)) for value, _ in found], axis=1)

    def each(rows):
        terms, slope = _terms(_of(law), rows, scale, noise, xp)
        share = xp.exp(terms - xp.max(terms, axis=1, keepdims=True))
        share = share / xp.sum(share, axis=1, keepdims=True)
        return xp.sum(share[:, :, None] * slope, axis=1)

    return _in_pieces(each, _of(law), x, xp)


def _rows(x, xp):
    x = xp.asarray(x)
    if x.ndim != 2 or x.shape[1] != dim:
        raise ValueError(f"x has the shape {tuple(x.shape)}; rows of {dim} coordinates, (n, {dim}), are needed")
    return x * 1.0


def log_density(x, scale=1.0, noise=0.0, xp=numpy):
    """log p(x), (n, d) -> (n,); p is the density of scale X + noise Z, by log-sum-exp over the parts."""
    return _log_density(_target, _rows(x, xp), scale, noise, xp)


def score(x, scale=1.0, noise=0.0, xp=numpy):
    """The gradient of `log_density`, (n, d) -> (n, d): sum_k r_k(x) C^-1 (s m_k - x), r_k(x) = w_k N(x; s m_k, C) / p(x)."""
    return _score(_target, _rows(x, xp), scale, noise, xp)


_exact_score = score


def _sample(law, n, rng):
    if "blocks" in law:
        return numpy.concatenate([_sample(b, n * c, rng).reshape(n, c * b["dim"]) for b, c in law["blocks"]], axis=1)
    weights, means, spread = _of(law)
    part = rng.choice(len(weights), size=n, p=weights)
    x = means[part]
    if not spread.any():
        return x
    z = rng.standard_normal(x.shape)
    if spread.ndim == 2:
        return x + numpy.sqrt(spread)[part] * z
    for k, root in enumerate(numpy.linalg.cholesky(spread)):
        x[part == k] += z[part == k] @ root.T
    return x


def sample(n, rng, scale=1.0, noise=0.0):
    """n exact and independent draws of scale X + noise Z, (n, d); `rng` is a numpy Generator. `**against` for the law that is tested."""
    x = scale * _sample(_target, n, rng)
    return x + noise * rng.standard_normal(x.shape) if noise else x


def sample_start(n, rng):
    """n exact draws of the law that the sampler starts from, (n, d)."""
    if _start is None:
        raise ValueError("there is no start: the spec has no [sampler]")
    return _sample(_start, n, rng)


def run_program(x, rng, score=score):
    """The steps of `program` from x, (n, d) -> (n, d), in double precision: `repeat` times
        x <- growth x + step score(x, scale=scale, noise=noise-level) + noise z,
    or Heun's step with f(x) = growth x + score(x, ...): x <- x + step/2 (f(x) + f'(x + step f(x))) + noise z, f' at the level `to-...`.
    """
    own = score is _exact_score
    if program is None:
        raise ValueError("there are no steps: the spec has no [sampler]")
    if own and _request.get("score-error", {"none": {}}).keys() != {"none"}:
        raise ValueError("the spec damages the score ([error]): hand run_program the damaged score")
    for number, step in enumerate(program):
        if own and (step.get("truncated") or step.get("to-truncated")):
            raise NotImplementedError(f"block {number} of the program truncates the score: hand run_program the truncated score")
        here = {"scale": step.get("scale", 1.0), "noise": step.get("noise-level", 0.0)}
        there = {"scale": step.get("to-scale", 1.0), "noise": step.get("to-noise-level", 0.0)}
        for _ in range(step["repeat"]):
            if "heun" in step:
                growth, h = step["heun"]["growth"], step["heun"]["step"]
                first = growth * x + score(x, **here)
                then = x + h * first
                x = x + 0.5 * h * (first + growth * then + score(then, **there))
            else:
                drift = step["step"] * score(x, **here) if step["step"] else 0.0
                x = step["growth"] * x + drift
            if step["noise"]:
                x = x + step["noise"] * rng.standard_normal(x.shape)
    return x


def write(xs):
    """Writes draws, (n, d) or (chains, n, d), to standard output as .npy. Nothing else may be printed there."""
    xs = numpy.asarray(xs)
    if xs.ndim not in (2, 3) or xs.shape[-1] != dim:
        raise ValueError(f"draws have the shape {xs.shape}; (n, {dim}) or (chains, n, {dim}) is needed")
    if xs.dtype.kind not in "fiu" or xs.dtype.itemsize > 8:
        xs = xs.astype(float)
    out = sys.stdout.buffer
    numpy.lib.format.write_array_header_1_0(out, {"descr": xs.dtype.str, "fortran_order": False, "shape": xs.shape})
    out.write(numpy.ascontiguousarray(xs).data)
    out.flush()
