//! What is expected of learned scores without constants, in short: it stands beside measured numbers and is not judged.

use crate::targets::Page;

/// What limits are there for.
const LIMIT: &str =
    "a rate without constants: the limit beside measured exponents (`[[exponent]]`), it decides nothing";

/// Every statement that numbers of learned scores are held beside and that is no theorem.
pub static PAGES: &[Page] = &[
    Page {
        label: "HRX-13",
        role: LIMIT,
        title: "how the eigenvalues of the limit kernel decay",
        statement: "\
kappa(z, z') = z.z' (pi - angle)/(2 pi) on the unit sphere of R^p under its uniform law: mu_1 = 1/(4p), mu_k = 0 for odd k >= 3,
mu_k > 0 for even k and mu_k ~ k^-p, each with the multiplicity of spherical harmonics, ~ k^(p-2). In order
  lambda_j ~ j^-(p/(p-1)).
Inputs (x, t - T_0, 1) of data in d dimensions lie on a slice that rays meet once: the same power with p = d + 2, and with p = d + 1
at a single time or without the 1. The smallest eigenvalue of the Gram matrix of n inputs goes with their least distance, expected ~ n^-(2/(p-1)):
a heuristic.
Reported by `measure.learning`: spectrum-decay beside sphere-gram-decay, sphere-decay (exact, the same eigenvalues), sphere-order-decay and
decay-limit = p/(p-1); sphere-degree-decay, which tends to p; least-eigenvalue with its exponent. Experiment learned_spectrum.",
    },
    Page {
        label: "HRX-14",
        role: LIMIT,
        title: "with which powers of the width a network comes to the limit kernel",
        statement: "\
At a fixed short elapsed time eta n k, as the width m grows: the coupling of network and kernel ~ m^-1/2, its part of kernels (the linearised
network less kernel descent) ~ m^-1/2, its part of kinks (the network less its linearisation) ~ m^-3/4. The last is a heuristic: signs of neurons
independent of their flips. Meant where flips <= 1 %; elsewhere the hypothesis fails. HRX-14a, b, c are theorems.
Reported by `measure.learning`: coupling, coupling-kernel, coupling-kink, flips, against score.learned.width. Experiment learned_width.",
    },
    Page {
        label: "HRX-17",
        role: "recalled, with a probability whose constants it leaves open: ratios to measured errors are shown, it decides nothing",
        title: "the stopping rule of Raskutti, Wainwright and Yu and what it promises, as remembered",
        statement: "\
lambda_j the eigenvalues of K/n, R(r)^2 = (1/n) sum_j min(lambda_j, r^2), eta_t = eta n t, noise of level sigma, target of norm rho. The rule:
  T^ = min{ t : R(1/sqrt(eta_t)) > rho/(2 e sigma eta_t) } - 1,   critical radius r_n: the least r with R(r) <= rho r^2/(2 e sigma).
With probability 1 - c_1 exp(-c_2 n r_n^2), c_1 and c_2 unspecified,
  |f_t - f|_n^2 <= 4 rho^2/(e eta_t) for t <= T^,   and at T^   |f_T^ - f|_n^2 <= 12 rho^2 r_n^2.
HRX-18a and 18b are what is proved here in its place, in mean and with every constant.
Reported by `measure.learning`: rwy-ratio and rwy-ratio-at-stop, these forms over |f_t - f_H|_n^2 of one draw of labels f_H + noise (rho = |f_H|_H, sigma the
rms posterior standard deviation), beside explicit-ratio (HRX-18a) and train-oracle-ratio; stopping-time, stopped-time and critical-radius-squared.
Experiment learned_rule.",
    },
    Page {
        label: "HRX-19",
        role: LIMIT,
        title: "with which powers of the number of samples kernel descent learns at T^",
        statement: "\
From lambda_j ~ j^-(p/(p-1)) of HRX-13: the squared critical radius and the squared error at T^ ~ n^-(p/(2p-1)), eta_T^ ~ n^(p/(2p-1)); p = d + 2 with times as
inputs (-0.600, -0.571, -0.545 for d = 1, 2, 4), one less at a single time and one less with `bias = false`. Then f_* is not in the kernel's space
(HRX-10: a floor that no number of samples goes below), and the errors have no limit. Worst case over that space: the best number of steps may do
better. At few samples the powers are steeper, and a larger spectrum with its power law behind it says by how much.
Reported by `measure.learning`: critical-radius-squared and stopped-time beside extrapolated-radius-squared and extrapolated-time, total-squared and
regression-oracle-error-squared, against score.learned.samples. Experiment learned_samples.",
    },
];
