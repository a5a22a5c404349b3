//! The high-precision values of `paper_checks/reference/`, asked of `eval` as a user would.

use super::Place;
use serde_json::Value;

const LAWS: &str = include_str!("../../../paper_checks/reference/laws.json");
const LANGEVIN: &str = include_str!("../../../paper_checks/reference/langevin.json");
const TWO_MODES: &str = "mixture = { weights = [0.4, 0.6], means = [-1.5, 1.5], variances = [0.6, 1.0] }";

fn entries(text: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).unwrap();
    all["values"].as_array().unwrap().clone()
}

/// A number that may be written as a string.
fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

/// A JSON array of numbers or of arrays as TOML.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        other => format!("{:?}", number(other)),
    }
}

fn normal(role: &str, mean: &str, cov: &str) -> String {
    format!("[{role}.gaussian]\nmean = {mean}\ncov = {cov}\n")
}

fn scalar(role: &str, mean: f64, variance: f64) -> String {
    normal(role, &format!("[{mean:?}]"), &format!("[[{variance:?}]]"))
}

fn mixture(role: &str, w: &str, m: &str, v: &str) -> String {
    format!("[{role}.mixture]\nweights = {w}\nmeans = {m}\nvariances = {v}\n")
}

fn target() -> String {
    mixture("target", "[0.4, 0.6]", "[-1.5, 1.5]", "[0.6, 1.0]")
}

fn copies(role: &str, n: u64, law: &str) -> String {
    format!("[{role}.product]\nfactors = [{{ copies = {n}, {law} }}]\n")
}

/// The name of an output in specs.
fn divergence(output: &str) -> Option<&'static str> {
    Some(match output {
        "tv" => "tv",
        "kl" | "kl10" | "kl_q_p" => "kl",
        "kl01" | "kl_rev" => "kl-reverse",
        "hell2" => "hellinger-squared",
        "chi2" | "chi2_10" => "chi2",
        "renyi2_10" | "log1p_chi2_10" => "renyi2",
        "w2" => "w2",
        _ => return None,
    })
}

/// `N(m,v)` as its two numbers.
fn parameters(text: &str) -> (f64, f64) {
    let (m, v) = text[2..].split_once(')').unwrap().0.split_once(',').unwrap();
    (m.trim().parse().unwrap(), v.trim().parse().unwrap())
}

