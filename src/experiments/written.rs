//! Instances as specs: the way back from target, start, score and program to the TOML that poses the same question.

use super::error::Source;
use super::spec::Spec;
use super::tree::{Key, Node, Value, quoted};
use crate::bounds::{Correct, Family, Instance, Move, Quantity, Route, Theorem};
use crate::laws::Settings;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{
    CorrectAt, Corrector, Drift, Program, ReversePhase, prediction_correction, predictor_corrector, rescaled,
};
use crate::scores::learned::{Learner, Precision, Regime, Ridge, Start, Stop, TimeMeasure};
use crate::scores::{Entry, ErrorShape, Truncation, Within};
use crate::targets::{Covariance, Data, Density, Gaussian, Points};
use nalgebra::DMatrix;

/// The most steps that are listed in `at-steps`, and the most times in `times`.
const MOST_LISTED: u64 = 100_000;
/// Up to this relative distance of its numbers a grid is the one that is meant.
const SAME: f64 = 1e-13;
/// Beyond this distance the program is another one.
const OTHER: f64 = 1e-11;

/// The spec that poses an instance and holds `theorem` against it; numbers are written with all their digits.
///
/// # Errors
/// What of the instance has no form in specs.
pub fn written(theorem: &Theorem, at: &Instance, title: &str, question: &str) -> Result<String, String> {
    let mut text = format!("title = {}\nquestion = {}\n", quoted(title), quoted(question));
    text += &format!("theorems = [{}]\n", quoted(theorem.labels[0]));
    let data = at.target.data().ok_or("the target is none of the laws that specs can write")?;
    let (sampler, process, early_stopped) = sampler(at)?;
    for (name, table) in [
        ("target", Some(law(&data))),
        ("start", Some(start(at, &data))),
        ("process", process.map(|kind| (kind, Vec::new()))),
        ("score", learned_score(at)?),
        // A learned score has its own error.
        ("error", if at.lesson.is_some() { None } else { error(at)? }),
        ("sampler", sampler),
    ] {
        if let Some((kind, entries)) = table {
            text += &format!("\n[{name}.{kind}]\n{}", Node::from(Value::Table(entries)).to_toml());
        }
    }
    text += &format!("\n[measure]\n{}", measure(theorem, at, early_stopped).to_toml());
    reads_back(&text, at)?;
    Ok(text)
}

/// A table's entries.
type Entries = Vec<(Key, Node)>;
/// A table with its kind.
type Kind = (&'static str, Entries);

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Node { span: 0..0, value }
    }
}

fn entry(name: &str, value: Value) -> (Key, Node) {
    (Key { span: 0..0, name: name.to_owned() }, value.into())
}

fn array(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Array(values.into_iter().map(Node::from).collect())
}

fn floats<'a>(values: impl IntoIterator<Item = &'a f64>) -> Value {
    array(values.into_iter().map(|x| Value::Float(*x)))
}

fn rows(matrix: &DMatrix<f64>) -> Value {
    array(matrix.row_iter().map(|row| floats(row.iter().copied().collect::<Vec<_>>().iter())))
}

/// A whole number, exactly.
fn whole(n: u64) -> Value {
    i64::try_from(n).map_or(Value::Float(n as f64), Value::Integer)
}

/// A vector, as a number in one dimension.
fn vector(x: &[f64]) -> Value {
    match x {
        [only] => Value::Float(*only),
        _ => floats(x),
    }
}

/// The start: by name where it is the target at the level of the first score.
fn start(at: &Instance, data: &Data) -> Kind {
    let first = at.program.levels().first().copied().unwrap_or(at.level);
    match (data.noised(first), &at.start) {
        (Some(target), Data::Density(start)) if target == *start => ("target", Vec::new()),
        _ => law(&at.start),
    }
}

