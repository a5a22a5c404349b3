//! Words for axes, legends and tables: swept paths, divergences and numbers in short form.

use super::records::Span;

/// What a swept path or a role is called: its symbol, its name with the symbol, and its unit.
struct Quantity {
    symbol: &'static str,
    name: &'static str,
    unit: &'static str,
}

/// The quantity at the end of a path; `None` when its last word is not known.
fn known(path: &str) -> Option<Quantity> {
    let last = path.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or(path);
    let (symbol, name, unit) = match last {
        "copies" => ("copies", "number of copies", ""),
        "dim" => ("d", "dimension d", ""),
        "step" => ("h", "step h", "units of time"),
        "steps" => ("N", "number of steps N", ""),
        "horizon" => ("T", "horizon T", "units of time"),
        "epsilon" => ("ε", "score error ε", "L² norm, 1/length"),
        "amplitude" => ("c", "error amplitude c", "1/length"),
        "frequency" => ("ω", "error frequency ω", "1/length"),
        "threshold" => ("R", "error threshold R", "length"),
        "variance" => ("variance", "variance", "length²"),
        "variances" => ("variance", "variance of one coordinate", "length²"),
        "mean" => ("mean", "mean", "length"),
        "means" => ("mean", "mean of one mode", "length"),
        "direction" => ("the direction", "direction of the error", ""),
        "evaluations" => ("N", "number of score evaluations N", ""),
        "steps-per-level" => ("steps per level", "number of steps per level", ""),
        "corrector-steps" => ("corrector steps", "number of corrector steps", ""),
        "corrector-step" => ("h_c", "corrector step h_c", "units of time"),
        "corrector-horizon" => ("T_c", "corrector time T_c", "units of time"),
        "levels" => ("M", "number of noise levels M", ""),
        "alpha" => ("α", "α of the ladder: σ² falls by 1 + α/√d", ""),
        "kappa" => ("κ", "κ of the grid", ""),
        "sigma-min" => ("σ_min", "least noise σ_min", "length"),
        "sigma-max" => ("σ_max", "largest noise σ_max", "length"),
        "corrector-time" => ("T2", "corrector time T2", "units of time"),
        "early-stop" => ("δ", "early stop δ", "units of time"),
        "lsi" => ("C", "log-Sobolev constant C", "length²"),
        "radius" => ("R", "radius R of the data", "length"),
        "time" => ("t", "time t of the noise level", "units of time"),
        "poincare" => ("C_P", "Poincaré constant C_P", "length²"),
        "smoothness" | "lipschitz" => ("L", "smoothness L", "1/length²"),
        "accuracy" => ("τ", "accuracy τ", ""),
        "accuracy-tv" => ("ε_TV", "accuracy ε_TV in total variation", ""),
        "samples" => ("n", "number of samples n", ""),
        "repetition" => ("repetition", "number of the repetition", ""),
        "width" => ("m", "width m of the network", ""),
        "norm" => ("B", "norm B of f_H", ""),
        "stop" => ("stop", "stopping rule", ""),
        "times" => ("times", "times the stopping rule", ""),
        "accuracy-chi" => ("ε_χ", "accuracy ε_χ in χ", ""),
        _ => return None,
    };
    Some(Quantity { symbol, name, unit })
}

/// Axis text for a path or a role, with units where they are known.
pub fn axis_of_path(path: &str) -> String {
    match known(path) {
        None => path.to_owned(),
        Some(Quantity { name, unit: "", .. }) => name.to_owned(),
        Some(Quantity { name, unit, .. }) => format!("{name} ({unit})"),
    }
}

/// The symbol of a path or a role; the path itself when its last word is not known.
pub fn symbol(path: &str) -> String {
    known(path).map_or_else(|| path.to_owned(), |q| q.symbol.to_owned())
}

