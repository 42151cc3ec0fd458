//! The texts that are installed, put together from the files in `ui/`.

use sha2::{Digest, Sha256};

const LINK: &str = include_str!("../../ui/link.py");
const OPEN: &str = include_str!("../../ui/open.py");
const FRAME_CODE: &str = include_str!("../../ui/frame.py");
const FRAME_PAGE: &str = include_str!("../../ui/frame.html");
const FRAME_VIEW: &str = include_str!("../../ui/frame.xml");
const FORM_VIEW: &str = include_str!("../../ui/form.xml");
const PORTAL_VIEW: &str = include_str!("../../ui/portal.xml");

/// The script of Odoo's backend. A fault in it would leave every backend page blank: it is parsed before it is sent.
pub const SCRIPT: &str = include_str!("../../ui/backend.js");

/// What the button on the form runs.
pub fn open() -> String {
    format!("{LINK}{OPEN}")
}

/// How the field with the framed page is computed.
pub fn frame_code() -> String {
    format!("{LINK}page = '''{FRAME_PAGE}'''\n{FRAME_CODE}")
}

pub fn frame_view() -> &'static str {
    FRAME_VIEW.trim_end()
}

/// The button in the header of the invoice form, running this action.
pub fn form_view(action: i64) -> String {
    FORM_VIEW.trim_end().replace("ACTION_ID", &action.to_string())
}

/// The link on the portal's invoice page, with the script that opens it in a dialog. Odoo serves that itself: whoever has the
/// Worker's host runs nothing in Odoo's origin.
pub fn portal_view() -> String {
    PORTAL_VIEW.trim_end().replace("EMBED_URL", &EMBED.url())
}

/// A script that Odoo serves, named by its text: another text has another address, so no browser and no bundle keeps an old
/// one.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    pub what: &'static str,
    text: &'static str,
}

/// The script of Odoo's backend.
pub const BACKEND: Script = Script { what: "backend", text: SCRIPT };
/// The script of the portal's page, as any other site embeds it from the Worker.
pub const EMBED: Script = Script { what: "embed", text: include_str!("../../../../../public/embed.js") };

impl Script {
    /// Enough of its SHA-256 to name it.
    pub fn hash(self) -> String {
        let digest = hex::encode(Sha256::digest(self.text));
        digest.get(..12).unwrap_or(&digest).to_owned()
    }

    /// Its address in Odoo.
    pub fn url(self) -> String {
        format!("/quittance/static/src/{}_{}.js", self.what, self.hash())
    }

    /// As Odoo keeps and shows the content of an attachment.
    pub fn base64(self) -> String {
        base64(self.text.as_bytes())
    }
}

/// Base64 with its padding.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_field_fits_into_pythons_quotes() {
        assert!(!FRAME_PAGE.contains("'''") && !FRAME_PAGE.contains('\\'));
    }

    #[test]
    fn base64_as_odoo_writes_it() {
        let text = BACKEND.base64();
        assert!(text.starts_with("LyoqIEBvZG9vLW1vZHVsZSBpZ25vcmUg"), "{text}");
        assert_eq!(text.len(), SCRIPT.len().div_ceil(3) * 4);
    }

    #[test]
    fn the_portal_loads_the_script_that_odoo_serves() {
        let view = portal_view();
        assert!(view.contains(&format!("<script src=\"{}\" t-att-data-home", EMBED.url())), "{view}");
        assert!(!view.contains("t-att-src") && !view.contains("EMBED_URL"), "{view}");
        assert_ne!(EMBED.hash(), BACKEND.hash());
    }

    #[test]
    fn the_script_is_ascii_and_kept_out_of_odoos_module_loader() {
        assert!(SCRIPT.is_ascii() && SCRIPT.starts_with("/** @odoo-module ignore **/"));
    }
}