fn law(data: &Data) -> Kind {
    match data {
        Data::Density(Density::Gaussian(g)) => ("gaussian", gaussian(g)),
        Data::Density(Density::Mixture(m)) => {
            let means = array(m.components.iter().map(|c| vector(c.mean.as_slice())));
            let variances = m.components.iter().map(|c| match c.cov {
                Covariance::Isotropic(v) => Some(Value::Float(v)),
                _ => None,
            });
            let spread = match variances.collect::<Option<Vec<_>>>() {
                Some(variances) => entry("variances", array(variances)),
                None => entry("covs", array(m.components.iter().map(|c| rows(&c.cov_matrix())))),
            };
            ("mixture", vec![entry("weights", floats(&m.weights)), entry("means", means), spread])
        }
        Data::Density(Density::Product(p)) => {
            product(p.factors.iter().map(|(factor, copies)| (law(&Data::Density(factor.clone())), *copies)))
        }
        Data::Points(Points { weights, points }) => {
            let points = array(points.iter().map(|x| vector(x.as_slice())));
            ("points", vec![entry("weights", floats(weights)), entry("points", points)])
        }
        Data::Box(p) => {
            let means = array(p.means().iter().map(|m| vector(m.as_slice())));
            let entries =
                vec![entry("weights", floats(p.weights())), entry("means", means), entry("sds", floats(p.sds()))];
            ("box-mixture", [entries, vec![entry("half-width", Value::Float(p.half_width()))]].concat())
        }
        Data::Product(factors) => product(factors.iter().map(|(factor, copies)| (law(factor), *copies))),
    }
}

fn product(factors: impl Iterator<Item = (Kind, u64)>) -> Kind {
    let table = |((kind, entries), copies): (Kind, u64)| {
        Value::Table(vec![entry("copies", whole(copies)), entry(kind, Value::Table(entries))])
    };
    ("product", vec![entry("factors", array(factors.map(table)))])
}

fn gaussian(g: &Gaussian) -> Entries {
    let mean = entry("mean", floats(g.mean.iter()));
    match &g.cov {
        Covariance::Isotropic(v) => vec![mean, entry("variance", Value::Float(*v))],
        Covariance::Diagonal(v) => vec![mean, entry("variances", floats(v.iter()))],
        Covariance::Dense(c) => vec![mean, entry("cov", rows(c))],
    }
}

/// `[score.learned]`, where the score is learned on the spot.
fn learned_score(at: &Instance) -> Result<Option<Kind>, String> {
    let Some(task) = at.lesson.as_ref().map(|lesson| lesson.task()) else { return Ok(None) };
    let (design, (seed, repetition)) = (&task.design, task.draw);
    if *design.process() != Process::Ou || seed != at.settings.seed {
        return Err("a training set that no spec draws".into());
    }
    let word = |name: &'static str, value: &str| entry(name, Value::Text(value.into()));
    let count = |name: &'static str, n: usize| entry(name, whole(n as u64));
    let mut entries = vec![
        count("samples", task.samples),
        entry("early-stop", Value::Float(design.early())),
        entry("horizon", Value::Float(design.horizon())),
        word("measure", if design.measure() == TimeMeasure::UniformTime { "uniform" } else { "snr" }),
        entry("bias", Value::Boolean(design.bias())),
    ];
    match task.learner {
        Learner::Kernel => entries.push(word("learner", "kernel")),
        Learner::Exact => entries.push(word("learner", "exact")),
        Learner::Network { width, start, precision, regime } => entries.extend([
            word("learner", if regime == Regime::Network { "network" } else { "linearised" }),
            count("width", width),
            word("start", if start == Start::Antisymmetric { "antisymmetric" } else { "independent" }),
            word("precision", if precision == Precision::Double { "double" } else { "single" }),
        ]),
    }
    let mut rule = |name, times| entries.extend([word("stop", name), entry("times", Value::Float(times))]);
    match task.stop {
        Stop::Steps(k) => entries.push(entry("steps", whole(k))),
        Stop::CriticalRadius(times) => rule("critical-radius", times),
        Stop::RegressionOracle(times) => rule("regression-oracle", times),
        Stop::ScoreOracle(times) => rule("score-oracle", times),
    }
    entries.extend([
        count("test", task.test),
        count("anchors", task.anchors),
        match task.ridge {
            Ridge::Of(ridge) => entry("ridge", Value::Float(ridge)),
            Ridge::OfNorm(norm) => entry("norm", Value::Float(norm)),
        },
        entry("repetition", whole(repetition)),
    ]);
    Ok(Some(("learned", entries)))
}

