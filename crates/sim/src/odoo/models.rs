//! The part of Odoo's data model that is imitated, as one table of text.
//!
//! A line that starts in the first column opens a model: its name, then the name shown to people. The lines
//! below hold its fields: `name:kind[:model[:inverse]]`, `!` after a required one, `=value` for a default,
//! `@17`, `@18+`, `@19` where only these versions have it.

pub const MODELS: &str = "
res.partner Contact
  name:char! email:char email_normalized:char phone:char ref:char vat:char comment:html lang:char=en_US active:bool=true is_company:bool
  parent_id:m2o:res.partner commercial_partner_id:m2o:res.partner company_id:m2o:res.company country_id:m2o:res.country
  property_account_receivable_id:m2o:account.account website_message_ids:o2m:mail.message:res_id activity_ids:o2m:mail.activity:res_id
res.users User
  login:char! name:char email:char active:bool=true partner_id:m2o:res.partner company_id:m2o:res.company
  company_ids:m2m:res.company groups_id:m2m:res.groups@17 groups_id:m2m:res.groups@18 group_ids:m2m:res.groups@19
  lang:char=en_US tz:char share:bool
res.groups Groups
  name:char! full_name:char share:bool implied_ids:m2m:res.groups
res.company Companies
  name:char! currency_id:m2o:res.currency! partner_id:m2o:res.partner country_id:m2o:res.country email:char
  child_ids:o2m:res.company:parent_id parent_ids:m2m:res.company root_id:m2o:res.company
  transfer_account_id:m2o:account.account fiscalyear_lock_date:date chart_template:char parent_id:m2o:res.company
  account_journal_payment_debit_account_id:m2o:account.account@17
  account_journal_payment_credit_account_id:m2o:account.account@17
  account_journal_early_pay_discount_loss_account_id:m2o:account.account
  account_journal_early_pay_discount_gain_account_id:m2o:account.account
  account_journal_suspense_account_id:m2o:account.account active:bool=true
  currency_exchange_journal_id:m2o:account.journal income_currency_exchange_account_id:m2o:account.account
  tax_calculation_rounding_method:sel=round_per_line account_price_include:sel@18+ tax_exigibility:bool
  tax_cash_basis_journal_id:m2o:account.journal account_cash_basis_base_account_id:m2o:account.account
  expense_currency_exchange_account_id:m2o:account.account tax_lock_date:date period_lock_date:date@17 sale_lock_date:date@18+
  purchase_lock_date:date@18+ hard_lock_date:date@18+
res.country Country
  name:char! code:char!
res.currency Currency
  name:char! symbol:char rounding:float decimal_places:int active:bool=true full_name:char rate:float
  rate_ids:o2m:res.currency.rate:currency_id
res.currency.rate Currency_Rate
  name:date currency_id:m2o:res.currency! rate:float company_id:m2o:res.company
ir.sequence Sequence
  name:char! implementation:sel=standard company_id:m2o:res.company
ir.model Models
  model:char! name:char! state:char
ir.model.fields Fields
  model_id:m2o:ir.model! name:char! field_description:char ttype:char! state:char=manual model:char index:bool
  copied:bool relation:char help:text store:bool=true readonly:bool compute:text depends:char
  groups:m2m:res.groups
ir.model.data Model_Data
  module:char! name:char! model:char! res_id:int noupdate:bool complete_name:char
ir.module.module Module
  name:char! state:char shortdesc:char latest_version:char
ir.config_parameter System_Parameter
  key:char! value:text!
ir.actions.server Server_Action
  name:char! model_id:m2o:ir.model! model_name:char state:char=object_write code:text active:bool=true
  groups_id:m2m:res.groups@17 groups_id:m2m:res.groups@18 group_ids:m2m:res.groups@19
  binding_model_id:m2o:ir.model binding_type:char=action sequence:int=5 usage:char=ir_actions_server xml_id:char
  type:char=ir.actions.server help:html
