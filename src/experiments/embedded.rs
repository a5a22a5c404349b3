//! The project's own experiments, part of the program so that it works from any directory.

use super::error::{Source, SpecError};
use super::spec::Spec;

/// Name and text of every file in `experiments/`.
pub static EXPERIMENTS: &[(&str, &str)] = &[
    ("annealed_bound", include_str!("../../experiments/annealed_bound.toml")),
    ("cost", include_str!("../../experiments/cost.toml")),
    ("error_floor", include_str!("../../experiments/error_floor.toml")),
    ("few_levels", include_str!("../../experiments/few_levels.toml")),
    ("forgetting", include_str!("../../experiments/forgetting.toml")),
    ("horizon", include_str!("../../experiments/horizon.toml")),
    ("horizon_budget", include_str!("../../experiments/horizon_budget.toml")),
    ("horizon_line", include_str!("../../experiments/horizon_line.toml")),
    ("horizon_needed", include_str!("../../experiments/horizon_needed.toml")),
    ("l2_is_not_enough", include_str!("../../experiments/l2_is_not_enough.toml")),
    ("learned_errors", include_str!("../../experiments/learned_errors.toml")),
    ("learned_floor", include_str!("../../experiments/learned_floor.toml")),
    ("learned_sampler", include_str!("../../experiments/learned_sampler.toml")),
    ("learned_samples", include_str!("../../experiments/learned_samples.toml")),
    ("learned_spectrum", include_str!("../../experiments/learned_spectrum.toml")),
    ("learned_steps", include_str!("../../experiments/learned_steps.toml")),
    ("learned_stopping", include_str!("../../experiments/learned_stopping.toml")),
    ("learned_width", include_str!("../../experiments/learned_width.toml")),
    ("levels", include_str!("../../experiments/levels.toml")),
    ("lmc_dimension", include_str!("../../experiments/lmc_dimension.toml")),
    ("lmc_escape", include_str!("../../experiments/lmc_escape.toml")),
    ("lmc_lsi", include_str!("../../experiments/lmc_lsi.toml")),
    ("lmc_prescribed", include_str!("../../experiments/lmc_prescribed.toml")),
    ("lmc_rates", include_str!("../../experiments/lmc_rates.toml")),
    ("lmc_score_error", include_str!("../../experiments/lmc_score_error.toml")),
    ("lmc_thresholds", include_str!("../../experiments/lmc_thresholds.toml")),
    ("lsi_bounds", include_str!("../../experiments/lsi_bounds.toml")),
    ("pc_dimension", include_str!("../../experiments/pc_dimension.toml")),
    ("pc_evaluations", include_str!("../../experiments/pc_evaluations.toml")),
    ("pc_lsi", include_str!("../../experiments/pc_lsi.toml")),
    ("pc_rates", include_str!("../../experiments/pc_rates.toml")),
    ("pc_score_error", include_str!("../../experiments/pc_score_error.toml")),
    ("reverse_schemes", include_str!("../../experiments/reverse_schemes.toml")),
    ("schedules", include_str!("../../experiments/schedules.toml")),
];

/// The embedded experiment of this name, read; `None` when there is none.
#[must_use]
pub fn embedded(name: &str) -> Option<Result<Spec, SpecError>> {
    let (name, text) = EXPERIMENTS.iter().find(|(known, _)| *known == name)?;
    Some(Spec::parse(name, Source { name: format!("experiments/{name}.toml"), text: (*text).to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::EXPERIMENTS;
    use std::path::Path;

    /// The list is what is in the folder.
    #[test]
    fn every_experiment_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.unwrap().path();
            (path.extension().is_some_and(|e| e == "toml"))
                .then(|| path.file_stem().unwrap().to_string_lossy().into_owned())
        };
        let mut there: Vec<String> = std::fs::read_dir(folder).unwrap().filter_map(name).collect();
        there.sort();
        assert_eq!(EXPERIMENTS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), there);
    }
}