/// `[error.<kind>]`; `None` for an exact score.
fn error(at: &Instance) -> Result<Option<Kind>, String> {
    if !at.field.has_error() {
        return Ok(None);
    }
    let Some(error) = &at.field.error else { return Ok(None) };
    let one = error.shape().ok_or("the score error is another field at every noise level")?;
    let shape = one.describe().ok_or("the score error is none of the shapes that specs can write")?;
    let value = |parameter: &Entry| match parameter {
        Entry::Number(x) => Value::Float(*x),
        Entry::Count(n) => whole(*n),
        Entry::Vector(v) => floats(v),
        Entry::Matrix(m) => rows(m),
    };
    let mut entries: Entries = shape.entries.iter().map(|(name, parameter)| entry(name, value(parameter))).collect();
    entries.extend(size(at, one.as_ref())?);
    entries.extend(at_steps(&at.program)?.map(|steps| entry("at-steps", array(steps.into_iter().map(whole)))));
    Ok(Some((shape.kind, entries)))
}

/// `amplitude` where it is the same at all levels used, else the `epsilon` it was calibrated to.
fn size(at: &Instance, shape: &dyn ErrorShape) -> Result<Entries, String> {
    let Some(error) = &at.field.error else { return Ok(Vec::new()) };
    let levels = at.program.levels();
    let amplitudes: Vec<f64> = levels.iter().map(|level| error.amplitude(*level)).collect();
    let first = *amplitudes.first().ok_or("an error without a step that sees it")?;
    if amplitudes.iter().all(|a| *a == first) {
        return Ok(vec![entry("amplitude", Value::Float(first))]);
    }
    let reached = |(level, amplitude): (&NoiseLevel, &f64)| {
        let density = at.target.density(*level).ok_or("the target has no density at a level of the sampler")?;
        Ok::<f64, String>(shape.mean_square(&density).value.sqrt().mid() * amplitude)
    };
    let reached: Vec<f64> = levels.iter().zip(&amplitudes).map(reached).collect::<Result<_, _>>()?;
    let scaled: Vec<f64> = reached.iter().zip(&levels).map(|(epsilon, level)| epsilon * level.sigma).collect();
    let agree = |all: &[f64]| all.iter().all(|x| (x - all[0]).abs() <= SAME * all[0].abs());
    if agree(&reached) {
        return Ok(vec![entry("epsilon", Value::Float(reached[0]))]);
    }
    if agree(&scaled) {
        return Ok(vec![entry("epsilon", Value::Float(scaled[0])), entry("per-sigma", Value::Boolean(true))]);
    }
    Err("the score error has a size of its own at every noise level".into())
}

/// The steps that see the error, where some do not.
fn at_steps(program: &Program) -> Result<Option<Vec<u64>>, String> {
    let is_clean = |i: usize| program.blocks[i].kernel.drift.is_clean();
    if !(0..program.blocks.len()).any(is_clean) {
        return Ok(None);
    }
    let (mut steps, mut from) = (Vec::new(), 0);
    for (i, block) in program.blocks.iter().enumerate() {
        if !is_clean(i) {
            if steps.len() as u64 + block.repeat > MOST_LISTED {
                return Err(format!("more than {MOST_LISTED} steps would have to be listed in `at-steps`"));
            }
            steps.extend(from..from + block.repeat);
        }
        from += block.repeat;
    }
    Ok(Some(steps))
}

