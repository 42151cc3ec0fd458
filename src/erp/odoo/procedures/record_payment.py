# record_payment: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# One receipt per key: Dr Stripe clearing / Cr receivable, reconciled with the invoices it was
# meant for, oldest due first.
found = external(
    setup_names() + [m['key'] + end for m in movements for end in ('', '__record')]
    + ['cus:' + m['customer'] for m in movements if m.get('customer')])
setups = set_ups()
currencies = currencies_of([m['currency'] for m in movements])
OWN_FIELDS = {'matched_by': None}
WHY = {'draft': 'invoice_draft', 'cancel': 'invoice_cancelled'}


def start(m):
    # The item of a new movement, or None when it is refused.
    item = {'m': m, 'key': m['key'], 'want': m.get('match') or {}, 'flags': list(m.get('flags') or []), 'by': None,
            'ids': [], 'good': []}
    if company_refused(m):
        return None
    item['use'] = books_of(m)
    item['company'] = item['use']['company']
    item['day'] = day_of(m['at'], item['use']['zone'])
    return item if set_amount(item) else None


def known_partner(customer):
    # The commercial partner that an earlier payment of this customer taught us.
    return record_at('res.partner', found.get('cus:%s' % customer))


def ours(company, item):
    # Whether a company (its id) keeps its books with the Stripe account's own: that one or a branch of it.
    return item['company'].id in chain(env['res.company'].browse(company)).ids


def differs(item):
    if 'invoice_differs' not in item['flags']:
        item['flags'].append('invoice_differs')


def names_of(match):
    # The names that a movement may mean. A candidate is (name, from, to): what may be a number, and
    # where in the texts it stands.
    got = []
    for one in (match.get('numbers') or []) + (match.get('texts') or []):
        got.append(one[0])
    return got


def named_by(item):
    # The invoices that the movement names by id and describes.
    got = []
    for one in item['want'].get('ids') or []:
        if one in known and one not in got and not item['m'].get('no_match'):
            if is_same(item['want'], one, known[one]):
                got.append(one)
            else:
                differs(item)
    return got


def pick(item, names):
    # The invoices that these candidates mean: in the Stripe account's own company, else in
    # its branches, else in others.
    for name in meant(names, table):
        by_company = table.get(name) or {}
        own = []
        near = []
        far = []
        for company in sorted(by_company):
            for one in by_company[company]:
                if not is_described(item['want'], known[one]):
                    differs(item)
                elif company == item['company'].id:
                    own.append(one)
                elif ours(company, item):
                    near.append(one)
                else:
                    far.append(one)
        ids = own or near or far
        if len(ids) > 1:
            item['flags'].append('ambiguous_number')
        elif ids and ids[0] not in item['ids']:
            item['ids'].append(ids[0])
    return bool(item['ids'])


def pick_open(item):
    # The one open invoice of a known customer whose residual is this amount. Invoices have an
    # index on their partner only.
    near = float(item['want'].get('tolerance') or 0) + item['currency'].rounding / 2
    theirs = env['res.partner'].with_context(active_test=False).search(
        [('commercial_partner_id', '=', item['known'].id)])
    one = env['account.move'].search([('partner_id', 'in', theirs.ids),
        ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('payment_state', 'in', ('not_paid', 'partial')),
        ('company_id', 'child_of', item['company'].id), ('currency_id', '=', item['currency'].id),
        ('amount_residual', '>', item['amount'] - near), ('amount_residual', '<', item['amount'] + near)], limit=2)
    item['ids'] = one.ids if len(one) == 1 else []
    return bool(item['ids'])


def match(item):
    # First hit wins. An id of our own metadata that is gone, or another invoice's by now,
    # forbids only the guess by amount.
    want = item['want']
    named = want.get('ids') or []
    item['known'] = known_partner(item['m'].get('customer'))
    if item['ids']:
        item['by'] = 'ids'
    elif not item['m'].get('no_match'):
        if named and 'invoice_differs' not in item['flags']:
            item['flags'].append('invoice_missing')
        if pick(item, want.get('numbers') or []):
            item['by'] = 'numbers'
        elif pick(item, want.get('texts') or []):
            item['by'] = 'texts'
    # Records of companies where the user may not work are never read: an AccessError would take the whole list with it.
    mine = []
    for one in item['ids']:
        home = known[one][0]
        if home in companies.ids:
            mine.append(one)
        elif ours(home, item):
            return refuse(item['key'], 'wrong_company',
                'the invoice belongs to company %s, where the user may not work' % home)
        elif 'invoice_other_company' not in item['flags']:
            item['flags'].append('invoice_other_company')
    item['ids'] = mine
    if not item['by'] and not item['m'].get('no_match') and not named and item['known'] and pick_open(item):
        item['by'] = 'customer'
    return item


