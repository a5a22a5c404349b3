//! Divergences in the plane whose integrands are analytic: KL, the Hellinger distance, chi-squared.
//!
//! With one coordinate complex, `x + i t`, each component becomes `w N(x, y) e^{t^2 (S^-1)_11/2} e^{-i t g}`, g being a derivative of its
//! quadratic form. As long as all phases are close to that of the largest component, up to components that are small against
//! it, the mixture has no zero there and its logarithm is analytic. That bounds what a rule misses on a cell.

use super::component::{Cell, Component};
use super::law::{PlaneLaw, hull, ln_of_sum};
use super::nodes::{Nodes, ellipse};
use super::tails::{self, Dominating};
use crate::numerics::{Interval, IntervalSum, Ledger, Measured, Source};

/// Standard deviations around every mean that are integrated over.
const REACH: f64 = 13.0;
/// What may be missed on one cell, relative to the scale of the integral.
const MISSED: f64 = 2e-16;
/// The most cells on which a rule is applied.
const MOST: usize = 20_000;
/// Ellipses tried, the widest first.
const ELLIPSES: [f64; 7] = [24.0, 12.0, 7.0, 4.5, 3.0, 2.2, 1.6];
/// Phases may differ from the leading one by this much.
const PHASE: f64 = 1.2;
/// The least part of the leading component that must be left over.
const LEFT: f64 = 0.05;
/// Up to this bound of `ln int q^2/p` the integral itself is taken.
const MODERATE: f64 = 6.0;

/// Bounds of a mixture on a complex neighbourhood of a rectangle.
struct Bounds {
    /// Of `ln |p|`, from above.
    ln_most: f64,
    /// Of `ln |p|`, from below, and of |Im ln p|; `None` when a zero is not excluded.
    free: Option<(f64, f64)>,
}

/// Bounds over the rectangle `over`, the coordinate along the axis having an imaginary part of at most `height`.
fn bounds(law: &PlaneLaw, over: &Cell, along_x: bool, height: f64) -> Bounds {
    let (x, y) = (over.over_x(), over.over_y());
    let (mx, my) = (Interval::point(x.mid()), Interval::point(y.mid()));
    let height = Interval::point(height);
    struct Seen {
        centre: Interval,
        over: Interval,
        slope: (Interval, Interval),
        lift: Interval,
    }
    let see = |c: &Component| {
        let at = c.whitened(x, y);
        let precision = if along_x { c.precision().0 } else { c.precision().1 };
        Seen {
            centre: c.ln(mx, my),
            over: c.constant - (at.0.sqr() + at.1.sqr()) * 0.5,
            slope: c.slope_of_form(at),
            lift: height.sqr() * precision * 0.5,
        }
    };
    let seen: Vec<Seen> = law.components.iter().map(see).collect();
    let tops: Vec<Interval> = seen.iter().map(|s| Interval::point((s.over + s.lift).hi())).collect();
    let ln_most = ln_of_sum(&tops).hi();
    let lead = seen.iter().max_by(|a, b| a.centre.mid().total_cmp(&b.centre.mid()));
    let free = lead.and_then(|lead| {
        let along = |s: &Seen| if along_x { s.slope.0 } else { s.slope.1 };
        let reference = Interval::point(along(lead).mid());
        let phase = |s: &Seen| height * Interval::point((along(s) - reference).magnitude());
        let own = phase(lead);
        if own.hi() > PHASE {
            return None;
        }
        let mut left = own.cos();
        for s in seen.iter().filter(|s| !std::ptr::eq(*s, lead)) {
            // A phase within a right angle only adds.
            if phase(s).hi() <= PHASE {
                continue;
            }
            // ln(N_s/N_lead) at the centre, plus its slope times the distance.
            let (dx, dy) = (x - mx, y - my);
            let ratio = s.centre - lead.centre + (lead.slope.0 - s.slope.0) * dx + (lead.slope.1 - s.slope.1) * dy;
            // At lower heights both lifts are smaller in proportion: their difference is at most its positive part.
            left -= (Interval::point(ratio.hi()) + (s.lift - lead.lift).max(Interval::ZERO)).exp().hi().into();
        }
        (left.lo() >= LEFT).then(|| {
            let angle = height * reference.abs() + Interval::PI * 0.5;
            ((lead.over + Interval::point(left.lo()).ln()).lo(), angle.hi())
        })
    });
    Bounds { ln_most, free }
}

