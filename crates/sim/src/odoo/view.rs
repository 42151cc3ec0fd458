//! Views: what is refused when one is made, and their translations. What they would show is not imitated.

use serde_json::{Value, json};

use super::Odoo;
use super::call::Call;
use super::error::{self, Result};
use super::num;
use super::rights::Session;
use super::store::Row;

const VIEW: &str = "ir.ui.view";

impl Odoo {
    /// A form's text is XML whose fields exist; an extension extends something.
    pub(super) fn check_view(&self, row: &Row) -> Result<()> {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or("");
        let arch = text("arch");
        if text("mode") == "extension" && row.get("inherit_id").and_then(num::int).is_none() {
            return Err(error::validation("Inherited view must have a parent."));
        }
        let fields = elements(arch).ok_or_else(|| error::validation("The view's text is not well-formed XML."))?;
        let model = text("model");
        let unknown = fields.iter().filter(|_| text("type") == "form").find(|f| self.field(model, f).is_none());
        match unknown {
            Some(field) => {
                Err(error::validation(format!("Field \"{field}\" does not exist in model \"{model}\" in view.")))
            }
            None => Ok(()),
        }
    }

    /// `update_field_translations` and `get_field_translations` of a view's text.
    pub(super) fn translations(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        self.check(who, VIEW, "write")?;
        let Some(id) = call.ids.first().copied() else { return Ok(Some(json!(false))) };
        let mut known = self.store.value(VIEW, id, "translations").as_object().cloned().unwrap_or_default();
        if call.method == "update_field_translations" {
            for (lang, terms) in call.argument("translations").as_object().into_iter().flatten() {
                let lang_row = self.store.find("res.lang", "code", &json!(lang));
                if !lang_row.is_some_and(|row| num::truthy(&self.store.value("res.lang", row, "active"))) {
                    return Err(error::user(format!("The following languages are not activated: {lang}")));
                }
                known.insert(lang.clone(), terms.clone());
            }
            self.store.set(VIEW, id, "translations", json!(known));
            return Ok(Some(json!(true)));
        }
        let asked = |lang: &str| call.list("langs").iter().any(|l| l == lang);
        let mut rows = Vec::new();
        for (lang, terms) in known.iter().filter(|(lang, _)| asked(lang)) {
            for (source, value) in terms.as_object().into_iter().flatten() {
                rows.push(json!({"lang": lang, "source": source, "value": value}));
            }
        }
        Ok(Some(json!([rows, {"translation_type": "text", "translation_show_source": true}])))
    }
}

/// Names in the `<field name="…">` of a text; `None` when its tags do not close each other.
fn elements(arch: &str) -> Option<Vec<String>> {
    let (mut open, mut fields, mut rest) = (Vec::new(), Vec::new(), arch);
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, next) = after.split_once('>')?;
        rest = next;
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next()?;
        if tag.starts_with('/') {
            (open.pop()? == name).then_some(())?;
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        if name == "field" && !tag.starts_with('/') {
            let named = tag.split_once(" name=\"").and_then(|(_, value)| value.split('"').next());
            fields.extend(named.map(str::to_owned));
        }
    }
    (open.is_empty() && !arch.is_empty()).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::elements;

    #[test]
    fn tags_that_close_each_other() {
        assert_eq!(elements("<form><field name=\"x\" nolabel=\"1\"/></form>"), Some(vec!["x".to_owned()]));
        for wrong in ["", "<form>", "<form></from>", "</form>", "<form"] {
            assert_eq!(elements(wrong), None, "{wrong}");
        }
    }
}
