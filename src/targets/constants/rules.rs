//! The statements behind the constants, one by one: what each of them alone says of a law. Products take the largest of their
//! factors (LLT-18d).

use super::flow::{self, Flow};
use super::mixing::{self, Mixing};
use super::mixture::{in_space, on_the_line, reduced};
use super::panels::Panels;
use super::{Integrals, ball, condition, decomposition, gaussian, hessian, muckenhoupt, smoothness, transport};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::targets::gaussian::level_rounding;
use crate::targets::{Covariance, Data, Density, Gaussian, Line, Mixture};

/// Upper bounds of C_LS and C_P.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upper {
    /// Of C_LS.
    pub lsi: f64,
    /// Of C_P.
    pub poincare: f64,
}

/// What is known of `alpha = inf -Hess ln p`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convexity {
    /// A lower bound of alpha.
    pub least: Interval,
    /// A value taken somewhere: an upper bound of alpha.
    pub seen: f64,
}

/// A law as a bounded perturbation of one of its components.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perturbation {
    /// C_LS of the component.
    pub base: Interval,
    /// An upper bound of `osc U`.
    pub oscillation: Interval,
}

/// A law as `nu * N(0, Sigma)` with nu in a ball.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ball {
    /// The squared radius in the metric of Sigma, from above.
    pub radius_sqr: Interval,
    /// The largest eigenvalue of Sigma.
    pub variance: Interval,
    /// What LLT-18g says.
    pub upper: Upper,
}

/// Why a statement says nothing of a law.
#[derive(Clone, Debug, PartialEq)]
pub enum Silent {
    /// What it asks for is known not to be so.
    Fails(String),
    /// It is not known.
    Unknown(String),
}

impl From<Silent> for String {
    fn from(silent: Silent) -> Self {
        match silent {
            Silent::Fails(why) | Silent::Unknown(why) => why,
        }
    }
}

/// Why a statement does not speak of a law.
fn not_common() -> String {
    "the components have different covariances".into()
}

/// How finely the heat flow is followed where it is judged.
const FINE: f64 = 0.05;

const SINGULAR: &str = "a covariance is too close to singular";