/// A non-negative integrand given by ln q and ln p.
struct Integrand<'a> {
    /// Its value.
    value: &'a dyn Fn(Interval, Interval) -> Interval,
    /// A bound of the logarithm of its absolute value, from bounds of q and p; `None` where it need not be analytic.
    ln_bound: &'a dyn Fn(&Bounds, &Bounds) -> Option<f64>,
}

/// `int f` over a rectangle.
fn integrate(q: &PlaneLaw, p: &PlaneLaw, whole: Cell, f: &Integrand) -> Interval {
    let rule = Nodes::sixteen();
    let mut sum = IntervalSum::new();
    let mut stack = vec![whole];
    let mut applied = 0;
    while let Some(cell) = stack.pop() {
        let real = |along_x: bool| (f.ln_bound)(&bounds(q, &cell, along_x, 0.0), &bounds(p, &cell, along_x, 0.0));
        let most = real(true).map_or(f64::INFINITY, |ln| (Interval::point(ln).exp() * cell.area()).hi());
        if most <= MISSED {
            sum.add(Interval::new(0.0, most));
            continue;
        }
        let missed = [missed(q, p, &cell, true, f, &rule), missed(q, p, &cell, false, f, &rule)];
        let total = (Interval::point(missed[0]) + missed[1]).hi();
        if total <= MISSED {
            applied += 1;
            let value = rule.apply(&cell, |x, y| (f.value)(q.ln(x, y), p.ln(x, y))).widen(total);
            sum.add(value.max(Interval::ZERO));
            continue;
        }
        let along_x = match missed[0].total_cmp(&missed[1]) {
            _ if missed[0].is_infinite() && missed[1].is_infinite() => longer_in_x(q, p, &cell),
            order => order.is_ge(),
        };
        match cell.halves(along_x) {
            Some(halves) if applied < MOST && stack.len() < MOST => stack.extend(halves),
            _ => sum.add(Interval::new(0.0, most)),
        }
    }
    sum.value()
}

/// Whether the cell is longer along x, in standard deviations of the components.
fn longer_in_x(q: &PlaneLaw, p: &PlaneLaw, cell: &Cell) -> bool {
    let sharpest = |f: &dyn Fn(&Component) -> f64| q.components.iter().chain(&p.components).map(f).fold(0.0, f64::max);
    let of_x = sharpest(&|c| c.precision().0.hi()).sqrt() * (cell.x.1 - cell.x.0);
    let of_y = sharpest(&|c| c.precision().1.hi()).sqrt() * (cell.y.1 - cell.y.0);
    of_x >= of_y
}

/// What the rule misses on a cell along one axis, by the best ellipse; infinite when the integrand is analytic in none.
fn missed(q: &PlaneLaw, p: &PlaneLaw, cell: &Cell, along_x: bool, f: &Integrand, rule: &Nodes) -> f64 {
    let (lo, hi) = if along_x { cell.x } else { cell.y };
    let centre = (Interval::point(lo) + hi) * 0.5;
    let half = (Interval::point(hi) - lo) * 0.5;
    let mut best = f64::INFINITY;
    for r in ELLIPSES {
        let (real, imaginary) = ellipse(r);
        let wide = centre + half * Interval::new(-real, real);
        let side = (wide.lo(), wide.hi());
        let over = if along_x { Cell { x: side, ..*cell } } else { Cell { y: side, ..*cell } };
        let height = (half * imaginary).hi();
        let found = (f.ln_bound)(&bounds(q, &over, along_x, height), &bounds(p, &over, along_x, height));
        if let Some(ln) = found {
            let ln = Interval::point(ln) + rule.ln_missed(r);
            best = best.min((ln.exp() * cell.area() * 0.5).hi());
        }
    }
    best
}

/// The two laws' rectangle.
fn rectangle(q: &PlaneLaw, p: &PlaneLaw) -> Cell {
    hull(q.reach(REACH), p.reach(REACH))
}

/// The integral and its tail in `[0, tail]`.
fn measured(inside: Interval, tail: Interval, what: &str) -> Measured {
    let value = inside + Interval::new(0.0, tail.hi());
    let ledger = Ledger::new()
        .bounded(Source::Discretisation, inside.width(), "remainders and rounding of a certified quadrature by cells")
        .bounded(Source::Truncation, tail.hi(), what);
    Measured::enclosed(value, ledger).clamped(0.0, f64::INFINITY)
}