def check(item):
    # Sorts the locked invoices into payable ones (oldest due first) and reasons, and settles whose money it is.
    item['moves'] = env['account.move'].browse(item['ids'])
    customers = item['moves'].filtered(lambda move: move.move_type == 'out_invoice')
    payable = customers.filtered(lambda move: move.state == 'posted'
        and not move.currency_id.is_zero(move.amount_residual))
    near = env['account.move']
    for move in payable:
        if ours(move.company_id.id, item):
            near |= move
    partner = (near or payable or customers)[:1].commercial_partner_id or item['known']
    for move in item['moves'].sorted(lambda move: (move.invoice_date_due or move.date or datetime.date.max, move.id)):
        if move.move_type != 'out_invoice':
            item['flags'].append('invoice_not_customer')
        elif not ours(move.company_id.id, item):
            item['flags'].append('invoice_other_company')
        elif move.state != 'posted':
            item['flags'].append(WHY.get(move.state, 'invoice_not_posted'))
        elif move not in payable:
            item['flags'].append('invoice_paid')
        elif move.commercial_partner_id != partner:
            item['flags'].append('invoice_other_partner')
        else:
            item['good'].append(move)
    # A receipt is booked where its invoices are, in the Stripe journal of the company above.
    item['home'] = item['company']
    if len({move.company_id.id for move in item['good']}) == 1:
        item['company'] = item['good'][0].company_id
    item['learn'] = (item['by'] in ('ids', 'numbers', 'texts') and customers and item['m'].get('customer')
        and not item['known'])
    item['theirs'] = partner
    if not partner or partner.sudo().company_id and partner.sudo().company_id not in chain(item['company']):
        partner = partner_at(found.get('partner_unallocated'))
    item['partner'] = partner


def open_lines(item):
    # Open receivable lines of the payable invoices, all of one account.
    lines = env['account.move.line']
    for move in item['good']:
        for line in receivable(move):
            if not line.reconciled and line.account_id == (lines[:1].account_id or line.account_id):
                lines |= line
    return lines


def discounted(item):
    # The receivable line that this money settles in full by an early-payment discount: of the one invoice that the
    # payment itself names, exactly the amount, by Stripe's date. An ordinary payment is none after two comparisons.
    sure = len(item['good']) == 1 and len(item['ids']) == 1 and item['by'] in ('ids', 'numbers')
    move = item['good'][0] if sure and 'discount_refused' not in item['flags'] else None
    if move and move.currency_id == item['currency'] and item['amount'] < move.amount_residual:
        line = discount_line(move, item['currency'], item['day'])
        if line and not item['currency'].compare_amounts(line.discount_amount_currency, item['amount']):
            return line


def write_off(line, day):
    # The lines that Odoo's own payment wizard adds to such a receipt: the discount, and its share of the taxes. None
    # where they are none of it: Odoo 19 has 5.80 less 5.05 of tax for 0.65 and 0.10 where the tax took a cash rounding.
    company = line.company_id
    own = line.currency_id
    less = line.amount_residual_currency - line.discount_amount_currency
    parts = env['account.move']._get_invoice_counterpart_amls_for_early_payment_discount([{
        'aml': line, 'amount_currency': -line.amount_residual_currency,
        'balance': own._convert(-line.amount_residual_currency, company.currency_id, company, day)}],
        own._convert(less, company.currency_id, company, day))
    exchange = parts.pop('exchange_lines')
    worth = own._convert(less, company.currency_id, company, day)
    sums = [0.0, 0.0]
    for part in sum(parts.values(), []):
        sums = [sums[0] + part['amount_currency'], sums[1] + part['balance']]
        for amount, most, currency in ((part['amount_currency'], less, own),
                (part['balance'], max(worth, line.balance - line.discount_balance), company.currency_id)):
            if currency.compare_amounts(amount, 0.0) < 0 or currency.compare_amounts(amount, most) > 0:
                return None
    for part in exchange:
        # What another rate makes of it.
        sums[1] += part['balance']
        if (own == company.currency_id or not own.is_zero(part['amount_currency'])
                or company.currency_id.compare_amounts(abs(part['balance']), worth) > 0):
            return None
    if own.compare_amounts(sums[0], less) or company.currency_id.compare_amounts(sums[1], worth):
        return None
    return sum(parts.values(), exchange)