/// The sampler's table, the process where it is not the sampler's own, and whether the output is compared with the target at
/// the sampler's last level.
#[allow(clippy::type_complexity)]
fn sampler(at: &Instance) -> Result<(Option<Kind>, Option<&'static str>, bool), String> {
    if at.program.blocks.is_empty() {
        return match at.level.is_data() {
            true => Ok((None, None, false)),
            false => Err("a comparison at a noise level without a sampler".into()),
        };
    }
    // `time` makes the noised target the target itself; one level of VE is an annealing that stops there.
    let cut = at.truncated_lmc().ok();
    let lmc = at.lmc().ok().or(cut.as_ref().map(|(lmc, _)| lmc));
    if let Some(lmc) = lmc.filter(|_| at.level.is_data() || at.level.alpha != 1.0) {
        let mut entries = vec![entry("step", Value::Float(lmc.step)), entry("steps", whole(lmc.steps))];
        if let Some((_, truncation)) = &cut {
            if at.level.is_data() {
                return Err("a truncated score of a target that was noised before".into());
            }
            entries.push(truncate(truncation));
        }
        let mut process = None;
        if !at.level.is_data() {
            entries.push(entry("time", Value::Float(time_of(Family::Ou, at.level)?)));
            process = Some(process_of(Family::Ou).1);
        }
        return Ok((Some(("lmc", entries)), process, false));
    }
    let early_stopped = !at.level.is_data();
    let route = &Route::read(&at.program, early_stopped.then_some(at.level))?;
    let (process, name) = process_of(route.family);
    let name = (route.family != Family::Ou).then_some(name);
    let rescale = || route.rescale.map(|_| entry("rescale", Value::Boolean(true)));
    if let Some(horizon) = at_the_horizon(route)? {
        let (phase, entries) = reverse_phase(at, route, &process, Some(&horizon))?;
        let (mut outer, mut inner): (Entries, Entries) =
            entries.into_iter().partition(|(key, _)| key.name == "horizon");
        inner.insert(0, entry("scheme", Value::Text(phase.scheme_name().to_owned())));
        outer.push(entry("corrector-step", Value::Float(horizon.step)));
        outer.push(entry("corrector-steps", whole(horizon.steps)));
        outer.push(entry("reverse", Value::Table(vec![entry(phase.name(), Value::Table(inner))])));
        let truncation = at.field.truncation.as_ref().filter(|_| route.truncated);
        outer.extend(truncation.map(truncate));
        outer.extend(rescale());
        return Ok((Some(("prediction-correction", outer)), name, early_stopped));
    }
    if route.flows().next().is_some() {
        let (phase, grid) = reverse_phase(at, route, &process, None)?;
        let mut entries = vec![entry("scheme", Value::Text(phase.scheme_name().to_owned()))];
        entries.extend(grid);
        entries.extend(rescale());
        return Ok((Some(("flow-ode", entries)), name, early_stopped));
    }
    if route.predictors().next().is_none() {
        return Ok((Some(annealed(route)?), None, early_stopped));
    }
    let corrector = corrector(route)?;
    let scheme = route.scheme()?;
    let mut entries = vec![entry("scheme", Value::Text(scheme.name().into()))];
    entries.extend(grid(at, route, &|grid| match &corrector {
        None => ended(ReversePhase::Sde(scheme).program(&process, grid), route, &process, grid),
        Some(corrector) => predictor_corrector(&process, ReversePhase::Sde(scheme), grid, corrector),
    })?);
    let Some(corrector) = corrector else {
        entries.extend(rescale());
        return Ok((Some(("reverse-sde", entries)), name, early_stopped));
    };
    entries.push(entry("corrector-at", Value::Text(corrector.at.name().into())));
    entries.push(entry("corrector-step", Value::Float(corrector.step)));
    entries.push(entry("corrector-steps", whole(corrector.steps)));
    Ok((Some(("predictor-corrector", entries)), name, early_stopped))
}

