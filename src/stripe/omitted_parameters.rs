//! Parameters that nothing needs and that Stripe refused: the next form goes without them.

/// What is left out of a form, out of the names that may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OmittedParameters(Vec<&'static str>);

impl OmittedParameters {
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// Leaves out what a refusal is about: `param` as Stripe names it (`metadata[odoo_ref]`), `optional` the names that may be
    /// left out. A refusal that names no parameter leaves all of them out. `false`: there is nothing more to leave out, or the
    /// refusal is about something that is needed.
    pub fn add(&mut self, param: Option<&str>, optional: &[&'static str]) -> bool {
        let before = self.0.len();
        let about = param.and_then(|param| param.split('[').next()).filter(|name| !name.is_empty());
        let meant = |name: &&&str| about.is_none_or(|about| about == **name);
        for name in optional.iter().filter(meant) {
            if !self.has(name) {
                self.0.push(name);
            }
        }
        self.0.len() > before
    }

    /// The names, for the log.
    pub fn names(&self) -> &[&'static str] {
        &self.0
    }
}

/// The beginning of a text, at most so many characters: a longer one would be refused whole.
pub fn truncated(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_leaves_out_what_it_is_about_and_ends() {
        let optional = ["email", "name", "metadata"];
        let mut left = OmittedParameters::default();
        assert!(left.add(Some("email"), &optional) && left.has("email") && !left.has("name"));
        assert!(!left.add(Some("email"), &optional), "once");
        assert!(!left.add(Some("amount"), &optional), "needed");
        assert!(left.add(Some("metadata[odoo_ref]"), &optional) && left.has("metadata"));
        assert!(left.add(None, &optional) && left.has("name"));
        assert!(!left.add(None, &optional));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!((truncated("äöü", 2), truncated("äöü", 3), truncated("", 3)), ("äö", "äöü", ""));
    }
}