/// The name of a path or a role without units, for tables and titles; the path itself when its last word is not known.
pub fn quantity(path: &str) -> String {
    known(path).map_or_else(|| path.to_owned(), |q| q.name.to_owned())
}

/// A short name for each path, unique among them.
pub fn symbols(paths: &[String]) -> Vec<String> {
    let all: Vec<String> = paths.iter().map(|path| symbol(path)).collect();
    all.iter()
        .zip(paths)
        .map(
            |(name, path)| {
                if all.iter().filter(|other| *other == name).count() > 1 { path.clone() } else { name.clone() }
            },
        )
        .collect()
}

/// Axis text for a divergence, with units.
pub fn axis_of_divergence(name: &str) -> String {
    match name {
        "tv" => "total variation (0 to 1)".into(),
        "tv-twin" => "TV to the exact-score chain (0 to 1)".into(),
        "1 - tv-diffusion" => "1 − TV of the diffusion (0 to 1)".into(),
        "tv-diffusion" => "TV of the diffusion (0 to 1)".into(),
        "kl-diffusion" => "KL(diffusion | target) (nats)".into(),
        "w2-diffusion" => "2-Wasserstein distance of the diffusion (length)".into(),
        "lsi" => "C_LS (length²)".into(),
        "lsi-least" => "C_LS, largest known lower bound (length²)".into(),
        "poincare-least" => "C_P, largest known lower bound (length²)".into(),
        "smoothness-least" => "L, largest value found (1/length²)".into(),
        "largest-variance" => "largest variance (length²)".into(),
        "muckenhoupt" => "B/2 (length²)".into(),
        "kl" => "KL(output | target) (nats)".into(),
        "kl-reverse" => "KL(target | output) (nats)".into(),
        "chi2" => "χ²(output | target)".into(),
        "renyi2" => "Rényi-2 divergence (nats)".into(),
        "hellinger-squared" => "squared Hellinger distance (0 to 1)".into(),
        "w2" => "2-Wasserstein distance (length)".into(),
        "probability" => "probability".into(),
        "kl-to-prior" => "KL(target at the first level | prior) (nats)".into(),
        "kl-from-prior" => "KL(prior | target at the first level) (nats)".into(),
        "kl-warm" => "KL(warm start | target at the first level) (nats)".into(),
        "chi2-warm" => "χ²(warm start | target at the first level)".into(),
        "w2-to-prior" => "W2 of the target at the first level to the prior (length)".into(),
        "w2-stopped" => "W2 of the data to the target at the last level (length)".into(),
        "w2-rescaled" => "W2 of the data to the rescaled target at the last level (length)".into(),
        "exponential-error" => "ε_r² of the error at hand (1/length²)".into(),
        "mean-shift" => "shift of the mean by the error (length)".into(),
        "chi2-between-levels" => "χ² from one noise level to the next".into(),
        "chi2-start" => "χ²(start | target at the first level)".into(),
        "kl-stopped" => "KL(target at the last level | target) (nats)".into(),
        "w2-continuous" => "2-Wasserstein distance, continuous reverse phase (length)".into(),
        "w2-continuous-data" => "2-Wasserstein distance from the data, continuous reverse phase (length)".into(),
        "w2-worst-sign" => "2-Wasserstein distance, worse sign of the error (length)".into(),
        "path-kl-discretisation" => "discretisation part of the path-KL (nats)".into(),
        "coupling" => "coupling of network and kernel (length)".into(),
        "coupling-kernel" => "coupling of linearised network and kernel (length)".into(),
        "coupling-kink" => "coupling of network and linearised network (length)".into(),
        "total-squared" => "squared error of the regression function (length²)".into(),
        "regression-oracle-error-squared" => "least squared error of kernel descent (length²)".into(),
        "extrapolated-radius-squared" => "critical radius squared, extrapolated spectrum".into(),
        "extrapolated-time" => "η_T̂, extrapolated spectrum".into(),
        "least-eigenvalue" => "smallest eigenvalue of the Gram matrix (length²)".into(),
        "spectrum-decay" => "exponent of decay, Gram matrix of the inputs".into(),
        "decay-limit" => "exponent of decay, limit".into(),
        "sphere-gram-decay" => "exponent of decay, Gram matrix on the sphere".into(),
        "sphere-decay" => "exponent of decay, operator on the sphere".into(),
        "sphere-order-decay" => "exponent of decay, operator on the sphere at number n".into(),
        "sphere-degree-decay" => "exponent of decay by degree, operator on the sphere at number n".into(),
        "rwy-ratio" => "ratio to the squared error, 4ρ²/(eη)".into(),
        "rwy-ratio-at-stop" => "ratio to the squared error, 12ρ²ε² at T̂".into(),
        "explicit-ratio" => "ratio to the squared error, HRX-18a".into(),
        "train-oracle-ratio" => "ratio to the squared error, least over steps".into(),
        "train-error-squared" => "squared error at the inputs (length²)".into(),
        "best-approximation" => "error of the best ridge fit (length)".into(),
        "homogeneity-floor" => "least error of a homogeneous function (length)".into(),
        "elapsed-time" => "elapsed time η n k".into(),
        "test-loss" => "loss on the test set (length²)".into(),
        "noise" => "mean irreducible noise (length²)".into(),
        "noise-bound" => "bound of the mean noise by information (length²)".into(),
        "information" => "I(X_0; X_{T_0}) (nats)".into(),
        "information-bound" => "bound of I(X_0; X_{T_0}) (nats)".into(),
        "fisher" => "Fisher information at T_0 (1/length²)".into(),
        "lipschitz" => "largest slope of f_* in x".into(),
        "lipschitz-bound" => "bound of the slope of f_* by the diameter".into(),
        "lipschitz-bound-crude" => "bound of the slope of f_* by the radius".into(),
        "lipschitz-share" => "largest share of the bound of the slope".into(),
        "lipschitz-time" => "largest slope of f_* in t (length)".into(),
        "lipschitz-time-bound" => "bound of the slope of f_* in t by the diameter (length)".into(),
        "lipschitz-time-bound-crude" => "bound of the slope of f_* in t by the radius (length)".into(),
        "element-norm" => "norm of f_H in the kernel's space".into(),
        "label-noise" => "standard deviation of the labels (length)".into(),
        "label-noise-largest" => "largest standard deviation of a label (length)".into(),
        "start" => "error of the network's start (length)".into(),
        "mismatch-target" => "label mismatch M1 (length)".into(),
        "early-stopping" => "early-stopping error (length)".into(),
        "approximation" => "approximation error (length)".into(),
        "mismatch-noise" => "label mismatch M2 (length)".into(),
        "bias" => "bias of early stopping (length)".into(),
        "total" => "error of the regression function (length)".into(),
        "total-score" => "error of the score (L², 1/length)".into(),
        "path-kl" => "path-KL of the learned score (nats)".into(),
        "stopping-time" => "stopping time T̂ (steps)".into(),
        "stopped-time" => "η_T̂ = η n T̂".into(),
        "critical-radius-squared" => "critical radius squared".into(),
        "regression-oracle" => "best number of steps for the regression function".into(),
        "score-oracle" => "best number of steps for the score".into(),
        "regression-oracle-error" => "least error of kernel descent (length)".into(),
        "score-oracle-error" => "least score error of kernel descent (1/length)".into(),
        "flips" => "share of neurons that changed sign".into(),
        "denoising-loss" => "E|f − X_0|² of the regression f (length²)".into(),
        "irreducible-noise" => "E|X_0 − E[X_0 | X_t]|² (length²)".into(),
        "integrated-noise" => "half the irreducible noise over the signal-to-noise ratio (nats)".into(),
        "learned-path-kl" => "path-KL of the learned score, on the test set (nats)".into(),
        "tangent-variance" => "E|K̂ − H|² of the tangent kernel (length⁴)".into(),
        "descent-apart-train" => "closed form and steps apart, at the inputs (length)".into(),
        "descent-apart-test" => "closed form and steps apart, at test points (length)".into(),
        "coupling-linear-train" => "linearised network and kernel apart, at the inputs (length)".into(),
        "coupling-linear-test" => "linearised network and kernel apart, at test points (length)".into(),
        "displacement" => "√m times the farthest move of a neuron".into(),
        "kink-remainder" => "network less its linearisation (length)".into(),
        "learned-error" => "error of the regression function on the test set (length)".into(),
        "learned-score-error" => "error of the score on the test set (L², 1/length)".into(),
        "mean-squared-error" => "mean squared error on the test set (length²)".into(),
        "mean-squared-error-train" => "mean squared error at the inputs (length²)".into(),
        "mismatch-train" => "label mismatch M1 at the inputs (length)".into(),
        "mismatch-norm-squared" => "label mismatch M1 in the kernel's norm, squared".into(),
        "mismatch-largest" => "largest label mismatch M1 over √κ".into(),
        "prescribed-step" => "prescribed step h (units of time)".into(),
        "prescribed-steps" => "prescribed number of steps N".into(),
        "prescribed-tau" => "prescribed threshold τ (1/length)".into(),
        "prescribed-epsilon" => "admissible score error ε (1/length)".into(),
        other => other.to_owned(),
    }
}

