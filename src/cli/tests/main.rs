//! The command line as its users meet it: exit codes, data on stdout, talk on stderr.

mod boxed;
mod gate;
mod gate_commands;
mod gate_reports;
mod gate_samplers;
mod learned;
mod references;
mod runs;
mod statements;
mod tables;

use assert_cmd::Command;
use proptest::prelude::*;
use std::path::PathBuf;
use tempfile::TempDir;

/// A directory of its own for each test.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    fn spec(&self, text: &str) -> PathBuf {
        let path = self.dir.path().join("question.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Exit code, stdout and stderr of a call made in this directory.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("scorebound")
            .unwrap()
            .current_dir(self.dir.path())
            .env("NO_COLOR", "1")
            .args(args)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn eval(&self, spec: &str) -> (i32, String, String) {
        self.spec(spec);
        self.run(&["eval", "question.toml"])
    }
}

/// A small experiment; records are the same bytes for one and for three threads, and in two shards.
const EXPERIMENT: &str = r#"
title = "small"
question = "does it run?"
theorems = ["LLT-3b"]
[target.gaussian]
mean = 0.0
variance = 1.0
dim = 1
[start.gaussian]
mean = 0.5
variance = 1.0
dim = 1
[sampler.lmc]
step = 0.01
steps = 100
[measure]
divergences = ["kl", "tv"]
[sweep]
"sampler.lmc.step" = [0.1, 0.01, 0.001]
"#;

/// The specification's own example.
const EXAMPLE: &str = r#"
[target.mixture]
weights   = [0.4, 0.6]
means     = [-1.5, 1.5]
variances = [0.6, 1.0]

[start.gaussian]
mean = 0.5
variance = 2.0
dim = 1

[error.fourier]
amplitude = 0.1
frequency = 2.0

[sampler.lmc]
step  = 0.05
steps = 20

[measure]
divergences = ["tv"]
"#;

#[test]
fn eval_prints_the_example_of_the_contract() {
    let (code, out, err) = Place::new().eval(EXAMPLE);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["engine"], "grid");
    let number = |v: &serde_json::Value| v.as_f64().unwrap();
    let tv = &found["divergences"]["tv"];
    assert_eq!(tv["evidence"], "checked");
    let truth = 0.069_495_863_203_231_91;
    assert!(number(&tv["lo"]) <= truth && truth <= number(&tv["hi"]) && number(&tv["hi"]) - number(&tv["lo"]) < 1e-12);
    let epsilon = &found["epsilon"][0];
    assert!(number(&epsilon["lo"]) >= 0.070_829_16 && number(&epsilon["hi"]) <= 0.070_829_17);
    assert_eq!(number(&epsilon["level"]), 0.0);
    assert!((number(&found["law"]["mean"][0]) - 0.468_380_530_383_386_7).abs() < 1e-12);
    assert!((number(&found["law"]["cov"][0][0]) - 2.652_797_288_255_457_5).abs() < 1e-12);
    assert!(found["law"].get("evidence").is_none(), "nothing bounds the moments of a law on nodes");
    let constants = &found["constants"];
    let l = &constants["lipschitz"];
    assert!(number(&l["lo"]) > 2.4331 && number(&l["hi"]) < 2.4332);
    assert!(number(&constants["lsi"]["lo"]) > 3.95 && number(&constants["lsi"]["hi"]) < 4.715);
    assert!((number(&constants["second-moment"]) - 3.09).abs() < 1e-12);
}

#[test]
fn explain_prints_the_ledger_by_name() {
    let place = Place::new();
    place.spec(EXAMPLE);
    let (code, out, err) = place.run(&["eval", "question.toml", "--explain"]);
    assert_eq!(code, 0);
    serde_json::from_str::<serde_json::Value>(&out).unwrap();
    for word in ["gaussian", "discretisation", "box exit", "spectrum", "rounding", "open"] {
        assert!(err.contains(word), "no `{word}` in {err}");
    }
}

