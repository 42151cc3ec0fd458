# record_payment: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# One receipt per key: Dr Stripe clearing / Cr receivable, reconciled with the invoices it was meant for, oldest due first.
movements = q.get('movements') or []
found = external(
    setup_names() + [m['key'] + end for m in movements for end in ('', '__record')]
    + ['cus:' + m['customer'] for m in movements if m.get('customer')])
setups = {company.id: configured(found, company) for company in companies}
currencies = {c.name: c for c in env['res.currency'].search([('name', 'in', [m['currency'] for m in movements])])}
results = {}
WHY = {'draft': 'invoice_draft', 'cancel': 'invoice_cancelled'}


def refuse(key, code, detail):
    results[key] = {'key': key, 'status': 'refused', 'code': code, 'detail': detail[:200], 'flags': [], 'matched_by': None, 'invoices': []}


def start(m):
    # The item of a new movement, or None when it is refused.
    item = {'m': m, 'key': m['key'], 'want': m.get('match') or {}, 'flags': list(m.get('flags') or []), 'by': None, 'ids': [], 'good': []}
    if m.get('company') and m['company'] not in companies.ids:
        return refuse(m['key'], 'wrong_company', 'the user may not work in company %s' % m['company'])
    item['use'] = books_of(m)
    item['company'] = item['use']['company']
    item['day'] = day_of(m['at'], item['use']['zone'])
    item['currency'] = currencies.get(m['currency'])
    if not item['currency']:
        return refuse(m['key'], 'currency_inactive', 'activate currency %s in Odoo' % m['currency'])
    missing = unrated(item['currency'], item['company'], item['day'])
    if missing:
        return refuse(m['key'], 'currency_rate_missing', missing)
    item['amount'] = money(m['amount'], item['currency'])
    if not item['amount']:
        return refuse(m['key'], 'amount_not_representable', 'currency %s cannot hold %s exactly' % (m['currency'], m['amount']))
    return item


def known_partner(customer):
    # The commercial partner that an earlier payment of this customer taught us.
    return env['res.partner'].browse((found.get('cus:%s' % customer) or [0, []])[1]).exists()


def ours(company, item):
    # Whether a company (its id) keeps its books with the Stripe account's own: that one or a branch of it.
    return item['company'].id in chain(env['res.company'].browse(company)).ids


def differs(item):
    if 'invoice_differs' not in item['flags']:
        item['flags'].append('invoice_differs')


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
    # The invoices that these candidates mean: in the Stripe account's own company, else in its branches, else in others.
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
    # The one open invoice of a known customer whose residual is this amount. Invoices have an index on their partner only.
    near = float(item['want'].get('tolerance') or 0) + item['currency'].rounding / 2
    theirs = env['res.partner'].with_context(active_test=False).search([('commercial_partner_id', '=', item['known'].id)])
    one = env['account.move'].search([
        ('partner_id', 'in', theirs.ids), ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'),
        ('payment_state', 'in', ('not_paid', 'partial')), ('company_id', 'child_of', item['company'].id), ('currency_id', '=', item['currency'].id),
        ('amount_residual', '>', item['amount'] - near), ('amount_residual', '<', item['amount'] + near)], limit=2)
    item['ids'] = one.ids if len(one) == 1 else []
    return bool(item['ids'])


def match(item):
    # First hit wins. An id of our own metadata that is gone, or another invoice's by now, forbids only the guess by amount.
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
            return refuse(item['key'], 'wrong_company', 'the invoice belongs to company %s, where the user may not work' % home)
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
    payable = customers.filtered(lambda move: move.state == 'posted' and not move.currency_id.is_zero(move.amount_residual))
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
    item['learn'] = item['by'] in ('ids', 'numbers', 'texts') and customers and item['m'].get('customer') and not item['known']
    item['theirs'] = partner
    if not partner or partner.sudo().company_id and partner.sudo().company_id not in chain(item['company']):
        row = found.get('partner_unallocated')
        partner = env['res.partner'].browse(row[1] if row else []).exists()
        if not partner:
            raise UserError('quittance:not_configured:partner_unallocated')
    item['partner'] = partner


