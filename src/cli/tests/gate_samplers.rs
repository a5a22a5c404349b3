//! The samplers that the documentation of the gate gives to copy, where the packages they need are installed.

use super::Place;
use std::path::{Path, PathBuf};

const MIXTURE: &str = "[target.mixture]\nweights = [0.3, 0.7]\nmeans = [[-2.0, 0.0], [2.0, 1.0]]\ncovs = [[[1.0, 0.5], [0.5, 0.8]], [[0.5, -0.2], [-0.2, 1.0]]]\n";

const LMC: &str = "[start.gaussian]\nmean = 0.5\nvariance = 2.0\ndim = 1\n[sampler.lmc]\nstep = 0.05\nsteps = 20\n";

const LINE: &str = "[target.mixture]\nweights = [0.4, 0.6]\nmeans = [-1.5, 1.5]\nvariances = [0.6, 1.0]\n";

fn samplers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gate/samplers")
}

/// The Python that has these modules, if there is one: `SCOREBOUND_PYTHON`, or `python3` on the path.
fn python(modules: &str) -> Option<String> {
    let python = std::env::var("SCOREBOUND_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = std::process::Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    let there = found.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("not tried: `{python}` has not all of {modules}");
    }
    there.then_some(python)
}

/// The verdict on draws of a program, told what the spec says.
fn gate(spec: &str, law: &str, command: &str, more: &[&str]) -> (i32, String) {
    let place = Place::new();
    place.spec(spec);
    let mut args = vec!["gate", law, "question.toml", "--sampler-cmd", command];
    args.extend(more);
    let (code, out, err) = place.run(&args);
    (code, out + &err)
}

fn program(python: &str, name: &str, more: &str) -> String {
    let path = samplers().join(name);
    let quoted = shlex::try_quote(path.to_str().unwrap()).unwrap().into_owned();
    format!("{python} {quoted} {more}")
}

#[test]
fn the_sampler_in_rust_is_right() {
    let directory = assert_cmd::cargo::cargo_bin("scorebound").parent().unwrap().join("examples");
    let command = directory.join("rust_sampler");
    let command = shlex::try_quote(command.to_str().unwrap()).unwrap().into_owned();
    let (code, said) = gate(MIXTURE, "--target", &command, &["--draws", "100000"]);
    assert!(code == 0 && said.starts_with("PASS: 100000 draws"), "{said}");
}

#[test]
fn samplers_in_numpy_have_their_laws() {
    let Some(python) = python("numpy") else { return };
    let (code, said) = gate(MIXTURE, "--target", &program(&python, "numpy_exact.py", ""), &["--draws", "100000"]);
    assert_eq!(code, 0, "{said}");
    // A product, atoms, and a target under noise.
    let product = "[target.product]\nfactors = [\n  { copies = 2, mixture = { weights = [0.4, 0.6], means = [-1.5, 1.5], variances = [0.6, 1.0] } },\n  \
        { copies = 1, gaussian = { mean = 1.0, variance = 2.0, dim = 1 } },\n]\n";
    let points = "[target.points]\nweights = [0.5, 0.3, 0.2]\npoints = [[0.0, 1.0], [1.0, 1.0], [2.0, -1.0]]\n";
    for spec in [product, points] {
        let (code, said) = gate(spec, "--target", &program(&python, "numpy_exact.py", ""), &["--draws", "50000"]);
        assert_eq!(code, 0, "{spec}{said}");
    }
    // Langevin has the law of its output, and not that of the target.
    let langevin = program(&python, "numpy_langevin.py", "");
    let spec = format!("{LINE}{LMC}");
    assert_eq!(gate(&spec, "--law", &langevin, &[]).0, 0);
    assert_eq!(gate(&spec, "--target", &langevin, &[]).0, 1);
    // The reference implementation of the module has the law that the exact engines carry.
    let whole = "import numpy, scorebound_target as t; r = numpy.random.default_rng(t.seed); t.write(t.run_program(t.sample_start(t.samples, r), r))";
    let command = format!("{python} -c '{whole}'");
    let sampler = "[process.ou]\n[start.gaussian]\nmean = 0.0\nvariance = 1.0\ndim = 1\n";
    for kind in ["[sampler.reverse-sde]\nscheme = \"exponential\"\n", "[sampler.flow-ode]\nscheme = \"heun\"\n"] {
        let spec = format!("{LINE}{sampler}{kind}horizon = 2.0\nearly-stop = 0.05\nsteps = 12\n");
        let (code, said) = gate(&spec, "--law", &command, &["--draws", "50000"]);
        assert_eq!(code, 0, "{kind}{said}");
    }
}

