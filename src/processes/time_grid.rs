//! Where a reverse sampler stops on its way from the horizon to the early stop.

use thiserror::Error;

/// Times `T = t_0 > t_1 > ... > t_N = delta` in process time, with the lengths `h_k = t_k - t_{k+1}`, which are kept beside
/// the times because the difference of two nearby times has lost digits.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeGrid {
    times: Vec<f64>,
    lengths: Vec<f64>,
}

/// Why there is no such grid.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum GridError {
    /// The horizon is not above the early stop, or one of them is negative or not finite.
    #[error(
        "a grid from {horizon} down to {early_stop}: the horizon must be above the early stop, which is at least 0"
    )]
    Ends {
        /// T.
        horizon: f64,
        /// delta.
        early_stop: f64,
    },
    /// A grid whose steps shrink with the time never arrives at 0.
    #[error("a grid whose steps shrink with the time never arrives at 0: the early stop must be above 0")]
    Never,
    /// No steps, or more than [`TimeGrid::MOST`].
    #[error("{0} steps; expected between 1 and 10 million")]
    Steps(f64),
    /// Two times coincide in double precision.
    #[error("steps so short that two times coincide in double precision")]
    Coincide,
}

impl TimeGrid {
    /// The most steps a grid may have.
    pub const MOST: u64 = 10_000_000;

    fn checked(horizon: f64, early_stop: f64, steps: f64) -> Result<usize, GridError> {
        if !(horizon.is_finite() && early_stop >= 0.0 && horizon > early_stop) {
            return Err(GridError::Ends { horizon, early_stop });
        }
        if (1.0..=Self::MOST as f64).contains(&steps) { Ok(steps as usize) } else { Err(GridError::Steps(steps)) }
    }

    fn descending(times: Vec<f64>, lengths: Vec<f64>) -> Result<Self, GridError> {
        match times.windows(2).all(|pair| pair[1] < pair[0]) {
            true => Ok(Self { times, lengths }),
            false => Err(GridError::Coincide),
        }
    }

    /// N equal steps.
    ///
    /// # Errors
    /// See [`GridError`].
    pub fn uniform(horizon: f64, early_stop: f64, steps: u64) -> Result<Self, GridError> {
        let n = Self::checked(horizon, early_stop, steps as f64)?;
        let h = (horizon - early_stop) / n as f64;
        let time = |k: usize| if k == 0 { horizon } else { early_stop + (n - k) as f64 * h };
        Self::descending((0..=n).map(time).collect(), vec![h; n])
    }

    /// `t_k = T (delta/T)^{k/N}`.
    ///
    /// # Errors
    /// See [`GridError`].
    pub fn geometric(horizon: f64, early_stop: f64, steps: u64) -> Result<Self, GridError> {
        let n = Self::checked(horizon, early_stop, steps as f64)?;
        if early_stop == 0.0 {
            return Err(GridError::Never);
        }
        let log = libm::log(early_stop / horizon);
        let time = |k: usize| match k {
            0 => horizon,
            k if k == n => early_stop,
            k => horizon * libm::exp(log * (k as f64 / n as f64)),
        };
        let times: Vec<f64> = (0..=n).map(time).collect();
        let shrink = -libm::expm1(log / n as f64);
        let lengths = times[..n].iter().map(|t| t * shrink).collect();
        Self::descending(times, lengths)
    }

    /// `h_k = kappa min(1, t_{k+1})`, the last step being cut at the early stop.
    ///
    /// # Errors
    /// See [`GridError`].
    pub fn kappa(horizon: f64, early_stop: f64, kappa: f64) -> Result<Self, GridError> {
        Self::checked(horizon, early_stop, 1.0)?;
        if early_stop == 0.0 {
            return Err(GridError::Never);
        }
        // Steps of kappa above 1, then a geometric descent by 1 + kappa.
        let about =
            (horizon - 1.0).max(0.0) / kappa + libm::log(horizon.min(1.0) / early_stop).max(0.0) / libm::log1p(kappa);
        Self::checked(horizon, early_stop, about.max(1.0))?;
        let (mut times, mut lengths) = (vec![horizon], Vec::new());
        // Above 1 the times fall by kappa, then by the factor 1 + kappa: each is formed from the first of its kind.
        let (mut t, mut linear, mut turn, mut geometric) = (horizon, 0.0, None, 0.0);
        while t > early_stop {
            let (h, next) = if turn.is_none() && t - kappa >= 1.0 {
                linear += 1.0;
                (kappa, f64::mul_add(-linear, kappa, horizon))
            } else {
                let from = *turn.get_or_insert(t);
                geometric += 1.0;
                (t * kappa / (1.0 + kappa), from * libm::exp(-geometric * libm::log1p(kappa)))
            };
            // A remainder of rounding is no step of its own.
            let cut = next <= early_stop * (1.0 + 64.0 * f64::EPSILON);
            lengths.push(if cut { t - early_stop } else { h });
            t = if cut { early_stop } else { next };
            times.push(t);
        }
        Self::descending(times, lengths)
    }

    /// [`TimeGrid::kappa`] with the least kappa for which it takes at most N steps: the last one is hardly cut.
    ///
    /// # Errors
    /// See [`GridError`].
    pub fn kappa_in(horizon: f64, early_stop: f64, steps: u64) -> Result<Self, GridError> {
        let n = Self::checked(horizon, early_stop, steps as f64)?;
        if early_stop == 0.0 {
            return Err(GridError::Never);
        }
        let within = |kappa: f64| Self::kappa(horizon, early_stop, kappa).ok().filter(|grid| grid.lengths.len() <= n);
        // One step down to the early stop is always possible: T - delta <= kappa min(1, delta).
        let mut most = (horizon - early_stop) / early_stop.min(1.0) * 2.0;
        let mut found = within(most).ok_or(GridError::Coincide)?;
        let mut least = 0.0;
        // Halved until kappa is known to the last digits that matter for a length.
        while most - least > 4.0 * f64::EPSILON * most {
            let kappa = if least > 0.0 { (least * most).sqrt() } else { most / 16.0 };
            match within(kappa) {
                Some(grid) => (most, found) = (kappa, grid),
                None if kappa <= least || kappa >= most => break,
                None => least = kappa,
            }
            if least == 0.0 && most < f64::MIN_POSITIVE * 16.0 {
                break;
            }
        }
        Ok(found)
    }

    /// These times, the lengths being their differences.
    ///
    /// # Errors
    /// See [`GridError`].
    pub fn explicit(times: Vec<f64>) -> Result<Self, GridError> {
        let (horizon, early_stop) = (times.first().copied().unwrap_or(0.0), times.last().copied().unwrap_or(0.0));
        Self::checked(horizon, early_stop, times.len() as f64 - 1.0)?;
        let lengths = times.windows(2).map(|pair| pair[0] - pair[1]).collect();
        Self::descending(times, lengths)
    }

    /// `t_0, ..., t_N`.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// `h_0, ..., h_{N-1}`.
    #[must_use]
    pub fn lengths(&self) -> &[f64] {
        &self.lengths
    }

    /// The steps in order: from which time, to which time, how long.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.times.windows(2).zip(&self.lengths).map(|(pair, &h)| (pair[0], pair[1], h))
    }
}
