//! `eps_r^2 = (1/r) ln E_p exp(r |e|^2)` of the error that a chain sees, truncated or not: block by block, on the line by
//! panels, along the radius where everything is isotropic.

use crate::numerics::{Interval, Ledger, Measured, Source, gauss_legendre};
use crate::scores::{At, Damaged, Feature, ScoreField};
use crate::targets::{Covariance, Density, Gaussian, common_runs};

/// Nodes of the two rules on each panel, whose difference is the error seen.
const RULES: [usize; 2] = [24, 36];
/// The width of panels, in standard deviations.
const PANEL: f64 = 0.4;
/// The integrand beyond the ends of the domain, relative to the largest one, below which the domain is wide enough.
const NEGLIGIBLE: f64 = 1e-40;
/// The widest domain that is tried, in standard deviations of the widest component, and by which factor domains grow.
const WIDEST: f64 = 300.0;
const WIDER: f64 = 1.25;
/// Beyond this exponent `ln(1 + e^x)` is x to a double.
const LARGE: f64 = 300.0;
/// Up to this relative distance a centre is the one that is meant: levels and means are rounded numbers.
const SAME: f64 = 1e-12;

/// `(1/r) ln E_p exp(r |e|^2)`, p the target at the level of `at` and e what of the field's score there is not grad ln p.
///
/// Exact where e does not depend on x; by two quadratures on the line, whose difference stays open, and by the same along the
/// radius for an isotropic Gaussian with an error that points outward; a sum over independent blocks.
///
/// # Errors
/// Where the field couples coordinates in another way.
pub fn exponential_error(field: &Damaged, at: At, r: f64) -> Result<Measured, String> {
    if !field.target.stand_in(at.level).terms().is_empty() {
        return Err("a mixture stands in for the target at this level".into());
    }
    let p = field.density(at.level).ok_or("the target has no density in closed form at this level")?;
    let runs = common_runs(&[&field.runs(), &p.runs()]);
    let mut total = Measured::exact(Interval::ZERO);
    for run in runs {
        let whole = run.dim == field.dim();
        let (part, law) = match whole {
            true => (field.clone(), p.clone()),
            false => (field.part(run.first, run.dim), p.block(run.first, run.dim)),
        };
        let one = ln_moment(&part, &law, at, r)?;
        let copies = run.copies as f64;
        total = Measured::enclosed(total.value + one.value * copies, total.ledger.and(&one.ledger.scaled(copies)));
    }
    // Every term holds `r |e|^2 >= 0`.
    let value = (total.value / r).clamp(0.0, f64::INFINITY);
    Ok(Measured::enclosed(value, total.ledger.scaled(1.0 / r)))
}

/// `ln E_p exp(r |e|^2)` of one block.
fn ln_moment(field: &Damaged, p: &Density, at: At, r: f64) -> Result<Measured, String> {
    if let Some(error) = field.affine_error(at).filter(|map| map.matrix.iter().all(|&x| x == 0.0)) {
        let norm: Interval = error.offset.iter().map(|x| Interval::point(*x).sqr()).sum();
        let norm = norm.sqrt().widen(error.offset_error).clamp(0.0, f64::INFINITY);
        return Ok(Measured::exact(norm.sqr() * r));
    }
    if field.dim() == 1 {
        return on_the_line(field, p, at, r);
    }
    let gaussian = p.as_gaussian().ok_or("the truncation couples coordinates of a law that is not Gaussian")?;
    along_the_radius(field, &gaussian, at, r)
}

/// What is integrated: `ln` of a density (up to a constant that is given) and |e|^2 at points.
type Sampled<'a> = &'a dyn Fn(&[f64], &mut [f64], &mut [f64]);

