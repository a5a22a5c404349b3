//! The statements that ends of constants cite, in short: they serve as constants and are not judged.

/// A statement about constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its label; parts carry a letter behind it, as in `LLT-20c`.
    pub label: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What it says.
    pub statement: &'static str,
}

/// Every statement that a certificate of a constant may cite.
pub static PAGES: &[Page] = &[
    Page {
        label: "LLT-0",
        title: "how L and C_LS hang together",
        statement: "\
L is the Lipschitz constant of grad ln p; C_LS the least C with KL(q|p) <= (C/2) FI(q|p) for all q; C_P the least C with
Var_p f <= C E_p|grad f|^2. Then C_P <= C_LS, and for any law with variance v in some direction
  L >= 1/v (Cramer-Rao),  C_P >= v,  hence C L >= 1.",
    },
    Page {
        label: "LLT-18",
        title: "log-Sobolev and Poincare constants of single laws",
        statement: "\
(a) N(m, S): C_LS = C_P = the largest eigenvalue of S; L = 1/the smallest.
(b) -Hess ln p >= a I with a > 0: C_LS <= 1/a (Bakry-Emery).
(c) p proportional to e^-U p_0: C_LS <= e^(sup U - inf U) C_LS(p_0) (Holley-Stroock).
(d) The image under a map with Lipschitz constant M: C_LS <= M^2 C_LS; a product: the largest of its factors.
(e) alpha x + sigma xi: C_LS <= alpha^2 C_LS + sigma^2.
(f) C_LS >= C_P >= the largest eigenvalue of the covariance.
(g) Means in a ball of radius R, common covariance sigma^2 I: C_LS <= sigma^2 e^(R^2/sigma^2), in any dimension.",
    },
    Page {
        label: "LLT-19",
        title: "constants of a finite mixture from those of its components",
        statement: "\
p = sum_i w_i p_i, each p_i with constant C_i, (E_(p_i) f - E_(p_j) f)^2 <= T_ij E_p|grad f|^2, w the least weight and
A = ln(1/w - 1)/(1 - 2w) (2 at w = 1/2):
  C_P  <= max_i C_i + sum_(i<j) w_i w_j T_ij
  C_LS <= max_i C_i (1 + (1 - w_i) A/2) + (A/2) sum_(i<j) w_i w_j T_ij
On the line T_ij = int (F_i - F_j)^2/p dx with the distribution functions F_i. Means on a line with one common covariance
S: C <= lambda_max(S) max(1, C of the whitened mixture on that line).",
    },
    Page {
        label: "LLT-20",
        title: "smoothness of mixtures of Gaussians",
        statement: "\
-Hess ln p = E[S_i^-1] - Cov[S_i^-1 (x - m_i)], means taken over the components given x.
(a) One common covariance: L <= max(1/lambda_min, D^2/4 - 1/lambda_max), D = max_ij |S^-1 (m_i - m_j)|; two components
    with S = s^2 I: L = max(1/s^2, |m_1 - m_2|^2/(4 s^4) - 1/s^2) exactly.
(b) Two isotropic components: L is an exact supremum over one variable.
(c) Q = S_1^-1 - S_2^-1 not 0, d >= 2: L = inf if Q is indefinite, or if Q is semidefinite and singular and
    S_1^-1 m_1 - S_2^-1 m_2 is outside its range: the two components balance along a set that runs to infinity, where
    their slopes separate. Statements that need L then fail a hypothesis.",
    },
    Page {
        label: "LLT-21",
        title: "constants of laws on the line by integrals",
        statement: "\
With m the median, I(x) = |int_m^x 1/p| and T(x) the tail beyond x, B = sup T I over both sides (Muckenhoupt):
  B/2 <= C_P <= 4 B
Var_p f/E_p f'^2 of any f is a lower bound of C_P, and so of C_LS.",
    },
];

/// The page of a statement or of a part of it, whatever the case of its letters: `LLT-20c` is on that of `LLT-20`.
#[must_use]
pub fn page(label: &str) -> Option<&'static Page> {
    let label = label.to_ascii_uppercase();
    let part = |page: &&Page| {
        let rest = label.strip_prefix(page.label);
        rest.is_some_and(|rest| rest.len() <= 1 && rest.bytes().all(|b| b.is_ascii_alphabetic()))
    };
    PAGES.iter().find(part)
}
