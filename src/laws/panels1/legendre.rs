//! Legendre polynomials: values, differences and derivatives, each by a recurrence that does not cancel.

/// `P_0(t), .., P_p(t)` written to `out` (p + 1).
pub(super) fn values(t: f64, out: &mut [f64]) {
    let (mut previous, mut current) = (0.0, 1.0);
    for (k, o) in out.iter_mut().enumerate() {
        *o = current;
        let k = k as f64;
        (previous, current) = (current, ((2.0 * k + 1.0) * t * current - k * previous) / (k + 1.0));
    }
}

/// Adds `weight (P_k(t + u) - P_k(t))` to `out[k]`, given `at[k] = P_k(t)`: relatively accurate for tiny u.
///
/// ```text
/// (k+1) D_{k+1} = (2k+1) [(t+u) D_k + u P_k(t)] - k D_{k-1},   D_k = P_k(t+u) - P_k(t)
/// ```
pub(super) fn add_differences(t: f64, u: f64, at: &[f64], weight: f64, out: &mut [f64]) {
    let (mut previous, mut current) = (0.0, 0.0);
    for (k, (o, p)) in out.iter_mut().zip(at).enumerate() {
        *o += weight * current;
        let k = k as f64;
        (previous, current) = (current, ((2.0 * k + 1.0) * ((t + u) * current + u * p) - k * previous) / (k + 1.0));
    }
}

/// Adds `weight P_k(t)` to `out[k]`.
pub(super) fn add_values(t: f64, weight: f64, out: &mut [f64]) {
    let (mut previous, mut current) = (0.0, 1.0);
    for (k, o) in out.iter_mut().enumerate() {
        *o += weight * current;
        let k = k as f64;
        (previous, current) = (current, ((2.0 * k + 1.0) * t * current - k * previous) / (k + 1.0));
    }
}

/// `sum_{m >= 1} moments[m]/m! P_k^(m)(t)` for k = 0 ..= p, written to `out`: the mean change of P_k when t is moved by a
/// random amount with these moments (in units of t). `at[k] = P_k(t)`.
///
/// ```text
/// P_{k+1}^(m) = P_{k-1}^(m) + (2k+1) P_k^(m-1)
/// ```
pub(super) fn mean_change(at: &[f64], moments: &[f64], out: &mut [f64]) {
    let n = at.len();
    out.fill(0.0);
    let mut lower = at.to_vec();
    let mut derivative = vec![0.0; n];
    let mut factorial = 1.0;
    for (m, moment) in moments.iter().enumerate().take(n).skip(1) {
        derivative.fill(0.0);
        for k in m - 1..n - 1 {
            let before = if k >= 1 { derivative[k - 1] } else { 0.0 };
            derivative[k + 1] = before + (2.0 * k as f64 + 1.0) * lower[k];
        }
        factorial *= m as f64;
        let weight = moment / factorial;
        out.iter_mut().zip(&derivative).for_each(|(o, d)| *o += weight * d);
        std::mem::swap(&mut lower, &mut derivative);
    }
}
