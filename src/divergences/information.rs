//! Entropy, Fisher information and two relatives of laws in closed form.

use super::line::{Component, Information};
use super::{Divergence, NoEngine};
use crate::laws::Law;
use crate::numerics::linalg::{norm_upper, positive_inverse, product_error};
use crate::numerics::{Evidence, Interval, IntervalSum, Ledger, Measured, Source};
use crate::targets::{Covariance, Defect, Density, Gaussian};
use nalgebra::{DMatrix, DVector};

/// The entropy `H(p) = -int p ln p`, in nats.
///
/// # Errors
/// When no engine reaches a block of the law.
///
/// # Promise
/// With exact or certified evidence it lies in the interval, the rounding of a law at a noise level included.
pub fn entropy(p: &Density) -> Result<Measured, NoEngine> {
    over_blocks(p, &|block| match block {
        Simple::Gaussian(g) => gaussian_entropy(g),
        Simple::Line(law) => Ok(Information::Entropy.of(&law)),
        Simple::Other(block) => entropy_by_divergence(block),
    })
}

/// The Fisher information `J(p) = E_p |grad ln p|^2`.
///
/// # Errors
/// When a block of the law is neither Gaussian nor on the line, and does not come apart in a frame into such parts.
///
/// # Promise
/// As [`entropy`].
pub fn fisher_information(p: &Density) -> Result<Measured, NoEngine> {
    over_blocks(p, &|block| match block {
        Simple::Gaussian(g) => precision_trace(g, 1),
        Simple::Line(law) => Ok(Information::Fisher.of(&law)),
        Simple::Other(block) => in_frame(block, 1, &fisher_information),
    })
}

/// `G(p) = E_p |Hess ln p|_F^2`, the Fisher information of the score.
///
/// # Errors
/// As [`fisher_information`].
///
/// # Promise
/// As [`entropy`].
pub fn hessian_information(p: &Density) -> Result<Measured, NoEngine> {
    over_blocks(p, &|block| match block {
        Simple::Gaussian(g) => precision_trace(g, 2),
        Simple::Line(law) => Ok(Information::Hessian.of(&law)),
        Simple::Other(block) => in_frame(block, 2, &hessian_information),
    })
}

/// `E_p |Delta g + (grad g) g|^2` for `g = grad ln p`: the generator of the Langevin diffusion of p, applied to g.
///
/// # Errors
/// As [`fisher_information`].
///
/// # Promise
/// As [`entropy`].
pub fn generator_information(p: &Density) -> Result<Measured, NoEngine> {
    over_blocks(p, &|block| match block {
        Simple::Gaussian(g) => precision_trace(g, 3),
        Simple::Line(law) => Ok(Information::Generator.of(&law)),
        Simple::Other(block) => in_frame(block, 3, &generator_information),
    })
}

