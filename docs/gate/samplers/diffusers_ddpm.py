"""A scheduler of diffusers, driven by the exact score in the place of a network.

A network that predicts noise would learn eps(x, t) = -sqrt(1 - abar_t) * score of the law sqrt(abar_t) X + sqrt(1 - abar_t) Z. The target knows that score, so what
is left is the scheduler: its times, its weights, its noise. Its steps are finite, so its draws are near the target and not of it; say how near (docs/gate/protocol.md has numbers):

    scorebound gate --target question.toml --within tv=0.04 --sampler-cmd "python diffusers_ddpm.py --steps 50" --draws 200000
"""

import argparse

import diffusers
import torch

import scorebound_target as target

options = argparse.ArgumentParser()
options.add_argument("--scheduler", choices=["ddpm", "ddim"], default="ddpm")
options.add_argument("--steps", type=int, default=1000, help="of the 1000 that the schedule has")
options.add_argument("--spacing", choices=["leading", "trailing", "linspace"], default="trailing")
options.add_argument("--variance", choices=["fixed_small", "fixed_large"], default="fixed_small", help="of ddpm")
options.add_argument("--clip", action="store_true", help="clip the predicted x_0 to [-1, 1], the default of diffusers")
options = options.parse_args()

if options.scheduler == "ddpm":
    scheduler = diffusers.DDPMScheduler(
        timestep_spacing=options.spacing, clip_sample=options.clip, variance_type=options.variance
    )
else:
    scheduler = diffusers.DDIMScheduler(timestep_spacing=options.spacing, clip_sample=options.clip)
scheduler.set_timesteps(options.steps)

generator = torch.Generator().manual_seed(target.seed)
x = torch.randn((target.samples, target.dim), generator=generator, dtype=torch.float64)
for t in scheduler.timesteps:
    abar = scheduler.alphas_cumprod[t].item()
    scale, noise = abar**0.5, (1.0 - abar) ** 0.5
    eps = -noise * torch.from_numpy(target.score(x.numpy(), scale=scale, noise=noise))
    x = scheduler.step(eps, t, x, generator=generator).prev_sample
target.write(x.numpy())
