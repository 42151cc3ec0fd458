# The head that every Quittance procedure shares. Set-up stores QUITTANCE_HASH = '...', this text and one procedure as the
# code of an ir.actions.server; a call is run([[id]], context={'quittance': {...}}) and its answer is `action`.
# It runs in safe_eval on Odoo 17 (Python 3.10) to 19: no import, no `with`, no attribute assignment, and inside a def
# no lambda or comprehension that uses that def's names. The names `found`, `setups` and `results` are the procedure's own.
q = env.context.get('quittance') or {}
FORM = 3
if not env.user.has_group('quittance.group_worker') or not env.user.has_group('account.group_account_invoice'):
    # Odoo 19 lets any internal user run an action that no group restricts: the action is restricted, and so is its text.
    raise UserError('quittance:group_required: the user needs the groups Invoicing and Quittance Worker')
if q.get('v') != FORM:
    raise UserError('quittance:other_form: the call is of form %s, the procedure of form %s' % (q.get('v'), FORM))
companies = env.user.company_ids
# Field tracking is off: it would queue chatter lines for records that a roll-back to a savepoint takes away again.
env = env(context=dict(
    {k: v for k, v in env.context.items() if k not in ('quittance', 'active_id', 'active_ids', 'active_model')},
    allowed_company_ids=[env.company.id] + (companies - env.company).ids, tracking_disable=True))
GONE = ('draft', 'cancel', 'canceled', 'rejected')
MEMO = 'memo' if 'memo' in env['account.payment']._fields else 'ref'  # 17 calls it ref
ROLES = ('clearing', 'transit', 'disputed', 'suspense', 'advances', 'fees', 'conversion', 'reserves', 'connected', 'loan', 'withheld', 'losses')
# Whoever may create a record may give it an external id that is not taken: a name counts only for a record of its model.
MODELS = (
    ('cus:', 'res.partner'), ('partner_', 'res.partner'), ('journal_', 'account.journal'), ('account_', 'account.account'),
    ('tax_', 'account.tax'), ('provider_', 'payment.provider'), ('opening_', 'account.move'), ('alert_', 'mail.activity'),
    ('sequence_', 'ir.sequence'))


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
    env.cr.execute("SELECT name, model, res_id FROM ir_model_data WHERE module = 'quittance' AND name IN %s", [tuple(names) or ('',)])
    return {row[0]: (row[1], row[2]) for row in env.cr.fetchall() if fits(row[0], row[1])}


def is_id(text, start):
    # An id of Stripe's, or what a key has in the place of one.
    rest = text[len(start):]
    return text.startswith(start) and 0 < len(rest) < 256 and rest.isascii() and rest.replace('_', '').isalnum() and '__' not in text


def is_key(name):
    # stripe:acct_…:OBJECT_ID:TRANSITION, which no other external id of ours looks like.
    parts = name.split(':')
    return len(parts) == 4 and parts[0] == 'stripe' and is_id(parts[1], 'acct_') and is_id(parts[2], '') and '_' in parts[2] \
        and is_id(parts[3], '') and parts[3].islower()


def tie(rows):
    # rows: (name, model, id), new or not
    for name, model, res_id in sorted(rows):
        env.cr.execute(
            "INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_uid, write_uid, create_date, write_date)"
            " VALUES ('quittance', %s, %s, %s, true, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
            " ON CONFLICT (module, name) DO UPDATE SET model = EXCLUDED.model, res_id = EXCLUDED.res_id",
            [name, model, res_id, env.uid, env.uid])


def claim(name, company):
    # A twin at the same moment waits here, then gets a serialization failure; Odoo runs it again and it finds the key. The
    # row points at the company, which nobody deletes, so that it outlives the booking. What points elsewhere is no claim.
    env.cr.execute(
        "INSERT INTO ir_model_data AS d (module, name, model, res_id, noupdate, create_uid, write_uid, create_date, write_date)"
        " VALUES ('quittance', %s, 'res.company', %s, true, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
        " ON CONFLICT (module, name) DO UPDATE SET model = EXCLUDED.model, res_id = EXCLUDED.res_id"
        " WHERE d.model <> 'res.company' AND strpos(d.name, '__') = 0 RETURNING id", [name, company.id, env.uid, env.uid])
    if not env.cr.fetchone():
        # Taken, and yet nobody failed: an isolation weaker than Odoo's REPEATABLE READ. The same failure, raised by hand.
        env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'quittance: claimed at this moment' USING ERRCODE = '40001'; END $$")