/// Axis text for several quantities: that of a single one, else what all their texts say before a comma, else the unit they share; empty
/// where they share none.
pub fn axis_of_quantities(names: &[&str]) -> String {
    let texts: Vec<String> = names.iter().map(|name| axis_of_divergence(name)).collect();
    let unit = |text: &str| text.strip_suffix(')').and_then(|text| Some(text.rsplit_once('(')?.1.to_owned()));
    let units: Vec<Option<String>> = texts.iter().map(|text| unit(text)).collect();
    let subject = texts.first().and_then(|text| text.split_once(", ")).map(|(subject, _)| format!("{subject}, "));
    match (&texts[..], units.first()) {
        ([one], _) => one.clone(),
        _ if subject.as_ref().is_some_and(|subject| texts.iter().all(|text| text.starts_with(subject))) => {
            subject.map(|subject| subject.trim_end_matches(", ").to_owned()).unwrap_or_default()
        }
        (_, Some(Some(shared))) if units.iter().all(|unit| unit.as_ref() == Some(shared)) => shared.clone(),
        _ => String::new(),
    }
}

/// The largest value a divergence can take, if there is one: a bound at or above it says nothing.
pub fn ceiling(name: &str) -> Option<f64> {
    matches!(name, "tv" | "tv-twin" | "tv-diffusion" | "1 - tv-diffusion" | "hellinger-squared" | "probability")
        .then_some(1.0)
}

