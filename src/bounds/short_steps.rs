//! A number of a process in continuous time, seen in chains whose steps become shorter.

use crate::numerics::{Interval, Measured, Source};

/// What `chain(k)`, the number of the chain with every step in k parts, tends to: `chain(4)`, with an open term for what is left.
///
/// Let `chain(k) = x + a/k + b/k^2`, `D1 = chain(2) - chain(1)` and `D2 = chain(4) - chain(2)`. Then
///
/// ```text
/// chain(4) - x = a/4 + b/16 = (D1 - 5 D2)/3,     and to first order |D1|/2 = |D2|
/// ```
///
/// The largest of the three is taken: where a and b nearly cancel one of them may vanish by accident, or the first two be too
/// small together. It is taken twice, since a statement may be an equality in the limit and an estimate without margin would put
/// the truth at the very edge. The number is at least 0.
///
/// # Errors
/// Those of the chains.
pub fn at_short_steps(chain: &dyn Fn(u64) -> Result<Measured, String>) -> Result<Measured, String> {
    let (coarse, middle, fine) = (chain(1)?, chain(2)?, chain(4)?);
    let (first, second) = (middle.value - coarse.value, fine.value - middle.value);
    let left = (first * 0.5).magnitude().max(second.magnitude()).max(((first - second * 5.0) / 3.0).magnitude());
    let why = "twice what is left to the limit of short steps, seen in chains at h, h/2, h/4; a proved O(h) bound would close it";
    let ledger = fine.ledger.clone().open(Source::Discretisation, 2.0 * left, why);
    let value = fine.value.widen(2.0 * left).max(Interval::ZERO);
    Ok(Measured { value, evidence: fine.evidence.and(ledger.evidence()), ledger })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::Evidence;

    /// `3 + a h + b h^2`, `|a| <= 1`, b from -4 to 4: also where two chains agree by accident (b = -2a/3, -4a/3), where no pair does
    /// and both differences are small (b = -8a/9), and where the finest chain is right by accident (b = -4a).
    #[test]
    fn the_limit_is_held_where_orders_cancel() {
        let of = |a: f64, b: f64| {
            let chain = move |k: u64| {
                let h = 1.0 / k as f64;
                Ok(Measured::exact(Interval::point(3.0 + h * (a + b * h))))
            };
            at_short_steps(&chain).unwrap()
        };
        for a in [-1.0, -0.3, 0.0, 0.2, 1.0] {
            let accidents = [-2.0 / 3.0, -4.0 / 3.0, -8.0 / 9.0, -4.0].map(|b| a * b);
            for b in (-40..=40).map(|k| 0.1 * f64::from(k)).chain(accidents) {
                let found = of(a, b);
                let (left, margin) = ((0.25 * a + 0.0625 * b).abs(), 0.5 * found.value.width());
                assert!(found.value.widen(1e-15).contains(3.0) && margin >= 1.999 * left, "{a} {b}: {found}");
                assert!(a == 0.0 && b == 0.0 || found.evidence == Evidence::Checked, "{found}");
                // To first order no more than twice what is left.
                assert!(b != 0.0 || margin <= 2.001 * left, "{a}: {found}");
            }
        }
    }
}
