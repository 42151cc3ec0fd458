# The head that every Quittance procedure shares. Set-up stores QUITTANCE_HASH = '...', this text and one procedure as
# the code of an ir.actions.server; a call is run([[id]], context={'quittance': {...}}) and its answer is `action`. It
# runs in safe_eval on Odoo 17 (Python 3.10) to 19: no import, no `with`, no attribute assignment, and inside a def no
# lambda or comprehension that uses that def's names. The names `found` and `setups` are the procedure's own.
q = env.context.get('quittance') or {}
FORM = 3
if not env.user.has_group('quittance.group_worker') or not env.user.has_group('account.group_account_invoice'):
    # Odoo 19 lets any internal user run an action that no group restricts: the action is
    # restricted, and so is its text.
    raise UserError('quittance:group_required: the user needs the groups Invoicing and Quittance Worker')
if q.get('v') != FORM:
    raise UserError('quittance:other_form: the call is of form %s, the procedure of form %s' % (q.get('v'), FORM))
companies = env.user.company_ids
# Field tracking is off: it would queue chatter lines for records that a roll-back to a savepoint takes away again.
env = env(context=dict(
    {k: v for k, v in env.context.items() if k not in ('quittance', 'active_id', 'active_ids', 'active_model')},
    allowed_company_ids=[env.company.id] + (companies - env.company).ids, tracking_disable=True))
ROLES = (
    'clearing', 'transit', 'disputed', 'suspense', 'advances', 'fees', 'conversion', 'reserves', 'connected', 'loan',
    'withheld', 'losses')
# Whoever may create a record may give it an external id that is not taken: a name counts
# only for a record of its model.
MODELS = (
    ('cus:', 'res.partner'), ('partner_', 'res.partner'), ('journal_', 'account.journal'),
    ('account_', 'account.account'), ('tax_', 'account.tax'), ('provider_', 'payment.provider'),
    ('opening_', 'account.move'), ('alert_', 'mail.activity'), ('sequence_', 'ir.sequence'))


def fits(name, model):
    # A key itself points at the company that it was claimed for: nobody makes companies who only keeps books.
    if name.startswith('stripe:'):
        if '__' not in name:
            return model == 'res.company'
        return model == 'account.move' or model == 'account.payment' and name.endswith('__record')
    for start, wanted in MODELS:
        if name.startswith(start):
            return model == wanted
    return False


def external(names):
    # {name: (model, id)} of the external ids quittance.NAME
    env.cr.execute("SELECT name, model, res_id FROM ir_model_data WHERE module = 'quittance' AND name IN %s",
        [tuple(names) or ('',)])
    return {row[0]: (row[1], row[2]) for row in env.cr.fetchall() if fits(row[0], row[1])}


def record_at(model, row):
    # The record of an external id's (model, id); empty where there is no such id, or the record is gone.
    return env[model].browse(row[1] if row and row[0] == model else []).exists()


def is_id(text, start):
    # An id of Stripe's, or what a key has in the place of one.
    rest = text[len(start):]
    return (text.startswith(start) and 0 < len(rest) < 256 and rest.isascii() and rest.replace('_', '').isalnum()
        and '__' not in text)


def tie(rows):
    # rows: (name, model, id), new or not
    for name, model, res_id in sorted(rows):
        env.cr.execute(
            "INSERT INTO ir_model_data"
            " (module, name, model, res_id, noupdate, create_uid, write_uid, create_date, write_date)"
            " VALUES ('quittance', %s, %s, %s, true, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
            " ON CONFLICT (module, name) DO UPDATE SET model = EXCLUDED.model, res_id = EXCLUDED.res_id",
            [name, model, res_id, env.uid, env.uid])


def unclaim(name):
    env.cr.execute("DELETE FROM ir_model_data WHERE module = 'quittance' AND name = %s", [name])


def show(amount, currency):
    return '%.*f' % (currency.decimal_places, amount + 0.0)


def chain(company):
    # A company and its parents, the nearest first.
    return company.sudo().parent_ids.sorted(lambda one: -len(one.parent_path or ''))


PARTNERS = ('partner_unallocated', 'partner_stripe', 'partner_platform')


def setup_names():
    names = list(PARTNERS)
    for company in companies.sudo().parent_ids:
        for name in ('journal_stripe', 'provider', 'tax_fees'):
            names.append('%s_%s' % (name, company.id))
        for role in ROLES:
            names.append('account_%s_%s' % (role, company.id))
    return names


def parameter(name, company):
    env.cr.execute('SELECT value FROM ir_config_parameter WHERE key = %s', ['quittance.%s_%s' % (name, company.id)])
    row = env.cr.fetchone()
    return row and row[0] or ''


