# What the procedures that book share: set-up puts this text after the head. The names `found` and `setups`
# are the procedure's own, and where it takes a list of movements, so are `currencies`, `OWN_FIELDS`,
# `replay`, `start` and `book`.
GONE = ('draft', 'cancel', 'canceled', 'rejected')
MEMO = 'memo' if 'memo' in env['account.payment']._fields else 'ref'  # 17 calls it ref
movements = q.get('movements') or []
results = {}  # {key: its result, or None until there is one}


def refuse(key, code, detail):
    results[key] = without_booking(key, 'refused', code, detail)


def postpone(key, code, detail):
    # It is to be asked for again later.
    results[key] = without_booking(key, 'retry', code, detail)


def without_booking(key, status, code, detail):
    return {'key': key, 'status': status, 'code': code, 'detail': detail[:200], 'flags': [], **OWN_FIELDS,
        'invoices': []}


def gone(key):
    # It was booked, and nothing is left of it.
    results[key] = {'key': key, 'status': 'gone', 'flags': [], **OWN_FIELDS, 'invoices': []}
    return results[key]


def item_of(m):
    # The item of a movement that is to be booked; None when it has its result already.
    if m['key'] in results:
        return None
    results[m['key']] = None
    why = refusal(m)
    if why:
        return refuse(m['key'], 'key_refused', why)
    return replay(m) if m['key'] in found else start(m)


def unrefused(items):
    return [item for item in items if not results[item['key']]]


def is_key(name):
    # stripe:acct_…:OBJECT_ID:TRANSITION, which no other external id of ours looks like.
    parts = name.split(':')
    return (len(parts) == 4 and parts[0] == 'stripe' and is_id(parts[1], 'acct_') and is_id(parts[2], '')
        and '_' in parts[2] and is_id(parts[3], '') and parts[3].islower())


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
    if (m.get('customer')
            and not (is_id(m['customer'].split(':')[0], 'acct_') and is_id(m['customer'].split(':')[-1], ''))):
        return 'no customer is called %s' % m['customer'][:80]
    return None


def company_refused(m):
    # Refuses a movement of a company where the user does not work.
    if m.get('company') and m['company'] not in companies.ids:
        refuse(m['key'], 'wrong_company', 'the user may not work in company %s' % m['company'])
        return True


def books_of(m):
    # The books of the Stripe account's own company: the one that the movement names, else the user's.
    company = m.get('company') or env.company.id
    return setups.get(company) or not_configured(company)


def currencies_of(names):
    # {name: active currency}
    got = {}
    for currency in env['res.currency'].search([('name', 'in', names)]):
        got[currency.name] = currency
    return got


def currency_of(key, name, company, day):
    # The currency of a name; None when the movement is refused because Odoo has none, or cannot value it on the day.
    currency = currencies.get(name)
    if not currency:
        return refuse(key, 'currency_inactive', 'activate currency %s in Odoo' % name)
    missing = unrated(currency, company, day)
    return refuse(key, 'currency_rate_missing', missing) if missing else currency


def refuse_amount(key, text, currency):
    refuse(key, 'amount_not_representable', 'currency %s cannot hold %s exactly' % (currency.name, text))


def set_amount(item):
    # Gives an item its currency and amount; false when it is refused for them.
    m = item['m']
    currency = item['currency'] = currency_of(item['key'], m['currency'], item['company'], item['day'])
    amount = item['amount'] = money(m['amount'], currency) if currency else None
    if currency and not amount:
        refuse_amount(item['key'], m['amount'], currency)
    return bool(amount)