/// Every wrong spec: exit code 2, nothing on stdout, the place and a word of help on stderr.
#[test]
fn wrong_specs_are_placed_and_explained() {
    let base = "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[start.target]\n";
    let lmc = |body: &str| format!("{base}[sampler.lmc]\n{body}\n");
    let cases: Vec<(String, &str, &str)> = vec![
        ("x =".into(), "question.toml:1:", "TOML"),
        (
            format!("{base}[process.vp]\nbeta-min = 2.0\nbeta-max = 1.0\nhorizon = 1.0\n[sampler.reverse-sde]\nhorizon = 3.0\nsteps = 3\n"),
            "question.toml:10:",
            "falls to 0 at 2",
        ),
        (format!("{base}[sampler.reverse-sde]\nhorizon = 3.0\nsteps = 3\ngrid = \"geometric\"\n"), "question.toml:6:", "early-stop"),
        (format!("{base}[sampler.annealed-lmc]\nsigmas = [1.0, 2.0]\nstep = 0.1\nsteps-per-level = 1\n"), "question.toml:7:", "widest first"),
        (
            format!("{base}[sampler.annealed-lmc]\nsigma-max = 2.0\nsigma-min = 1.0\nlevels = 3\nalpha = 0.5\nstep = 0.1\nsteps-per-level = 9\n"),
            "question.toml:9:",
            "drop one",
        ),
        (format!("{base}[sampler]\nevaluations = 9\nreverse-sde = {{ horizon = 1.0, steps = 3 }}\n"), "question.toml:8:", "drop one of them"),
        (format!("{base}[sampler]\nevaluations = 2.5\nreverse-sde = {{ horizon = 1.0 }}\n"), "question.toml:7:", "evaluations"),
        (
            format!("{base}[sampler]\nevaluations = 3\npredictor-corrector = {{ horizon = 1.0, corrector-step = 0.1, corrector-steps = 5 }}\n"),
            "question.toml:7:",
            "no evaluation is left",
        ),
        (
            format!("{base}[sampler]\nevaluations = 1\nannealed-lmc = {{ sigmas = [2.0, 1.0], step = 0.1 }}\n"),
            "question.toml:7:",
            "1 evaluations for 2 levels",
        ),
        (
            format!("{base}[sampler]\nevaluations = 9\nreverse-sde = {{ horizon = 1.0, early-stop = 0.1, grid = \"kappa\", kappa = 0.1 }}\n"),
            "question.toml:8:",
            "has both `steps` and `kappa`",
        ),
        (
            format!("{base}[sampler.annealed-lmc]\nsigmas = [2.0, 1.0]\nstep = 0.1\nsteps-per-level = 4\nhorizon = 1.0\n"),
            "question.toml:10:",
            "drop one",
        ),
        (format!("{base}[sampler.annealed-lmc]\nsigmas = [2.0, 1.0]\nhorizon = 1.0\n"), "question.toml:", "steps-per-level"),
        (
            format!("{base}[sampler.predictor-corrector]\nhorizon = 1.0\nsteps = 3\ncorrector-step = 0.1\ncorrector-steps = 2\ncorrector-horizon = 1.0\n"),
            "question.toml:11:",
            "has both `corrector-steps` and `corrector-horizon`",
        ),
        (format!("{base}[sampler.flow-ode]\nhorizon = 1.0\nsteps = 3\nscheme = \"hein\"\n"), "question.toml:9:", "did you mean `heun`"),
        (format!("{base}[sampler.flow-ode]\nhorizon = 1.0\n"), "question.toml:6:", "steps"),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-share = 0.5\nreverse = {{ flow-ode = {{ steps = 3 }} }}\n"),
            "question.toml:9:",
            "without `sampler.evaluations`",
        ),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-steps = 5\ncorrector-time = 1.0\nreverse = {{ flow-ode = {{ steps = 3 }} }}\n"),
            "question.toml:10:",
            "drop one",
        ),
        (format!("{base}[sampler]\nevaluations = 1\nflow-ode = {{ horizon = 1.0, scheme = \"heun\" }}\n"), "question.toml:7:", "no evaluation is left"),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\nreverse = {{ flow-ode = {{ steps = 3 }} }}\n"),
            "question.toml:6:",
            "has no `corrector-steps`, no `corrector-time`",
        ),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-time = 1.0\n"),
            "question.toml:6:",
            "has no `reverse`",
        ),
        (
            format!("{base}[sampler.prediction-correction]\ncorrector-step = 0.1\ncorrector-time = 1.0\nreverse = {{ flow-ode = {{ steps = 3 }} }}\n"),
            "question.toml:9:",
            "horizon",
        ),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-time = 1.0\nreverse = {{ flow-ode = {{ horizon = 2.0, steps = 3 }} }}\n"),
            "question.toml:10:",
            "horizon",
        ),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-time = 1.0\nreverse = {{ flow-ode = {{ times = [1.0, 0.5] }} }}\n"),
            "question.toml:7:",
            "drop `horizon`, or drop `times`",
        ),
        (
            format!("{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-time = 1.0\nreverse = {{ lmc = {{ steps = 3 }} }}\n"),
            "question.toml:10:",
            "reverse-sde",
        ),
        (
            format!("{base}[error.constant]\nepsilon = 0.1\nat-steps = []\n[sampler.lmc]\nstep = 0.1\nsteps = 3\n"),
            "question.toml:8:",
            "acts nowhere",
        ),
        (
            format!("{base}[sampler.lmc]\nstep = 0.1\nsteps = 3\n[sweep]\n\"sampler.lmc.step\" = [0.1, 0.2]\n[figure]\nworst-over = \"sampler.lmc.steps\"\n"),
            "question.toml:12:",
            "which is not swept",
        ),
        (
            format!("{base}[sampler.lmc]\nstep = 0.1\nsteps = 3\n[sweep]\n\"sampler.lmc.step\" = [0.1, 0.2]\n[figure]\nx = \"sampler.lmc.step\"\nworst-over = \"sampler.lmc.step\"\n"),
            "question.toml:13:",
            "the path of `figure.x`",
        ),
        (
            format!("{base}[sampler.lmc]\nstep = 0.1\nsteps = 3\n[sweep]\n\"target.gaussian.mean\" = [0.0, 1.0]\n[figure]\nper = \"target.gaussian.mean\"\n"),
            "question.toml:12:",
            "positive numbers",
        ),
        (lmc("stepp = 0.1\nsteps = 3"), "question.toml:7:1", "did you mean `step`"),
        (lmc("step = -0.1\nsteps = 3"), "question.toml:7:", "step"),
        (lmc("step = 0.1\nsteps = 0"), "question.toml:8:", "steps"),
        (lmc("step = nan\nsteps = 3"), "question.toml:7:", "step"),
        (lmc("step = 0.1\nsteps = 3\nhorizon = 1.0"), "question.toml:", "horizon"),
        (
            "[target.mixture]\nweights = [0.4, 0.7]\nmeans = [0.0, 1.0]\nvariances = [1.0, 1.0]\n[start.target]\n"
                .into(),
            "question.toml:2:",
            "sum to 1",
        ),
        (
            "[target.gaussian]\nmean = [0.0, 0.0]\ncov = [[1.0, 2.0], [2.0, 1.0]]\n[start.target]\n".into(),
            "question.toml:3:",
            "definite",
        ),
        (
            "[target.gaussian]\nmean = [0.0, 0.0]\ncov = [[1.0, 0.5], [0.4, 1.0]]\n[start.target]\n".into(),
            "question.toml:3:",
            "symmetric",
        ),
        ("[target.gaussian]\nmean = [0.0, 0.0]\ncov = [[1.0]]\n[start.target]\n".into(), "question.toml:", "dimension"),
        (
            format!("{base}[error.constant]\nepsilon = 0.1\namplitude = 0.1\n[sampler.lmc]\nstep = 0.1\nsteps = 3\n"),
            "question.toml:",
            "amplitude",
        ),
        (
            format!("{base}[error.constant]\nepsilon = 0.1\nat-steps = [0]\n"),
            "question.toml:8:",
            "`at-steps` confines the error to steps of a sampler",
        ),
        (
            "[target.product]\nfactors = [{ copies = 1, mixture = { weights = [0.5, 0.5], means = [1e200, -1e200], variance = 1e-3 } }, { copies = 1, gaussian = { mean = 0.0, variance = 1.0, dim = 1 } }]\n[start.target]\n[error.affine]\nepsilon = 0.1\n[sampler.lmc]\nstep = 1e-3\nsteps = 1\n".into(),
            "question.toml:4:",
            "no amplitude reaches epsilon",
        ),
        (
            format!("{}time = 1e308\n[process.ve]\n", lmc("step = 0.1\nsteps = 3")),
            "question.toml:1:",
            "cannot be formed in double precision",
        ),
        (format!("{base}[sampler.reverse-sde]\nscheme = \"exponential\"\n"), "question.toml:6:", "reverse-sde"),
        (
            format!("{}[measure]\ndivergences = [\"tvv\"]\n", lmc("step = 0.1\nsteps = 3")),
            "question.toml:",
            "did you mean",
        ),
        (
            format!("{}[measure]\ndivergences = [\"tv\"]\nengine = \"split\"\n", lmc("step = 0.1\nsteps = 3")),
            "question.toml:",
            "split",
        ),
    ];
    let case = |names: &str| format!("{}{names}", lmc("step = 0.1\nsteps = 3"));
    let variants = |list: &str| case(&format!("[sweep]\n\"sampler.lmc\" = {list}\n"));
    let figure = |body: &str| case(&format!("[sweep]\n\"sampler.lmc.step\" = [0.1, 0.2]\n[figure]\n{body}\n"));
    let more: Vec<(String, &str, &str)> = vec![
        (String::new(), "question.toml:1:", "the spec has no `target`"),
        (case("[[sweep.case]]\nstart.target = {}\n"), "question.toml:9:", "no `name`"),
        (case("[[sweep.case]]\nname = \"a\"\n[[sweep.case]]\nname = \"a\"\n"), "question.toml:12:", "two cases"),
        (
            variants("[{ name = \"a\", step = 0.1 }, { name = \"a\", step = 0.2 }]"),
            "question.toml:10:55",
            "two variants",
        ),
        (
            variants("[{ name = \"a\", step = 0.1 }, { step = 0.2 }]"),
            "question.toml:10:46",
            "give every variant a `name`",
        ),
        (figure("slopes = [{ of = \"zz\", power = 1.0 }]"), "question.toml:12:", "nothing called `zz`"),
        (figure("slopes = [{ on = \"LLT-99\", power = 1.0 }]"), "question.toml:12:", "no theorem"),
        (figure("x = \"lsj\""), "question.toml:12:", "not swept"),
        // Whatever a figure asks for is drawn, or refused here.
        (
            figure("y = [\"tv\", \"w2\"]\n[measure]\ndivergences = [\"tv\"]"),
            "question.toml:12:",
            "`w2` is not measured",
        ),
        (figure("y = [\"tv\", \"LLT-3b\"]"), "question.toml:12:", "not among the `theorems`"),
        (figure("y = [\"bound\"]"), "question.toml:12:", "no `theorems`"),
        (figure("y = [\"tv-twin\"]"), "question.toml:12:", "LLT-1, LLT-7b, LLT-8"),
        (figure("y = [\"prescribed-step\"]"), "question.toml:12:", "prescribed = "),
        (figure("y = [\"tv\"]\nslopes = [{ of = \"chi2\", power = 2.0 }]"), "question.toml:13:", "`chi2` is not drawn"),
        // Paths of sweeps.
        (case("[sweep]\nsampler.lmc.step = [0.1, 0.2]\n"), "question.toml:10:", "\"sampler.lmc.step\""),
        (case("[sweep]\n\"sampler.lmc.stp\" = [0.1, 0.2]\n"), "question.toml:10:", "`sampler.lmc.step`"),
        (case("[sweep]\n\"sampler.lmc.step\" = { log = [0.1, 0.2], n = 7 }\n"), "question.toml:10:", "unknown key `n`"),
        // Misspelt keys are named themselves.
        (base.replace("variance", "varience"), "question.toml:3:", "did you mean `variance`"),
        (format!("{base}[error.constant]\nepsilom = 0.1\n"), "question.toml:7:", "did you mean `epsilon`"),
        (lmc("step = 0.1\nsteps = 3\ntruncate = { bound = 1.0 }"), "question.toml:9:", "set `time` > 0"),
        (
            lmc("step = 0.1\nsteps = 3\ntime = 1.0\ntruncate = { bound = 0.0 }"),
            "question.toml:10:22",
            "it must be greater than 0",
        ),
        (
            lmc("step = 0.1\nsteps = 3\ntime = 1.0\ntruncate = { centre = 0.0 }"),
            "question.toml:10:12",
            "the bound B > 0",
        ),
        (lmc("step = 0.1\nsteps = 3\ntime = 1.0\ntruncate = 2.0"), "question.toml:10:12", "expected a table"),
        (
            lmc("step = 0.1\nsteps = 3\ntime = 1.0\ntruncate = { bound = 1.0, centre = [0.0, 0.0] }"),
            "question.toml:10:36",
            "has 2 numbers, the target has dimension 1",
        ),
        (
            lmc("step = 0.1\nsteps = 3\ntime = 1.0\ntruncate = { bound = 1.0, centre = [0.0, 0.0] }"),
            "question.toml:10:36",
            "a bare number for all of them: `centre = 0.0`",
        ),
        (
            lmc("step = 0.1\nsteps = 3\ntime = 1.0\ntruncate = { bound = 1.0, center = 0.0 }"),
            "question.toml:10:27",
            "did you mean `centre`",
        ),
        (
            format!(
                "{base}[sampler.prediction-correction]\nhorizon = 1.0\ncorrector-step = 0.1\ncorrector-time = 1.0\ntruncate = {{ bound = -1.0 }}\nreverse = {{ flow-ode = {{ steps = 3 }} }}\n"
            ),
            "question.toml:10:22",
            "it must be greater than 0",
        ),
        ("[start.prior]\n".into(), "question.toml:1:", "no `target`"),
        (format!("{base}[sampler.lmcc]\nstep = 0.1\n"), "question.toml:6:", "did you mean `lmc`"),
    ];
    for (spec, place, word) in cases.into_iter().chain(more) {
        let (code, out, err) = Place::new().eval(&spec);
        assert_eq!(code, 2, "{spec}\n{err}");
        assert!(out.is_empty(), "{out}");
        assert!(err.contains(place) && err.contains(word), "want `{place}` and `{word}`:\n{spec}\n{err}");
        assert!(!err.contains("panicked"), "{err}");
    }
    // A run called `.` would be written into the directory of all runs.
    let place = Place::new();
    for name in [".toml", "..toml", "...toml"] {
        std::fs::write(place.dir.path().join(name), EXPERIMENT).unwrap();
        let (code, _, err) = place.run(&["run", name]);
        let refused = code == 2 && err.contains("rename it");
        assert!(if name == ".toml" { code == 0 } else { refused }, "{name}: {code} {err}");
    }
    let (code, _, err) = Place::new().run(&["eval", "missing.toml"]);
    assert!(code == 2 && err.contains("missing.toml"), "{err}");
}