def unclaim(name):
    env.cr.execute("DELETE FROM ir_model_data WHERE module = 'quittance' AND name = %s", [name])


def attempt(work, items):
    # None when all is done; else what Odoo's business rules said, with everything undone. Any other error goes up to Odoo,
    # which runs the whole call again when it was a serialization failure.
    point = env.cr.savepoint()
    try:
        work(items)
        point.close(rollback=False)
    except UserError as error:
        point.close(rollback=True)
        return error


def show(amount, currency):
    return '%.*f' % (currency.decimal_places, amount + 0.0)


def plain(text):
    return text.rstrip('0').rstrip('.') if '.' in text else text


def money(text, currency):
    # The float that Odoo wants, or None when this currency (its decimals or its rounding) cannot say the amount exactly.
    if not text.replace('.', '', 1).isdigit():
        return None
    amount = currency.round(float(text))
    return amount if plain(show(amount, currency)) == plain(text) else None


def signed(text, currency):
    # As money, with a sign and nothing allowed.
    amount = money(text.lstrip('-'), currency)
    return -amount if amount and text.startswith('-') else amount


RATES = {}


def rate_of(currency, company, day):
    # Units of a currency for Odoo's base by its tables: the last rate on or before the day, the root company's own before
    # one for all. None when there is none: then Odoo 17 and 18 take 1.0, and 19 the first later one.
    key = (currency.id, company.root_id.id, str(day))
    if key not in RATES:
        env.cr.execute(
            'SELECT rate FROM res_currency_rate WHERE currency_id = %s AND name <= %s AND (company_id IS NULL OR company_id = %s)'
            ' ORDER BY company_id, name DESC LIMIT 1', [key[0], key[2], key[1]])
        row = env.cr.fetchone()
        if not row and currency == company.currency_id:
            # A company's currency without any rate is the base itself.
            env.cr.execute('SELECT 1 FROM res_currency_rate WHERE currency_id = %s AND (company_id IS NULL OR company_id = %s) LIMIT 1', key[:2])
            row = None if env.cr.fetchone() else [1.0]
        RATES[key] = float(row[0]) if row and row[0] else None
    return RATES[key]


def unrated(currency, company, day):
    # What to say when Odoo has no rate by which to value money of that day; else None.
    if currency != company.currency_id:
        for one in (currency, company.currency_id):
            if not rate_of(one, company, day):
                return 'enter a rate of %s of %s or before in company %s' % (one.name, day, company.root_id.id)


def check_values(lines, company, days):
    # That Odoo valued each of these lines by the rate of one of these days, but for rounding. Otherwise nothing is booked: a
    # wrong value is found by nobody.
    own = company.currency_id
    for line in lines:
        if line.currency_id != own:
            near = False
            for day in days:
                top, bottom = rate_of(own, company, day), rate_of(line.currency_id, company, day)
                if top and bottom:
                    meant = line.amount_currency * top / bottom
                    near = near or abs(line.balance - meant) <= own.rounding * len(lines) + abs(meant) * 1e-9
            if not near:
                raise UserError('quittance_refused:currency_rate_differs: %s %s would be %s %s, not by the rate of %s' % (
                    show(line.amount_currency, line.currency_id), line.currency_id.name, show(line.balance, own), own.name, days[0]))


def code_of(error):
    # The code of what kept a booking out.
    if repr(error).startswith('AccessError'):
        return 'access_denied'
    return 'currency_rate_differs' if 'quittance_refused:currency_rate_differs' in str(error) else 'user_error'


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
    if account.account_type in ('liability_payable', 'equity_unaffected', 'off_balance') or (account.account_type == 'asset_receivable') != (role == 'advances'):
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
    env.cr.execute("SELECT name, res_id FROM ir_model_data WHERE module = 'quittance' AND model = 'account.journal' ORDER BY name")
    got = {}
    for name, journal in env.cr.fetchall():
        if name.startswith(start):
            currency = env['res.currency'].with_context(active_test=False).search([('name', '=', name[len(start):].upper())], limit=1)
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
    return bool('deprecated' in account._fields and account['deprecated'] or 'active' in account._fields and not account['active'])