def discounted(item):
    # The receivable line that this money settles in full by an early-payment discount: of the one invoice that the payment
    # itself names, exactly the amount, by Stripe's date. An ordinary payment is none after two comparisons.
    sure = len(item['good']) == 1 and len(item['ids']) == 1 and item['by'] in ('ids', 'numbers')
    move = item['good'][0] if sure and 'discount_refused' not in item['flags'] else None
    if move and move.currency_id == item['currency'] and item['amount'] < move.amount_residual:
        line = discount_line(move, item['currency'], item['day'])
        if line and not item['currency'].compare_amounts(line.discount_amount_currency, item['amount']):
            return line


def write_off(line, day):
    # The lines that Odoo's own payment wizard adds to such a receipt: the discount, and its share of the taxes. None where
    # they are none of it: Odoo 19 has 5.80 less 5.05 of tax for 0.65 and 0.10 where the tax took a cash rounding.
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
        for amount, most, currency in ((part['amount_currency'], less, own), (part['balance'], max(worth, line.balance - line.discount_balance), company.currency_id)):
            if currency.compare_amounts(amount, 0.0) < 0 or currency.compare_amounts(amount, most) > 0:
                return None
    for part in exchange:
        # What another rate makes of it.
        sums[1] += part['balance']
        if own == company.currency_id or not own.is_zero(part['amount_currency']) or company.currency_id.compare_amounts(abs(part['balance']), worth) > 0:
            return None
    if own.compare_amounts(sums[0], less) or company.currency_id.compare_amounts(sums[1], worth):
        return None
    return sum(parts.values(), exchange)


def book(items):
    # One company's items: created and posted together, then reconciled in order.
    company = items[0]['company']
    use = items[0]['use']
    here = env(context=dict(env.context, allowed_company_ids=[company.id] + (companies - company).ids, skip_invoice_sync=True))
    vals = []
    paid = set()
    for item in items:
        lines = open_lines(item)
        vals.append({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': item['partner'].id, 'amount': item['amount'],
            'currency_id': item['currency'].id, 'date': item['day'], 'journal_id': use['journal'].id, 'company_id': company.id,
            'payment_method_line_id': use['way'].id, MEMO: item['m']['memo']})
        account = lines[:1].account_id or item['partner'].with_env(here).property_account_receivable_id
        if not lines and use['accounts'].get('advances'):
            account = here['account.account'].browse(use['accounts']['advances'])
        if account:
            vals[-1]['destination_account_id'] = account.id
        item['less'] = None if paid & set(item['ids']) else discounted(item)
        paid |= set(item['ids'])
        parts = write_off(item['less'].with_env(here), item['day']) if item['less'] else None
        if item['less'] and not parts:
            item['flags'].append('discount_refused')
            item['less'] = None
        if parts:
            vals[-1]['write_off_line_vals'] = parts
        elif account and MEMO == 'ref':
            vals[-1]['line_ids'] = entry(company, vals[-1], use['clearing'].id)
    payments = here['account.payment'].create(vals)
    payments.action_post()
    plan = []
    for item, payment in zip(items, payments):
        item['payment'] = payment
        item['move'] = payment.move_id
        if payment.move_id.state != 'posted':
            raise UserError('payment %s made no posted entry' % payment.name)
        moved = payment.move_id.line_ids.filtered_domain([('account_id', '=', use['clearing'].id)])
        check_values(moved if item['less'] else payment.move_id.line_ids, company, [item['day'], payment.move_id.date])
        if open_lines(item):
            plan.append((item, receivable(payment.move_id) + open_lines(item).with_env(here)))
    if plan and attempt(reconcile, [pair[1] for pair in plan]):
        # Without a journal for exchange differences, for one. It keeps no money out of the books.
        for item, lines in plan:
            if attempt(reconcile, [lines]):
                item['flags'].append('not_reconciled')
    waiting = payments.filtered(lambda payment: payment.state == 'in_process')
    if waiting:
        waiting.action_validate()
    tie([(item['key'] + '__record', 'account.payment', item['payment'].id) for item in items])
    note(items)
    if use['provider'] and attempt(link_transactions, items):
        # A provider that somebody changed is no reason to leave the money out.
        for item in items:
            if item['m'].get('transaction'):
                item['flags'].append('not_noted')