#[test]
fn every_verb_has_help() {
    let place = Place::new();
    for verb in ["run", "verify", "rates", "eval", "report", "list", "show", "cite", "completions"] {
        let (code, out, _) = place.run(&[verb, "--help"]);
        assert!(code == 0 && out.contains("Usage"), "{verb}: {out}");
    }
    assert_eq!(place.run(&["no-such-verb"]).0, 2);
}

#[test]
fn negative_numbers_are_values() {
    let (code, _, err) = Place::new().run(&["list", "targets", "--seed", "-1"]);
    assert!(code == 2 && err.contains("invalid value '-1'") && !err.contains("-- -1"), "{err}");
}

#[test]
fn long_lists_of_numbers_stand_on_one_line() {
    let law = |mean: f64| format!("mean = {mean}\nvariance = 1.0\ndim = 2000\n");
    let spec =
        format!("[target.gaussian]\n{}[start.gaussian]\n{}[measure]\ndivergences = [\"kl\"]\n", law(0.0), law(0.5));
    let (code, out, err) = Place::new().eval(&spec);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["law"]["mean"].as_array().unwrap().len(), 2000);
    assert_eq!(found["law"]["evidence"], "exact");
    assert!(found["law"].get("cov").is_none() && out.lines().count() < 40, "{} lines", out.lines().count());
}

