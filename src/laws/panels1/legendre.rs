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

/// Points with weights on which the polynomials are summed, together with room for two steps of the recurrence.
#[derive(Default)]
pub(super) struct Batch {
    points: Vec<f64>,
    weights: Vec<f64>,
    previous: Vec<f64>,
    current: Vec<f64>,
}

impl Batch {
    pub(super) fn clear(&mut self) {
        self.points.clear();
        self.weights.clear();
    }

    pub(super) fn push(&mut self, point: f64, weight: f64) {
        self.points.push(point);
        self.weights.push(weight);
    }

    fn start(&mut self, current: f64) {
        self.previous.clear();
        self.previous.resize(self.points.len(), 0.0);
        self.current.clear();
        self.current.resize(self.points.len(), current);
    }

    /// The weighted sum of the current values, and then the next ones: `next(point, current, previous)`.
    fn advance(&mut self, next: impl Fn(f64, f64, f64) -> f64) -> f64 {
        // Four partial sums, so that neither the sum nor the recurrence waits for itself.
        let mut sums = [0.0; 4];
        for (chunk, weights) in self.current.chunks(4).zip(self.weights.chunks(4)) {
            sums.iter_mut().zip(chunk).zip(weights).for_each(|((sum, x), w)| *sum += w * x);
        }
        let older = self.previous.iter_mut().zip(&self.current);
        older.zip(&self.points).for_each(|((p, c), x)| *p = next(*x, *c, *p));
        std::mem::swap(&mut self.previous, &mut self.current);
        (sums[0] + sums[1]) + (sums[2] + sums[3])
    }
}

/// The factors `(2k+1)/(k+1)` and `k/(k+1)` of the three-term recurrence.
pub(super) struct Recurrence(Vec<(f64, f64)>);

impl Recurrence {
    /// For the first `order` polynomials.
    pub(super) fn new(order: usize) -> Self {
        Self((0..order).map(|k| k as f64).map(|k| ((2.0 * k + 1.0) / (k + 1.0), k / (k + 1.0))).collect())
    }

    /// Adds `sum weight (P_k(t + u) - P_k(t))` over the points u to `out[k]`, given `at[k] = P_k(t)`: relatively accurate
    /// for tiny u.
    ///
    /// ```text
    /// (k+1) D_{k+1} = (2k+1) [(t+u) D_k + u P_k(t)] - k D_{k-1},   D_k = P_k(t+u) - P_k(t)
    /// ```
    pub(super) fn add_differences(&self, t: f64, at: &[f64], batch: &mut Batch, out: &mut [f64]) {
        batch.start(0.0);
        for ((o, p), (a, b)) in out.iter_mut().zip(at).zip(&self.0) {
            *o += batch.advance(|u, current, previous| a * ((t + u) * current + u * p) - b * previous);
        }
    }

    /// Adds `sum weight P_k(t)` over the points t to `out[k]`.
    pub(super) fn add_values(&self, batch: &mut Batch, out: &mut [f64]) {
        batch.start(1.0);
        for (o, (a, b)) in out.iter_mut().zip(&self.0) {
            *o += batch.advance(|t, current, previous| a * t * current - b * previous);
        }
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