def unfit_partner(found, name, company, accounts):
    # Why a contact that set-up made cannot be booked on; None when it can. Odoo books on an archived one.
    row = found.get(name)
    partner = env['res.partner'].sudo().browse(row[1] if row else []).exists()
    if not partner:
        return 'the contact is gone'
    if partner.company_id and partner.company_id not in chain(company):
        return 'the contact %s is of another company' % partner.name
    if name == 'partner_unallocated' and 'advances' not in accounts:
        account = partner.with_company(company).property_account_receivable_id
        if not account or out_of_use(account):
            return 'the receivable account of the contact %s is gone or out of use' % partner.name
    return None


def payable_of(partner, company):
    # The account on which the supplier's fees wait for its bill.
    account = partner.with_company(company).property_account_payable_id
    if not account or out_of_use(account):
        raise UserError('quittance:not_configured:partner_stripe: the payable account of the contact %s is gone or out of use' % partner.name)
    return account


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
    tax = env['account.tax'].sudo().browse(row[1] if row else []).exists()
    if row and not tax:
        return 'tax_fees_%s: the tax is gone' % company.id
    if tax and (not tax.active or tax.type_tax_use != 'purchase' or tax.company_id not in chain(company)):
        return 'tax_fees_%s: the tax %s is archived, no purchase tax, or of another company' % (company.id, tax.name)
    return None


def home_of(found, company):
    # The company whose set-up serves a company: itself, or the nearest of its parents that has something. None where the user
    # does not work there.
    for home in chain(company):
        if 'journal_stripe_%s' % home.id in found or 'account_clearing_%s' % home.id in found:
            return env['res.company'].browse(home.id) if home.id in companies.ids else None
    return None


def stripe_of(company):
    # Of which Stripe accounts (`owners`), and in which mode, set-up stored that a company keeps the books: `test acct_1 acct_2`.
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


def not_configured(company_id):
    # The fault of a company's set-up, which is no movement's: delivery pauses until it is mended.
    raise UserError('quittance:not_configured:%s' % (
        FAULTS.get(company_id) or 'journal_stripe_%s: no Stripe journal with its clearing account there' % company_id))


def books_of(m):
    # The books of the Stripe account's own company: the one that the movement names, else the user's.
    company = m.get('company') or env.company.id
    return setups.get(company) or not_configured(company)


def held(use, account, livemode):
    # Set-up stored of which Stripe accounts, and in which mode, a company keeps the books: no other ledger books there.
    company = use['company']
    if not use['owners']:
        raise UserError('quittance:not_configured:stripe_%s: set-up has not stored which Stripe account company %s keeps the books of' % (company.id, company.id))
    if account and account not in use['owners']:
        raise UserError('quittance:other_account:%s: company %s keeps the books of %s, and this is of %s' % (company.id, company.id, ', '.join(use['owners']), account))
    if livemode is None or livemode != (use['mode'] == 'live'):
        raise UserError('quittance:other_mode:%s: company %s keeps the books of %s mode, and this is of the other' % (company.id, company.id, use['mode']))


def refusal(m):
    # Why a movement is refused for its names, None when they have our form. That it is another account's or mode's is a
    # fault of the whole call.
    use = setups.get(m.get('company') or env.company.id)
    for field in ('key', 'receipt', 'document', 'reverses', 'unless', 'bill'):
        name = m.get(field) or ''
        if name or field == 'key':
            if not is_key(name):
                return 'no key has the form of %s' % name[:80]
            if use:
                held(use, name.split(':')[1], m.get('livemode'))
    for name in (m.get('close') or {}).get('after') or []:
        if not is_key(name):
            return 'no key has the form of %s' % name[:80]
    if m.get('dispute') and not is_key(m['dispute'] + ':opened'):
        return 'no dispute is called %s' % m['dispute'][:80]
    if m.get('customer') and not (is_id(m['customer'].split(':')[0], 'acct_') and is_id(m['customer'].split(':')[-1], '')):
        return 'no customer is called %s' % m['customer'][:80]
    return None


def day_of(at, zone):
    # The day of a UTC instant.
    utc = timezone('UTC').localize(datetime.datetime.strptime(at, '%Y-%m-%d %H:%M:%S'))
    return utc.astimezone(timezone(zone)).date()


