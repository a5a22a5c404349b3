//! Pairs no exact engine takes: atoms, closed densities in several dimensions, particles.

use super::line::{w2_to_atoms, w2_to_atoms_checked};
use super::pairs::{Line, as_line};
use super::{Divergence, NoEngine, mixtures};
use crate::laws::{Law, Particles};
use crate::numerics::{Interval, Ledger, Measured, Source, mean_of_bounded, stream};
use crate::targets::{Defect, Density, Points, Target};
use statrs::distribution::{Beta, ContinuousCDF};

/// Draws for expectations of bounded functions.
const DRAWS: usize = 400_000;
/// Coverage of intervals from draws between closed densities.
const LEVEL: f64 = 0.999_999;

/// D(q, p) of a pair that does not come apart into Gaussians and lines.
pub(super) fn between(divergence: Divergence, q: &Law, p: &Law) -> Result<Measured, NoEngine> {
    match (q, p) {
        (Law::Points(atoms), other @ (Law::Closed(_) | Law::Gaussian(_)))
        | (other @ (Law::Closed(_) | Law::Gaussian(_)), Law::Points(atoms)) => singular(divergence, atoms, other),
        (Law::Points(atoms), other) | (other, Law::Points(atoms))
            if divergence == Divergence::W2 && as_line(other).is_some() =>
        {
            singular(divergence, atoms, other)
        }
        (Law::Closed(a), Law::Closed(b)) => {
            mixtures::between(divergence, a, b).unwrap_or_else(|| closed(divergence, a, b))
        }
        (Law::Particles(cloud), Law::Closed(b)) => from_cloud(divergence, cloud, b),
        (Law::Particles(cloud), Law::Gaussian(g)) => {
            let law = crate::targets::Gaussian::new(g.mean(), crate::targets::Covariance::Dense(g.cov()));
            let law = law.map_err(|e| NoEngine { divergence: divergence.name(), why: e.to_string() })?;
            from_cloud(divergence, cloud, &Density::Gaussian(law))
        }
        _ => Err(NoEngine {
            divergence: divergence.name(),
            why: match (q, p) {
                (Law::Particles(_), _) => "a law carried by particles is compared with a density in closed form only",
                _ => "no engine compares these two representations",
            }
            .to_string(),
        }),
    }
}

/// A law of atoms against one with a density.
fn singular(divergence: Divergence, atoms: &Points, other: &Law) -> Result<Measured, NoEngine> {
    match divergence {
        Divergence::Tv | Divergence::HellingerSquared => Ok(Measured::exact(Interval::ONE)),
        Divergence::W2 => match as_line(other).filter(|_| atoms.dim() == 1) {
            Some(Line::Closed(p)) => Ok(w2_to_atoms(atoms, &p)),
            Some(carried) => w2_to_atoms_checked(atoms, carried.density()),
            None => Err(NoEngine {
                divergence: "w2",
                why: "atoms are compared with a density on the line, or block by block with a product of such"
                    .to_string(),
            }),
        },
        _ => Ok(Measured::exact(Interval::INFINITY)),
    }
}