ir.ui.view View
  name:char! model:char type:char key:char mode:char=primary inherit_id:m2o:ir.ui.view arch:text active:bool=true
  priority:int=16 arch_db:text
ir.asset Asset
  name:char! bundle:char! path:char! directive:sel=append target:char active:bool=true sequence:int=16
ir.attachment Attachment
  name:char! type:sel=binary url:char mimetype:char public:bool datas:text res_model:char res_id:int
res.lang Languages
  name:char! code:char! active:bool=true
mail.message Message
  body:html model:char res_id:int message_type:char subtype_xmlid:char author_id:m2o:res.partner date:datetime
mail.activity.type Activity_Type
  name:char! category:sel=default sequence:int=10 active:bool=true
mail.activity Activity
  res_model_id:m2o:ir.model! res_model:char res_id:int activity_type_id:m2o:mail.activity.type summary:char note:html
  date_deadline:date! user_id:m2o:res.users! active:bool=true
account.reconcile.model Reconciliation_Model
  name:char! sequence:int=10 company_id:m2o:res.company! active:bool=true match_journal_ids:m2m:account.journal
  rule_type:sel=writeoff_button@17 rule_type:sel=writeoff_button@18 auto_reconcile:bool@17 auto_reconcile:bool@18
  match_nature:sel=both@17 match_nature:sel=both@18 matching_order:sel=old_first@17 matching_order:sel=old_first@18
  match_text_location_label:bool=true@17 match_text_location_label:bool=true@18
  match_text_location_note:bool@17 match_text_location_note:bool@18
  match_text_location_reference:bool@17 match_text_location_reference:bool@18
  match_partner:bool@17 match_partner:bool@18 counterpart_type:sel@18
  trigger:sel=manual@19 mapped_partner_id:m2o:res.partner@19
  match_amount:sel match_amount_min:float match_amount_max:float match_label:sel match_label_param:char
  match_partner_ids:m2m:res.partner line_ids:o2m:account.reconcile.model.line:model_id
account.reconcile.model.line Reconciliation_Model_Line
  model_id:m2o:account.reconcile.model account_id:m2o:account.account label:char sequence:int=10
  amount_type:sel=percentage amount:float amount_string:char=100 tax_ids:m2m:account.tax partner_id:m2o:res.partner@19
  journal_id:m2o:account.journal@17 journal_id:m2o:account.journal@18 company_id:m2o:res.company
account.account Account
  name:char! code:char! account_type:sel! reconcile:bool currency_id:m2o:res.currency deprecated:bool note:text
  company_id:m2o:res.company@17 company_ids:m2m:res.company@18+ active:bool=true@19 non_trade:bool
account.journal Journal
  name:char! code:char! type:sel! active:bool=true currency_id:m2o:res.currency company_id:m2o:res.company! sequence:int=10
  default_account_id:m2o:account.account suspense_account_id:m2o:account.account profit_account_id:m2o:account.account
  loss_account_id:m2o:account.account refund_sequence:bool payment_sequence:bool
  restrict_mode_hash_table:bool bank_statements_source:sel=undefined bank_account_id:int
  inbound_payment_method_line_ids:o2m:account.payment.method.line:journal_id
  outbound_payment_method_line_ids:o2m:account.payment.method.line:journal_id
account.payment.method Payment_Methods
  name:char! code:char! payment_type:sel!
account.payment.method.line Payment_Methods
  name:char payment_method_id:m2o:account.payment.method! payment_account_id:m2o:account.account
  journal_id:m2o:account.journal sequence:int=10 code:char payment_type:char company_id:m2o:res.company
  payment_provider_id:m2o:payment.provider