/// A theorem's short name: the part behind the paper.
pub fn theorem(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// A reason as it is printed under figures: signs for their ASCII stand-ins, round brackets only.
pub fn typeset(text: &str) -> String {
    let signs = [("<=", "≤"), (">=", "≥"), ("^2", "²"), ("_{", "_("), ("}", ")"), ("{", "(")];
    signs.iter().fold(text.to_owned(), |text, (ascii, sign)| text.replace(ascii, sign))
}

/// A swept value as it is written, numbers with six significant digits at most.
pub fn value(text: &str) -> String {
    let short = |x: f64| shortest(format!("{x:.5e}").parse().unwrap_or(x));
    text.trim().parse::<f64>().map_or_else(|_| text.to_owned(), short)
}

/// The shortest decimal that means this double, scientific when the plain form is long.
pub fn shortest(x: f64) -> String {
    let (plain, scientific) = (format!("{x}"), format!("{x:e}"));
    if plain.len() > 6 && scientific.len() < plain.len() { scientific } else { plain }
}

/// Which way a decimal is rounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    /// Not above the number.
    Down,
    /// Not below the number.
    Up,
}

/// `x` with `digits` significant digits, rounded to the given side.
pub fn outward(x: f64, digits: usize, side: Side) -> String {
    if !x.is_finite() || x == 0.0 {
        return format!("{x}");
    }
    let nearest = format!("{x:.*e}", digits - 1);
    let value: f64 = nearest.parse().unwrap_or(x);
    let wrong = match side {
        Side::Down => value > x,
        Side::Up => value < x,
    };
    if !wrong {
        return tidy(&nearest);
    }
    let (mantissa, exponent) = nearest.split_once('e').unwrap_or((nearest.as_str(), "0"));
    let units: i64 = mantissa.replace('.', "").parse().unwrap_or(0);
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let units = if side == Side::Down { units - 1 } else { units + 1 };
    let places = i32::try_from(digits).unwrap_or(i32::MAX) - 1;
    tidy(&format!("{:.*e}", digits - 1, format!("{units}e{}", exponent - places).parse::<f64>().unwrap_or(x)))
}