def numbered(name):
    # {number: (model, id)} of the external ids NAME1, NAME2, …: whoever deletes a record leaves a hole, which ends nothing.
    got = {}
    first = 1
    while True:
        names = []
        for number in range(first, first + 50):
            names.append(name + str(number))
        rows = external(names)
        for number in range(first, first + 50):
            if name + str(number) in rows:
                got[number] = rows[name + str(number)]
        if not rows:
            return got
        first += 50


def gathered(name):
    # The moves that are tied as NAME1, NAME2, …
    return env['account.move'].browse([row[1] for row in numbered(name).values()]).exists()


def add_to(name, move):
    # Ties a move under the next number of a name. A twin at the same moment waits, fails and is run again, as with claim.
    number = max(numbered(name), default=0) + 1
    claim(name + str(number), move.company_id)
    tie([(name + str(number), 'account.move', move.id)])


def unmatched(moves, account):
    # Their open lines on an account (its id), when there is debit and credit among them; else none.
    lines = env['account.move.line']
    for line in moves.line_ids:
        if line.account_id.id == account and line.parent_state == 'posted' and not line.reconciled:
            lines |= line
    signs = {line.balance > 0 for line in lines if line.balance}
    return lines if len(signs) == 2 else env['account.move.line']


def reconcile(plan):
    try:
        env['account.move.line']._reconcile_plan(plan)
    except Exception as error:
        # Odoo 17 stumbles with a TypeError where a company has no journal for exchange differences; what the database says (a
        # serialization failure, for one) goes up as ever.
        if repr(error).split('(')[0] in ('AttributeError', 'KeyError', 'TypeError', 'ValueError'):
            raise UserError('quittance: Odoo broke off: %s' % error)
        raise


def match_lines(pairs):
    # pairs: (item, lines of one account). What Odoo will not reconcile is flagged; no booking is undone for it.
    seen = env['account.move.line']
    fresh = []
    for item, lines in pairs:
        if lines and not lines & seen:
            fresh.append((item, lines))
        seen |= lines
    if fresh and attempt(reconcile, [pair[1] for pair in fresh]):
        for item, lines in fresh:
            if attempt(reconcile, [lines]) and 'not_reconciled' not in item['flags']:
                item['flags'].append('not_reconciled')


def settlements(items):
    # (item, lines) for match_lines: what is open on clearing between a document (`key` with its `move`) and the entries that
    # settle it, whichever came first; on transit between a payout and its failure.
    pairs = []
    names = []
    for item in items:
        for number in range(1, 51):
            names.append('%s__t%s' % (item['key'], number))
    settled = {name.rsplit('__t', 1)[0] for name in external(names)}
    for item in items:
        if item['key'] in settled:
            for account in (item['use']['clearing'].id, item['use']['accounts'].get('transit')):
                pairs.append((item, unmatched(item['move'] | gathered(item['key'] + '__t'), account)))
    return pairs


def by_reference(m):
    # What somebody else booked before the cut-over: the one posted payment that names the payment or its charge.
    for mark in [m['payment'], m.get('charge')]:
        if mark:
            some = env['account.payment'].search([
                (MEMO, 'ilike', mark.replace('_', '\\_')), ('payment_type', '=', 'inbound'), ('company_id', 'in', [company for company in setups if setups[company]]),
                ('move_id.state', '=', 'posted'), ('state', 'not in', GONE)], order='id', limit=50)
            named = env['account.payment']
            for payment in some:
                if standing(payment) and mark in tokens(payment[MEMO]):
                    named |= payment
            if len(named) == 1:
                return named
    return env['account.payment']


def tokens(text):
    # The ids that stand in a memo.
    return ''.join([char if char.isalnum() or char == '_' else ' ' for char in text or '']).split()


def moved(payment, direction):
    # The amount of a payment, negative when it went the other way.
    return show(payment.amount if payment.payment_type == direction else -payment.amount, payment.currency_id)


def standing(payment):
    return bool(payment.move_id) and payment.move_id.state == 'posted' and payment.state not in GONE


def told(movements):
    # The results in the order of the movements; the same key twice in one call is a duplicate of itself.
    seen = set()
    got = []
    for m in movements:
        result = results[m['key']]
        again = m['key'] in seen and result['status'] == 'created'
        got.append(dict(result, status='duplicate') if again else result)
        seen.add(m['key'])
    return got