/// `KL = int q (L - 1 + e^-L)`, `L = ln(q/p)`.
pub(super) fn kl(q: &PlaneLaw, p: &PlaneLaw) -> Measured {
    let value = |lq: Interval, lp: Interval| {
        let l = lq - lp;
        if l.magnitude() < 0.5 {
            lq.exp() * (-l).exp_excess()
        } else {
            let (q, p) = (lq.exp(), lp.exp());
            q * l - (q - p)
        }
    };
    // |q L - q + p| <= |q| (|L| + 1) + |p|.
    let ln_bound = |q: &Bounds, p: &Bounds| {
        let ((q_least, q_angle), (p_least, p_angle)) = (q.free?, p.free?);
        let point = Interval::point;
        let spread = (point(q.ln_most) - p_least).max(point(p.ln_most) - q_least).max(Interval::ZERO);
        let size = point(q.ln_most) + (spread + q_angle + p_angle + 1.0).ln();
        Some(ln_of_sum(&[point(size.hi()), point(p.ln_most)]).hi())
    };
    let whole = rectangle(q, p);
    let inside = integrate(q, p, whole, &Integrand { value: &value, ln_bound: &ln_bound });
    let tail = tails::logarithm(q, q, &whole)
        + tails::logarithm(q, p, &whole)
        + tails::mass(q, &whole)
        + tails::mass(p, &whole);
    measured(inside, tail, "the integrand outside a rectangle of thirteen standard deviations")
}

/// `H^2 = (1/2) int (sqrt q - sqrt p)^2`.
pub(super) fn hellinger(q: &PlaneLaw, p: &PlaneLaw) -> Measured {
    let value = |lq: Interval, lp: Interval| {
        let l = lq - lp;
        let root = if l.magnitude() < 0.5 {
            (lp * 0.5).exp() * (l * 0.5).exp_m1()
        } else {
            (lq * 0.5).exp() - (lp * 0.5).exp()
        };
        root.sqr() * 0.5
    };
    // (|q| + |p|)/2 + sqrt(|q p|) <= |q| + |p|.
    let ln_bound = |q: &Bounds, p: &Bounds| {
        q.free.and(p.free)?;
        Some(ln_of_sum(&[Interval::point(q.ln_most), Interval::point(p.ln_most)]).hi())
    };
    let whole = rectangle(q, p);
    let inside = integrate(q, p, whole, &Integrand { value: &value, ln_bound: &ln_bound });
    let tail = (tails::mass(q, &whole) + tails::mass(p, &whole)) * 0.5;
    measured(inside, tail, "half the mass of both laws outside a rectangle of thirteen standard deviations")
        .clamped(0.0, 1.0)
}

/// `chi^2 = int (q - p)^2/p`, or `ln(1 + chi^2)`; `None` when no single component of p bounds the tails.
pub(super) fn second_order(q: &PlaneLaw, p: &PlaneLaw, logarithmic: bool) -> Option<Measured> {
    let above = Dominating::new(q, p)?;
    let scale = if above.ln_mass() > MODERATE { above.ln_mass() } else { 0.0 };
    let value = |lq: Interval, lp: Interval| {
        let l = lq - lp;
        if l.magnitude() < 0.5 {
            (lp - scale).exp() * l.exp_m1().sqr()
        } else {
            let half = (lp + scale) * 0.5;
            ((lq - half).exp() - ((lp - scale) * 0.5).exp()).sqr()
        }
    };
    // (|q| + |p|)^2/|p|.
    let ln_bound = |q: &Bounds, p: &Bounds| {
        let (p_least, _) = p.free?;
        let both = ln_of_sum(&[Interval::point(q.ln_most), Interval::point(p.ln_most)]);
        Some((Interval::point(both.hi()) * 2.0 - p_least - scale).hi())
    };
    let whole = above.reach(rectangle(q, p), REACH);
    let inside = integrate(q, p, whole, &Integrand { value: &value, ln_bound: &ln_bound });
    // (q - p)^2/p <= q^2/p + p.
    let tail = above.outside(&whole, scale) + tails::mass(p, &whole);
    let found = measured(inside, tail, "q^2/p outside the rectangle, component by component");
    let value = match (scale > 0.0, logarithmic) {
        (false, false) => found.value,
        (false, true) => found.value.ln_1p(),
        (true, false) => found.value * Interval::point(scale).exp(),
        (true, true) => ((found.value + Interval::point(-scale).exp()).ln() + scale).max(Interval::ZERO),
    };
    Some(Measured { value, ..found })
}