def zone_of(company):
    # Name of the time zone that decides which day an instant is.
    name = parameter('zone', company) or 'UTC'
    try:
        timezone(name)
    except Exception:
        raise UserError('quittance:not_configured:zone_%s: there is no time zone %s' % (company.id, name))
    return name


FAULTS = {}  # {company id: what of its set-up cannot be used, and why}


def of_company(record, company):
    # Whether an account or a journal is of a company or of one above it.
    owners = record['company_ids' if 'company_ids' in record._fields else 'company_id']
    return bool(owners & chain(company))


def unfit_account(account, company, role):
    # Why an account that set-up made or mapped cannot be booked on; None when it can.
    if not account:
        return 'its account is gone'
    if out_of_use(account):
        return 'the account %s is deprecated or archived' % account.code
    if not of_company(account, company):
        return 'the account %s is of another company' % account.code
    if role == 'balance':
        return None
    if (account.account_type in ('liability_payable', 'equity_unaffected', 'off_balance')
            or (account.account_type == 'asset_receivable') != (role == 'advances')):
        return 'the account %s has the type %s' % (account.code, account.account_type)
    if role in ('clearing', 'transit', 'disputed', 'suspense', 'advances') and not account.reconcile:
        return 'the account %s does not allow reconciliation' % account.code
    return 'the account %s has a currency of its own' % account.code if account.currency_id else None


def unfit_journal(journal, company, currency):
    # The same of a Stripe journal, in which Stripe settles this currency.
    if not journal:
        return 'the journal is gone'
    if not journal.active:
        return 'the journal %s is archived' % journal.name
    if journal.type != 'bank':
        return 'the journal %s is of type %s' % (journal.name, journal.type)
    if journal.company_id != company:
        return 'the journal %s is of another company' % journal.name
    if (journal.currency_id or company.currency_id) != currency or not currency.active:
        return 'the journal %s is not in %s, or that currency is not active' % (journal.name, currency.name)
    return unfit_account(journal.default_account_id, company, 'balance')


def clearing_way(journal, clearing, direction):
    # The method line of a journal that moves the clearing account.
    for way in journal[direction + '_payment_method_line_ids']:
        if way.payment_account_id == clearing:
            return way
    return None


def settled_in(company):
    # {external id: (journal, currency)} of a company's Stripe journals in further currencies.
    start = 'journal_stripe_%s_' % company.id
    env.cr.execute(
        "SELECT name, res_id FROM ir_model_data WHERE module = 'quittance' AND model = 'account.journal' ORDER BY name")
    got = {}
    for name, journal in env.cr.fetchall():
        if name.startswith(start):
            currency = env['res.currency'].with_context(active_test=False).search(
                [('name', '=', name[len(start):].upper())], limit=1)
            got[name] = (env['account.journal'].sudo().browse(journal).exists(), currency)
    return got


def accounts_of(found, company):
    # {role: its account}, of those that are there.
    rows = {}
    for role in ROLES:
        row = found.get('account_%s_%s' % (role, company.id))
        if row:
            rows[role] = row[1]
    there = env['account.account'].sudo().with_company(company).browse(sorted(set(rows.values()))).exists()
    got = {}
    for role in rows:
        for account in there:
            if account.id == rows[role]:
                got[role] = account
    return got


def out_of_use(account):
    # Whether an account is deprecated (17, 18) or archived (19).
    return bool(
        'deprecated' in account._fields and account['deprecated']
        or 'active' in account._fields and not account['active'])


def unfit_partner(found, name, company, accounts):
    # Why a contact that set-up made cannot be booked on; None when it can. Odoo books on an archived one.
    partner = record_at('res.partner', found.get(name)).sudo()
    if not partner:
        return 'the contact is gone'
    if partner.company_id and partner.company_id not in chain(company):
        return 'the contact %s is of another company' % partner.name
    if name == 'partner_unallocated' and 'advances' not in accounts:
        account = partner.with_company(company).property_account_receivable_id
        if not account or out_of_use(account):
            return 'the receivable account of the contact %s is gone or out of use' % partner.name
    return None


