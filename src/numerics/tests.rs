//! Intervals contain; certified integrals, suprema and signs are what they promise.

use super::{
    Evidence, Interval, Jet, Ledger, Measured, Source, convolution_power, integrate, integrate_over, signs, supremum,
};
use proptest::prelude::*;

/// Whether `head + tail` (a value known to twice double precision) lies in the interval.
fn holds(interval: Interval, head: f64, tail: f64) -> bool {
    let above = interval.lo() < head || (interval.lo() == head && tail >= 0.0);
    let below = head < interval.hi() || (interval.hi() == head && tail <= 0.0);
    above && below
}

#[test]
fn elementary_functions_contain_the_200_bit_values() {
    let text = include_str!("../../paper_checks/reference/elementary.json");
    let table: serde_json::Value = serde_json::from_str(text).unwrap();
    let rows = table["values"].as_array().unwrap();
    assert!(rows.len() > 1000);
    for row in rows {
        let bits = |i: usize| f64::from_bits(u64::from_str_radix(row[i].as_str().unwrap(), 16).unwrap());
        let (name, x, head, tail) = (row[0].as_str().unwrap(), Interval::point(bits(1)), bits(2), bits(3));
        let value = match name {
            "exp" => x.exp(),
            "exp_m1" => x.exp_m1(),
            "ln" => x.ln(),
            "ln_1p" => x.ln_1p(),
            "erf" => x.erf(),
            "erfc" => x.erfc(),
            "sin" => x.sin(),
            "cos" => x.cos(),
            "atan" => x.atan(),
            "sqrt" => x.sqrt(),
            "normal_cdf" => x.normal_cdf(),
            "normal_pdf" => x.normal_pdf(),
            other => panic!("unknown function {other}"),
        };
        assert!(holds(value, head, tail), "{name}({:e}): {value} misses {head:e} + {tail:e}", x.mid());
        // Tight as well: a relative width far above the margin would make every certificate useless. The normal
        // functions square their argument first, which costs a factor of up to x^2 = 1400.
        let limit = if name.starts_with("normal") { 5e-13 } else { 3e-15 };
        assert!(value.width() <= limit * head.abs() + 1e-320, "{name}({:e}) is {} wide", x.mid(), value.width());
    }
}

#[test]
fn constants_enclose() {
    // Each constant's next digits beyond the double, from its decimal expansion.
    assert!(holds(Interval::PI, std::f64::consts::PI, 1.224_646_799_147_353_2e-16));
    assert!(holds(Interval::LN_2, std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17));
    let root = (Interval::PI * 2.0).sqrt();
    assert!(Interval::SQRT_TAU.overlaps(root) && Interval::SQRT_TAU.width() < 1e-15);
    assert!(Interval::SQRT_TAU.sqr().encloses(Interval::PI * 2.0));
}

proptest! {
    #[test]
    fn operations_contain_what_exact_arithmetic_gives(a in -1e6..1e6f64, b in -1e6..1e6f64, wa in 0.0..1.0f64, wb in 0.0..1.0f64, s in 0.0..=1.0f64, t in 0.0..=1.0f64) {
        let (x, y) = (Interval::new(a, a + wa), Interval::new(b, b + wb));
        let (p, q) = ((a + s * wa).clamp(x.lo(), x.hi()), (b + t * wb).clamp(y.lo(), y.hi()));
        // The exact sum and product as head + tail.
        let sum = p + q;
        let part = sum - p;
        prop_assert!(holds(x + y, sum, (p - (sum - part)) + (q - part)));
        let diff = p - q;
        let part = diff - p;
        prop_assert!(holds(x - y, diff, (p - (diff - part)) + (-q - part)));
        let product = p * q;
        prop_assert!(holds(x * y, product, f64::mul_add(p, q, -product)));
        prop_assert!(holds(x.sqr(), p * p, f64::mul_add(p, p, -(p * p))));
        if y.lo() > 0.0 || y.hi() < 0.0 {
            let quotient = p / q;
            prop_assert!(holds(x / y, quotient, f64::mul_add(-quotient, q, p) / q));
        }
        prop_assert!(x.abs().contains(p.abs()));
        prop_assert!(x.min(y).contains(p.min(q)) && x.max(y).contains(p.max(q)));
        prop_assert!(x.cos().contains(p.cos()) && x.sin().contains(p.sin()));
    }

    #[test]
    fn powers_contain(a in -3.0..3.0f64, w in 0.0..1.0f64, s in 0.0..=1.0f64, n in -7..12i32) {
        let x = Interval::new(a, a + w);
        let p = (a + s * w).clamp(x.lo(), x.hi());
        prop_assume!(n >= 0 || !x.contains(0.0));
        // powi of f64 is accurate to a few units for these n; the containment is asked of the value so widened.
        let (value, reach) = (p.powi(n), p.powi(n).abs() * 1e-14);
        prop_assert!(x.powi(n).overlaps(Interval::around(value, reach)));
        prop_assert!(x.powi(n).widen(reach).contains(value));
    }
}