fn on_the_line(field: &Damaged, p: &Density, at: At, r: f64) -> Result<Measured, String> {
    let mixture = p.as_mixture1().ok_or("no law on the line")?;
    let sample = |xs: &[f64], ln: &mut [f64], squares: &mut [f64]| {
        p.ln_density(xs, ln);
        let mut g = vec![0.0; xs.len()];
        p.score(xs, &mut g);
        field.error_beside(at, xs, &g, squares);
        squares.iter_mut().for_each(|e| *e *= *e);
    };
    let widest = mixture.variances.iter().copied().fold(0.0, f64::max).sqrt();
    let narrowest = mixture.variances.iter().copied().fold(f64::INFINITY, f64::min).sqrt();
    let least = mixture.means.iter().copied().fold(f64::INFINITY, f64::min);
    let most = mixture.means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // An error may sit where the law has next to no mass: only a bound of it tells where to stop.
    let strip = field.departure(at);
    let square_at_most = |x: f64| (strip.slope.abs() * x.abs() + strip.range.magnitude()).powi(2);
    let steep = field.features(at);
    let domain = Domain {
        ends: &|reach| (least - reach * widest, most + reach * widest),
        kinks: field.jumps(at).into_iter().chain(steep.iter().flat_map(Feature::knots)).collect(),
        sd: narrowest,
    };
    integral(&sample, &domain, &square_at_most, r)
}

/// For `p = N(m, v I)` and an error `e = kappa (x - m)` cut to a ball about m: |e| is a function of |x - m|, of density
/// `2 rho^{d-1} e^{-rho^2/(2 v)}/((2 v)^{d/2} Gamma(d/2))`.
fn along_the_radius(field: &Damaged, p: &Gaussian, at: At, r: f64) -> Result<Measured, String> {
    let refuse = || "the truncation couples the coordinates, and the error is no multiple of x - E x".to_owned();
    let d = p.dim();
    let Covariance::Isotropic(variance) = p.cov else { return Err(refuse()) };
    let scale = p.mean.norm() + variance.sqrt();
    if let Some(truncation) = field.truncation_at(at) {
        let middle = truncation.centre() * truncation.level().alpha;
        if (middle - &p.mean).norm() > SAME * scale {
            return Err(refuse());
        }
    }
    let error = field.affine_error(At { truncated: false, ..at }).ok_or_else(refuse)?;
    let kappa = error.matrix[(0, 0)];
    let is_multiple = error.matrix.is_identity(0.0) || {
        let off = |(i, j): (usize, usize)| error.matrix[(i, j)] - if i == j { kappa } else { 0.0 };
        (0..d * d).all(|k| off((k / d, k % d)).abs() <= SAME * kappa.abs())
    };
    if !is_multiple || (&error.offset + &p.mean * kappa).norm() > SAME * kappa.abs() * scale {
        return Err(refuse());
    }
    let half = 0.5 * d as f64;
    let constant = std::f64::consts::LN_2 - half * (2.0 * variance).ln() - statrs::function::gamma::ln_gamma(half);
    let sample = |rhos: &[f64], ln: &mut [f64], squares: &mut [f64]| {
        let n = rhos.len();
        // Points along the first axis: the direction does not matter.
        let mut xs: Vec<f64> = p.mean.iter().flat_map(|m| std::iter::repeat_n(*m, n)).collect();
        xs[..n].iter_mut().zip(rhos).for_each(|(x, rho)| *x += rho);
        let (mut g, mut e) = (vec![0.0; d * n], vec![0.0; d * n]);
        p.score(&xs, &mut g);
        field.error_beside(at, &xs, &g, &mut e);
        for (j, rho) in rhos.iter().enumerate() {
            squares[j] = (0..d).map(|i| e[i * n + j].powi(2)).sum();
            ln[j] = constant + (d as f64 - 1.0) * rho.ln() - rho * rho / (2.0 * variance);
        }
    };
    // One kink: where `|v + e| = B`, both multiples of x - m.
    let kink = field.truncation_at(at).map(|truncation| {
        let unit = kappa + 1.0 / truncation.level().variance() - 1.0 / variance;
        truncation.bound() / unit.abs()
    });
    let (sd, typical) = (variance.sqrt(), (variance * d as f64).sqrt());
    let domain = Domain {
        ends: &|reach| ((typical - reach * sd).max(0.0), typical + reach * sd),
        kinks: kink.filter(|kink| kink.is_finite()).into_iter().collect(),
        sd,
    };
    // |e| is a straight line on either side of its kink.
    let square = |rho: f64| {
        let (mut ln, mut square) = ([0.0], [0.0]);
        sample(&[rho], &mut ln, &mut square);
        square[0]
    };
    integral(&sample, &domain, &square, r)
}

