//! Thresholds by bisection on enclosures: the largest (or smallest) candidate at which a condition still holds.

use crate::numerics::Interval;

/// A condition on an enclosure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// `quantity <= limit`.
    AtMost(f64),
    /// `quantity >= limit`.
    AtLeast(f64),
}

/// Whether a condition is known at a candidate.
#[derive(Clone, Debug, PartialEq)]
pub enum Side {
    /// The whole enclosure meets it.
    Inside,
    /// The whole enclosure breaks it.
    Outside,
    /// Neither, or the quantity could not be computed (why).
    Open(String),
}

impl Condition {
    /// On which side of the condition an enclosure lies.
    #[must_use]
    pub fn side(self, quantity: &Result<Interval, String>) -> Side {
        let value = match quantity {
            Err(why) => return Side::Open(why.clone()),
            Ok(value) => *value,
        };
        let (inside, outside) = match self {
            Condition::AtMost(limit) => (value.hi() <= limit, value.lo() > limit),
            Condition::AtLeast(limit) => (value.lo() >= limit, value.hi() < limit),
        };
        match (inside, outside) {
            (true, _) => Side::Inside,
            (_, true) => Side::Outside,
            _ => Side::Open(format!("the enclosure {value} holds the limit")),
        }
    }
}

/// Where to look for a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// The smallest candidate, positive.
    pub lo: f64,
    /// The largest candidate.
    pub hi: f64,
    /// Candidates are whole numbers (a number of steps).
    pub integer: bool,
    /// Stop when the bracket is this narrow, relatively.
    pub relative: f64,
}

impl Search {
    /// Real candidates in `[lo, hi]`, to 1e-6.
    #[must_use]
    pub fn real(lo: f64, hi: f64) -> Self {
        Self { lo, hi, integer: false, relative: 1e-6 }
    }
}

/// A bracket of the threshold: the condition is known at one end and known to fail at the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

impl Threshold {
    /// The bracket of `ln` of the threshold.
    #[must_use]
    pub fn ln(self) -> Interval {
        Interval::new(self.lo, self.hi).ln()
    }
}

/// Solves for the candidate at which the condition changes from holding to failing (or from failing to holding).
///
/// Bisection on a logarithmic scale, twice: for the last candidate known to be on the same side as the lower end, and for
/// the first known to be on the side of the upper end. A candidate counts only when its whole enclosure is on one
/// side. The condition is taken to change once between the ends.
///
/// # Errors
/// A sentence when the ends are not on two different sides: no threshold in the bracket, or its ends cannot be decided.
///
/// # Promise
/// If the condition changes exactly once in the bracket, it changes in `[lo, hi]`.
pub fn threshold(
    search: &Search,
    condition: Condition,
    mut quantity: impl FnMut(f64) -> Result<Interval, String>,
) -> Result<Threshold, String> {
    if !(search.lo > 0.0 && search.lo < search.hi && search.hi.is_finite()) {
        return Err(format!("the bracket [{}, {}] is not two positive ascending numbers", search.lo, search.hi));
    }
    let mut side = |x: f64| condition.side(&quantity(x));
    let (first, last) = (settled_end(search, false, &mut side)?, settled_end(search, true, &mut side)?);
    if first.1 == last.1 {
        let how = if first.1 == Side::Inside { "holds" } else { "fails" };
        return Err(format!("the condition {how} at both ends of [{:e}, {:e}]", first.0, last.0));
    }
    let (lo, beyond) = last_where(search, first.0, last.0, |x| side(x) == first.1);
    // `beyond` is on the other side, or undecided; then the first decided candidate after it is searched for.
    let hi = if side(beyond) == last.1 { beyond } else { last_where(search, beyond, last.0, |x| side(x) != last.1).1 };
    Ok(Threshold { lo, hi })
}

/// Narrows `(a, b)`, where `stays` is true at a and false at b, until the two are neighbours.
fn last_where(search: &Search, mut a: f64, mut b: f64, mut stays: impl FnMut(f64) -> bool) -> (f64, f64) {
    while let Some(middle) = between(search, a, b) {
        if stays(middle) {
            a = middle;
        } else {
            b = middle;
        }
    }
    (a, b)
}

/// The outermost candidate at one end of the search that is decided: the end itself, or the first of 40 logarithmically
/// spaced candidates inwards from it (a step so large that the law overflows cannot be decided).
fn settled_end(search: &Search, upper: bool, side: &mut dyn FnMut(f64) -> Side) -> Result<(f64, Side), String> {
    let mut why = String::new();
    for i in 0..40 {
        let t = f64::from(if upper { 40 - i } else { i }) / 40.0;
        let x = match i {
            0 if upper => search.hi,
            0 => search.lo,
            _ => rounded(search, search.lo * (search.hi / search.lo).powf(t)),
        };
        match side(x) {
            Side::Open(reason) => why = reason,
            decided => return Ok((x, decided)),
        }
    }
    let end = if upper { search.hi } else { search.lo };
    Err(format!("no candidate near {end:e} can be decided: {why}"))
}

fn rounded(search: &Search, x: f64) -> f64 {
    if search.integer { x.round().clamp(search.lo, search.hi) } else { x.clamp(search.lo, search.hi) }
}

/// A candidate strictly between a and b, or `None` when they are close enough.
fn between(search: &Search, a: f64, b: f64) -> Option<f64> {
    if b <= a * (1.0 + search.relative) {
        return None;
    }
    let middle = rounded(search, (a * b).sqrt());
    let middle = if search.integer && (middle <= a || middle >= b) { ((a + b) / 2.0).floor() } else { middle };
    (a < middle && middle < b).then_some(middle)
}