#[test]
fn exact_operations_do_not_widen() {
    assert_eq!(Interval::point(0.5) + Interval::point(0.25), Interval::point(0.75));
    assert_eq!(Interval::point(3.0) * Interval::point(0.5), Interval::point(1.5));
    assert_eq!(Interval::point(3.0) / Interval::point(2.0), Interval::point(1.5));
    assert_eq!(Interval::point(2.25).sqrt(), Interval::point(1.5));
    assert_eq!(Interval::ZERO * Interval::ENTIRE, Interval::ZERO);
    assert!((Interval::ONE / 3.0).width() > 0.0);
}

#[test]
fn overflow_stays_inside_the_reals() {
    let big = Interval::point(1e308);
    let product = big * 10.0;
    assert!(product.lo() <= f64::MAX && product.hi() == f64::INFINITY);
    assert!((big + big).lo() <= f64::MAX);
    assert!(Interval::point(800.0).exp().lo() <= f64::MAX);
    assert_eq!(Interval::new(f64::NAN, 1.0), Interval::ENTIRE);
    assert_eq!(Interval::ONE / Interval::new(-1.0, 1.0), Interval::ENTIRE);
    let tiny = Interval::point(1e-200) * Interval::point(1e-200);
    assert!(tiny.lo() <= 0.0 && tiny.hi() > 0.0);
}

#[test]
fn jets_reproduce_known_series() {
    // e^x at 0: 1/k!; ln(1+x): (-1)^{k+1}/k; sqrt(1+x): binomials; 1/(1-x): 1; Phi: from its own derivative.
    let x = Jet::variable(Interval::ZERO);
    let one = Jet::constant(1.0);
    let mut factorial = 1.0;
    for k in 1..=10usize {
        factorial *= k as f64;
        let close = |i: Interval, v: f64| i.contains(v) || Interval::around(v, 1e-15 * v.abs()).overlaps(i);
        assert!(close(x.exp().coefficient(k), 1.0 / factorial));
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        assert!(close(x.ln_1p().coefficient(k), sign / k as f64));
        assert!(close((&one + &x).ln().coefficient(k), sign / k as f64));
        assert!(close((&one / &(&one - &x)).coefficient(k), 1.0));
        assert!(close((&one + &x).sqrt().sqr().coefficient(k), if k == 1 { 1.0 } else { 0.0 }));
        let (s, c) = x.sin_cos();
        let expected = [0.0, 1.0, 0.0, -1.0][k % 4] / factorial;
        assert!(close(s.coefficient(k), expected));
        assert!(close((s.sqr() + c.sqr()).coefficient(k), 0.0));
    }
    assert!((x.normal_cdf().coefficient(3)).contains(-1.0 / (6.0 * (2.0 * std::f64::consts::PI).sqrt())));
}

#[test]
fn integrals_enclose_and_are_tight() {
    let gauss = |x: &Jet| x.sqr().scale(-0.5).exp();
    let whole = integrate(&gauss, -9.0, 9.0, 1e-16);
    // int_{-9}^9 = sqrt(2 pi) erf(9/sqrt 2); the missing tail is 5.7e-19.
    assert!(whole.overlaps(Interval::SQRT_TAU.widen(1e-18)), "{whole}");
    assert!(whole.width() < 1e-13, "{}", whole.width());
    let lorentz = integrate(&|x: &Jet| x.sqr().shift(1.0).recip(), -1.0, 1.0, 1e-15);
    assert!(lorentz.overlaps(Interval::PI * 0.5) && lorentz.width() < 1e-13);
    // x ln x on [0.001, 1]: -1/4 - (a^2 ln a / 2 - a^2/4).
    let xlnx = integrate(&|x: &Jet| x * &x.ln(), 1e-3, 1.0, 1e-15);
    let a = Interval::point(1e-3);
    assert!(xlnx.overlaps(-(Interval::ONE / 4.0) - (a.sqr() * a.ln() / 2.0 - a.sqr() / 4.0)) && xlnx.width() < 1e-13);
    // A kink among the knots is integrated piece by piece; not among them, the enclosure is wide but true.
    let pieces = integrate_over(&|x: &Jet| x.sqr().sqrt(), &[-1.0, -1e-8, 1e-8, 1.0], 1e-12);
    assert!(pieces.contains(1.0), "{pieces}");
    // Losing the remainder term must show: the promise is about the truth, so a wrong answer is disjoint from it.
    assert!(!whole.contains(2.5066));
}

