//! BibTeX entries for the papers whose statements are checked, and for scorebound itself.

/// An entry and its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key; theorem references use it.
    pub key: &'static str,
    /// The BibTeX text.
    pub text: &'static str,
}

/// Every entry, papers first.
pub static ENTRIES: &[Entry] = &[
    Entry {
        key: "lee-lu-tan-2022",
        text: "@misc{lee-lu-tan-2022,
  author        = {Lee, Holden and Lu, Jianfeng and Tan, Yixin},
  title         = {Convergence for score-based generative modeling with polynomial complexity},
  year          = {2022},
  eprint        = {2206.06227},
  archiveprefix = {arXiv}
}
",
    },
    Entry {
        key: "pedrotti-maas-mondelli-2024",
        text: "@misc{pedrotti-maas-mondelli-2024,
  author        = {Pedrotti, Francesco and Maas, Jan and Mondelli, Marco},
  title         = {Improved Convergence of Score-Based Diffusion Models via Prediction-Correction},
  year          = {2023},
  eprint        = {2305.14164},
  archiveprefix = {arXiv}
}
",
    },
    Entry {
        key: "han-razaviyayn-xu-2024",
        text: "@misc{han-razaviyayn-xu-2024,
  author        = {Han, Yinbin and Razaviyayn, Meisam and Xu, Renyuan},
  title         = {Neural Network-Based Score Estimation in Diffusion Models: Optimization and Generalization},
  year          = {2024},
  eprint        = {2401.15604},
  archiveprefix = {arXiv}
}
",
    },
    Entry {
        key: "scorebound",
        text: concat!(
            "@software{scorebound,
  author  = {{The scorebound developers}},
  title   = {scorebound: convergence theorems for score-based samplers, held against exact laws},
  version = {",
            env!("CARGO_PKG_VERSION"),
            "}
}
"
        ),
    },
];

/// The entry with this key.
#[must_use]
pub fn entry(key: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|e| e.key == key)
}

/// The entries for these keys in the order of `ENTRIES`, each once, with scorebound's own at the end. A key may carry a
/// theorem behind a slash (`lee-lu-tan-2022/lmc-kl`). Keys without an entry are left out.
pub fn cited(keys: &[&str]) -> impl Iterator<Item = &'static Entry> {
    let wanted = |e: &&Entry| e.key == "scorebound" || keys.iter().any(|k| k.split('/').next() == Some(e.key));
    ENTRIES.iter().filter(wanted)
}

/// The text of the entries for these keys.
#[must_use]
pub fn cite(keys: &[&str]) -> String {
    cited(keys).map(|e| e.text).collect::<Vec<_>>().join("\n")
}
