"""NUTS of BlackJAX (`python blackjax_nuts.py`) or HMC (`python blackjax_nuts.py hmc`) in double precision.

Every chain starts at an exact draw of the target. The kernel leaves the target as it is, so every draw has the law of the target: nothing has to converge,
and no burn-in is dropped. Draws of a chain depend on each other; the gate takes chains as its independent units where the array is (chains, n, d).

    scorebound gate --target question.toml --sampler-cmd "python blackjax_nuts.py" --draws 200000
"""

import sys

import blackjax
import jax
import jax.numpy as jnp
import numpy

import scorebound_target as target

jax.config.update("jax_enable_x64", True)

CHAINS = 20_000  # more chains see more, more draws a chain cost more


def log_density(x):
    return target.log_density(x[None, :], xp=jnp, **target.against)[0]


chains = min(CHAINS, target.samples)
draws = -(-target.samples // chains)
rng = numpy.random.default_rng(target.seed)
starts = target.sample(chains, rng, **target.against)

# The metric and the step are fixed before the first step: adapting them on the way would change the law.
metric = numpy.var(target.sample(10_000, rng, **target.against), axis=0)
if sys.argv[1:] == ["hmc"]:
    kernel = blackjax.hmc(log_density, step_size=0.3, inverse_mass_matrix=metric, num_integration_steps=5)
else:
    kernel = blackjax.nuts(log_density, step_size=0.5, inverse_mass_matrix=metric)


def chain(key, position):
    def one(state, key):
        state, _ = kernel.step(key, state)
        return state, state.position

    _, positions = jax.lax.scan(one, kernel.init(position), jax.random.split(key, draws))
    return positions


keys = jax.random.split(jax.random.key(target.seed), chains)
target.write(jax.jit(jax.vmap(chain))(keys, jnp.asarray(starts)))
