//! Box mixtures as targets.

use super::Place;

const LINE: &str =
    "[target.box-mixture]\nweights = [0.3, 0.7]\nmeans = [-1.4, 0.4]\nsds = [0.5, 0.25]\nhalf-width = 1.0\n";
const SAMPLER: &str =
    "[sampler.reverse-sde]\nscheme = \"exponential-minus\"\nhorizon = 2.0\nearly-stop = 0.1\nsteps = 8\n";
/// Four coordinates that hang together.
const SPACE: &str = "[target.box-mixture]\nweights = [0.5, 0.5]\nmeans = [[0.15, 0.48, 0.33, -0.33], [-0.24, 0.45, -0.59, 0.39]]\n\
                     sd = 0.25\nhalf-width = 1.0\n";
const TRAINED: &str = "[score.learned]\nsamples = 60\nearly-stop = 0.1\ntest = 200\nanchors = 100\n";

/// The output law of a reverse SDE against values of another program: the chain on 4001 nodes of the line, the density by ndtr.
#[test]
fn a_sampler_runs_to_a_box_mixture() {
    let measure = "[measure]\ndivergences = [\"tv\", \"kl\", \"kl-reverse\", \"hellinger-squared\"]\nagainst = \"early-stopped\"\n";
    let (code, out, err) = Place::new().eval(&format!("{LINE}{SAMPLER}{measure}"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["engine"], "grid");
    for (name, truth, accuracy) in [
        ("tv", 0.089_163_8, 1e-6),
        ("kl", 0.066_823_868_529_258, 1e-11),
        ("kl-reverse", 0.040_689_217_620_451, 1e-11),
        ("hellinger-squared", 0.012_338_746_797_956, 1e-11),
    ] {
        let (lo, hi) = ends(&found["divergences"][name]);
        assert!((lo - truth).abs() < accuracy && (hi - truth).abs() < accuracy, "{name} {lo} {hi}");
        assert_eq!(found["divergences"][name]["evidence"], "checked");
    }
    // alpha^2 E X^2 + sigma^2, and constants from the support: R^2 = alpha^2/sigma^2, |Hess ln p| <= (R^2 - 1)/sigma^2.
    let constants = &found["constants"];
    assert!((constants["second-moment"].as_f64().unwrap() - 0.444_042_884_936_744).abs() < 1e-12, "{constants}");
    let (alpha_sqr, variance) = ((-0.2_f64).exp(), -(-0.2_f64).exp_m1());
    let ratio = alpha_sqr / variance;
    let (flat, steep) = ends(&constants["lipschitz"]);
    assert!((flat * variance - 1.0).abs() < 1e-12 && (steep * variance - (ratio - 1.0)).abs() < 1e-12, "{constants}");
    let (least, most) = ends(&constants["lsi"]);
    assert!((most / (variance * ratio.exp()) - 1.0).abs() < 1e-12 && least > variance && least < most, "{constants}");
}

fn ends(interval: &serde_json::Value) -> (f64, f64) {
    (interval["lo"].as_f64().unwrap(), interval["hi"].as_f64().unwrap())
}

#[test]
fn langevin_runs_under_noise() {
    let lmc =
        "[start.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n[sampler.lmc]\nstep = 0.01\nsteps = 400\ntime = 0.2\n";
    let (code, out, err) =
        Place::new().eval(&format!("{LINE}{lmc}[error.fourier]\nepsilon = 0.1\n[measure]\ndivergences = [\"tv\"]\n"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let (lo, hi) = ends(&found["divergences"]["tv"]);
    assert!(lo > 0.0 && hi < 0.1 && hi - lo < 1e-8, "{found}");
    let (lo, hi) = ends(&found["epsilon"][0]);
    assert!(lo <= 0.1 && 0.1 <= hi && found["epsilon"][0]["evidence"] == "checked", "{found}");
}

/// Independent coordinates come apart: a single component, and a block of a product.
#[test]
fn independent_coordinates_are_carried_one_by_one() {
    let one = "[target.box-mixture]\nweights = [1.0]\nmeans = [[0.5, 0.5, -0.3]]\nsd = 0.4\nhalf-width = 1.0\n";
    let blocks = "[target.product]\nfactors = [{ copies = 2, box-mixture = { weights = [1.0], means = [0.5], sd = 0.4, half-width = 1.0 } }, \
                  { copies = 1, box-mixture = { weights = [1.0], means = [-0.3], sd = 0.4, half-width = 1.0 } }]\n";
    let measure = "[measure]\ndivergences = [\"kl\"]\nagainst = \"early-stopped\"\n";
    let kl = |target: &str| {
        let (code, out, err) = Place::new().eval(&format!("{target}{SAMPLER}{measure}"));
        assert_eq!(code, 0, "{err}");
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(found["engine"], "product");
        ends(&found["divergences"]["kl"])
    };
    let (a, b) = (kl(one), kl(blocks));
    assert!(a.0 > 0.0 && (a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9, "{a:?} {b:?}");
}

#[test]
fn scores_of_box_mixtures_are_learned() {
    let measure = "[measure]\nlearning = [\"total\", \"approximation\", \"label-noise\"]\n";
    let product = "[target.product]\nfactors = [{ copies = 2, points = { weights = [0.5, 0.5], points = [-1.0, 1.0] } }, \
                   { copies = 1, box-mixture = { weights = [1.0], means = [0.3], sd = 0.4, half-width = 1.0 } }]\n";
    for target in [LINE, SPACE, product] {
        let (code, out, err) = Place::new().eval(&format!("{target}{TRAINED}{measure}"));
        assert_eq!(code, 0, "{err}");
        let found: serde_json::Value = serde_json::from_str(&out).unwrap();
        for name in ["total", "approximation", "label-noise"] {
            let (lo, hi) = ends(&found["learning"][name]);
            assert!(lo > 0.0 && hi < 2.0, "{name} {lo} {hi}");
        }
    }
    // The learned score drives a sampler on the line.
    let measure = "[measure]\ndivergences = [\"tv\"]\nagainst = \"early-stopped\"\n";
    let (code, out, err) = Place::new().eval(&format!("{LINE}{TRAINED}{SAMPLER}{measure}"));
    assert_eq!(code, 0, "{err}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(ends(&found["divergences"]["tv"]).1 < 0.5, "{found}");
}

#[test]
fn wrong_things_about_box_mixtures_are_named() {
    let place = Place::new();
    let measure = "[measure]\ndivergences = [\"tv\"]\nagainst = \"early-stopped\"\n";
    let line = |from: &str, to: &str| format!("{}{SAMPLER}{measure}", LINE.replace(from, to));
    for (spec, at, expected) in [
        (line("weights = [0.3, 0.7]", "weights = [0.3, 0.6]"), "2:11", "they must sum to 1"),
        (line("weights = [0.3, 0.7]\n", ""), "1:1", "has no `weights`"),
        (line("means = [-1.4, 0.4]", "means = [-1.4]"), "3:9", "1 `means`, but 2 `weights`"),
        (line("sds = [0.5, 0.25]", "sds = [0.5, -0.25]"), "4:13", "it must be between 1e-60 and 1e60"),
        (line("sds = [0.5, 0.25]", "sds = [1e-5, 0.25]"), "3:10", "standard deviations outside the cube"),
        (line("sds = [0.5, 0.25]", "sds = [0.5, 0.25]\nsd = 0.3"), "5:6", "both `sds` and `sd`"),
        (line("sds = [0.5, 0.25]\n", ""), "1:1", "none of `sds`, `sd`"),
        (line("half-width = 1.0", "half-width = 0.0"), "5:14", "it must be greater than 0"),
        (line("half-width = 1.0\n", ""), "1:1", "has no `half-width`"),
        (line("half-width", "half-widht"), "5:1", "did you mean `half-width`?"),
        (line("means = [-1.4, 0.4]", "means = [[-1.4], [0.4, 0.1]]"), "3:18", "all must have the same dimension"),
        (format!("{SPACE}{SAMPLER}{measure}"), "1:1", "its score can be learned"),
        (format!("{LINE}{SAMPLER}"), "1:1", "has jumps at the sides of its box"),
        (line("sds = [0.5, 0.25]", "sds = [0.5, 0.0001]"), "1:1", "too many nodes of quadrature"),
        (format!("{LINE}{SAMPLER}[start.target]\n{measure}"), "11:", "has no closed form to start from"),
    ] {
        let (code, _, err) = place.eval(&spec);
        assert!(code == 2 && err.contains(expected), "{spec}\n{expected}\n{err}");
        assert!(err.contains(&format!("question.toml:{at}")), "{at}\n{spec}\n{err}");
    }
}

/// Every statement is held against a sampler that runs to a box mixture: none is violated, and some hold.
#[test]
fn statements_are_held_against_samplers_to_box_mixtures() {
    let place = Place::new();
    let measure = "[measure]\ndivergences = [\"tv\", \"kl\"]\nagainst = \"early-stopped\"\n";
    place.spec(&format!("theorems = [\"all\"]\n{LINE}{SAMPLER}{measure}"));
    let (code, _, err) = place.run(&["run", "question.toml", "--out", "runs", "--quiet"]);
    assert_eq!(code, 0, "{err}");
    let records = std::fs::read_to_string(place.dir.path().join("runs/question/records.csv")).unwrap();
    for name in ["kl-to-prior", "kl-warm", "lsi-least"] {
        assert!(records.lines().any(|row| row.contains(name)), "{name}: {records}");
    }
    assert!(records.contains(",HOLDS,") && !records.contains("VIOLATED"), "{records}");
    // That something is in a ball, or on the line, is no less true of a law without a closed form: nothing is said to fail.
    for label in ["LLT-18g", "LLT-21", "PMM-4c", "LLT-18b"] {
        let row = records.lines().find(|row| row.contains(&format!(",{label},"))).unwrap();
        assert!(row.contains("UNDECIDED") && row.contains("a mixture stands in for it"), "{row}");
    }
}