def claim(name, company):
    # A twin at the same moment waits here, then gets a serialization failure; Odoo runs it again and it finds
    # the key. The row points at the company, which nobody deletes, so that it outlives the booking. What
    # points elsewhere is no claim.
    env.cr.execute(
        "INSERT INTO ir_model_data AS d"
        " (module, name, model, res_id, noupdate, create_uid, write_uid, create_date, write_date)"
        " VALUES ('quittance', %s, 'res.company', %s, true, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')"
        " ON CONFLICT (module, name) DO UPDATE SET model = EXCLUDED.model, res_id = EXCLUDED.res_id"
        " WHERE d.model <> 'res.company' AND strpos(d.name, '__') = 0 RETURNING id",
        [name, company.id, env.uid, env.uid])
    if not env.cr.fetchone():
        # Taken, and yet nobody failed: an isolation weaker than Odoo's REPEATABLE READ. The
        # same failure, raised by hand.
        env.cr.execute(
            "DO $$ BEGIN RAISE EXCEPTION 'quittance: claimed at this moment' USING ERRCODE = '40001'; END $$")


def claim_all(items):
    for item in items:
        claim(item['key'], item['company'])


def lock(moves):
    # Locks journal entries (ids), in an order in which no two calls wait for each other.
    if moves:
        env.cr.execute('SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR UPDATE', [tuple(moves)])


def attempt(work, items):
    # None when all is done; else what Odoo's business rules said, with everything undone. Any other error goes up to
    # Odoo, which runs the whole call again when it was a serialization failure.
    point = env.cr.savepoint()
    try:
        work(items)
        point.close(rollback=False)
    except UserError as error:
        point.close(rollback=True)
        return error


def attempt_twice(work, item, simplify):
    # What Odoo said of an item. Where `simplify` takes from it what the first error
    # complains of, it is tried once more.
    error = attempt(work, [item])
    return attempt(work, [item]) if error and simplify(item, error) else error


def grouped(items, place):
    # Lists of the items of one place each, in the order of the places.
    groups = {}
    for item in items:
        groups.setdefault(place(item), []).append(item)
    got = []
    for one in sorted(groups):
        got.append(groups[one])
    return got


def book_group(items, simplify):
    # Books items together; where Odoo does not take them so, one by one. Gives those that are booked.
    if attempt(book, items):
        for item in items:
            error = attempt_twice(book, item, simplify)
            if error:
                release(item, error)
    return unrefused(items)


def release(item, error):
    # What Odoo does not take is refused, and its key is free again.
    unclaim(item['key'])
    refuse(item['key'], code_of(error), str(error))


def raise_fault(error):
    # A fault of the set-up is the whole call's.
    if str(error).startswith('quittance:'):
        raise error


def without_tax(item, error):
    # Where Odoo's tax is not what Stripe kept, to the cent, Stripe's own is a line.
    if 'quittance: fee_tax_differs' not in str(error):
        return False
    item['taxed'] = False
    item['flags'].append('fee_tax_differs')
    return True


def code_of(error):
    # The code of what kept a booking out.
    if repr(error).startswith('AccessError'):
        return 'access_denied'
    return 'currency_rate_differs' if 'quittance_refused:currency_rate_differs' in str(error) else 'user_error'


def plain(text):
    return text.rstrip('0').rstrip('.') if '.' in text else text


def money(text, currency):
    # The float that Odoo wants, or None when this currency (its decimals or its rounding)
    # cannot say the amount exactly.
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
    # Units of a currency for Odoo's base by its tables: the last rate on or before the day, the root company's own
    # before one for all. None when there is none: then Odoo 17 and 18 take 1.0, and 19 the first later one.
    key = (currency.id, company.root_id.id, str(day))
    if key not in RATES:
        env.cr.execute(
            'SELECT rate FROM res_currency_rate'
            ' WHERE currency_id = %s AND name <= %s AND (company_id IS NULL OR company_id = %s)'
            ' ORDER BY company_id, name DESC LIMIT 1', [key[0], key[2], key[1]])
        row = env.cr.fetchone()
        if not row and currency == company.currency_id:
            # A company's currency without any rate is the base itself.
            env.cr.execute(
                'SELECT 1 FROM res_currency_rate WHERE currency_id = %s AND (company_id IS NULL OR company_id = %s)'
                ' LIMIT 1', key[:2])
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
    # That Odoo valued each of these lines by the rate of one of these days, but for rounding. Otherwise nothing is
    # booked: a wrong value is found by nobody.
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
                raise UserError('quittance_refused:currency_rate_differs: %s %s would be %s %s, not by the rate of %s'
                    % (show(line.amount_currency, line.currency_id), line.currency_id.name, show(line.balance, own),
                    own.name, days[0]))


