//! The statements after Han, Razaviyayn and Xu (2024), one file each.

mod amplification;
mod bias_and_noise;
mod displacement;
mod dsm_regression;
mod early_stopping;
mod early_stopping_rule;
mod four_terms;
mod kernel_descent;
mod kernel_descent_elsewhere;
mod kink_remainder;
mod label_mismatch;
mod label_mismatch_elsewhere;
mod label_mismatch_norm;
mod label_noise;
mod learned_sampler;
mod mutual_information;
mod noise_information;
mod projection_tail;
mod score_decomposition;
mod tangent_coupling;
mod tangent_coupling_elsewhere;
mod tangent_variance;
