//! Which ERP the settings name.

use std::rc::Rc;

use super::traits::Erp;
use super::{json_rpc, odoo};
use crate::config::{Delivery, ErpConfig};
use crate::ports::Runtime;

/// The ERP that the settings name.
pub fn open(delivery: &Delivery, runtime: &Runtime) -> Rc<dyn Erp> {
    open_for(delivery, None, None, runtime)
}

/// The same for a ledger whose Stripe account is known, and the highest mark that it has.
pub fn open_for(delivery: &Delivery, account: Option<&str>, mark: Option<i64>, runtime: &Runtime) -> Rc<dyn Erp> {
    let http = runtime.http.clone();
    match &delivery.erp {
        ErpConfig::Odoo(odoo) => {
            let livemode = Some(delivery.stripe.livemode());
            let owner = odoo::Owner { account: account.map(str::to_owned), livemode, mark };
            Rc::new(odoo::OdooErp::new(odoo, &delivery.matching, owner, http, runtime.kv.clone()))
        }
        ErpConfig::Rpc(rpc) => Rc::new(json_rpc::RpcErp::new(rpc, mark, http, runtime.clock.clone())),
    }
}