proptest! {
    #[test]
    fn integrals_of_random_gaussian_waves_contain_the_closed_form(m in -2.0..2.0f64, v in 0.05..3.0f64, w in 0.0..6.0f64) {
        // int N(x; m, v) cos(w x) dx = cos(w m) e^{-w^2 v / 2}; the cut tails are below 1e-18.
        let density = |x: &Jet| x.shift(-m).sqr().scale(Interval::point(-0.5) / v).exp().scale(Interval::ONE / (Interval::SQRT_TAU * Interval::point(v).sqrt()));
        let sd = v.sqrt();
        let value = integrate(&|x: &Jet| &density(x) * &x.scale(w).cos(), m - 9.0 * sd, m + 9.0 * sd, 1e-15);
        let expected = (Interval::point(w) * m).cos() * (-(Interval::point(w).sqr() * v) * 0.5).exp();
        prop_assert!(value.widen(1e-18).overlaps(expected), "{value} {expected}");
        prop_assert!(value.width() < 2e-13, "{}", value.width());
    }
}

#[test]
fn supremum_and_signs() {
    let f = |x: Interval| Interval::point(0.25) - (x - 0.5).sqr();
    let top = supremum(&f, 0.0, 1.0, 1e-9);
    assert!(top.contains(0.25) && top.width() < 1e-9, "{top}");
    let wave = supremum(&|x: Interval| (x * 3.0).sin() - x.sqr() * 0.1, -4.0, 4.0, 1e-6);
    // The largest value by dense evaluation, from below.
    let dense = (0..800_000)
        .map(|i| -4.0 + f64::from(i) * 1e-5)
        .map(|x| (3.0 * x).sin() - 0.1 * x * x)
        .fold(f64::MIN, f64::max);
    assert!(wave.hi() >= dense && wave.lo() <= dense + 1e-9 && wave.width() < 1e-6, "{wave} {dense}");
    let s = signs(&|x: Interval| x.sqr() - 2.0, (-3.0, 3.0), 1e-12, 0.0);
    assert_eq!(s.known.iter().map(|k| k.2).collect::<Vec<_>>(), [true, false, true]);
    assert!(s.unknown.len() <= 4 && s.unknown.iter().all(|(a, b)| b - a < 1e-11));
    let root = std::f64::consts::SQRT_2;
    assert!(s.unknown.iter().any(|u| u.0 <= root && root <= u.1));
    assert!(s.unknown.iter().any(|u| u.0 <= -root && -root <= u.1));
    // A function that is nearly 0 on half of the range is given up there at once.
    let flat = signs(&|x: Interval| x.max(Interval::ZERO) * 1e-3, (-1.0, 1.0), 1e-12, 1e-18);
    assert!(flat.unknown.len() < 100 && flat.known.iter().all(|k| k.0 >= 0.0));
}

#[test]
fn evidence_follows_from_the_ledger() {
    let bounded = Ledger::new().bounded(Source::Truncation, 1e-3, "tail");
    assert_eq!(bounded.evidence(), Evidence::Certified);
    assert_eq!(bounded.clone().open(Source::Rounding, 1e-9, "?").evidence(), Evidence::Checked);
    assert_eq!(bounded.clone().random(0.1, 0.99, "Hoeffding").evidence(), Evidence::Confidence { level: 0.99 });
    let measured = Measured::with_ledger(Interval::point(0.5), bounded.scaled(2.0));
    assert!(measured.value.contains(0.498) && measured.value.contains(0.502) && !measured.value.contains(0.4979));
    assert_eq!(Evidence::Exact.and(Evidence::Checked), Evidence::Checked);
    assert_eq!(
        Evidence::Confidence { level: 0.9 }.and(Evidence::Confidence { level: 0.8 }),
        Evidence::Confidence { level: 0.7 + 0.9 + 0.1 - 1.0 }
    );
}