/// A block of independent coordinates.
enum Simple<'a> {
    Gaussian(&'a Gaussian),
    Line(Vec<Component>),
    Other(&'a Density),
}

/// All are sums over independent blocks.
fn over_blocks(p: &Density, of: &dyn Fn(Simple<'_>) -> Result<Measured, NoEngine>) -> Result<Measured, NoEngine> {
    let mut total = (IntervalSum::new(), Evidence::Exact, Ledger::new());
    for run in p.runs() {
        let block = p.block(run.first, run.dim);
        let own = match block.as_gaussian() {
            Some(g) => of(Simple::Gaussian(&g))?,
            None if run.dim == 1 => of(Simple::Line(on_line(&block)))?,
            None => of(Simple::Other(&block))?,
        };
        total.0.add(own.value * run.copies as f64);
        total.1 = total.1.and(own.evidence);
        total.2 = total.2.and(&own.ledger.scaled(run.copies as f64));
    }
    Ok(Measured { value: total.0.value(), evidence: total.1, ledger: total.2 })
}

/// The components of a law on the line.
fn on_line(p: &Density) -> Vec<Component> {
    let component = |(weight, g): (Interval, Gaussian)| Component {
        weight,
        mean: g.mean_enclosed(0),
        variance: g.variance_enclosed(0),
    };
    p.components(usize::MAX).into_iter().flatten().map(component).collect()
}

/// `(d/2) ln(2 pi v) + E|x - m|^2/(2 v) - KL(p | N(m, v I))`, the last two terms with the same v and m, whatever they are.
fn entropy_by_divergence(p: &Density) -> Result<Measured, NoEngine> {
    let none = |why: String| NoEngine { divergence: "entropy", why };
    let d = p.dim();
    let second = p.second_moment();
    let v = second.mid() / d as f64;
    let reference = Gaussian::isotropic(DVector::zeros(d), v).map_err(|e| none(e.to_string()))?;
    let law = |p: &Density| Law::Closed(p.clone());
    let kl = Divergence::Kl.between(&law(p), &law(&Density::Gaussian(reference)))?;
    let cross = (Interval::point(v).ln() * 0.5 + Interval::LN_SQRT_TAU) * d as f64 + second / v * 0.5;
    Ok(Measured { value: cross - kl.value, ..kl })
}

/// `(1/2) ln det(2 pi e cov)`.
fn gaussian_entropy(g: &Gaussian) -> Result<Measured, NoEngine> {
    let each = Interval::LN_SQRT_TAU + 0.5;
    match &g.cov {
        Covariance::Dense(_) => entropy_by_divergence(&Density::Gaussian(g.clone())),
        Covariance::Isotropic(v) => Ok(Measured::exact((each + g.enclosed(*v).ln() * 0.5) * g.dim() as f64)),
        Covariance::Diagonal(v) => {
            let sum: IntervalSum = v.iter().map(|&v| each + g.enclosed(v).ln() * 0.5).collect();
            Ok(Measured::exact(sum.value()))
        }
    }
}

/// `tr cov^-k` for k = 1, 2, 3: with `g = -cov^-1 (x - m)` they are J, G and, `Delta g` being 0, `E|cov^-2 (x - m)|^2`.
fn precision_trace(g: &Gaussian, k: i32) -> Result<Measured, NoEngine> {
    let of = |v: f64| Interval::ONE / g.enclosed(v).powi(k);
    match &g.cov {
        Covariance::Isotropic(v) => Ok(Measured::exact(of(*v) * g.dim() as f64)),
        Covariance::Diagonal(v) => Ok(Measured::exact(v.iter().map(|&v| of(v)).collect::<IntervalSum>().value())),
        Covariance::Dense(s) => {
            let singular = || NoEngine {
                divergence: "the Fisher information",
                why: "a covariance is too close to singular to be inverted".to_string(),
            };
            let (inverse, error) = positive_inverse(s).ok_or_else(singular)?;
            // |S^-1 - S'^-1| <= |S^-1| x/(1 - x) with x = |S^-1| |S - S'|.
            let size = Interval::point(norm_upper(inverse.iter())) + error;
            let x = size * norm_upper(s.iter()) * g.rounding() * 1.01;
            if x.hi() >= 0.5 {
                return Err(singular());
            }
            // |tr (X + E)^k - tr X^k| <= sqrt(d) ((|X|_F + |E|_F)^k - |X|_F^k).
            let off = size * x / (1.0 - x) + error;
            let root = Interval::point(g.dim() as f64).sqrt();
            let moved = root * (off * f64::from(k) * (size + off).powi(k - 1));
            let (trace, forming) = trace_of_power(&inverse, k);
            let ledger =
                Ledger::new().bounded(Source::Rounding, (moved + forming).hi(), "the inverse of the covariance");
            Ok(Measured::with_ledger(trace, ledger))
        }
    }
}

/// `tr X^k` for k = 1, 2, 3, and a bound of what forming X^2 loses.
fn trace_of_power(x: &DMatrix<f64>, k: i32) -> (Interval, f64) {
    let paired = |y: &DMatrix<f64>| {
        let mut sum = IntervalSum::new();
        (0..x.len())
            .for_each(|n| sum.add_product(x[(n % x.nrows(), n / x.nrows())], y[(n / x.nrows(), n % x.nrows())]));
        sum.value()
    };
    match k {
        1 => (x.diagonal().iter().map(|&x| Interval::point(x)).collect::<IntervalSum>().value(), 0.0),
        2 => (paired(x), 0.0),
        _ => {
            let size = norm_upper(x.iter());
            (paired(&(x * x)), (Interval::point(product_error(x.nrows(), size, size)) * size).hi())
        }
    }
}

/// All of them are the same in every orthonormal frame, and add over core and rest; a relative change of the covariances
/// changes them by about `k` times as much.
fn in_frame(p: &Density, k: u32, of: &dyn Fn(&Density) -> Result<Measured, NoEngine>) -> Result<Measured, NoEngine> {
    let parts = p.core_frame().and_then(|frame| p.in_frame(&frame)).ok_or_else(|| NoEngine {
        divergence: "the Fisher information",
        why: format!("a mixture in {} dimensions does not come apart into a line and a Gaussian rest", p.dim()),
    })?;
    let (core, rest) = (of(&parts.core)?, of(&parts.rest)?);
    let value = core.value + rest.value;
    let ledger = core.ledger.and(&rest.ledger);
    let found = Measured { value, evidence: core.evidence.and(rest.evidence), ledger };
    // How they follow a change of covariances that the frame makes, or of rounding that it mixes, is estimated.
    let moved = parts.defect.and(Defect::of_rounding(p)).relative * f64::from(k);
    if moved == 0.0 {
        return Ok(found);
    }
    let size = moved * value.magnitude();
    let ledger = found.ledger.open(Source::Rounding, size, "the law in the frame of its means");
    Ok(Measured { value: found.value.widen(size), evidence: ledger.evidence(), ledger })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Process;
    use crate::targets::{Mixture, Points, Product, Target};

    type Of = fn(&Density) -> Result<Measured, NoEngine>;

    /// All four, with the sizes of their rounding errors relative to the entropy's.
    const ALL: [(Of, f64); 4] =
        [(entropy, 1.0), (fisher_information, 1.0), (hessian_information, 20.0), (generator_information, 100.0)];

    fn line(weights: &[f64], means: &[f64], variances: &[f64]) -> Density {
        Density::Mixture(Mixture::scalar(weights, means, variances).unwrap())
    }

    /// A proved interval that contains the reference, given to 18 digits, and is as narrow as asked for.
    fn agrees(found: &Measured, reference: f64, relative: f64) {
        assert!(found.evidence.is_proved(), "{found}");
        let slack = 2.0 * f64::EPSILON * reference.abs();
        assert!(found.value.widen(slack).contains(reference), "{found} misses {reference:?}");
        assert!(found.value.width() <= relative * reference.abs(), "{found} is wide: {:e}", found.value.width());
    }

    /// Entropy and Fisher information of mixtures on the line against mpmath (30 digits, adaptive quadrature): overlapping modes
    /// (`m8` of the reference values), the symmetric pair (`s1`), a narrow and a wide mode, three modes, modes 40 standard
    /// deviations apart, and two modes at one place.
    #[test]
    fn mixtures_on_the_line_match_the_references() {
        for (law, h, j) in [
            (line(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]), 1.738_271_289_151_686_3, 0.892_155_818_079_922_5),
            (line(&[0.5, 0.5], &[-1.5, 1.5], &[1.0, 1.0]), 1.945_715_839_726_046_1, 0.556_204_370_051_256_1),
            (line(&[0.3, 0.7], &[-2.0, 3.0], &[0.007_812_5, 4.0]), 1.769_906_184_388_080_1, 36.815_980_452_197_19),
            (
                line(&[0.2, 0.5, 0.3], &[-1.0, 0.25, 1.5], &[0.25, 0.125, 0.5]),
                1.377_830_659_310_664_2,
                2.336_998_987_600_081,
            ),
            (line(&[0.5, 0.5], &[-20.0, 20.0], &[1.0, 1.0]), 2.112_085_713_764_618, 1.0),
            (line(&[0.25, 0.75], &[0.0, 0.0], &[1.0, 16.0]), 2.634_576_449_608_086_3, 0.141_965_269_968_311_02),
        ] {
            agrees(&entropy(&law).unwrap(), h, 2e-14);
            agrees(&fisher_information(&law).unwrap(), j, 2e-14);
        }
    }

    /// `p2`: at the OU time 0.4, where the parameters carry the rounding of the level.
    #[test]
    fn a_mixture_at_a_noise_level_matches_the_reference() {
        let law = line(&[0.3, 0.7], &[-1.5, 1.0], &[0.5, 0.8]).noised(Process::Ou.level(0.4)).unwrap();
        agrees(&entropy(&law).unwrap(), 1.602_215_885_891_870_3, 1e-12);
        agrees(&fisher_information(&law).unwrap(), 0.719_735_186_869_676_5, 1e-12);
    }

    /// J, G and the generator of the score against mpmath (18 digits and more; J and G at the noise level are `3pt_J_t1`, `3pt_G_t1` and
    /// `mix_G_t1` of the reference values).
    #[test]
    fn the_score_of_a_mixture_matches_the_references() {
        let t1 = Process::Ou.level(1.0);
        let mix = line(&[0.3, 0.7], &[-2.0, 1.5], &[0.25, 0.64]).noised(t1).unwrap();
        let three = [-2.0, 0.5, 3.0].map(|x| DVector::from_element(1, x)).to_vec();
        let three = Points::new(vec![0.3, 0.4, 0.3], three).unwrap().density(t1).unwrap();
        let data = line(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]);
        agrees(&fisher_information(&three).unwrap(), 0.734_259_021_703_325_8, 1e-11);
        for (p, g, generator) in [
            (mix, 0.636_196_826_250_517_6, 0.558_565_241_587_126_4),
            (three, 0.553_179_621_614_485_5, 0.453_009_962_618_933_17),
            (data, 1.984_461_255_066_441_7, 7.541_947_520_442_267_5),
        ] {
            agrees(&hessian_information(&p).unwrap(), g, 1e-11);
            agrees(&generator_information(&p).unwrap(), generator, 1e-11);
        }
    }

    /// `tr cov^-2` and `tr cov^-3`, in every form.
    #[test]
    fn precisions_of_gaussians() {
        let law = |cov: Covariance| Density::Gaussian(Gaussian::new(DVector::from_element(2, 1.0), cov).unwrap());
        let diagonal = law(Covariance::Diagonal(DVector::from_vec(vec![2.0, 0.5])));
        let isotropic = law(Covariance::Isotropic(2.0));
        // The diagonal turned by the angle with cosine 0.6.
        let turned = law(Covariance::Dense(DMatrix::from_row_slice(2, 2, &[1.04, 0.72, 0.72, 1.46])));
        for (p, g, generator) in [(isotropic, 0.5, 0.25), (diagonal, 4.25, 8.125), (turned, 4.25, 8.125)] {
            agrees(&hessian_information(&p).unwrap(), g, 1e-13);
            agrees(&generator_information(&p).unwrap(), generator, 1e-13);
        }
    }

    /// One component, several forms: the closed forms and the quadrature agree.
    #[test]
    fn gaussians_have_their_closed_forms() {
        let twice = line(&[0.5, 0.5], &[0.7, 0.7], &[0.3, 0.3]);
        let once = Density::Gaussian(Gaussian::scalar(0.7, 0.3).unwrap());
        for (of, size) in ALL {
            let (a, b) = (of(&twice).unwrap(), of(&once).unwrap());
            assert!(a.value.encloses(b.value) || a.value.overlaps(b.value), "{a} {b}");
            assert!(a.value.width() < 1e-13 * size && b.evidence == Evidence::Exact);
        }
        // Correlated: det = 1.2, the trace of the inverse is 2.6/1.2.
        let dense = DMatrix::from_row_slice(2, 2, &[1.6, 0.632_455_532_033_675_9, 0.632_455_532_033_675_9, 1.0]);
        let law = Density::Gaussian(Gaussian::new(DVector::from_element(2, 3.0), Covariance::Dense(dense)).unwrap());
        let h = std::f64::consts::TAU.ln() + 1.0 + 0.5 * 1.2_f64.ln();
        let (found, fisher) = (entropy(&law).unwrap(), fisher_information(&law).unwrap());
        assert!(found.evidence.is_proved() && (found.value.mid() - h).abs() < 1e-14 && found.value.width() < 1e-13);
        assert!(fisher.value.contains(2.6 / 1.2) && fisher.value.width() < 1e-13, "{fisher}");
    }

    /// Products add; a mixture along one axis is a line and a Gaussian rest; in a rotated frame it is the same up to rounding.
    #[test]
    fn blocks_add_and_frames_change_nothing() {
        let mode = |m: [f64; 2]| Gaussian::isotropic(DVector::from_row_slice(&m), 0.5).unwrap();
        let (c, s) = (0.6, 0.8);
        let along =
            |a: [f64; 2], b: [f64; 2]| Density::Mixture(Mixture::new(vec![0.4, 0.6], vec![mode(a), mode(b)]).unwrap());
        let straight = along([-1.0, 0.0], [2.0, 0.0]);
        let turned = along([-c, -s], [2.0 * c, 2.0 * s]);
        let one = line(&[0.4, 0.6], &[-1.0, 2.0], &[0.5, 0.5]);
        let rest = Density::Gaussian(Gaussian::scalar(0.0, 0.5).unwrap());
        let product = Density::Product(Product::new(vec![(one.clone(), 3), (rest.clone(), 5)]).unwrap());
        for (of, size) in ALL {
            let (a, b) = (of(&one).unwrap().value, of(&rest).unwrap().value);
            let all = of(&product).unwrap();
            assert!(all.value.overlaps(a * 3.0 + b * 5.0) && all.evidence.is_proved(), "{all}");
            let found = of(&straight).unwrap();
            assert!(
                found.value.overlaps(a + b) && found.value.width() < 1e-12 * size && found.evidence.is_proved(),
                "{found}"
            );
            let found = of(&turned).unwrap();
            assert!(found.value.overlaps(a + b) && found.value.width() < 1e-11 * size, "{found}");
        }
    }

    /// In the plane the entropy has an engine and the Fisher information has none, which is said.
    #[test]
    fn what_has_no_engine_is_said() {
        let mode = |m: [f64; 2], a: f64| {
            let cov = DMatrix::from_row_slice(2, 2, &[1.0, a, a, 1.0]);
            Gaussian::new(DVector::from_row_slice(&m), Covariance::Dense(cov)).unwrap()
        };
        let law = Density::Mixture(
            Mixture::new(vec![0.5, 0.5], vec![mode([0.0, 1.0], 0.3), mode([1.0, 0.0], -0.2)]).unwrap(),
        );
        let found = entropy(&law).unwrap();
        assert!(found.evidence.is_proved() && found.value.width() < 1e-6, "{found}");
        assert!(fisher_information(&law).unwrap_err().why.contains("2 dimensions"));
    }

    /// `d/dt H(p * N(0, t)) = J/2`, by central differences.
    #[test]
    fn de_bruijn_holds() {
        let law = line(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]);
        let at = |t: f64| law.noised(crate::processes::NoiseLevel { alpha: 1.0, sigma: t.sqrt() }).unwrap();
        let (t, step) = (0.3, 1e-3);
        let slope = (entropy(&at(t + step)).unwrap().value - entropy(&at(t - step)).unwrap().value) / (2.0 * step);
        let j = fisher_information(&at(t)).unwrap().value * 0.5;
        assert!((slope - j).magnitude() < 1e-6, "{slope} {j}");
    }
}
