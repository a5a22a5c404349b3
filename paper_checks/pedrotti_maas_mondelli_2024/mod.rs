//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.
