//! The statements that ends of constants cite and that are no theorems of the registry, in short: they are not judged.

/// A statement that is shown and not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its label.
    pub label: &'static str,
    /// What it is there for, in place of a verdict.
    pub role: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What it says.
    pub statement: &'static str,
}

/// What statements about constants are there for.
const CONSTANTS: &str = "it gives constants of targets, which other statements use (`eval --explain` cites it)";

/// Every statement that a certificate of a constant may cite and that is not judged.
pub static PAGES: &[Page] = &[
    Page {
        label: "LLT-0",
        role: CONSTANTS,
        title: "how L and C_LS hang together",
        statement: "\
L is the Lipschitz constant of grad ln p; C_LS the least C with KL(q|p) <= (C/2) FI(q|p) for all q; C_P the least C with
Var_p f <= C E_p|grad f|^2. Then C_P <= C_LS, and for any law with variance v in some direction
  L >= 1/v (Cramer-Rao),  C_P >= v,  hence C L >= 1.",
    },
    Page {
        label: "LLT-20c",
        role: CONSTANTS,
        title: "mixtures of Gaussians whose score is not Lipschitz",
        statement: "\
-Hess ln p = E[S_i^-1] - Cov[S_i^-1 (x - m_i)], means taken over the components given x. Two components, d >= 2,
Q = S_1^-1 - S_2^-1 not 0: L = inf if Q is indefinite, or if Q is semidefinite and singular and S_1^-1 m_1 - S_2^-1 m_2 is
outside its range: the two components balance along a set that runs to infinity, where their slopes separate. Statements
that need L then fail a hypothesis. That a number is infinite is no bound of anything, so nothing is judged here.",
    },
];