/// The question of an entry of `laws.json`, and how much the rounding of its decimals to doubles may count, relatively; `None`
/// for samplers that this version does not have.
fn question(entry: &Value) -> Option<(String, f64)> {
    let input = &entry["input"];
    let text = |key: &str| input[key].as_str().unwrap_or_default().to_string();
    let d = input["d"].as_u64().unwrap_or(1);
    let spec = match entry["kind"].as_str().unwrap() {
        "gauss_pair" => {
            let sd = input.get("S1_sd").map(number);
            let cov = sd.map_or_else(|| toml(&input["S1"]), |sd| format!("[[{:?}]]", sd * sd));
            normal("target", &toml(&input["m0"]), &toml(&input["S0"])) + &normal("start", &toml(&input["m1"]), &cov)
        }
        "gauss_pair_diag" => {
            let (a, b) = if d == 20 { (0.1, 0.3) } else { (0.05, 0.05) };
            let list = |f: &dyn Fn(f64) -> f64| {
                format!("[{}]", (1..=d).map(|i| format!("{:?}", f(i as f64))).collect::<Vec<_>>().join(", "))
            };
            format!("[target.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = {d}\n")
                + &format!("[start.gaussian]\nmean = {}\n", list(&|i| a * i.sin()))
                + &format!("variances = {}\n", list(&|i| (b * i.cos()).exp()))
        }
        "product_gauss" => {
            let (m, v) = parameters(&text("q1"));
            let one = |m: f64, v: f64| format!("gaussian = {{ mean = {m:?}, variance = {v:?}, dim = 1 }}");
            // The variance departs from 1 by as little as 5e-4, of which a rounding is 2e-13, and its square enters.
            let lost = if d == 1_000_000 { 5e-13 } else { 0.0 };
            return Some((copies("target", d, &one(0.0, 1.0)) + &copies("start", d, &one(m, v)), lost));
        }
        "lmc_gauss_1d" => {
            scalar("target", 0.0, 1.0)
                + &scalar("start", 1.5, 0.5)
                + "[error.affine]\namplitude = 1.0\nmatrix = [[0.05]]\noffset = [0.1]\n"
                + "[sampler.lmc]\nstep = \"1e-3\"\nsteps = 1000\n"
        }
        "lmc_gauss" => {
            normal("target", "[0.0, 0.0, 0.0]", &toml(&input["target_cov"]))
                + &normal("start", "[1.0, 1.0, -1.0]", "[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]")
                + &format!("[error.affine]\namplitude = 1.0\nmatrix = {}\n", toml(&input["err_A"]))
                + &format!("offset = {}\n[sampler.lmc]\nstep = \"1e-5\"\nsteps = 1000000\n", toml(&input["err_b"]))
        }
        "mixture1d" | "mixture1d_discontinuous" if input.get("forward").is_none() => {
            let (m, v) = parameters(&text("init"));
            let error = match text("err").as_str() {
                "0" => "",
                wave if wave.contains("cos") => "[error.fourier]\namplitude = 0.1\nfrequency = 2.0\n",
                _ => "[error.bump]\namplitude = 3.0\nlo = -0.5\nhi = 0.25\n",
            };
            let sampler = format!("[sampler.lmc]\nstep = \"{}\"\nsteps = {}\n", text("h"), input["N"]);
            target() + &scalar("start", m, v) + error + &sampler
        }
        "mixture1d" => {
            let reverse = format!("[sampler.reverse-sde]\nhorizon = {}\nsteps = {}\n", text("T"), input["N"]);
            target() + &scalar("start", 0.0, 1.0) + &reverse
        }
        "product_mixture" => {
            let a = text("a").parse().unwrap_or(0.3 / 3.0_f64.sqrt());
            let w = 0.4 + a / 10.0;
            let moved = format!(
                "mixture = {{ weights = [{w:?}, {:?}], means = [-1.5, {:?}], variances = [0.6, {:?}] }}",
                1.0 - w,
                1.5 + a,
                1.0 + 0.3 * a
            );
            // As above; the laws differ by a.
            return Some((copies("target", d, TWO_MODES) + &copies("start", d, &moved), 5e-16 / a));
        }
        "grid1d_x_gauss" => {
            let law = |role: &str, mixture: &str, m: f64, v: f64| {
                format!(
                    "[{role}.product]\nfactors = [{{ {mixture} }}, {{ copies = 10, gaussian = {{ mean = {m:?}, variance = \
                     {v:?}, dim = 1 }} }}]\n"
                )
            };
            let moved = "mixture = { weights = [0.42, 0.58], means = [-1.5, 1.7], variances = [0.6, 1.06] }";
            law("target", TWO_MODES, 0.0, 1.0) + &law("start", moved, 0.02, 1.05)
        }
        "w2_1d" => {
            mixture("target", "[0.5, 0.5]", "[-1.0, 1.0]", "[0.6, 1.0]")
                + &mixture("start", "[0.4, 0.6]", "[-1.5, 1.5]", "[0.6, 1.0]")
        }
        _ => return None,
    };
    Some((spec, 0.0))
}

/// The answer of `eval` about these divergences.
fn asked(spec: &str, divergences: &[&str]) -> Value {
    let list: Vec<String> = divergences.iter().map(|d| format!("\"{d}\"")).collect();
    let place = Place::new();
    place.spec(&format!("{spec}[measure]\ndivergences = [{}]\n", list.join(", ")));
    let (code, out, err) = place.run(&["eval", "question.toml"]);
    assert_eq!(code, 0, "{spec}{err}");
    serde_json::from_str(&out).unwrap()
}