def next_mark(movements):
    # A number that only grows, whatever becomes of this transaction, and that goes back with the database: the PostgreSQL
    # sequence of the ledger's own company. Where it is below `mark`, the highest that the ledger has had from here, it is
    # answered as it stands, so that the next call finds the same should this answer be lost. None where set-up made none.
    company = env['res.company'].sudo().browse(q.get('company') or env.company.id).exists().root_id
    name = 'sequence_mark_%s' % company.id
    row = external([name]).get(name)
    if not movements or not row:
        return None
    sequence = 'ir_sequence_%03d' % row[1]
    env.cr.execute('SELECT EXTRACT(EPOCH FROM create_date)::bigint * 1000000 FROM ir_sequence WHERE id = %s AND to_regclass(%s) IS NOT NULL', [row[1], sequence])
    # One that is made later begins above all that an earlier one can have reached: a million a second.
    start = env.cr.fetchone()
    if not start or not start[0]:
        return None
    env.cr.execute('SELECT last_value - (NOT is_called)::int FROM ' + sequence)
    last = start[0] + env.cr.fetchone()[0]
    if last < (q.get('mark') or 0):
        return last
    # PostgreSQL logs a sequence up to 32 numbers ahead, where a copy of its files goes on: each call takes more than these.
    env.cr.execute('SELECT max(nextval(%s)) FROM generate_series(1, 33)', [sequence])
    return start[0] + env.cr.fetchone()[0]


def receivable(move):
    return move.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')


def open_lines(item):
    # Open receivable lines of the payable invoices, all of one account.
    lines = env['account.move.line']
    for move in item['good']:
        for line in receivable(move):
            if not line.reconciled and line.account_id == (lines[:1].account_id or line.account_id):
                lines |= line
    return lines


def discount_line(move, currency, day):
    # The receivable line that says what Odoo takes in full on this day for less: its early-payment discount. None also where
    # the company has no account to write it off to.
    early = move.invoice_payment_term_id.early_discount and move.company_id.account_journal_early_pay_discount_loss_account_id
    if early and move._is_eligible_for_early_payment_discount(currency, day):
        for line in receivable(move):
            if line.display_type == 'payment_term' and line.discount_date:
                return line


def entry(company, vals, clearing):
    # The two lines of a receipt, as 18 and 19 make them by themselves; 17 is a quarter faster when it gets them.
    currency = env['res.currency'].browse(vals['currency_id'])
    balance = currency._convert(vals['amount'], company.currency_id, company, vals['date'])
    both = {'name': vals[MEMO], 'partner_id': vals['partner_id'], 'currency_id': currency.id, 'date_maturity': vals['date'], 'tax_ids': []}
    return [
        Command.create(dict(both, account_id=clearing, amount_currency=vals['amount'], debit=balance, credit=0)),
        Command.create(dict(both, account_id=vals['destination_account_id'], amount_currency=-vals['amount'], debit=0, credit=balance))]


def tell_invoice(move):
    return {'id': move.id, 'name': move.name or '', 'state': move.state, 'payment_state': move.payment_state or '',
            'residual': show(move.amount_residual, move.currency_id), 'currency': move.currency_id.name}


def tell_payment(payment):
    free = -sum(receivable(payment.move_id).mapped('amount_residual_currency'))
    return {'model': 'account.payment', 'id': payment.id, 'name': payment.name or '', 'state': payment.state,
            'amount': show(payment.amount, payment.currency_id), 'currency': payment.currency_id.name, 'date': str(payment.move_id.date or payment.date),
            'unallocated': show(free, payment.currency_id)}


def names_of(match):
    # The names that a movement may mean. A candidate is (name, from, to): what may be a number, and where in the texts it stands.
    got = []
    for one in (match.get('numbers') or []) + (match.get('texts') or []):
        got.append(one[0])
    return got


def meant(candidates, table):
    # Those that exist. Where several stand in one place the first is meant: the longest.
    got = []
    for name, start, end in candidates or []:
        apart = True
        for other in got:
            apart = apart and (end <= other[1] or other[2] <= start)
        if apart and name in table:
            got.append((name, start, end))
    return [one[0] for one in got]