def fault_of(found, company, accounts):
    # The first of what set-up made for a company that cannot be used as it is now: a person changed it in Odoo.
    own = env['account.journal'].sudo().browse(found['journal_stripe_%s' % company.id][1]).exists()
    journals = {'journal_stripe_%s' % company.id: (own, company.currency_id)}
    journals.update(settled_in(company))
    for name in sorted(journals):
        why = unfit_journal(journals[name][0], company, journals[name][1])
        if why:
            return '%s: %s' % (name, why)
    for role in accounts:
        why = unfit_account(accounts[role], company, role)
        if why:
            return 'account_%s_%s: %s' % (role, company.id, why)
    for direction in ('inbound', 'outbound'):
        if not clearing_way(own, accounts.get('clearing'), direction):
            return 'clearing_not_on_payment_method:%s' % company.id
    for name in PARTNERS:
        why = unfit_partner(found, name, company, accounts)
        if why:
            return '%s: %s' % (name, why)
    row = found.get('tax_fees_%s' % company.id)
    tax = record_at('account.tax', row).sudo()
    if row and not tax:
        return 'tax_fees_%s: the tax is gone' % company.id
    if tax and (not tax.active or tax.type_tax_use != 'purchase' or tax.company_id not in chain(company)):
        return 'tax_fees_%s: the tax %s is archived, no purchase tax, or of another company' % (company.id, tax.name)
    return None


def home_of(found, company):
    # The company whose set-up serves a company: itself, or the nearest of its parents that has something. None where
    # the user does not work there.
    for home in chain(company):
        if 'journal_stripe_%s' % home.id in found or 'account_clearing_%s' % home.id in found:
            return env['res.company'].browse(home.id) if home.id in companies.ids else None
    return None


def stripe_of(company):
    # Of which Stripe accounts (`owners`), and in which mode, set-up stored that a company keeps the
    # books: `test acct_1 acct_2`.
    words = parameter('stripe', company).split() or ['']
    return {'company': company, 'mode': words[0], 'owners': words[1:]}


def configured(found, company):
    # What set-up made for a company; None when a part is missing or cannot be used, which FAULTS then tells.
    home = home_of(found, company)
    if not home or 'journal_stripe_%s' % home.id not in found or 'account_clearing_%s' % home.id not in found:
        return None
    accounts = accounts_of(found, home)
    why = fault_of(found, home, accounts)
    if why:
        FAULTS[company.id] = why
        return None
    journal = env['account.journal'].browse(found['journal_stripe_%s' % home.id][1])
    clearing = env['account.account'].browse(accounts['clearing'].id)
    ids = {}
    for role in accounts:
        ids[role] = accounts[role].id
    return dict(stripe_of(home), journal=journal, way=clearing_way(journal, clearing, 'inbound'), clearing=clearing,
                provider=found.get('provider_%s' % home.id), accounts=ids, zone=zone_of(home))


def set_ups():
    # {company id: what set-up made for it, or None}, of each company of the user.
    return {company.id: configured(found, company) for company in companies}


def not_configured(company_id):
    # The fault of a company's set-up, which is no movement's: delivery pauses until it is mended.
    raise UserError('quittance:not_configured:%s' % (
        FAULTS.get(company_id) or 'journal_stripe_%s: no Stripe journal with its clearing account there' % company_id))


def held(use, account, livemode):
    # Set-up stored of which Stripe accounts, and in which mode, a company keeps the books: no other ledger books there.
    company = use['company']
    if not use['owners']:
        raise UserError(
            'quittance:not_configured:stripe_%s: set-up has not stored which Stripe account company %s keeps the books'
            ' of' % (company.id, company.id))
    if account and account not in use['owners']:
        raise UserError('quittance:other_account:%s: company %s keeps the books of %s, and this is of %s'
            % (company.id, company.id, ', '.join(use['owners']), account))
    if livemode is None or livemode != (use['mode'] == 'live'):
        raise UserError('quittance:other_mode:%s: company %s keeps the books of %s mode, and this is of the other'
            % (company.id, company.id, use['mode']))


def day_of(at, zone):
    # The day of a UTC instant.
    utc = timezone('UTC').localize(datetime.datetime.strptime(at, '%Y-%m-%d %H:%M:%S'))
    return utc.astimezone(timezone(zone)).date()


def receivable(move):
    return move.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')


def discount_line(move, currency, day):
    # The receivable line that says what Odoo takes in full on this day for less: its early-payment discount. None also
    # where the company has no account to write it off to.
    early = (move.invoice_payment_term_id.early_discount
        and move.company_id.account_journal_early_pay_discount_loss_account_id)
    if early and move._is_eligible_for_early_payment_discount(currency, day):
        for line in receivable(move):
            if line.display_type == 'payment_term' and line.discount_date:
                return line


def documents(ids):
    # {id: (company, commercial partner, {what it may be called}, when it was created)} of the
    # journal entries that are there.
    env.cr.execute(
        'SELECT id, company_id, commercial_partner_id, create_date, name, payment_reference, ref, invoice_origin'
        ' FROM account_move WHERE id IN %s', [tuple(ids) or (0,)])
    return {row[0]: (row[1], row[2], set(row[4:]), str(row[3])) for row in env.cr.fetchall()}