account.move Journal_Entry
  name:char ref:char state:sel=draft move_type:sel=entry date:date journal_id:m2o:account.journal
  company_id:m2o:res.company currency_id:m2o:res.currency partner_id:m2o:res.partner
  commercial_partner_id:m2o:res.partner invoice_date:date invoice_date_due:date payment_reference:char
  payment_state:sel=not_paid status_in_payment:sel@18+ amount_total:float amount_untaxed:float amount_residual:float
  amount_residual_signed:float amount_total_signed:float access_token:char access_url:char narration:html
  invoice_origin:char is_move_sent:bool invoice_payment_term_id:m2o:account.payment.term reversed_entry_id:m2o:account.move invoice_user_id:m2o:res.users
  amount_tax:float fiscal_position_id:m2o:account.fiscal.position invoice_cash_rounding_id:m2o:account.cash.rounding invoice_currency_rate:float@18+
  tax_cash_basis_rec_id:m2o:account.partial.reconcile tax_cash_basis_origin_move_id:m2o:account.move
  posted_before:bool auto_post:sel=no always_tax_exigible:bool
  line_ids:m2m:account.move.line invoice_line_ids:m2m:account.move.line payment_id:m2o:account.payment@17
  origin_payment_id:m2o:account.payment@18+ payment_ids:m2m:account.payment@18 matched_payment_ids:m2m:account.payment@18+
  invoice_payments_widget:json transaction_ids:m2m:payment.transaction message_ids:o2m:mail.message:res_id activity_ids:o2m:mail.activity:res_id
account.move.line Journal_Item
  name:char ref:char move_name:char move_id:m2o:account.move! account_id:m2o:account.account account_type:char date:date
  date_maturity:date parent_state:char partner_id:m2o:res.partner company_id:m2o:res.company journal_id:m2o:account.journal
  currency_id:m2o:res.currency debit:float credit:float balance:float amount_currency:float amount_residual:float
  amount_residual_currency:float reconciled:bool payment_id:m2o:account.payment display_type:char
  quantity:float price_unit:float discount:float price_subtotal:float tax_ids:m2m:account.tax
  tax_repartition_line_id:m2o:account.tax.repartition.line analytic_distribution:json sequence:int
  discount_date:date discount_amount_currency:float discount_balance:float
  matched_debit_ids:m2m:account.partial.reconcile matched_credit_ids:m2m:account.partial.reconcile
  full_reconcile_id:m2o:account.full.reconcile matching_number:char tax_line_id:m2o:account.tax tax_base_amount:float
  tax_tag_ids:m2m:account.account.tag
account.tax Tax
  name:char! amount:float active:bool=true type_tax_use:sel=sale amount_type:sel=percent company_id:m2o:res.company
  sequence:int=1 price_include:bool price_include_override:sel@18+ include_base_amount:bool is_base_affected:bool=true
  children_tax_ids:m2m:account.tax tax_exigibility:sel=on_invoice cash_basis_transition_account_id:m2o:account.account
  invoice_repartition_line_ids:m2m:account.tax.repartition.line
  refund_repartition_line_ids:m2m:account.tax.repartition.line description:char invoice_label:char
account.tax.repartition.line Tax_Repartition_Line
  tax_id:m2o:account.tax document_type:sel repartition_type:sel=tax factor_percent:float=100
  account_id:m2o:account.account tag_ids:m2m:account.account.tag sequence:int company_id:m2o:res.company
account.move.reversal Account_Move_Reversal
  reason:char journal_id:m2o:account.journal date:date move_ids:m2m:account.move
account.cash.rounding Cash_Rounding
  name:char! rounding:float! strategy:sel=add_invoice_line rounding_method:sel=HALF-UP
  profit_account_id:m2o:account.account loss_account_id:m2o:account.account
account.fiscal.position Fiscal_Position
  name:char! active:bool=true company_id:m2o:res.company
account.payment.term Payment_Terms
  name:char! active:bool=true company_id:m2o:res.company line_ids:o2m:account.payment.term.line:payment_id
  early_discount:bool discount_percentage:float discount_days:int early_pay_discount_computation:sel=included
account.payment.term.line Payment_Terms_Line
  payment_id:m2o:account.payment.term! value:sel=percent value_amount:float nb_days:int
account.bank.statement.line Bank_Statement_Line
  journal_id:m2o:account.journal! date:date payment_ref:char amount:float
