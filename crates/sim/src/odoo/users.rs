//! Users, their passwords and API keys.

use serde_json::json;

use super::Odoo;
use super::call::object;
use super::fault::Fault;
use super::num;

const USERS: &str = "res.users";

impl Odoo {
    /// A user with an API key and groups by external id, working in all companies.
    pub fn user(&mut self, login: &str, key: &str, groups: &[&str]) -> i64 {
        let groups: Vec<i64> = groups.iter().filter_map(|g| self.store.xid(g)).map(|(_, id)| id).collect();
        let partner = self.put("res.partner", json!({"name": login, "active": true}));
        let mut row =
            object(json!({"login": login, "name": login, "active": true, "partner_id": partner, "lang": "en_US",
            "company_id": 1, "company_ids": self.store.ids("res.company"), "api_key": key}));
        row.insert(self.version.groups_field().into(), json!(groups));
        let id = self.store.insert(USERS, row);
        self.store.commit();
        id
    }

    /// Gives the API key of a user an end, in seconds since 1970 UTC; keys of 17 have none.
    pub fn key_ends(&mut self, login: &str, ends: i64) {
        if let Some(uid) = self.store.find(USERS, "login", &json!(login)) {
            self.store.set(USERS, uid, "api_key_ends", json!(ends));
        }
        self.store.commit();
    }

    /// The user of a login and its password or key.
    pub(super) fn login(&self, login: &str, secret: &str) -> Option<i64> {
        self.store.find(USERS, "login", &json!(login)).filter(|uid| self.accepts(*uid, secret))
    }

    pub(super) fn accepts(&self, uid: i64, secret: &str) -> bool {
        let is = |column: &str| self.store.text(USERS, uid, column) == secret;
        let active = num::truthy(&self.store.value(USERS, uid, "active"));
        !secret.is_empty() && active && !self.revoked(uid) && (is("api_key") || is("password"))
    }

    /// The user of an API key; a password is none.
    pub(super) fn key_of(&self, key: &str) -> Option<i64> {
        let uid = self.store.find(USERS, "api_key", &json!(key)).filter(|_| !key.is_empty())?;
        (!self.revoked(uid)).then_some(uid)
    }

    fn revoked(&self, uid: i64) -> bool {
        self.dial.bends(Fault::AuthRevoked) && self.store.text(USERS, uid, "login") != super::ADMIN_LOGIN
    }
}