def link_transactions(items):
    transactions([item for item in items if item['m'].get('transaction')], items[0]['use']['provider'][1])


def finish(item):
    payment = item['payment']
    got = tell_payment(payment)
    taken = receivable(payment.move_id).matched_debit_ids
    if not taken:
        paid = item['good'] and 'not_reconciled' not in item['flags']
        item['flags'] += ['invoice_paid', 'unallocated'] if paid else ['unallocated']
    elif not receivable(payment.move_id).reconciled:
        item['flags'].append('over')
    if [payment.date, payment.move_id.date] != [item['day']] * 2:
        item['flags'].append('date_moved')
    if item['learn']:
        tie([('cus:' + item['m']['customer'], 'res.partner', item['theirs'].id)])
    got.update({'key': item['key'], 'status': 'created', 'intended': str(item['day']), 'flags': item['flags'], 'matched_by': item['by'],
                'invoices': [tell_invoice(move) for move in item['moves']]})
    results[item['key']] = got


def party(m, payment):
    # Whether the receipt is of a customer whose invoices the payment itself names: None where it names none, or where the
    # money is nobody's yet.
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
    # The key is taken: what became of its booking, for whoever asks to compare. What could not be reconciled then is tried
    # again.
    key = m['key']
    row = found.get(key + '__record')
    payment = env['account.payment'].sudo().browse(row[1] if row and row[0] == 'account.payment' else []).exists()
    got = {'key': key, 'status': 'gone', 'flags': [], 'matched_by': None, 'invoices': []}
    if payment:
        use = setups.get(m.get('company') or env.company.id)
        if use and payment.company_id.id in companies.ids:
            match_lines(settlements([{'key': key, 'move': env['account.move'].browse(payment.move_id.id), 'use': use, 'flags': got['flags']}]))
        got.update(tell_payment(payment))
        paid = receivable(payment.move_id).matched_debit_ids.debit_move_id.move_id
        got.update({'status': 'duplicate', 'intended': str(day_of(m['at'], use['zone'])) if use else None,
                    'amount': moved(payment, 'inbound'), 'party': party(m, payment),
                    'invoices': [tell_invoice(move) for move in paid if move.move_type == 'out_invoice']})
        if payment.state in ('cancel', 'canceled', 'rejected', 'draft'):
            got['flags'].append('payment_draft' if payment.state == 'draft' else 'payment_cancelled')
    results[key] = got


items = []
for m in movements:
    if m['key'] not in results:
        results[m['key']] = None
        why = refusal(m)
        if why:
            refuse(m['key'], 'key_refused', why)
        else:
            items.append(replay(m) if m['key'] in found else start(m))
items = [item for item in items if item]
known = documents({i for item in items for i in item['want'].get('ids') or []})
for item in items:
    item['ids'] = named_by(item)
seek = [item['want'] for item in items if not item['m'].get('no_match') and not item['ids']]
table = look_up(sum(map(names_of, seek), []), sum([want.get('references') or [] for want in seek], []))
known.update(documents({i for by_company in table.values() for company in by_company for i in by_company[company]}))
items = [item for item in map(match, items) if item]
items = sorted(items, key=lambda item: (item['company'].id, min(item['ids'] or [0]), item['key']))
for item in items:
    claim(item['key'], item['company'])
locked = tuple({i for item in items for i in item['ids']})
if locked:
    env.cr.execute('SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR UPDATE', [locked])
for item in items:
    check(item)
groups = {}
for item in items:
    groups.setdefault((item['home'].id, item['company'].id), []).append(item)
for place in sorted(groups):
    mine = groups[place]
    if attempt(book, mine):
        for item in mine:
            error = attempt(book, [item])
            if error and item.get('less'):
                # Money is booked whatever becomes of the discount; then the rest stays open.
                item['flags'].append('discount_refused')
                error = attempt(book, [item])
            if error:
                unclaim(item['key'])
                refuse(item['key'], code_of(error), str(error))
                item['payment'] = None
        mine = [item for item in mine if item['payment']]
    match_lines(settlements(mine))
    for item in mine:
        finish(item)
action = {'v': FORM, 'hash': QUITTANCE_HASH, 'results': told(movements), 'mark': next_mark(movements)}