/// `truncate`, with the centre as one number where it is one.
fn truncate(truncation: &Truncation) -> (Key, Node) {
    let centre = truncation.centre();
    let centre = match centre.iter().all(|c| *c == centre[0]) {
        true => Value::Float(centre[0]),
        false => floats(centre.iter()),
    };
    let mut entries = vec![entry("bound", Value::Float(truncation.bound())), entry("centre", centre)];
    if truncation.within() == Within::EachCoordinate {
        entries.push(entry("per-coordinate", Value::Boolean(true)));
    }
    entry("truncate", Value::Table(entries))
}

/// The Langevin steps of a prediction-correction scheme: at the first level, before all others, and nowhere else.
fn at_the_horizon(route: &Route) -> Result<Option<Correct>, String> {
    let Some(Move::Correct(first)) = route.moves.first() else { return Ok(None) };
    let mut steps = 0;
    let mut rest = route.moves.iter().skip_while(|step| match step {
        // Steps with and without the error are one run.
        Move::Correct(c) if c.level == first.level && c.step == first.step => {
            steps += c.steps;
            true
        }
        _ => false,
    });
    let after = rest.next();
    match (after, rest.all(|step| !matches!(step, Move::Correct(_)))) {
        (Some(Move::Predict(_) | Move::Flow(_)), true) => Ok(Some(Correct { steps, ..*first })),
        (Some(Move::Predict(_) | Move::Flow(_)), false) => {
            Err("Langevin steps before and between predictor steps".into())
        }
        _ => Ok(None),
    }
}

/// The reverse phase of a way, with its grid.
fn reverse_phase(
    at: &Instance,
    route: &Route,
    process: &Process,
    horizon: Option<&Correct>,
) -> Result<(ReversePhase, Entries), String> {
    let flows = || route.flows().map(|f| f.scheme).collect::<Option<Vec<_>>>();
    let phase = match (route.predictors().next(), flows().as_deref()) {
        (None, Some([first, rest @ ..])) if rest.iter().all(|s| s == first) => ReversePhase::Flow(*first),
        (Some(_), Some([])) => ReversePhase::Sde(route.scheme()?),
        _ => return Err("a reverse phase whose steps are of several schemes".into()),
    };
    let build = |grid: &TimeGrid| {
        let program = match horizon {
            None => phase.program(process, grid),
            Some(c) => {
                let program = prediction_correction(process, (c.step, c.steps), phase, grid);
                if route.truncated { program.truncated_first() } else { program }
            }
        };
        ended(program, route, process, grid)
    };
    Ok((phase, grid(at, route, &build)?))
}

/// The program with its output rescaled, where that of the way is.
fn ended(program: Program, route: &Route, process: &Process, grid: &TimeGrid) -> Program {
    let stop = grid.times().last().copied().unwrap_or_default();
    if route.rescale.is_some() { rescaled(program, process, stop) } else { program }
}

/// VP is written in the time of OU.
fn process_of(family: Family) -> (Process, &'static str) {
    match family {
        Family::Ou => (Process::Ou, "ou"),
        Family::Ve => (Process::Ve, "ve"),
    }
}

/// The time of a level: among those nearby the one that gives the level to the last bit, if there is one.
fn time_of(family: Family, level: NoiseLevel) -> Result<f64, String> {
    let about = family.time(level).ok_or("a noise level that belongs to no process")?.mid();
    let process = process_of(family).0;
    let nearby = std::iter::successors(Some(about), |x| Some(x.next_up())).take(24);
    let mut nearby = nearby.chain(std::iter::successors(Some(about), |x| Some(x.next_down())).take(24));
    Ok(nearby.find(|t| *t >= 0.0 && process.level(*t) == level).unwrap_or(about))
}

