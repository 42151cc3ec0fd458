# The head that every Quittance procedure shares. Set-up stores QUITTANCE_HASH = '...', this text and one procedure as the
# code of an ir.actions.server; a call is run([[id]], context={'quittance': {...}}) and its answer is `action`.
# It runs in safe_eval on Odoo 17 (Python 3.10) to 19: no import, no `with`, no attribute assignment, and inside a def
# no lambda or comprehension that uses that def's names. The names `found`, `setups` and `results` are the procedure's own.
q = env.context.get('quittance') or {}
if not env.user.has_group('account.group_account_invoice'):
    # Odoo 19 lets any internal user run an action that no group restricts: the action is restricted, and so is its text.
    raise UserError('quittance:group_required: the user needs the group Invoicing')
companies = env.user.company_ids
# Field tracking is off: it would queue chatter lines for records that a roll-back to a savepoint takes away again.
env = env(context=dict(
    {k: v for k, v in env.context.items() if k not in ('quittance', 'active_id', 'active_ids', 'active_model')},
    allowed_company_ids=[env.company.id] + (companies - env.company).ids, tracking_disable=True))
MEMO = 'memo' if 'memo' in env['account.payment']._fields else 'ref'  # 17 calls it ref
FORM = 2
ROLES = ('clearing', 'transit', 'disputed', 'suspense', 'advances', 'fees', 'conversion', 'reserves', 'connected', 'loan', 'withheld', 'losses')


def external(names):
    # {name: (model, id)} of the external ids quittance.NAME
    env.cr.execute("SELECT name, model, res_id FROM ir_model_data WHERE module = 'quittance' AND name IN %s", [tuple(names) or ('',)])
    return {row[0]: (row[1], row[2]) for row in env.cr.fetchall()}


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
    # row points at the company, which nobody deletes, so that it outlives the booking.
    env.cr.execute(
        "INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_uid, write_uid, create_date, write_date)"
        " VALUES ('quittance', %s, 'res.company', %s, true, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
        " ON CONFLICT (module, name) DO NOTHING RETURNING id", [name, company.id, env.uid, env.uid])
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


def setup_names():
    names = ['partner_unallocated', 'partner_stripe', 'partner_platform']
    for company in companies.sudo().parent_ids:
        for name in ('journal_stripe', 'provider', 'tax_fees'):
            names.append('%s_%s' % (name, company.id))
        for role in ROLES:
            names.append('account_%s_%s' % (role, company.id))
    return names


def zone_of(company):
    # Name of the time zone that decides which day an instant is.
    env.cr.execute('SELECT value FROM ir_config_parameter WHERE key = %s', ['quittance.zone_%s' % company.id])
    row = env.cr.fetchone()
    name = row and row[0] or 'UTC'
    try:
        timezone(name)
    except Exception:
        raise UserError('quittance:not_configured:zone_%s: there is no time zone %s' % (company.id, name))
    return name


def configured(found, company):
    # What set-up made for a company, or for the nearest of its parents that has something; None when a part is missing.
    for home in chain(company):
        journal = found.get('journal_stripe_%s' % home.id)
        clearing = found.get('account_clearing_%s' % home.id)
        if not journal and not clearing:
            continue
        if not journal or not clearing or home.id not in companies.ids:
            return None
        journal = env['account.journal'].browse(journal[1]).exists()
        clearing = env['account.account'].browse(clearing[1])
        for way in journal.inbound_payment_method_line_ids:
            if way.payment_account_id == clearing:
                accounts = {}
                for role in ROLES:
                    row = found.get('account_%s_%s' % (role, home.id))
                    if row and env['account.account'].browse(row[1]).exists():
                        accounts[role] = row[1]
                return {'company': env['res.company'].browse(home.id), 'journal': journal, 'way': way, 'clearing': clearing,
                        'provider': found.get('provider_%s' % home.id), 'accounts': accounts, 'zone': zone_of(home)}
        return None


def books_of(m):
    # The books of the Stripe account's own company: the one that the movement names, else the user's.
    company = m.get('company') or env.company.id
    if not setups.get(company):
        raise UserError('quittance:not_configured:journal_stripe_%s: no Stripe journal with its clearing account there' % company)
    return setups[company]


def day_of(at, zone):
    # The day of a UTC instant.
    utc = timezone('UTC').localize(datetime.datetime.strptime(at, '%Y-%m-%d %H:%M:%S'))
    return utc.astimezone(timezone(zone)).date()


def gathered(name):
    # The moves that are tied as NAME1, NAME2, …
    moves = env['account.move']
    count = 1
    while True:
        row = external([name + str(count)]).get(name + str(count))
        if not row:
            return moves
        moves |= env['account.move'].browse(row[1]).exists()
        count += 1


def add_to(name, move):
    # Ties a move under the next number of a name. A twin at the same moment waits, fails and is run again, as with claim.
    count = 1
    while name + str(count) in external([name + str(count)]):
        count += 1
    claim(name + str(count), move.company_id)
    tie([(name + str(count), 'account.move', move.id)])


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
    for item in items:
        if item['key'] + '__t1' in found:
            for account in (item['use']['clearing'].id, item['use']['accounts'].get('transit')):
                pairs.append((item, unmatched(item['move'] | gathered(item['key'] + '__t'), account)))
    return pairs


def by_reference(m):
    # What somebody else booked before the cut-over: the one posted payment that names the payment or its charge.
    for mark in [m['payment'], m.get('charge')]:
        if mark:
            some = env['account.payment'].search([(MEMO, 'ilike', mark), ('payment_type', '=', 'inbound'), ('company_id', 'in', [company for company in setups if setups[company]])], limit=2)
            some = some.filtered(lambda payment: standing(payment))
            if len(some) == 1:
                return some
    return env['account.payment']


def standing(payment):
    return bool(payment.move_id) and payment.move_id.state == 'posted' and payment.state not in ('draft', 'cancel', 'canceled', 'rejected')


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