def look_up(names, references):
    # {name: {company id: [invoice id]}}. Posted ones by the unique index on their name, the few others by their state's
    # index; a payment reference only where no name matched (its index is slow on common beginnings).
    got = {}
    ask = "SELECT id, name, company_id FROM account_move WHERE move_type = 'out_invoice' AND company_id IN %s AND "
    for kind, sql in (
            ('name', "name IN %s AND name <> '/' AND state = 'posted'"),
            ('name', "name IN %s AND state <> 'posted' AND journal_id IN (SELECT id FROM account_journal WHERE type = 'sale') AND state IN ('draft', 'cancel')"),
            ('reference', "payment_reference IN %s AND state <> 'cancel'")):
        left = set(names if kind == 'name' else references) - set(got)
        if left:
            env.cr.execute((ask if kind == 'name' else ask.replace('name,', 'payment_reference,')) + sql, [tuple(companies.ids), tuple(left)])
            for move, name, company in env.cr.fetchall():
                got.setdefault(name, {}).setdefault(company, []).append(move)
    return got


COMMERCIAL = {}


def commercial(partner):
    # The commercial partner of a contact (ids); None when it is gone.
    if partner not in COMMERCIAL:
        env.cr.execute('SELECT commercial_partner_id FROM res_partner WHERE id = %s', [partner])
        COMMERCIAL[partner] = (env.cr.fetchone() or [None])[0]
    return COMMERCIAL[partner]


def documents(ids):
    # {id: (company, commercial partner, {what it may be called}, when it was created)} of the journal entries that are there.
    env.cr.execute(
        'SELECT id, company_id, commercial_partner_id, create_date, name, payment_reference, ref, invoice_origin FROM account_move WHERE id IN %s', [tuple(ids) or (0,)])
    return {row[0]: (row[1], row[2], set(row[4:]), str(row[3])) for row in env.cr.fetchall()}


def is_described(match, document):
    # Whether a document may be the one that the metadata describes: of its contact, and made at its moment, where it names
    # them. An Odoo that was set back to a backup gives ids and numbers of what was lost to others, but no two records the
    # microsecond of their creation.
    for one in match.get('identity') or []:
        if one.get('created') and one['created'] != document[3]:
            return False
    for one in match.get('identity') or []:
        if one.get('partner'):
            return commercial(one['partner']) == document[1]
    return True


def is_same(match, move, document):
    # Whether the invoice of an id is the one that the metadata describes beside it.
    for one in match.get('identity') or []:
        if one['id'] == move and one.get('numbers') and not document[2] & set(one['numbers']):
            return False
    return is_described(match, document)


def note(items):
    bodies = {}
    ids = {}
    for item in items:
        if item['m'].get('note') and item['moves']:
            move = (item['good'] or item['moves'])[0]
            text = 'Stripe payment %s: %s %s received as %s' % (item['m']['payment'], item['m']['amount'], item['m']['currency'], item['payment'].name)
            bodies[move.id] = '%s; %s' % (bodies[move.id], text) if move.id in bodies else text
        if item['m'].get('note'):
            paid = item['m']['payment']
            names = [('PaymentIntent' if paid.startswith('pi_') else 'charge', paid), ('charge', item['m'].get('charge')),
                     ('PaymentMethod', item['m'].get('method'))]
            ids[item['payment'].id] = 'Stripe ' + ', '.join(['%s %s' % name for name in names if name[1]])
    if bodies:
        env['account.move'].browse(list(bodies))._message_log_batch(bodies)
    if ids:
        env['account.payment'].browse(list(ids))._message_log_batch(ids)


def transactions(items, provider):
    # Under our own provider record: under Odoo's own Stripe provider its Refund button would call Stripe behind our back.
    method = env['payment.method'].sudo().with_context(active_test=False).search([('code', 'in', ('card', 'unknown'))], order='code', limit=1)
    if not items or not method:
        return
    vals = []
    for item in items:
        vals.append({
            'provider_id': provider, 'payment_method_id': method.id, 'reference': item['key'], 'provider_reference': item['m']['payment'],
            'amount': item['amount'], 'currency_id': item['currency'].id, 'partner_id': item['partner'].id, 'operation': 'online_direct',
            'invoice_ids': [Command.set([move.id for move in item['good']])], 'payment_id': item['payment'].id,
            'state': 'done', 'is_post_processed': True})
    for item, one in zip(items, env['payment.transaction'].sudo().create(vals)):
        item['payment'].sudo().write({'payment_transaction_id': one.id})