/// Langevin steps at falling levels.
fn annealed(route: &Route) -> Result<Kind, String> {
    if route.family != Family::Ve {
        return Err("Langevin steps at several noise levels of OU or VP without predictor steps".into());
    }
    let mut rungs: Vec<(f64, f64, u64)> = Vec::new();
    for c in route.correctors() {
        match rungs.last_mut() {
            // Steps with and without the error at one level are one rung.
            Some((sigma, step, steps)) if *sigma == c.level.sigma && *step == c.step => *steps += c.steps,
            _ => rungs.push((c.level.sigma, c.step, c.steps)),
        }
    }
    if rungs.windows(2).any(|pair| pair[1].0 >= pair[0].0) {
        return Err("the noise levels do not fall".into());
    }
    let sigmas: Vec<f64> = rungs.iter().map(|r| r.0).collect();
    let steps: Vec<f64> = rungs.iter().map(|r| r.1).collect();
    let counts = array(rungs.iter().map(|r| whole(r.2)));
    Ok((
        "annealed-lmc",
        vec![entry("sigmas", floats(&sigmas)), entry("step", floats(&steps)), entry("steps-per-level", counts)],
    ))
}

/// The corrector of a way with predictor steps: after every one of them or after the last.
fn corrector(route: &Route) -> Result<Option<Corrector>, String> {
    let refuse =
        || Err("Langevin steps that are no corrector: other than after every predictor step, or the last".into());
    // The Langevin steps after each predictor step.
    let mut after: Vec<Option<(f64, u64)>> = Vec::new();
    for step in &route.moves {
        match step {
            Move::Predict(_) => after.push(None),
            Move::Flow(_) => return Err("Langevin steps between steps of the probability flow".into()),
            Move::Correct(c) => match after.last_mut() {
                Some(found @ None) => *found = Some((c.step, c.steps)),
                Some(Some((step, steps))) if *step == c.step => *steps += c.steps,
                Some(Some(_)) | None => return refuse(),
            },
        }
    }
    let last = after.last().copied().flatten();
    let Some((step, steps)) = last else {
        return if after.iter().all(Option::is_none) { Ok(None) } else { refuse() };
    };
    let before = &after[..after.len() - 1];
    let at = if before.iter().all(|found| *found == last) {
        CorrectAt::EveryLevel
    } else if before.iter().all(Option::is_none) {
        CorrectAt::End
    } else {
        return refuse();
    };
    Ok(Some(Corrector { at, step, relative: false, steps }))
}

/// The grid of the steps from level to level: by a rule where one gives the same program, else time by time.
fn grid(at: &Instance, route: &Route, build: &dyn Fn(&TimeGrid) -> Program) -> Result<Entries, String> {
    let levels: Vec<NoiseLevel> =
        route.moves.iter().filter(|step| !matches!(step, Move::Correct(_))).map(Move::begins).collect();
    let times: Vec<f64> =
        levels.iter().chain([&route.last]).map(|level| time_of(route.family, *level)).collect::<Result<_, _>>()?;
    let n = levels.len() as u64;
    let (horizon, early_stop) = (times[0], times[times.len() - 1]);
    let distance = |grid: &TimeGrid| apart(&at.program, &build(grid));
    let ends = || vec![entry("horizon", Value::Float(horizon)), entry("early-stop", Value::Float(early_stop))];
    let steps = || vec![entry("steps", whole(n))];
    let named = |name: &str| vec![entry("grid", Value::Text(name.into()))];
    let uniform = TimeGrid::uniform(horizon, early_stop, n).ok().map(|grid| (grid, [ends(), steps()].concat()));
    let geometric = TimeGrid::geometric(horizon, early_stop, n)
        .ok()
        .map(|grid| (grid, [named("geometric"), ends(), steps()].concat()));
    let mut rules = [uniform, geometric].into_iter().flatten();
    if let Some((_, entries)) = rules.find(|(grid, _)| distance(grid) <= SAME) {
        return Ok(entries);
    }
    if n > MOST_LISTED {
        return Err(format!("more than {MOST_LISTED} times would have to be listed"));
    }
    Ok(vec![entry("times", floats(&times))])
}