account.partial.reconcile Partial_Reconcile
  debit_move_id:m2o:account.move.line! credit_move_id:m2o:account.move.line! amount:float
  debit_amount_currency:float credit_amount_currency:float company_id:m2o:res.company
  debit_currency_id:m2o:res.currency credit_currency_id:m2o:res.currency
  full_reconcile_id:m2o:account.full.reconcile exchange_move_id:m2o:account.move
account.full.reconcile Full_Reconcile
  partial_reconcile_ids:m2m:account.partial.reconcile reconciled_line_ids:m2m:account.move.line
  exchange_move_id:m2o:account.move
account.account.tag Account_Tag
  name:char! applicability:sel=accounts active:bool=true
account.payment Payments
  name:char state:sel=draft payment_type:sel=inbound partner_type:sel=customer amount:float date:date
  partner_id:m2o:res.partner currency_id:m2o:res.currency journal_id:m2o:account.journal company_id:m2o:res.company
  payment_method_line_id:m2o:account.payment.method.line payment_reference:char ref:char@17 memo:char@18+
  move_id:m2o:account.move destination_account_id:m2o:account.account outstanding_account_id:m2o:account.account
  payment_transaction_id:m2o:payment.transaction invoice_ids:m2m:account.move@18+
  reconciled_invoice_ids:m2m:account.move is_reconciled:bool is_matched:bool message_ids:o2m:mail.message:res_id activity_ids:o2m:mail.activity:res_id
payment.provider Payment_Provider
  name:char! code:sel=none state:sel=disabled module_state:char journal_id:m2o:account.journal company_id:m2o:res.company
  payment_method_ids:m2m:payment.method is_published:bool stripe_publishable_key:char stripe_secret_key:char sequence:int
payment.method Payment_Method
  name:char! code:char! active:bool=true provider_ids:m2m:payment.provider
payment.transaction Payment_Transaction
  reference:char! provider_reference:char amount:float! currency_id:m2o:res.currency! state:sel=draft
  provider_id:m2o:payment.provider! payment_method_id:m2o:payment.method! partner_id:m2o:res.partner! operation:char
  invoice_ids:m2m:account.move payment_id:m2o:account.payment is_post_processed:bool company_id:m2o:res.company
";

/// Names that Postgres or a model keeps unique: model, columns, and what is said when they are not.
pub const UNIQUE: &[(&str, &[&str], &str)] = &[
    ("ir.model.data", &["module", "name"], "ir_model_data_module_name_uniq_index"),
    ("account.journal", &["company_id", "code"], "Journal codes must be unique per company."),
    ("payment.transaction", &["reference"], "Reference must be unique!"),
    ("res.users", &["login"], "You can not have two users with the same login!"),
    ("ir.config_parameter", &["key"], "Key must be unique."),
];

/// Values of selections that a client writes: model, field, values (17, 18 and 19).
pub const SELECTIONS: &[(&str, &str, &[&str])] = &[
    (
        "account.account",
        "account_type",
        &[
            "asset_receivable",
            "asset_cash",
            "asset_current",
            "asset_non_current",
            "asset_prepayments",
            "asset_fixed",
            "liability_payable",
            "liability_credit_card",
            "liability_current",
            "liability_non_current",
            "equity",
            "equity_unaffected",
            "income",
            "income_other",
            "expense",
            "expense_depreciation",
            "expense_direct_cost",
            "off_balance",
        ],
    ),
    ("account.reconcile.model", "rule_type", &["writeoff_button", "writeoff_suggestion", "invoice_matching"]),
    ("account.reconcile.model", "match_label", &["contains", "not_contains", "match_regex"]),
    ("account.reconcile.model.line", "amount_type", &["fixed", "percentage", "percentage_st_line", "regex"]),
    ("ir.sequence", "implementation", &["standard", "no_gap"]),
    ("account.journal", "type", &["sale", "purchase", "cash", "bank", "general"]),
    ("payment.provider", "state", &["disabled", "enabled", "test"]),
];