#[test]
fn chains_of_blackjax_have_their_law() {
    let Some(python) = python("blackjax, jax, numpy") else { return };
    for kind in ["", "hmc"] {
        let (code, said) =
            gate(MIXTURE, "--target", &program(&python, "blackjax_nuts.py", kind), &["--draws", "100000"]);
        assert!(code == 0 && said.contains("in 20000 independent groups"), "{kind}: {said}");
    }
}

#[test]
fn schedulers_of_diffusers_are_as_near_as_is_said() {
    let Some(python) = python("diffusers, torch, numpy") else { return };
    let run = |options: &str, within: &str| {
        gate(
            LINE,
            "--target",
            &program(&python, "diffusers_ddpm.py", options),
            &["--draws", "100000", "--within", within],
        )
    };
    let (code, said) = run("--steps 50", "tv=0.04");
    assert_eq!(code, 0, "{said}");
    assert_eq!(run("--steps 50 --scheduler ddim", "tv=0.02").0, 0);
    let (code, said) = run("--steps 50 --scheduler ddim --clip", "tv=0.4");
    assert_eq!(code, 1, "{said}");
}

#[test]
fn the_recipe_for_pytest_runs() {
    let Some(python) = python("pytest, numpy") else { return };
    let place = Place::new();
    let path = place.dir.path().join("test_sampler.py");
    std::fs::copy(samplers().join("test_sampler.py"), &path).unwrap();
    let mut pytest = std::process::Command::new(&python);
    pytest.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).arg(&path).current_dir(place.dir.path());
    let done = pytest.env("SCOREBOUND", assert_cmd::cargo::cargo_bin("scorebound")).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.contains("2 passed"), "{said}");
}

/// Laws in the plane: one that splits in a rotated frame is looked at along its axes, one that does not along every direction.
#[test]
fn laws_of_langevin_in_the_plane() {
    let Some(python) = python("numpy") else { return };
    let lmc = "[start.gaussian]\nmean = [0.5, 0.0]\nvariance = 1.5\n[sampler.lmc]\nstep = 0.05\nsteps = 8\n";
    let two = "[target.mixture]\nweights = [0.3, 0.7]\nmeans = [[-2.0, 0.0], [2.0, 1.0]]\nvariance = 0.5\n";
    let two_start = lmc.replace("mean = [0.5, 0.0]", "mean = [0.0, 0.5]");
    let three = "[target.mixture]\nweights = [0.3, 0.3, 0.4]\nmeans = [[-2.0, 0.0], [2.0, 1.0], [0.0, 3.0]]\nvariances = [0.5, 0.5, 0.7]\n";
    for (spec, looks) in [(format!("{two}{two_start}"), "axis 0"), (format!("{three}{lmc}"), "direction 3")] {
        let langevin = program(&python, "numpy_langevin.py", "");
        let more = ["--draws", "50000", "--explain"];
        let (code, said) = gate(&spec, "--law", &langevin, &more);
        assert!(code == 0 && said.contains(looks), "{said}");
        // A step too many is another law.
        let other = spec.replace("steps = 8", "steps = 7");
        let place = Place::new();
        place.spec(&spec);
        std::fs::write(place.dir.path().join("other.toml"), &other).unwrap();
        let (code, _, err) =
            place.run(&["gate", "plan", "--law", "question.toml", "--detect", "missing-last-step", "--json"]);
        assert_eq!(code, 0, "{err}");
        assert_eq!(gate(&other, "--target", &langevin, &["--draws", "50000"]).0, 1);
    }
}