/// Every factor of a product in turn, mixtures without the coordinates on which their components agree.
fn factors<E>(p: &Density, each: &mut dyn FnMut(Factor<'_>) -> Result<(), E>) -> Result<(), E> {
    match p {
        Density::Gaussian(g) => each(Factor::Gaussian(g)),
        Density::Product(product) => product.factors.iter().try_for_each(|(factor, _)| factors(factor, each)),
        Density::Mixture(m) => {
            let (core, rest) = reduced(m);
            if let Some(core) = &core {
                match &core.components[..] {
                    [only] => each(Factor::Gaussian(only))?,
                    _ => each(Factor::Mixture(core))?,
                }
            }
            rest.as_ref().map_or(Ok(()), |rest| each(Factor::Gaussian(rest)))
        }
    }
}

/// One independent block.
enum Factor<'a> {
    Gaussian(&'a Gaussian),
    Mixture(&'a Mixture),
}

/// The largest value over the factors.
fn largest(p: &Density, of: impl Fn(Factor<'_>) -> Result<Upper, String>) -> Result<Upper, String> {
    let mut found = Upper { lsi: 0.0, poincare: 0.0 };
    factors(p, &mut |factor| -> Result<(), String> {
        let own = of(factor)?;
        found = Upper { lsi: found.lsi.max(own.lsi), poincare: found.poincare.max(own.poincare) };
        Ok(())
    })?;
    Ok(found)
}

/// C_LS = C_P of a Gaussian.
fn of_gaussian(g: &Gaussian) -> Interval {
    gaussian::constants(g).lsi.value
}

/// One bound for both constants.
fn both(value: f64) -> Upper {
    Upper { lsi: value, poincare: value }
}

/// An upper bound for the parameters given, for those that are meant: they carry rounding at noise levels.
fn for_rounded(m: &Mixture, value: f64) -> f64 {
    (Interval::point(value) * (1.0 + condition::of(m).1)).hi()
}

fn common(m: &Mixture) -> bool {
    m.components.iter().all(|c| c.cov == m.components[0].cov)
}

/// The largest eigenvalue of the covariance of a Gaussian (LLT-18a); `None` for other laws.
#[must_use]
pub fn largest_eigenvalue(p: &Density) -> Option<Interval> {
    let mut found = Interval::ZERO;
    let only_gaussians = factors(p, &mut |factor| match factor {
        Factor::Gaussian(g) => {
            found = found.max(of_gaussian(g));
            Ok(())
        }
        Factor::Mixture(_) => Err(not_common()),
    });
    only_gaussians.ok().map(|()| found)
}

/// `alpha = inf -Hess ln p` (LLT-18b): by branch and bound on the line, by the range of the means for one common covariance.
///
/// # Errors
/// For mixtures of different covariances in more than one dimension.
pub fn convexity(p: &Density) -> Result<Convexity, String> {
    let mut found = Convexity { least: Interval::INFINITY, seen: f64::INFINITY };
    factors(p, &mut |factor| -> Result<(), String> {
        let own = match factor {
            Factor::Gaussian(g) => {
                let alpha = 1.0 / of_gaussian(g);
                Convexity { least: alpha, seen: alpha.hi() }
            }
            Factor::Mixture(m) => {
                // Relative to the largest curvature, which the smallest is part of.
                let Convexity { least, seen } = of_mixture(m)?;
                let relative = condition::of(m).0;
                // Nothing may be known below; what is seen is known all the same.
                let below =
                    if least.lo().is_finite() { least - relative * (least.magnitude() + seen.abs()) } else { least };
                let known = if least.lo().is_finite() { least.magnitude() } else { 0.0 };
                Convexity { least: below, seen: seen + relative * (known + seen.abs()) }
            }
        };
        found = Convexity { least: found.least.min(own.least), seen: found.seen.min(own.seen) };
        Ok(())
    })?;
    Ok(found)
}

fn of_mixture(m: &Mixture) -> Result<Convexity, String> {
    if m.dim() == 1 {
        let line = on_the_line(m);
        let least = smoothness::curvature(&line).ok_or("the tails could not be resolved")?.least;
        let (a, b) = line.reach(3.0);
        let at = |k: i32| line.curvature(Interval::point(a + (b - a) * f64::from(k) / 400.0)).hi();
        return Ok(Convexity { least: least.into(), seen: (0..=400).map(at).fold(f64::INFINITY, f64::min) });
    }
    if !common(m) {
        return Err(not_common());
    }
    let core = in_space(m).ok_or(SINGULAR)?;
    // -Hess ln p = Sigma^-1/2 (I - Cov of the whitened means given x) Sigma^-1/2, and Popoviciu.
    let (whitened, _) = core.spreads();
    let convexity = 1.0 - whitened * 0.25;
    // Sigma^-1/2 stretches by the inverse of the largest eigenvalue at least, of the smallest at most.
    let stretch = match convexity.lo() > 0.0 {
        true => 1.0 / of_gaussian(&m.components[0]),
        false => gaussian::constants(&m.components[0]).lipschitz.value,
    };
    let least = convexity * stretch;
    // Half way between two means, along the line through them.
    let parts = core.parts();
    let seen = decomposition::pairs(parts.len()).map(|(i, j)| {
        let (a, b) = (&parts[i].1.mean, &parts[j].1.mean);
        hessian::bend_along(&parts, &((a + b) * 0.5), (a - b).as_slice()).hi()
    });
    Ok(Convexity { least, seen: seen.fold(f64::INFINITY, f64::min) })
}

/// `C_LS <= 1/alpha` (LLT-18b).
///
/// # Errors
/// As [`convexity`], and where alpha is not known to be positive.
pub fn log_concave_upper(p: &Density) -> Result<f64, String> {
    let alpha = convexity(p)?.least;
    if alpha.lo() > 0.0 { Ok((1.0 / alpha).hi()) } else { Err("alpha is not known to be positive".into()) }
}

/// The law as a bounded perturbation of its widest component 0, the largest `e^(osc U) C_0` of the factors (LLT-18c).
///
/// ```text
/// e^-U = p/p_0 = w_0 + sum_i w_i p_i/p_0 >= w_0
/// sup p_i/p_0 = sqrt(det Sigma_0/det Sigma_i) exp( (1/2) m^T (Sigma_0 - Sigma_i)^-1 m ),     m = mu_i - mu_0
/// ```
///
/// # Errors
/// When no covariance is strictly larger than all others: then U is not bounded, or not known to be.
pub fn perturbation(p: &Density) -> Result<Perturbation, String> {
    let mut found = Perturbation { base: Interval::ZERO, oscillation: Interval::ZERO };
    let size = |of: &Perturbation| (of.base * of.oscillation.exp()).hi();
    factors(p, &mut |factor| -> Result<(), String> {
        let own = match factor {
            Factor::Gaussian(g) => Perturbation { base: of_gaussian(g), oscillation: Interval::ZERO },
            Factor::Mixture(m) => of_widest(m)?,
        };
        if size(&own) > size(&found) {
            found = own;
        }
        Ok(())
    })?;
    Ok(found)
}

fn of_widest(m: &Mixture) -> Result<Perturbation, String> {
    let unbounded = || "no component has a covariance larger than those of all others: U is unbounded".to_owned();
    if m.components.iter().any(|c| matches!(c.cov, Covariance::Dense(_))) {
        return Err("the covariances are full matrices".into());
    }
    let d = m.dim();
    let widest = (0..m.components.len())
        .max_by(|&i, &j| m.components[i].variance(0).total_cmp(&m.components[j].variance(0)))
        .ok_or_else(unbounded)?;
    let wide = &m.components[widest];
    let total: Interval = m.weights.iter().map(|&w| Interval::point(w)).sum();
    let mut sum = Interval::point(m.weights[widest]) / total;
    let floor = sum;
    for (i, c) in m.components.iter().enumerate().filter(|&(i, _)| i != widest) {
        let mut exponent = Interval::ZERO;
        for k in 0..d {
            let (v, v0) = (c.variance_enclosed(k), wide.variance_enclosed(k));
            let (gap, shift) = (v0 - v, c.enclosed(c.mean[k]) - wide.enclosed(wide.mean[k]));
            let same = c.variance(k) == wide.variance(k) && c.mean[k] == wide.mean[k];
            if same {
                continue;
            }
            if gap.lo() <= 0.0 {
                return Err(unbounded());
            }
            exponent += (v0 / v).ln() * 0.5 + shift.sqr() / gap * 0.5;
        }
        sum += Interval::point(m.weights[i]) / total * exponent.exp();
    }
    Ok(Perturbation { base: of_gaussian(wide), oscillation: (sum / floor).ln() })
}

/// The law as one common Gaussian around means in a ball (LLT-18g).
///
/// ```text
/// C_LS <= lambda e^(R^2),  and <= lambda/(1 - R^2) if R < 1;     C_P <= lambda (1 + e^(4 R^2))/2
/// ```
///
/// R in the metric of the common covariance, lambda its largest eigenvalue.
///
/// # Errors
/// When the components have different covariances.
pub fn bounded_support(p: &Density) -> Result<Ball, String> {
    let nothing = Upper { lsi: 0.0, poincare: 0.0 };
    let none = Ball { radius_sqr: Interval::ZERO, variance: Interval::ZERO, upper: nothing };
    Ok(balls(p)?.into_iter().fold(none, |found, own| if own.upper.lsi > found.upper.lsi { own } else { found }))
}

/// The same for every factor by itself.
///
/// # Errors
/// As [`bounded_support`].
pub fn balls(p: &Density) -> Result<Vec<Ball>, String> {
    let mut found = Vec::new();
    factors(p, &mut |factor| -> Result<(), String> {
        let (radius_sqr, variance) = match factor {
            Factor::Gaussian(g) => (Interval::ZERO, of_gaussian(g)),
            Factor::Mixture(m) if common(m) => {
                (in_space(m).ok_or(SINGULAR)?.radius_sqr(), of_gaussian(&m.components[0]))
            }
            Factor::Mixture(_) => return Err(not_common()),
        };
        let (lsi, poincare) = ball::bounds(radius_sqr);
        let slack = match factor {
            Factor::Mixture(m) => condition::of(m).1,
            Factor::Gaussian(_) => 0.0,
        };
        let size = |c: f64| (variance * c * (1.0 + slack)).hi();
        let upper = Upper { lsi: size(lsi), poincare: size(poincare) };
        found.push(Ball { radius_sqr, variance, upper });
        Ok(())
    })?;
    Ok(found)
}

/// Data under noise, from how far two independent copies of the data are apart (PMM-4d): the largest bound of the independent
/// blocks.
///
/// ```text
/// C_LS <= q [p/(p - 1) + (1 + ln M/(2 (p - 1)))/(1 - chi)],     M = E_{p (1 + p) u/(2 q)},  chi = E_{u/q} - 1 < 1,  p > 1
/// ```
/// with `E_c = E exp(c |X - X'|^2)`, `u = alpha^2`, `q = sigma^2`.
///
/// # Errors
/// Without noise, where chi is not known to be below 1 or M to be finite for any p, and for more than a hundred components.
pub fn mixing_tails(data: &Data, level: NoiseLevel) -> Result<Mixing, Silent> {
    if level.sigma == 0.0 {
        return Err(Silent::Fails("there is no noise".into()));
    }
    let unknown = |why: &str| Silent::Unknown(why.into());
    let rounded = |x: f64| Interval::around(x, level_rounding(level) * x);
    let (u, q) = (rounded(level.alpha * level.alpha), rounded(level.variance()));
    let mut found: Option<Mixing> = None;
    for run in data.runs() {
        let many = "more than a hundred components, or components that are not known exactly";
        let difference = data.block(run.first, run.dim).difference().ok_or_else(|| unknown(many))?;
        let chi = difference.ln_moment(u / q).exp_m1();
        if chi.hi() >= 1.0 {
            let found = format!("E exp(alpha^2 |X - X'|^2/sigma^2) - 1 is {:.6}, and less than 1 is needed", chi.lo());
            return Err(if chi.lo() >= 1.0 { Silent::Fails(found) } else { Silent::Unknown(found) });
        }
        let poincare = (q / (1.0 - chi)).hi();
        let ln_moment = |p: f64| difference.ln_moment(Interval::point(p) * (Interval::point(p) + 1.0) * u / (q * 2.0));
        let heavy = "E exp(c |X - X'|^2) is not known to be finite for c = alpha^2/sigma^2 and a little more";
        let own = mixing::best(q, poincare, f64::INFINITY, ln_moment).ok_or_else(|| unknown(heavy))?;
        if found.is_none_or(|found| own.lsi > found.lsi) {
            found = Some(own);
        }
    }
    found.ok_or_else(|| unknown("there are no coordinates"))
}

/// Components of different covariances, from how much they overlap (PMM-4e): the largest bound of the factors.
///
/// # Errors
/// It fails for full covariances, and where one component has twice the variance of another in some coordinate (M is infinite for
/// every p > 1); it is not known for components that are too many or so far apart or unlike that M is no double.
pub fn unequal_components(p: &Density) -> Result<Mixing, Silent> {
    let mut found: Option<Mixing> = None;
    factors(p, &mut |factor| -> Result<(), Silent> {
        let own = match factor {
            Factor::Gaussian(g) => {
                let c = of_gaussian(g).hi();
                Mixing { power: f64::INFINITY, ln_moment: Interval::ZERO, lsi: c, poincare: c }
            }
            Factor::Mixture(m) => {
                if let Some(why) = mixing::obstacle(m) {
                    return Err(Silent::Fails(why.into()));
                }
                let open = "int P_i^(1+p) P_j^-p is not known to be finite for any p > 1";
                let own = mixing::unequal(m).ok_or_else(|| Silent::Unknown(open.into()))?;
                Mixing { lsi: for_rounded(m, own.lsi), poincare: for_rounded(m, own.poincare), ..own }
            }
        };
        if found.is_none_or(|found| own.lsi > found.lsi) {
            found = Some(own);
        }
        Ok(())
    })?;
    found.ok_or_else(|| Silent::Unknown("there are no factors".into()))
}

/// A law on the line, or a product of such laws and Gaussians, along the heat flow (PMM-4f): the largest bound of the factors.
///
/// # Errors
/// It fails for mixtures in more than one dimension; it is not known where the tails of the law could not be resolved.
pub fn along_the_flow(p: &Density) -> Result<Flow, Silent> {
    let mut found = Flow { lsi: 0.0, noise: 0.0, lost: 0.0 };
    factors(p, &mut |factor| -> Result<(), Silent> {
        let own = match factor {
            Factor::Gaussian(g) => Flow { lsi: of_gaussian(g).hi(), noise: 0.0, lost: 0.0 },
            Factor::Mixture(m) if m.dim() == 1 => {
                let own = flow::upper(&on_the_line(m), FINE)
                    .ok_or_else(|| Silent::Unknown("its curvature could not be bounded along the flow".into()))?;
                // Curvature moves with the parameters as L does.
                let slack = condition::of(m).0;
                Flow { lsi: (Interval::point(own.lsi) * (1.0 + slack)).hi(), ..own }
            }
            Factor::Mixture(_) => {
                return Err(Silent::Fails("a factor is a mixture in more than one dimension".into()));
            }
        };
        if own.lsi > found.lsi {
            found = own;
        }
        Ok(())
    })?;
    Ok(found)
}

/// The largest squared distance of two means in the metric of the common covariance, enclosed.
///
/// # Errors
/// When the components have different covariances.
pub fn diameter_sqr(p: &Density) -> Result<Interval, String> {
    let mut found = Interval::ZERO;
    factors(p, &mut |factor| -> Result<(), String> {
        if let Factor::Mixture(m) = factor {
            if !common(m) {
                return Err(not_common());
            }
            let slack = condition::of(m).1;
            let whitened = in_space(m).ok_or(SINGULAR)?.spreads().0;
            found = found.max(whitened.widen(slack * whitened.hi()));
        }
        Ok(())
    })?;
    Ok(found)
}

/// The two bounds of LLT-19 for a mixture.
///
/// # Errors
/// When a covariance is too close to singular, or the cells of the line would be too many.
pub fn mixture_upper(p: &Density) -> Result<Upper, String> {
    largest(p, |factor| {
        let m = match factor {
            Factor::Gaussian(g) => return Ok(both(of_gaussian(g).hi())),
            Factor::Mixture(m) => m,
        };
        let (lsi, poincare) = if m.dim() == 1 {
            let line = on_the_line(m);
            let panels = Panels::of(&line).ok_or("the law needs too many cells")?;
            let widest: Vec<f64> = line.variances.iter().map(|v| v.hi()).collect();
            decomposition::sides(&line.weights, &widest, transport::on_the_line(&line, &panels))
        } else {
            in_space(m).ok_or(SINGULAR)?.decomposed()
        };
        Ok(Upper { lsi: for_rounded(m, lsi.value), poincare: for_rounded(m, poincare.value) })
    })
}

/// The integrals of LLT-21 for a law on the line.
///
/// # Errors
/// In more than one dimension, and where the law is not resolved.
pub fn integrals(p: &Density) -> Result<Integrals, String> {
    let law = p.as_mixture1().ok_or("the law is not on the line")?;
    muckenhoupt::of(&Line::from(&law)).ok_or_else(|| "the law needs too many cells".into())
}

/// The smallest upper bound of C_P that does not come from the integrals of LLT-21.
///
/// # Errors
/// When there is none.
pub fn poincare_upper(p: &Density) -> Result<f64, String> {
    let by = [mixture_upper(p).map(|u| u.poincare), bounded_support(p).map(|b| b.upper.poincare), log_concave_upper(p)];
    by.into_iter().flatten().reduce(f64::min).ok_or_else(|| "no upper bound of C_P is known".into())
}

/// L of components with one covariance (LLT-20a).
///
/// # Errors
/// When the components have different covariances.
pub fn smoothness_of_common_covariance(p: &Density) -> Result<f64, String> {
    let mut found = 0.0_f64;
    factors(p, &mut |factor| -> Result<(), String> {
        let own = match factor {
            Factor::Gaussian(g) => gaussian::constants(g).lipschitz.value.hi(),
            Factor::Mixture(m) if common(m) => {
                let core = in_space(m).ok_or(SINGULAR)?;
                let value = smoothness::common_covariance(core.parts()[0].2, core.spreads().1).value.hi();
                (Interval::point(value) * (1.0 + condition::of(m).0)).hi()
            }
            Factor::Mixture(_) => return Err(not_common()),
        };
        found = found.max(own);
        Ok(())
    })?;
    Ok(found)
}

/// L of two isotropic components of different variance (LLT-20b), enclosed.
///
/// # Errors
/// For other laws.
pub fn smoothness_of_two_isotropic(p: &Density) -> Result<Interval, String> {
    let other = || "the law is not a mixture of two isotropic Gaussians of different variance".to_owned();
    let Density::Mixture(m) = p else { return Err(other()) };
    let isotropic = |g: &Gaussian| (1..g.dim()).all(|i| g.variance(i) == g.variance(0));
    let dense = |g: &Gaussian| matches!(g.cov, Covariance::Dense(_));
    let [a, b] = &m.components[..] else { return Err(other()) };
    if [a, b].into_iter().any(|g| dense(g) || !isotropic(g)) || a.variance(0) == b.variance(0) {
        return Err(other());
    }
    in_space(m).ok_or(SINGULAR)?.two_isotropic().ok_or_else(other)
}