/// The largest relative distance of the numbers of two programs, infinite where their blocks do not match.
fn apart(a: &Program, b: &Program) -> f64 {
    let (a, b) = (runs(a), runs(b));
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let relative = |(x, y): (f64, f64)| if x == y { 0.0 } else { (x - y).abs() / x.abs().max(y.abs()) };
    let one = |((x, n), (y, m)): (&Run, &Run)| match n == m {
        true if x.len() == y.len() => x.iter().copied().zip(y.iter().copied()).map(relative).fold(0.0, f64::max),
        _ => f64::INFINITY,
    };
    a.iter().zip(&b).map(one).fold(0.0, f64::max)
}

/// The numbers of a kernel, and how often it is applied in a row.
type Run = (Vec<f64>, u64);

/// The numbers of a program without the switches of the error, equal kernels in a row together.
fn runs(program: &Program) -> Vec<Run> {
    let mut all: Vec<Run> = Vec::new();
    for block in &program.blocks {
        let mut numbers = match block.kernel.drift {
            Drift::Score { a_minus_one, b, .. } => vec![0.0, a_minus_one, b],
            Drift::Heun { growth, h, .. } => vec![1.0, growth, h],
            Drift::Scale { a_minus_one } => vec![2.0, a_minus_one],
        };
        numbers.push(block.kernel.noise);
        let kind = |cut: bool| f64::from(u8::from(cut));
        numbers.extend(block.kernel.drift.scores().flat_map(|at| [at.level.alpha, at.level.sigma, kind(at.truncated)]));
        match all.last_mut() {
            Some((last, steps)) if *last == numbers => *steps += block.repeat,
            _ => all.push((numbers, block.repeat)),
        }
    }
    all
}

/// `[measure]`: what the theorem speaks of, or total variation.
fn measure(theorem: &Theorem, at: &Instance, early_stopped: bool) -> Node {
    let kind = match theorem.about {
        Quantity::Divergence(_, kind) => kind.name(),
        // What is measured besides is only written because something must be: what there is for this target.
        Quantity::Other { .. } if at.level.is_data() && at.target.data().is_some_and(|data| data.has_atoms()) => "w2",
        Quantity::Other { .. } => "tv",
    };
    let mut entries = vec![entry("divergences", array([Value::Text(kind.into())]))];
    if early_stopped {
        entries.push(entry("against", Value::Text("early-stopped".into())));
    }
    let (usual, own) = (Settings::default(), at.settings);
    entries.extend(own.engine.map(|engine| entry("engine", Value::Text(engine.name().into()))));
    if own.particles != usual.particles {
        entries.push(entry("particles", whole(own.particles)));
    }
    if own.confidence != usual.confidence {
        entries.push(entry("confidence", Value::Float(own.confidence)));
    }
    Value::Table(entries).into()
}

/// That a text poses this instance again.
fn reads_back(text: &str, at: &Instance) -> Result<(), String> {
    let source = Source::new("the spec".into(), text.to_owned());
    let read = Spec::parse("instance", source).and_then(|spec| {
        let question = spec.question_of(&spec.tree)?;
        question.pose(at.settings.seed).map_err(|flaw| spec.at(flaw))
    });
    let posed = read.map_err(|why| format!("it cannot be read back: {why}"))?.instance;
    // Langevin Monte Carlo at a noise level is posed at the data level of the noised target.
    let moved = at.level != posed.level;
    let distance = if moved { 0.0 } else { apart(&at.program, &posed.program) };
    match distance <= OTHER {
        true => Ok(()),
        false => Err(format!("it would be another program: numbers differ by {distance:.1e}")),
    }
}
