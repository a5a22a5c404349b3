//! Axes: from values to a fraction of the frame, and where the ticks stand.

/// How an axis places values.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// Common logarithms `lo..hi`.
    Log {
        /// log10 of the lower end.
        lo: f64,
        /// log10 of the upper end.
        hi: f64,
    },
    /// Values `lo..hi`.
    Linear {
        /// Lower end.
        lo: f64,
        /// Upper end.
        hi: f64,
    },
    /// Value `i` stands for the `i`-th word.
    Words(Vec<String>),
}

/// What stands at a tick.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A short tick without a label.
    Minor,
    /// A plain label.
    Plain(String),
    /// `mantissa x 10^exponent`, the mantissa left out when it is 1.
    Power(u32, i32),
}

/// A tick: its place as a fraction of the frame, and its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// 0 at the lower end, 1 at the upper end.
    pub at: f64,
    /// The label.
    pub mark: Mark,
}

impl Scale {
    /// A log scale around the positive values, at least half a decade wide, with a margin at both ends.
    pub fn log_around(lo: f64, hi: f64) -> Self {
        let (mut a, mut b) = (lo.log10(), hi.log10());
        if b - a < 0.5 {
            let middle = 0.5 * (a + b);
            (a, b) = (middle - 0.25, middle + 0.25);
        }
        let margin = 0.06 * (b - a);
        Scale::Log { lo: a - margin, hi: b + margin }
    }

    /// A linear scale around the values with a margin at both ends.
    pub fn linear_around(lo: f64, hi: f64) -> Self {
        let width = if hi > lo { hi - lo } else { lo.abs().max(1.0) };
        Scale::Linear { lo: lo - 0.08 * width, hi: hi + 0.08 * width }
    }

    /// The place of a value as a fraction of the frame (outside 0..1 when it does not fit); `None` when it has none.
    pub fn place(&self, x: f64) -> Option<f64> {
        match self {
            Scale::Log { lo, hi } => (x > 0.0 && x.is_finite()).then(|| (x.log10() - lo) / (hi - lo)),
            Scale::Linear { lo, hi } => x.is_finite().then(|| (x - lo) / (hi - lo)),
            Scale::Words(words) => Some((x + 0.5) / words.len().max(1) as f64),
        }
    }

    /// The ticks, about `most` of them labelled.
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        match self {
            Scale::Log { lo, hi } => log_ticks(*lo, *hi, most),
            Scale::Linear { lo, hi } => {
                linear_steps(*lo, *hi, most).map(|(x, text)| Tick { at: (x - lo) / (hi - lo), mark: text }).collect()
            }
            Scale::Words(words) => {
                let tick = |(i, word): (usize, &String)| {
                    Some(Tick { at: self.place(i as f64)?, mark: Mark::Plain(word.clone()) })
                };
                words.iter().enumerate().filter_map(tick).collect()
            }
        }
    }
}

/// Round numbers in `lo..hi`, about `most` of them.
fn linear_steps(lo: f64, hi: f64, most: usize) -> impl Iterator<Item = (f64, Mark)> {
    let rough = (hi - lo) / most.max(1) as f64;
    let unit = 10f64.powf(rough.log10().floor());
    let ends = |step: f64| ((lo / step).ceil() as i64, (hi / step).floor() as i64);
    let round = [10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1].map(|m| m * unit);
    // The smallest round step that is not finer than asked, or the first finer one with two numbers in the range.
    let coarse = round.into_iter().rev().find(|s| *s >= rough).unwrap_or(round[0]);
    let two = |step: &f64| *step <= coarse && ends(*step).1 > ends(*step).0;
    let step = round.into_iter().find(two).unwrap_or(round[6]);
    let places = if step >= 1.0 { 0 } else { (-step.log10() - 1e-9).ceil() as usize };
    let (first, last) = ends(step);
    (first..=last).map(move |k| {
        let x = k as f64 * step;
        (x, Mark::Plain(minus(&format!("{:.places$}", x + 0.0))))
    })
}

/// The typographic minus sign.
pub fn minus(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

fn log_ticks(lo: f64, hi: f64, most: usize) -> Vec<Tick> {
    let place = |x: f64| (x - lo) / (hi - lo);
    let (first, last) = (lo.ceil() as i32, hi.floor() as i32);
    let decades = (last - first + 1).max(0) as usize;
    let mut ticks = Vec::new();
    if decades >= 3 {
        let every = decades.div_ceil(most.max(1)) as i32;
        for decade in first - 1..=last {
            let labelled = decade.rem_euclid(every) == 0;
            if decade >= first {
                let mark = if labelled { Mark::Power(1, decade) } else { Mark::Minor };
                ticks.push(Tick { at: place(f64::from(decade)), mark });
            }
            if decades <= 5 {
                for m in 2..10u32 {
                    ticks.push(Tick { at: place(f64::from(decade) + f64::from(m).log10()), mark: Mark::Minor });
                }
            }
        }
    } else if hi - lo > 0.65 {
        let plain = first >= -3 && last <= 4;
        let dense = hi - lo < 1.3;
        for decade in first - 1..=last {
            for m in 1..10u32 {
                let labelled = matches!(m, 1 | 2 | 5) || (dense && m == 3);
                let at = place(f64::from(decade) + f64::from(m).log10());
                ticks.push(Tick { at, mark: if labelled { power(m, decade, plain) } else { Mark::Minor } });
            }
        }
    } else {
        for (x, mark) in linear_steps(10f64.powf(lo), 10f64.powf(hi), most) {
            ticks.push(Tick { at: place(x.log10()), mark });
        }
    }
    ticks.retain(|t| (0.0..=1.0).contains(&t.at));
    ticks
}

/// `m x 10^k`, written out when `plain`.
fn power(m: u32, decade: i32, plain: bool) -> Mark {
    match (plain, u32::try_from(decade)) {
        (false, _) => Mark::Power(m, decade),
        (true, Ok(up)) => Mark::Plain(format!("{}", u64::from(m) * 10u64.pow(up))),
        (true, Err(_)) => {
            let places = decade.unsigned_abs() as usize;
            Mark::Plain(format!("{:.places$}", f64::from(m) * 10f64.powi(decade)))
        }
    }
}