/// `x` rounded to `digits` significant digits.
pub fn rounded(x: f64, digits: usize) -> String {
    if x.is_finite() && x != 0.0 { tidy(&format!("{x:.*e}", digits - 1)) } else { format!("{x}") }
}

/// A scientific decimal written plainly when its exponent is small.
fn tidy(scientific: &str) -> String {
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific.to_owned() };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-3..5).contains(&exponent) {
        return scientific.to_owned();
    }
    let digits = i32::try_from(mantissa.bytes().filter(u8::is_ascii_digit).count()).unwrap_or(1);
    let places = usize::try_from(digits - 1 - exponent).unwrap_or(0);
    scientific.parse::<f64>().map_or_else(|_| scientific.to_owned(), |x| format!("{x:.places$}"))
}

/// An interval in few characters: one number when both ends round to the same five digits, otherwise both ends rounded
/// outwards to five.
pub fn span(of: Option<Span>) -> String {
    let Some(Span { lo, hi }) = of else { return "-".into() };
    if rounded(lo, 5) == rounded(hi, 5) {
        return rounded(lo, 5);
    }
    format!("[{}, {}]", outward(lo, 5, Side::Down), outward(hi, 5, Side::Up))
}

/// A mean with its error: the error with two significant digits, rounded up, the mean to the same place, small ones with their power
/// of ten behind both; a number without an error as it is.
pub fn with_error(Span { lo, hi }: Span) -> String {
    let (middle, error) = (0.5 * (lo + hi), 0.5 * (hi - lo));
    // What is above a decimal by rounding alone stays there.
    let shown = outward(error * (1.0 - 1e-9), 2, Side::Up);
    // An error of rounding alone is none.
    if error <= 1e-12 * middle.abs() || !error.is_finite() {
        return span(Some(Span { lo, hi }));
    }
    let places = shown.split_once('.').map_or(0, |(_, behind)| behind.len());
    let power = middle.abs().max(error).log10().floor() as i32;
    match shown.contains('e') {
        true if power != 0 => {
            let unit = 10_f64.powi(power);
            let part = |x: f64| x / unit;
            format!("({})e{power}", with_error(Span { lo: part(middle - error), hi: part(middle + error) }))
        }
        true => format!("{} \u{b1} {shown}", rounded(middle, 5)),
        false => format!("{middle:.places$} \u{b1} {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_on_one_axis_say_what_they_share() {
        assert_eq!(axis_of_quantities(&["rwy-ratio", "explicit-ratio"]), "ratio to the squared error");
        assert_eq!(axis_of_quantities(&["spectrum-decay", "decay-limit"]), "exponent of decay");
        assert_eq!(axis_of_quantities(&["total", "bias"]), "length");
        assert_eq!(axis_of_quantities(&["total", "path-kl"]), "");
    }
}