/// Two closed densities in several dimensions that neither factor nor share a frame, with too many components to compare in
/// pairs.
///
/// ```text
/// TV = E_m |q - p|/(q + p),    H^2 = E_m (sqrt q - sqrt p)^2/(q + p),    m = (p + q)/2
/// ```
/// Both are means of functions in [0, 1], so a Clopper-Pearson-type interval is valid for any sample size.
fn closed(divergence: Divergence, q: &Density, p: &Density) -> Result<Measured, NoEngine> {
    let function = |lq: f64, lp: f64| {
        let half = 0.5 * (lq - lp);
        match divergence {
            Divergence::Tv => half.tanh().abs(),
            // (sqrt r - 1)^2/(r + 1) with r = e^{2 half}: 1 - 1/cosh(half).
            _ => 1.0 - 1.0 / half.cosh(),
        }
    };
    match divergence {
        Divergence::ChiSquared => return chi_squared(q, p),
        Divergence::Renyi2 => {
            let chi = chi_squared(q, p)?;
            return Ok(Measured { value: chi.value.ln_1p(), ..chi });
        }
        Divergence::Tv | Divergence::HellingerSquared => {}
        Divergence::Kl | Divergence::KlReverse | Divergence::W2 => {
            return Err(NoEngine {
                divergence: divergence.name(),
                why:
                    "two laws in several dimensions that neither factor nor share a low-dimensional core; only tv and \
                      hellinger-squared are means of bounded functions, which sampling can enclose"
                        .to_string(),
            });
        }
    }
    let d = q.dim();
    let mut values = Vec::with_capacity(DRAWS);
    for (law, name) in [(q, "divergence/q"), (p, "divergence/p")] {
        let n = DRAWS / 2;
        let mut xs = vec![0.0; n * d];
        law.sample(&mut stream(0, name, 0), n, &mut xs);
        let (mut lq, mut lp) = (vec![0.0; n], vec![0.0; n]);
        q.ln_density(&xs, &mut lq);
        p.ln_density(&xs, &mut lp);
        values.extend(lq.iter().zip(&lp).map(|(a, b)| function(*a, *b)));
    }
    // The laws that are meant may be off by their rounding: r/2 in TV, twice that in the square of a distance of at most 1.
    let off = Defect::of_rounding(q).and(Defect::of_rounding(p)).relative;
    let found = mean_of_bounded(&values, LEVEL);
    let ledger = found.ledger.bounded(Source::Rounding, off, "rounding of the laws at their noise level");
    Ok(Measured { value: found.value.widen(off).clamp(0.0, 1.0), evidence: found.evidence, ledger })
}

/// `chi^2(sum_i w_i Q_i | P)` for a Gaussian P, in floating point with a rounding bound left open; refused otherwise.
///
/// ```text
/// int Q_i Q_k / P = sqrt(det S_p/(det S_i det S_k det A)) e^{(b^T A^-1 b - c)/2},   A = S_i^-1 + S_k^-1 - S_p^-1
/// ```
fn chi_squared(q: &Density, p: &Density) -> Result<Measured, NoEngine> {
    let refuse = |why: &str| NoEngine { divergence: "chi2", why: why.to_string() };
    let g = p
        .as_gaussian()
        .ok_or_else(|| refuse("a Gaussian target has a closed form in several dimensions; this one has none"))?;
    let Density::Mixture(m) = q else { return Err(refuse("the output law is not a mixture")) };
    let inverse = |c: nalgebra::DMatrix<f64>| c.try_inverse().ok_or_else(|| refuse("a covariance is singular"));
    let ln_det = |c: &nalgebra::DMatrix<f64>| c.clone().cholesky().map(|l| 2.0 * l.l().diagonal().map(f64::ln).sum());
    let precisions = m.components.iter().map(|c| inverse(c.cov_matrix())).collect::<Result<Vec<_>, _>>()?;
    let target = inverse(g.cov_matrix())?;
    let missing = || refuse("a covariance is singular");
    let ln_target = ln_det(&g.cov_matrix()).ok_or_else(missing)?;
    let mut sum = 0.0;
    let mut size = 0.0;
    for i in 0..m.components.len() {
        for k in 0..m.components.len() {
            let a = &precisions[i] + &precisions[k] - &target;
            let Some(ln_a) = ln_det(&a) else { return Ok(Measured::exact(Interval::INFINITY)) };
            let (mi, mk) = (&m.components[i].mean, &m.components[k].mean);
            let b = &precisions[i] * mi + &precisions[k] * mk - &target * &g.mean;
            let c = mi.dot(&(&precisions[i] * mi)) + mk.dot(&(&precisions[k] * mk)) - g.mean.dot(&(&target * &g.mean));
            let quadratic = b.dot(&(inverse(a)? * &b));
            let ln_dets = ln_det(&m.components[i].cov_matrix()).ok_or_else(missing)?
                + ln_det(&m.components[k].cov_matrix()).ok_or_else(missing)?;
            let term = m.weights[i] * m.weights[k] * (0.5 * (ln_target - ln_dets - ln_a + quadratic - c)).exp();
            sum += term;
            size += term * (1.0 + quadratic.abs() + c.abs() + ln_target.abs() + ln_dets.abs() + ln_a.abs());
        }
    }
    let ledger = Ledger::new().open(
        crate::numerics::Source::Rounding,
        size * 1e-14 * q.dim() as f64,
        "rounding of a closed form, estimated from the sizes of its terms",
    );
    Ok(Measured::with_ledger(Interval::point(sum - 1.0), ledger).clamped(0.0, f64::INFINITY))
}