/// The interval must contain the value up to its tolerance, and its middle must be that close or closer than the width says.
fn holds(what: &str, found: &Value, truth: f64, tolerance: f64) {
    let (lo, hi) = (number(&found["lo"]), number(&found["hi"]));
    if truth.is_infinite() {
        assert!(lo == truth && hi == truth, "{what}: {found}, not {truth}");
        return;
    }
    assert!(lo - tolerance <= truth && truth <= hi + tolerance, "{what}: {found} misses {truth}");
    assert!(
        (0.5 * (lo + hi) - truth).abs() <= tolerance,
        "{what}: the middle of {found} is not within {tolerance:e} of {truth}"
    );
}

#[test]
fn eval_reaches_the_reference_laws() {
    let mut reached = 0;
    for entry in entries(LAWS) {
        let Some((spec, lost)) = question(&entry) else { continue };
        let outputs = entry["output"].as_object().unwrap();
        let names: Vec<&str> = outputs.keys().filter_map(|k| divergence(k)).collect();
        let found = asked(&spec, if names.is_empty() { &["tv"] } else { &names });
        let id = entry["id"].as_str().unwrap();
        for (output, value) in outputs {
            let tolerance = |kind: &str| entry["tolerance"][output].get(kind).map_or(0.0, number);
            let what = format!("{id} {output}");
            let allowed = |truth: f64| (tolerance("rtol") + lost) * truth.abs() + tolerance("atol");
            if let Some(name) = divergence(output) {
                let truth = number(value);
                holds(&what, &found["divergences"][name], truth, if truth.is_finite() { allowed(truth) } else { 0.0 });
            } else if output == "tv_lower" {
                // A bracket of the same truth.
                let (lo, hi) = (number(value), number(&outputs["tv_upper"]));
                let tv = &found["divergences"]["tv"];
                assert!(number(&tv["lo"]) <= hi && lo <= number(&tv["hi"]), "{what}: {tv}");
                assert!(number(&tv["hi"]) - number(&tv["lo"]) <= 4e-9, "{what}: {tv}");
            } else if let Some(moment) = ["mean", "cov", "var"].iter().find(|m| *m == output) {
                let flat = |v: &Value| -> Vec<f64> {
                    let mut stack = vec![v.clone()];
                    let mut all = Vec::new();
                    while let Some(v) = stack.pop() {
                        if let Value::Array(items) = v { stack.extend(items) } else { all.push(number(&v)) }
                    }
                    all
                };
                let law = &found["law"][if *moment == "mean" { "mean" } else { "cov" }];
                let (mine, theirs) = (flat(law), flat(value));
                let size = theirs.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
                assert_eq!(mine.len(), theirs.len(), "{what}");
                for (a, b) in mine.iter().zip(&theirs) {
                    assert!((a - b).abs() <= allowed(size), "{what}: {a} is not {b}");
                }
            } else {
                continue;
            }
            reached += 1;
        }
    }
    assert!(reached > 120, "{reached}");
}

/// A law of `langevin.json`: `["N", mean, variance]`, `{mean, cov}` or `{w, m, var}`, noised by s2.
fn law(role: &str, value: &Value, s2: f64) -> String {
    if let Some(parts) = value.as_array() {
        return scalar(role, number(&parts[1]), number(&parts[2]));
    }
    if value.get("cov").is_some() {
        return normal(role, &toml(&value["mean"]), &toml(&value["cov"]));
    }
    let variances: Vec<String> =
        value["var"].as_array().unwrap().iter().map(|v| format!("{:?}", number(v) + s2)).collect();
    mixture(role, &toml(&value["w"]), &toml(&value["m"]), &format!("[{}]", variances.join(", ")))
}