def entry_lines(company, vals, clearing):
    # The two lines of a receipt, as 18 and 19 make them by themselves; 17 is a quarter faster when it gets them.
    currency = env['res.currency'].browse(vals['currency_id'])
    balance = currency._convert(vals['amount'], company.currency_id, company, vals['date'])
    both = {'name': vals[MEMO], 'partner_id': vals['partner_id'], 'currency_id': currency.id,
        'date_maturity': vals['date'], 'tax_ids': []}
    account = vals['destination_account_id']
    return [
        Command.create(dict(both, account_id=clearing, amount_currency=vals['amount'], debit=balance, credit=0)),
        Command.create(dict(both, account_id=account, amount_currency=-vals['amount'], debit=0, credit=balance))]


def vals_of(item, here):
    # Of a receipt: on the account of its invoices, else of advances, else of its partner.
    use = item['use']
    lines = open_lines(item)
    vals = payment_vals(item, 'inbound', use['way'])
    account = lines[:1].account_id or item['partner'].with_env(here).property_account_receivable_id
    if not lines and use['accounts'].get('advances'):
        account = here['account.account'].browse(use['accounts']['advances'])
    if account:
        vals['destination_account_id'] = account.id
    return vals


def add_lines(item, vals, here, discountable):
    # The lines that an early-payment discount adds, or those that 17 is quicker with.
    item['less'] = discounted(item) if discountable else None
    parts = write_off(item['less'].with_env(here), item['day']) if item['less'] else None
    if item['less'] and not parts:
        item['flags'].append('discount_refused')
        item['less'] = None
    if parts:
        vals['write_off_line_vals'] = parts
    elif 'destination_account_id' in vals and MEMO == 'ref':
        vals['line_ids'] = entry_lines(item['company'], vals, item['use']['clearing'].id)


def book(items):
    # One company's items: created and posted together, then reconciled in order.
    here = env_of(items[0]['company'], skip_invoice_sync=True)
    vals = []
    paid = set()
    for item in items:
        vals.append(vals_of(item, here))
        add_lines(item, vals[-1], here, not paid & set(item['ids']))
        paid |= set(item['ids'])
    payments = here['account.payment'].create(vals)
    payments.action_post()
    plan = []
    for item, payment in zip(items, payments):
        item['payment'] = payment
        item['move'] = payment.move_id
        check_payment(item, payment, item['less'])
        if open_lines(item):
            plan.append((item, receivable(payment.move_id) + open_lines(item).with_env(here)))
    reconcile_invoices(plan)
    waiting = payments.filtered(lambda payment: payment.state == 'in_process')
    if waiting:
        waiting.action_validate()
    tie([(item['key'] + '__record', 'account.payment', item['payment'].id) for item in items])
    log_notes(items)
    if items[0]['use']['provider'] and attempt(link_transactions, items):
        # A provider that somebody changed is no reason to leave the money out.
        for item in items:
            if item['m'].get('transaction'):
                item['flags'].append('not_noted')


def reconcile_invoices(plan):
    if plan and attempt(reconcile, [pair[1] for pair in plan]):
        # Without a journal for exchange differences, for one. It keeps no money out of the books.
        for item, lines in plan:
            if attempt(reconcile, [lines]):
                item['flags'].append('not_reconciled')


def without_discount(item, _error):
    # Money is booked whatever becomes of the discount; then the rest stays open.
    if item.get('less'):
        item['flags'].append('discount_refused')
    return item.get('less')


def log_notes(items):
    bodies = {}
    ids = {}
    for item in items:
        if item['m'].get('note') and item['moves']:
            move = (item['good'] or item['moves'])[0]
            text = 'Stripe payment %s: %s %s received as %s' % (item['m']['payment'], item['m']['amount'],
                item['m']['currency'], item['payment'].name)
            bodies[move.id] = '%s; %s' % (bodies[move.id], text) if move.id in bodies else text
        if item['m'].get('note'):
            paid = item['m']['payment']
            names = [('PaymentIntent' if paid.startswith('pi_') else 'charge', paid),
                ('charge', item['m'].get('charge')), ('PaymentMethod', item['m'].get('method'))]
            ids[item['payment'].id] = 'Stripe ' + ', '.join(['%s %s' % name for name in names if name[1]])
    if bodies:
        env['account.move'].browse(list(bodies))._message_log_batch(bodies)
    if ids:
        env['account.payment'].browse(list(ids))._message_log_batch(ids)