def env_of(company, **more):
    # The environment in which a company's records are made.
    return env(context=dict(env.context, allowed_company_ids=[company.id] + (companies - company).ids, **more))


def record_row(key):
    # (model, id) of what a key's booking made, or None: looked up in each savepoint, since it may be this call's own.
    return found.get(key + '__record') or external([key + '__record']).get(key + '__record')


def partner_at(row):
    # A contact without which nothing can be booked.
    partner = record_at('res.partner', row)
    if not partner:
        raise UserError('quittance:not_configured:partner_unallocated')
    return partner


def payable_of(partner, company):
    # The account on which the supplier's fees wait for its bill.
    account = partner.with_company(company).property_account_payable_id
    if not account or out_of_use(account):
        raise UserError(
            'quittance:not_configured:partner_stripe: the payable account of the contact %s is gone or out of use'
            % partner.name)
    return account


def payment_vals(item, direction, way):
    return {
        'payment_type': direction, 'partner_type': 'customer', 'partner_id': item['partner'].id,
        'amount': item['amount'], 'currency_id': item['currency'].id, 'date': item['day'],
        'journal_id': item['use']['journal'].id, 'company_id': item['company'].id, 'payment_method_line_id': way.id,
        MEMO: item['m']['memo']}


def check_payment(item, payment, clearing_only):
    # That a payment is posted, and its lines valued by the rate of the day: all of them, or that of clearing.
    if payment.move_id.state != 'posted':
        raise UserError('payment %s made no posted entry' % payment.name)
    on_clearing = payment.move_id.line_ids.filtered_domain([('account_id', '=', item['use']['clearing'].id)])
    lines = on_clearing if clearing_only else payment.move_id.line_ids
    check_values(lines, item['company'], [item['day'], payment.move_id.date])


def flag_moved_date(item):
    if [item['payment'].date, item['payment'].move_id.date] != [item['day']] * 2:
        item['flags'].append('date_moved')


def flag_undone(payment, flags):
    # What a person did to a payment since.
    if payment.state in GONE:
        flags.append('payment_draft' if payment.state == 'draft' else 'payment_cancelled')


def intended_day(m, use):
    return str(day_of(m['at'], use['zone'])) if use else None


def moved(payment, direction):
    # The amount of a payment, negative when it went the other way.
    return show(payment.amount if payment.payment_type == direction else -payment.amount, payment.currency_id)


def standing(payment):
    return bool(payment.move_id) and payment.move_id.state == 'posted' and payment.state not in GONE


def tell_invoice(move):
    return {'id': move.id, 'name': move.name or '', 'state': move.state, 'payment_state': move.payment_state or '',
            'residual': show(move.amount_residual, move.currency_id), 'currency': move.currency_id.name}


def numbered(name):
    # {number: (model, id)} of the external ids NAME1, NAME2, …: whoever deletes a record
    # leaves a hole, which ends nothing.
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
    # Ties a move under the next number of a name. A twin at the same moment waits, fails and
    # is run again, as with claim.
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
        # Odoo 17 stumbles with a TypeError where a company has no journal for exchange differences; what the database
        # says (a serialization failure, for one) goes up as ever.
        if repr(error).split('(')[0] in ('AttributeError', 'KeyError', 'TypeError', 'ValueError'):
            raise UserError('quittance: Odoo broke off: %s' % error)
        raise


def reconcile_pairs(pairs):
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


