//! Which methods can be called, on records or on the model (`@`), and the names of their arguments in order
//! (`?` may be left out). Positional arguments of /jsonrpc and named ones of /json/2 bind to the same names.

/// Methods of every model.
const EVERY: &[&str] = &[
    "search @ domain offset? limit? order?",
    "search_count @ domain limit?",
    "search_read @ domain? fields? offset? limit? order?",
    "read fields? load?",
    "create @ vals_list",
    "write vals",
    "unlink",
    "load @ fields data",
    "fields_get @ allfields? attributes?",
    "name_search @ name? args? operator? limit?",
    "check_access_rights @ operation raise_exception?",
    "get_external_id",
    "get_metadata",
];
const FROM_18: &[&str] = &["has_access operation", "check_access operation"];
const CHATTER: &str = "message_post body? subject? message_type? email_from? author_id? parent_id? subtype_xmlid? \
                       subtype_id? partner_ids?";

/// Methods of one model.
const OWN: &[(&str, &str)] = &[
    ("account.move", "action_post"),
    ("account.move", "button_draft"),
    ("account.move", "button_cancel"),
    ("account.move", "get_portal_url suffix? report_type? download? query_string? anchor?"),
    ("account.move", "preview_invoice"),
    ("account.move", "js_assign_outstanding_line line_id"),
    ("account.move", CHATTER),
    ("account.move.reversal", "refund_moves"),
    ("account.move.reversal", "modify_moves"),
    ("account.move.line", "reconcile"),
    ("account.move.line", "remove_move_reconcile"),
    ("account.payment", "action_post"),
    ("account.payment", "action_draft"),
    ("account.payment", "action_cancel"),
    ("account.payment", CHATTER),
    ("mail.activity", "action_feedback feedback? attachment_ids?"),
    ("res.partner", CHATTER),
    ("res.users", "context_get @"),
    ("ir.actions.server", "run"),
    ("ir.ui.view", "update_field_translations field_name translations source_lang?"),
    ("ir.ui.view", "get_field_translations field_name langs?"),
    ("ir.config_parameter", "get_param @ key default?"),
    ("ir.config_parameter", "set_param @ key value"),
    ("ir.model.data", "check_object_reference @ module xml_id raise_on_access_error?"),
];

/// How a method is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Called on the model: takes no ids.
    pub on_model: bool,
    /// Name, and whether it may be left out.
    pub arguments: Vec<(&'static str, bool)>,
}

/// The signature of a public method; `None` when the model has no such method.
pub fn find(model: &str, method: &str, major: i64) -> Option<Signature> {
    if (model, method) == ("res.users", "has_group") {
        return Some(parse(if major == 17 { "has_group @ group_ext_id" } else { "has_group group_ext_id" }));
    }
    let own = OWN.iter().filter(|(m, _)| *m == model).map(|(_, line)| *line);
    let every = EVERY.iter().copied().chain(FROM_18.iter().copied().filter(|_| major >= 18));
    own.chain(every).find(|line| line.split(' ').next() == Some(method)).map(parse)
}

fn parse(line: &'static str) -> Signature {
    let mut words = line.split_whitespace().skip(1).peekable();
    let on_model = words.next_if_eq(&"@").is_some();
    let arguments = words.map(|w| w.strip_suffix('?').map_or((w, false), |w| (w, true))).collect();
    Signature { on_model, arguments }
}