def create_transactions(items, provider):
    # Under our own provider record: under Odoo's own Stripe provider its Refund button would
    # call Stripe behind our back.
    method = env['payment.method'].sudo().with_context(active_test=False).search([('code', 'in', ('card', 'unknown'))],
        order='code', limit=1)
    if not items or not method:
        return
    vals = []
    for item in items:
        vals.append({'provider_id': provider, 'payment_method_id': method.id,
            'reference': item['key'], 'provider_reference': item['m']['payment'], 'amount': item['amount'],
            'currency_id': item['currency'].id, 'partner_id': item['partner'].id, 'operation': 'online_direct',
            'invoice_ids': [Command.set([move.id for move in item['good']])], 'payment_id': item['payment'].id,
            'state': 'done', 'is_post_processed': True})
    for item, one in zip(items, env['payment.transaction'].sudo().create(vals)):
        item['payment'].sudo().write({'payment_transaction_id': one.id})


def link_transactions(items):
    create_transactions([item for item in items if item['m'].get('transaction')], items[0]['use']['provider'][1])


def payment_summary(payment):
    free = -sum(receivable(payment.move_id).mapped('amount_residual_currency'))
    return {'model': 'account.payment', 'id': payment.id, 'name': payment.name or '', 'state': payment.state,
        'amount': show(payment.amount, payment.currency_id), 'currency': payment.currency_id.name,
        'date': str(payment.move_id.date or payment.date), 'unallocated': show(free, payment.currency_id)}


def finish(item):
    payment = item['payment']
    got = payment_summary(payment)
    taken = receivable(payment.move_id).matched_debit_ids
    if not taken:
        paid = item['good'] and 'not_reconciled' not in item['flags']
        item['flags'] += ['invoice_paid', 'unallocated'] if paid else ['unallocated']
    elif not receivable(payment.move_id).reconciled:
        item['flags'].append('over')
    flag_moved_date(item)
    if item['learn']:
        tie([('cus:' + item['m']['customer'], 'res.partner', item['theirs'].id)])
    got.update({'key': item['key'], 'status': 'created', 'intended': str(item['day']), 'flags': item['flags'],
        'matched_by': item['by'], 'invoices': [tell_invoice(move) for move in item['moves']]})
    results[item['key']] = got


def party(m, payment):
    # Whether the receipt is of a customer whose invoices the payment itself names: None where it names none, or
    # where the money is nobody's yet.
    want = m.get('match') or {}
    rows = documents(want.get('ids') or [])
    theirs = env['res.partner']
    for move in env['account.move'].sudo().browse(sorted(rows)):
        if move.move_type == 'out_invoice' and is_same(want, move.id, rows[move.id]):
            theirs |= move.commercial_partner_id
    row = found.get('partner_unallocated')
    if m.get('no_match') or not theirs or row and payment.partner_id.id == row[1]:
        return None
    return 'same' if payment.partner_id.commercial_partner_id in theirs else 'other'


def replay(m):
    # The key is taken: what became of its booking, for whoever asks to compare. What could not be
    # reconciled then is tried again.
    key = m['key']
    payment = record_at('account.payment', found.get(key + '__record')).sudo()
    got = gone(key)
    if payment:
        use = setups.get(m.get('company') or env.company.id)
        if use and payment.company_id.id in companies.ids:
            reconcile_again(key, payment, use, got['flags'])
        got.update(payment_summary(payment))
        paid = receivable(payment.move_id).matched_debit_ids.debit_move_id.move_id
        got.update({'status': 'duplicate', 'intended': intended_day(m, use), 'amount': moved(payment, 'inbound'),
                    'party': party(m, payment),
                    'invoices': [tell_invoice(move) for move in paid if move.move_type == 'out_invoice']})
        flag_undone(payment, got['flags'])


items = [item for item in map(item_of, movements) if item]
known = documents({i for item in items for i in item['want'].get('ids') or []})
for item in items:
    item['ids'] = named_by(item)
seek = [item['want'] for item in items if not item['m'].get('no_match') and not item['ids']]
table = look_up(sum(map(names_of, seek), []), sum([want.get('references') or [] for want in seek], []))
known.update(documents({i for by_company in table.values() for company in by_company for i in by_company[company]}))
items = [item for item in map(match, items) if item]
items = sorted(items, key=lambda item: (item['company'].id, min(item['ids'] or [0]), item['key']))
claim_all(items)
lock({i for item in items for i in item['ids']})
for item in items:
    check(item)
for group in grouped(items, lambda item: (item['home'].id, item['company'].id)):
    receipts = book_group(group, without_discount)
    reconcile_pairs(pairs_of(receipts))
    for item in receipts:
        finish(item)
action = answer()