#[test]
fn eval_reaches_the_langevin_values() {
    let all = entries(LANGEVIN);
    let entry = |id: &str| all.iter().find(|e| e["id"] == id).unwrap();
    for (id, name) in [
        ("g1", "kl"),
        ("g2", "chi2"),
        ("g4", "w2"),
        ("g5", "hellinger-squared"),
        ("g7", "kl"),
        ("g8", "chi2"),
        ("m1", "kl"),
        ("m2", "chi2"),
        ("m4", "hellinger-squared"),
        ("m5", "renyi2"),
        ("m7", "chi2"),
    ] {
        let entry = entry(id);
        let (q, p) = (&entry["inputs"]["q"], &entry["inputs"]["p"]);
        let found = asked(&(law("target", p, 0.0) + &law("start", q, 0.0)), &[name]);
        let truth = number(&entry["output"]);
        let truth = if name == "w2" { truth.sqrt() } else { truth };
        holds(id, &found["divergences"][name], truth, 1e-13 * truth);
    }
    // Noised levels of LLT-9a and LLT-10.
    let a2 = entry("a2");
    let p = &a2["inputs"]["p"];
    let level = |key: &str| number(&a2["inputs"][key]);
    let spec = law("target", p, level("s2")) + &law("start", p, level("s2p"));
    let truth = number(&a2["output"]["exact"]);
    holds("a2", &asked(&spec, &["chi2"])["divergences"]["chi2"], truth, 2e-13 * truth);
    let a3 = entry("a3");
    let p = &a3["inputs"]["p"];
    let spec = law("target", p, 0.0) + &law("start", p, number(&a3["inputs"]["s2"]));
    let truth = number(&a3["output"]);
    holds("a3", &asked(&spec, &["kl"])["divergences"]["kl"], truth, 2e-13 * truth);
    // LMC on a Gaussian with an affine error: b + al x = 0.1 (x + 2).
    let l1 = entry("l1");
    let spec = scalar("target", 0.5, 0.8)
        + &scalar("start", -1.0, 2.0)
        + "[error.affine]\namplitude = 0.1\nmatrix = [[1.0]]\noffset = [2.0]\n[sampler.lmc]\nstep = 0.05\nsteps = 37\n";
    let found = asked(&spec, &["tv"]);
    let close =
        |x: &Value, truth: f64| assert!((number(x) - truth).abs() <= 1e-13 * truth.abs(), "l1: {x} is not {truth}");
    close(&found["law"]["mean"][0], number(&l1["output"]["mean"]));
    close(&found["law"]["cov"][0][0], number(&l1["output"]["var"]));
    let epsilon = number(&l1["output"]["E_p_err2"]).sqrt();
    holds("l1 epsilon", &found["epsilon"][0], epsilon, 1e-13 * epsilon);
    // The L2 sizes of the counterexamples: theta = m/2 - ln(w/(1-w))/m.
    let theta = 4.0 - 999.0_f64.ln() / 8.0;
    for (id, error) in [
        ("c2", format!("amplitude = 8.0\nthreshold = {theta:?}\nedge = 0.125")),
        ("c3", "amplitude = 9.0\nthreshold = 4.0".to_string()),
    ] {
        let truth = number(&entry(id)["output"]["eps"]);
        let spec = scalar("target", 0.0, 1.0) + "[start.target]\n[error.outward]\n" + &error;
        let found = asked(&(spec + "\n[sampler.lmc]\nstep = 0.01\nsteps = 1\n"), &["tv"]);
        holds(id, &found["epsilon"][0], truth, 1e-12 * truth);
    }
    // Constants: L exactly, C_P inside, C_LS no larger than what LLT-19 and LLT-18g give.
    let s1 = entry("s1");
    let spec = mixture("target", "[0.5, 0.5]", "[-1.5, 1.5]", "[1.0, 1.0]") + "[start.target]\n";
    let constants = &asked(&spec, &["tv"])["constants"];
    let ends = |name: &str| (number(&constants[name]["lo"]), number(&constants[name]["hi"]));
    holds("s1 L", &constants["lipschitz"], number(&s1["output"]["L"]), 1e-12);
    let (lo, hi) = ends("poincare");
    let truth = number(&s1["output"]["C_P"]);
    assert!(lo <= truth && truth <= hi && hi <= number(&s1["output"]["C_P_upper"]) * (1.0 + 1e-12), "{constants}");
    let (lo, hi) = ends("lsi");
    assert!(truth <= hi && lo <= hi && hi <= number(&s1["output"]["C_LS_upper"]) * (1.0 + 1e-12), "{constants}");
}