/// N(0, 1), started at N(`shift`, 1).
fn shifted(shift: f64) -> String {
    format!(
        "[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n\
         [start.gaussian]\nmean = {shift}\nvariance = 1.0\ndim = 1\n"
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Cutting a valid spec anywhere and splicing something in never panics: exit code 0 or 2.
    #[test]
    fn mutated_specs_never_panic(at in 0..EXAMPLE.len(), length in 0..12usize, splice in "[\\[\\]={}\"0-9.a-z,\n-]{0,8}") {
        let end = (at + length).min(EXAMPLE.len());
        let text = format!("{}{}{}", &EXAMPLE[..at], splice, &EXAMPLE[end..]);
        let (code, _, err) = Place::new().eval(&text);
        prop_assert!(code == 0 || code == 2, "{code}\n{text}\n{err}");
        prop_assert!(!err.contains("panicked"), "{text}\n{err}");
    }
}

/// A mixture on a line that is no axis, beside a Gaussian: every divergence is proved; values with 40 digits, on the line.
#[test]
fn eval_proves_the_distances_of_rotated_mixtures() {
    let place = Place::new();
    let spec = r#"
[start.mixture]
weights = [0.375, 0.625]
means   = [[-0.75, -1.0], [1.125, 1.5]]
covs    = [[[0.640625, 0.1875], [0.1875, 0.75]], [[0.5703125, 0.09375], [0.09375, 0.625]]]

[target.mixture]
weights = [0.5, 0.5]
means   = [[-0.75, -1.0], [0.75, 1.0]]
covs    = [[[0.765625, 0.1875], [0.1875, 0.875]], [[0.90625, 0.375], [0.375, 1.125]]]

[measure]
divergences = ["tv", "kl", "kl-reverse", "chi2", "renyi2", "hellinger-squared", "w2"]
"#;
    let (code, out, err) = place.eval(spec);
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let end = |d: &serde_json::Value, end: &str| d[end].as_f64().unwrap();
    for (name, d) in found["divergences"].as_object().unwrap() {
        assert_eq!(d["evidence"], "certified", "{name}: {d}");
        // TV of two factors is a bracket.
        let width = if name == "tv" { 4e-9 } else { 1e-12 };
        assert!(end(d, "hi") - end(d, "lo") < width, "{name}: {d}");
    }
    for (name, truth) in [
        ("kl", 0.158_658_735_843_823_99),
        ("kl-reverse", 0.151_140_476_543_017),
        ("chi2", 0.366_032_529_654_088_9),
        ("renyi2", 0.311_910_574_667_461_9),
    ] {
        let d = &found["divergences"][name];
        assert!(end(d, "lo") <= truth && truth <= end(d, "hi"), "{name}: {d} misses {truth}");
    }
}

/// W2 of the chain below and its atoms, from 4 10^6 quantiles of its start, each against the atom of its rank (numpy).
const W2_TO_ATOMS: f64 = 0.559_845_39;

/// Atoms have no density, but the output has a distance W2 from them; in total variation nothing is farther.
#[test]
fn the_output_is_compared_with_atoms_in_w2() {
    let eval = |divergences: &str| {
        Place::new().eval(&format!(
            "[target.points]\nweights = [0.3, 0.7]\npoints = [-1.0, 0.8]\n[sampler.flow-ode]\nscheme = \"exponential\"\nhorizon = 1.0\n\
             early-stop = 0.2\nsteps = 12\n[measure]\ndivergences = [{divergences}]\n"
        ))
    };
    let (code, out, err) = eval("\"w2\", \"tv\"");
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let w2 = &found["divergences"]["w2"];
    let (lo, hi) = (w2["lo"].as_f64().unwrap(), w2["hi"].as_f64().unwrap());
    assert!(lo <= W2_TO_ATOMS + 2e-7 && W2_TO_ATOMS - 2e-7 <= hi && hi - lo < 1e-6, "{w2}");
    assert_eq!(found["divergences"]["tv"], serde_json::json!({"lo": 1.0, "hi": 1.0, "evidence": "exact"}));
    let (code, _, err) = eval("\"tv\"");
    assert!(code == 2 && err.contains("discrete points have no density at sigma = 0"), "{err}");
}

/// 0.29 of 100 evaluations are 29.
#[test]
fn shares_of_a_budget_are_not_lost_to_rounding() {
    let eval = |sampler: &str| {
        let (code, out, err) = Place::new().eval(&format!(
            "[target.gaussian]\nmean = 0.5\nvariance = 0.5\ndim = 1\n[start.prior]\n{sampler}[measure]\ndivergences = [\"w2\"]\n\
             against = \"early-stopped\"\n"
        ));
        assert_eq!(code, 0, "{err}");
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        found["divergences"]["w2"].clone()
    };
    let shared = eval(
        "[sampler]\nevaluations = 100\nprediction-correction = { horizon = 0.5, corrector-step = 0.1, corrector-share = 0.29, \
         reverse = { flow-ode = { early-stop = 0.1 } } }\n",
    );
    let counted = eval(
        "[sampler.prediction-correction]\nhorizon = 0.5\ncorrector-step = 0.1\ncorrector-steps = 29\n\
         reverse = { flow-ode = { early-stop = 0.1, steps = 71 } }\n",
    );
    assert_eq!(shared, counted);
}

/// The truncated score end to end: what it says of itself, that it saves the sampler, and that it stops nothing where it cuts
/// nothing.
#[test]
fn truncated_scores_are_evaluated() {
    let spec = |truncate: &str| {
        format!(
            "[target.points]\nweights = [0.5, 0.5]\npoints = [-1.0, 1.0]\n[start.prior]\n[error.outward]\namplitude = 6.0\n\
             threshold = 2.5\nedge = 0.3\n[sampler.prediction-correction]\nhorizon = 0.6\ncorrector-step = 0.05\ncorrector-time = 4.0\n\
             {truncate}reverse = {{ reverse-sde = {{ early-stop = 0.1, steps = 10 }} }}\n[measure]\ndivergences = [\"tv\"]\n\
             against = \"early-stopped\"\n"
        )
    };
    let eval = |truncate: &str| -> serde_json::Value {
        let (code, out, err) = Place::new().eval(&spec(truncate));
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    };
    let plain = eval("");
    let cut = eval("truncate = { bound = 0.8, centre = [0.0] }\n");
    assert!(plain["truncation"].is_null());
    // a R/q = e^{-0.6}/(1 - e^{-1.2}).
    let least = (-0.6_f64).exp() / (1.0 - (-1.2_f64).exp());
    assert!((cut["truncation"]["least-bound"]["lo"].as_f64().unwrap() - least).abs() < 1e-12, "{cut}");
    assert!(cut["truncation"]["keeps-exact"] == true && cut["truncation"]["radius"]["hi"].as_f64().unwrap() >= 1.0);
    assert_eq!((&cut["engine"], &cut["epsilon"]), (&plain["engine"], &plain["epsilon"]));
    let tv = |found: &serde_json::Value| {
        (found["divergences"]["tv"]["lo"].as_f64().unwrap(), found["divergences"]["tv"]["hi"].as_f64().unwrap())
    };
    assert!(tv(&cut).1 < tv(&plain).0, "{cut} {plain}");
}