/// What is integrated over.
struct Domain<'a> {
    /// The ends for a reach in standard deviations.
    ends: &'a dyn Fn(f64) -> (f64, f64),
    /// Where panels should end.
    kinks: Vec<f64>,
    /// The length on which the density varies.
    sd: f64,
}

/// `ln int p e^{r |e|^2}` over a domain that is widened until `p e^{r square_at_most}` is negligible beyond its ends; where no
/// bound of |e|^2 says so, until the integrand itself is at them, and then nothing is said from above.
fn integral(
    sample: Sampled<'_>,
    domain: &Domain<'_>,
    square_at_most: &dyn Fn(f64) -> f64,
    r: f64,
) -> Result<Measured, String> {
    let exponents = |x: f64| {
        let (mut ln, mut square) = ([0.0], [0.0]);
        sample(&[x], &mut ln, &mut square);
        (ln[0] + r * square[0], ln[0] + r * square_at_most(x))
    };
    let exponent = |x: f64| exponents(x).0;
    let middle = {
        let (a, b) = (domain.ends)(1.0);
        let n = 65;
        (0..n).map(|k| exponent(a + (b - a) * f64::from(k) / f64::from(n - 1))).fold(f64::NEG_INFINITY, f64::max)
    };
    let small = |exponent: f64| exponent < middle + NEGLIGIBLE.ln();
    let reaches: Vec<f64> =
        std::iter::successors(Some(10.0), |reach| Some(reach * WIDER)).take_while(|reach| *reach <= WIDEST).collect();
    // At this reach and at all beyond.
    let ended = |from: usize| {
        let (a, b) = (domain.ends)(reaches[from]);
        let ends = reaches[from..].iter().flat_map(|&reach| <[f64; 2]>::from((domain.ends)(reach)));
        let beyond = domain.kinks.iter().copied().filter(|x| !(a..b).contains(x));
        ends.filter(|x| *x != 0.0).chain(beyond).all(|x| small(exponents(x).1))
    };
    let at_ends = |reach: f64| {
        let (a, b) = (domain.ends)(reach);
        (a == 0.0 || small(exponent(a))) && small(exponent(b))
    };
    let known = (0..reaches.len()).find(|&from| ended(from)).map(|from| reaches[from]);
    let reach = known
        .or_else(|| reaches.iter().copied().find(|&reach| at_ends(reach)))
        .ok_or("E exp(r |e|^2) is infinite, or its integrand reaches farther than is looked at")?;
    let (a, b) = (domain.ends)(reach);
    let panels = ((b - a) / (PANEL * domain.sd)).ceil().max(1.0) as usize;
    let mut edges: Vec<f64> = (0..=panels).map(|k| a + (b - a) * k as f64 / panels as f64).collect();
    edges.extend(domain.kinks.iter().copied().filter(|k| a < *k && *k < b));
    edges.sort_by(f64::total_cmp);
    let by = RULES.map(|n| {
        let rule = gauss_legendre(n);
        let each = edges.windows(2).flat_map(|ends| {
            let (mid, half) = (0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0]));
            rule.nodes.iter().zip(&rule.weights).map(move |(t, w)| (mid + half * t, half * w)).collect::<Vec<_>>()
        });
        let (xs, weights): (Vec<f64>, Vec<f64>) = each.filter(|(_, w)| *w > 0.0).unzip();
        let (mut ln, mut squares) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        sample(&xs, &mut ln, &mut squares);
        // ln(1 + E (e^{r |e|^2} - 1)), the sum divided by its largest factor: 1 would swallow what is small.
        let top = squares.iter().map(|y| r * y).fold(0.0, f64::max);
        let one = |i: usize| weights[i] * (ln[i] + r * squares[i] - top).exp() * -libm::expm1(-r * squares[i]);
        let ln_rest = top + (0..xs.len()).map(one).sum::<f64>().ln();
        if ln_rest < LARGE { libm::log1p(ln_rest.exp()) } else { ln_rest }
    });
    let gap = 2.0 * (by[1] - by[0]).abs();
    let rounding = 1e-14 * by[1].abs();
    let beyond = NEGLIGIBLE * (b - a) * (middle - by[1]).exp();
    let ledger = Ledger::new()
        .open(
            Source::Discretisation,
            gap,
            "twice the difference of two quadratures on panels; jets of the score would bound it",
        )
        .open(Source::Truncation, beyond, "what lies beyond the panels")
        .open(Source::Rounding, rounding, "rounding of the sums, estimated");
    let value = Interval::around(by[1], gap + rounding + beyond).clamp(0.0, f64::INFINITY);
    if known.is_none() {
        let why = "nothing bounds the error beyond the panels";
        let value = Interval::new(value.lo(), f64::INFINITY);
        return Ok(Measured::enclosed(value, ledger.open(Source::Truncation, 0.0, why)));
    }
    Ok(Measured::enclosed(value, ledger))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::Evidence;
    use crate::processes::Process;
    use crate::scores::errors::Window;
    use crate::scores::{Direction, Size, Truncation, Within, calibrate};
    use crate::targets::{Data, Points};
    use nalgebra::DVector;
    use std::sync::Arc;

    /// `eps_r^2` for points on the line at OU time t, truncated to B about c, with r of PMM-4b for the reach R about c and with r = 1.
    fn measured(points: [(f64, f64); 2], t: f64, window: Window, amplitude: f64, (b, c): (f64, f64)) -> [Measured; 2] {
        let atoms = points.iter().map(|(_, x)| DVector::from_element(1, *x)).collect();
        let data = Data::Points(Points::new(points.iter().map(|(w, _)| *w).collect(), atoms).unwrap());
        let level = Process::Ou.level(t);
        let truncation =
            Truncation::new(data.clone(), (level, level), DVector::from_element(1, c), b, Within::Ball).unwrap();
        let field = calibrate(Arc::new(data), Arc::new(window), Size::Amplitude(amplitude), &[level]).unwrap();
        let (q, reach) = (level.variance(), points.iter().fold(0.0, |r: f64, (_, x)| r.max((x - c).abs())));
        let r = q * (level.alpha.powi(2) * reach * reach / q).exp();
        let at = At { level, clean: false, truncated: true };
        let field = field.with_truncation(truncation);
        [r, 1.0].map(|r| exponential_error(&field, at, r).unwrap())
    }

    /// Errors that panels and the ends of the domain would miss, by mpmath in 40 digits with the edges among the breakpoints: beyond
    /// 13 standard deviations, where the moment makes up for what the law lacks; and with edges a hundred-thousandth wide, at
    /// four places.
    #[test]
    fn errors_are_seen_wherever_they_are() {
        let kick = |lo: f64, hi: Option<f64>, edge: f64| Window { direction: Direction::axis(1, 0), lo, hi, edge };
        let far = [(0.5, -1.0), (0.5, 1.0)];
        let [found, tiny] = measured(far, 0.14384103622589042, kick(7.6, None, 0.0), -6.9, (3.4642, 0.0));
        assert!(found.value.widen(1e-8).contains(28.708_704_88) && found.value.width() < 1e-6, "{found:?}");
        assert_eq!(found.evidence, Evidence::Checked);
        // So is what 1 would swallow.
        assert!(tiny.value.widen(1e-32).contains(2.868_019_343_309_538e-21) && tiny.value.width() < 1e-30, "{tiny:?}");
        let near = [(0.3, -1.0), (0.7, 0.8)];
        for (lo, truth) in
            [(0.3001, 0.005_867_60), (0.2951, 0.005_930_38), (0.1507, 0.008_217_64), (0.4003, 0.004_778_73)]
        {
            let [found, _] = measured(near, 0.5, kick(lo, Some(lo + 0.001), 1e-5), 3.0, (1.6, 0.26));
            assert!(found.value.widen(6e-9).contains(truth) && found.value.width() < 1e-8, "{lo}: {found:?}");
        }
    }
}