/// A lower bound of the total variation that holds with the cloud's confidence: any set A chosen on half of the particles,
/// with `q(A)` bounded from the other half and `p(A)` from fresh draws (Clopper-Pearson, the level split between them).
/// Nothing bounds a total variation from above with particles alone, so the upper end is 1.
fn from_cloud(divergence: Divergence, cloud: &Particles, p: &Density) -> Result<Measured, NoEngine> {
    if divergence != Divergence::Tv {
        let why = "particles give statements about probabilities of sets only, each with its confidence, hence a lower bound of tv"
            .to_string();
        return Err(NoEngine { divergence: divergence.name(), why });
    }
    let d = cloud.dim();
    let statistics = |xs: &[f64]| -> Vec<f64> {
        let n = xs.len() / d;
        let mut ln = vec![0.0; n];
        p.ln_density(xs, &mut ln);
        ln
    };
    // The statistic is ln p itself: its distribution differs wherever the output is too spread or too concentrated.
    let all: Vec<f64> = cloud.chunks().iter().flat_map(|c| statistics(c)).collect();
    let (choose, test) = all.split_at(all.len() / 2);
    let n = test.len().max(1);
    let fresh = |name: &str| {
        let mut xs = vec![0.0; n * d];
        Target::sample(p, crate::processes::NoiseLevel::DATA, &mut stream(cloud.seed(), name, 0), n, &mut xs);
        statistics(&xs)
    };
    let (mut a, mut b) = (choose.to_vec(), fresh("divergence/choose"));
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    // The threshold at which the two halves differ most.
    let share = |sorted: &[f64], t: f64| sorted.partition_point(|x| *x <= t) as f64 / sorted.len().max(1) as f64;
    let (mut best, mut threshold) = (0.0, 0.0);
    for t in a.iter().chain(&b) {
        let gap = share(&a, *t) - share(&b, *t);
        if gap.abs() > f64::abs(best) {
            (best, threshold) = (gap, *t);
        }
    }
    let target = fresh("divergence/test");
    let inside = |xs: &[f64]| xs.iter().filter(|x| (**x <= threshold) == (best > 0.0)).count() as u64;
    let delta = (1.0 - cloud.confidence) / 2.0;
    let (q_lower, p_upper) =
        (clopper_pearson(inside(test), n as u64, delta).0, clopper_pearson(inside(&target), n as u64, delta).1);
    let lower = (q_lower - p_upper).max(0.0);
    let value = Interval::new(lower, 1.0);
    let why =
        format!("Clopper-Pearson bounds of q(A) and p(A) from {n} draws each; no upper bound is known from particles");
    Ok(Measured::enclosed(value, Ledger::new().random(0.5 * (1.0 - lower), cloud.confidence, why)))
}

/// One-sided lower and upper confidence bounds of a probability, each at level 1 - delta, from k successes in n.
fn clopper_pearson(k: u64, n: u64, delta: f64) -> (f64, f64) {
    let quantile = |a: f64, b: f64, level: f64| Beta::new(a, b).map_or(0.5, |beta| beta.inverse_cdf(level));
    let (k, n) = (k as f64, n as f64);
    let lower = if k == 0.0 { 0.0 } else { quantile(k, n - k + 1.0, delta) };
    let upper = if k == n { 1.0 } else { quantile(k + 1.0, n - k, 1.0 - delta) };
    (lower, upper)
}