def pairs_of(items):
    # (item, lines) for reconcile_pairs: what is open on clearing between a document (`key` with its `move`) and the
    # entries of its balance transactions, whichever came first; on transit between a payout and its failure.
    pairs = []
    names = []
    for item in items:
        for number in range(1, 51):
            names.append('%s__t%s' % (item['key'], number))
    with_entries = {name.rsplit('__t', 1)[0] for name in external(names)}
    for item in items:
        if item['key'] in with_entries:
            for account in (item['use']['clearing'].id, item['use']['accounts'].get('transit')):
                pairs.append((item, unmatched(item['move'] | gathered(item['key'] + '__t'), account)))
    return pairs


def reconcile_again(key, payment, use, flags):
    # What could not be reconciled when it was booked.
    move = env['account.move'].browse(payment.move_id.id)
    reconcile_pairs(pairs_of([{'key': key, 'move': move, 'use': use, 'flags': flags}]))


def open_of_one_account(lines):
    # What of these lines is open and posted, and on the account of the first of them.
    lines = lines.filtered(lambda line: not line.reconciled and line.parent_state == 'posted')
    return lines.filtered_domain([('account_id', '=', lines[:1].account_id.id)])


def by_reference(m):
    # What somebody else booked before the cut-over: the one posted payment that names the payment or its charge.
    for mark in [m['payment'], m.get('charge')]:
        if mark:
            some = env['account.payment'].search([
                (MEMO, 'ilike', mark.replace('_', '\\_')), ('payment_type', '=', 'inbound'),
                ('company_id', 'in', [company for company in setups if setups[company]]),
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
            ('name', (
                "name IN %s AND state <> 'posted' AND state IN ('draft', 'cancel')"
                " AND journal_id IN (SELECT id FROM account_journal WHERE type = 'sale')")),
            ('reference', "payment_reference IN %s AND state <> 'cancel'")):
        left = set(names if kind == 'name' else references) - set(got)
        if left:
            env.cr.execute((ask if kind == 'name' else ask.replace('name,', 'payment_reference,')) + sql,
                [tuple(companies.ids), tuple(left)])
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


def is_described(match, document):
    # Whether a document may be the one that the metadata describes: of its contact, and made at its moment, where it
    # names them. An Odoo that was set back to a backup gives ids and numbers of what was lost to others, but no two
    # records the microsecond of their creation.
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


def results_in_order():
    # The results in the order of the movements; the same key twice in one call is a duplicate of itself.
    seen = set()
    got = []
    for m in movements:
        result = results[m['key']]
        again = m['key'] in seen and result['status'] == 'created'
        got.append(dict(result, status='duplicate') if again else result)
        seen.add(m['key'])
    return got


def next_mark():
    # A number that only grows, whatever becomes of this transaction, and that goes back with the database: the
    # PostgreSQL sequence of the ledger's own company. Where it is below `mark`, the highest that the ledger has
    # had from here, it is answered as it stands, so that the next call finds the same should this answer be lost.
    # None where set-up made none.
    company = env['res.company'].sudo().browse(q.get('company') or env.company.id).exists().root_id
    name = 'sequence_mark_%s' % company.id
    row = external([name]).get(name)
    if not movements or not row:
        return None
    sequence = 'ir_sequence_%03d' % row[1]
    env.cr.execute(
        'SELECT EXTRACT(EPOCH FROM create_date)::bigint * 1000000 FROM ir_sequence'
        ' WHERE id = %s AND to_regclass(%s) IS NOT NULL', [row[1], sequence])
    # One that is made later begins above all that an earlier one can have reached: a million a second.
    start = env.cr.fetchone()
    if not start or not start[0]:
        return None
    env.cr.execute('SELECT last_value - (NOT is_called)::int FROM ' + sequence)
    last = start[0] + env.cr.fetchone()[0]
    if last < (q.get('mark') or 0):
        return last
    # PostgreSQL logs a sequence up to 32 numbers ahead, where a copy of its files goes on:
    # each call takes more than these.
    env.cr.execute('SELECT max(nextval(%s)) FROM generate_series(1, 33)', [sequence])
    return start[0] + env.cr.fetchone()[0]


def answer():
    return {'v': FORM, 'hash': QUITTANCE_HASH, 'results': results_in_order(), 'mark': next_mark()}
