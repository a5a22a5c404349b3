//! The statements after Han, Razaviyayn and Xu (2024), one file each.

mod dsm_regression;
mod mutual_information;
mod noise_information;
mod projection_tail;