#[test]
fn convolution_powers_are_binomials_within_the_stated_error() {
    // Two-point measures: 1/4 at 1 and 3/4 at 0, twelve times, with 1/2 at -2 and 1/2 at 0, three times, on Z_64.
    let n = 64;
    let (mut a, mut b) = (vec![0.0; n], vec![0.0; n]);
    (a[0], a[1]) = (0.75, 0.25);
    (b[0], b[n - 2]) = (0.5, 0.5);
    let composed = convolution_power(&[(&a, 12), (&b, 3)]);
    let mut expected = vec![0.0; n];
    expected[0] = 1.0;
    let step = |x: &[f64], m: &[f64]| -> Vec<f64> {
        (0..n).map(|k| (0..n).map(|j| x[j] * m[(k + n - j) % n]).sum()).collect()
    };
    for m in std::iter::repeat_n(&a, 12).chain(std::iter::repeat_n(&b, 3)) {
        expected = step(&expected, m);
    }
    let distance = composed.masses.iter().zip(&expected).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt();
    assert!(distance <= composed.error, "{distance:e} > {:e}", composed.error);
    assert!(composed.error < 1e-13, "{:e}", composed.error);
}

proptest! {
    #[test]
    fn long_convolutions_stay_within_the_stated_error(seed in 0..1000u64, copies in 1..40u64) {
        // A geometric law on Z_n has an n-fold convolution in closed form (negative binomial): (1-r)^d C(k+d-1, k) r^k.
        let (n, r) = (4096usize, 0.3 + 0.3 * (seed as f64) / 1000.0);
        let masses: Vec<f64> = (0..n).map(|k| (1.0 - r) * r.powi(k as i32)).collect();
        let composed = convolution_power(&[(&masses, copies)]);
        let mut expected = (1.0 - r).powi(copies as i32);
        let mut square = 0.0;
        for k in 0..n {
            square += (composed.masses[k] - expected).powi(2);
            expected *= r * (k as f64 + copies as f64) / (k as f64 + 1.0);
        }
        prop_assert!(square.sqrt() <= composed.error, "{:e} > {:e}", square.sqrt(), composed.error);
    }
}

#[test]
fn small_excesses_keep_their_digits() {
    // e^x - 1 - x from its series, head and tail; the plain difference has no digit left at 1e-12.
    for x in [1e-12, -1e-12, 1e-5, 0.1, -0.19, 0.21, -3.0] {
        let value = Interval::point(x).exp_excess();
        let mut series = 0.0;
        for k in (2..40).rev() {
            series = (series + 1.0) * x / f64::from(k);
        }
        let expected = series * x;
        assert!(
            value.widen(1e-14 * expected).contains(expected) && value.width() < 1e-13 * expected,
            "{x}: {value} {expected}"
        );
    }
    assert_eq!(Interval::new(-1.0, 2.0).exp_excess().lo(), 0.0);
    // x - ln(1 + x) = sum_{k >= 2} (-x)^k/k.
    for x in [1e-12, -1e-12, 1e-5, 0.1, -0.19, 0.21, -0.6] {
        let value = Interval::point(x).ln_1p_excess();
        let expected = x * x * (2..200).rev().fold(0.0, |series, k| 1.0 / f64::from(k) - x * series);
        assert!(
            value.widen(1e-14 * expected).contains(expected) && value.width() < 1e-13 * expected,
            "{x}: {value} {expected}"
        );
    }
    assert_eq!(Interval::new(-0.5, 2.0).ln_1p_excess().lo(), 0.0);
}

#[test]
fn a_convolution_outside_the_premises_of_its_bound_says_so() {
    let (heavy, light) = (vec![0.3; 4], vec![0.25; 4]);
    assert!(convolution_power(&[(&light, 3)]).error < 1e-14);
    for factors in [[(heavy.as_slice(), 1)], [(light.as_slice(), 1_000_001)], [(&[f64::NAN; 4], 1)]] {
        assert_eq!(convolution_power(&factors).error, f64::INFINITY);
    }
}

#[test]
fn a_zero_end_is_never_negative() {
    let unit = Interval::new(0.0, 1.0);
    for zero in
        [-Interval::ZERO, (-unit).max(Interval::ZERO), Interval::ZERO * -2.0, Interval::point(-0.0), -unit * 0.0]
    {
        assert!(zero.lo().is_sign_positive() && zero.hi().is_sign_positive(), "{zero}");
    }
    let clamped = Measured::exact((-unit).clamp(0.0, 1.0)).value;
    assert!(clamped.lo().is_sign_positive() && clamped.hi().is_sign_positive(), "{clamped}");
}

/// An end at 0 is exact under functions that take 0 to 0, so that what cannot be negative does not become so.
#[test]
fn zero_ends_stay_zero() {
    for x in [Interval::new(0.0, 3.0), Interval::new(0.0, f64::INFINITY)] {
        assert_eq!((x.ln_1p().lo(), x.exp_m1().lo()), (0.0, 0.0));
    }
    let below = Interval::new(-0.5, 0.0);
    assert_eq!((below.ln_1p().hi(), below.exp_m1().hi()), (0.0, 0.0));
}
