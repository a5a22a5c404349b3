//! The gate is held to its promises: faulty samplers are caught, right ones pass.

use super::Place;

fn json(out: &str) -> serde_json::Value {
    serde_json::from_str(out).unwrap()
}

#[test]
fn one_faulty_and_one_right_sampler() {
    let place = Place::new();
    let asked = ["gate", "self-test", "--runs", "20", "--only", "noise-without-sqrt2", "--only", "polar"];
    let (code, out, err) = place.run(&[&asked[..], &["--json"]].concat());
    assert_eq!(code, 0, "{err}");
    let found = json(&out);
    let (faulty, right) = (&found["faulty"][0], &found["right"][0]);
    assert!(found["pass"] == true && found["alpha"] == 1e-6 && found["alpha-of-right"] == 0.01, "{out}");
    assert!(found["faulty"].as_array().unwrap().len() == 1 && found["right"].as_array().unwrap().len() == 1, "{out}");
    assert!(faulty["name"] == "noise-without-sqrt2" && faulty["caught"] == 3 && faulty["runs"] == 3, "{out}");
    assert!(faulty["draws"].as_u64().unwrap() < 10_000 && faulty["planned-from"] == "law", "{out}");
    assert!(faulty["says"].as_str().unwrap().contains("smaller"), "{out}");
    // P(Bin(20, 0.01) > 4) = 1.4e-6, P(Bin(20, 0.01) > 5) = 3e-8.
    assert!(right["name"] == "polar" && right["runs"] == 20 && right["most"] == 5, "{out}");
    assert!(found["fails-though-kept"].as_f64().unwrap() < 1e-5, "{out}");
    // The same bytes on one thread, and a table for people.
    assert_eq!(place.run(&[&asked[..], &["--json", "--threads", "1"]].concat()).1, out);
    let (code, out, _) = place.run(&asked);
    assert!(code == 0 && out.starts_with("PASS") && out.contains("A gate that keeps every promise"), "{out}");
}

#[test]
fn an_unknown_sampler_is_an_error() {
    let (code, out, err) = Place::new().run(&["gate", "self-test", "--only", "perfect"]);
    assert!(code == 2 && out.is_empty() && err.contains("`perfect`") && err.contains("cholesky-transposed"), "{err}");
}

/// The form for every day: 500 runs of each right sampler, three of each faulty one.
#[test]
fn the_gate_keeps_its_promises() {
    let (code, out, err) = Place::new().run(&["gate", "self-test", "--json"]);
    let found = json(&out);
    let failed = ["faulty", "right"].map(|part| {
        found[part].as_array().unwrap().iter().filter(|one| one["pass"] != true).cloned().collect::<Vec<_>>()
    });
    assert_eq!(code, 0, "{failed:?} {err}");
    assert!(found["faulty"].as_array().unwrap().len() >= 24 && found["right"].as_array().unwrap().len() >= 10);
    assert!(found["fails-though-kept"].as_f64().unwrap() < 1e-3, "{out}");
}
