# record_fee_bill: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# What Stripe kept in a month as a draft bill of the supplier. A movement that clears brings the draft up to date, and once a
# person has posted it, matches it with the payable lines of the month's entries.
MOST = 200  # lines matched in one call
movements = q.get('movements') or []
wanted = setup_names()
for m in movements:
    wanted += [m['key'], m['key'] + '__record', m['bill'], m['bill'] + '__record', m['bill'] + '__' + m['state']]
found = external(wanted)
setups = {company.id: configured(found, company) for company in companies}
currencies = {c.name: c for c in env['res.currency'].search([('name', 'in', [m['currency'] for m in movements])])}
results = {}


def answer(item, status, code, detail):
    results[item['key']] = {'key': item['key'], 'status': status, 'code': code, 'detail': detail[:200], 'flags': [], 'invoices': []}


def start(m):
    # The item of a movement, or None when it is refused or must wait.
    item = {'m': m, 'key': m['key'], 'flags': list(m.get('flags') or []), 'lines': [], 'taxed': True}
    if m.get('company') and m['company'] not in companies.ids:
        return answer(item, 'refused', 'wrong_company', 'the user may not work in company %s' % m['company'])
    item['use'] = books_of(m)
    company = item['company'] = item['use']['company']
    currency = item['currency'] = currencies.get(m['currency'])
    if not currency:
        return answer(item, 'refused', 'currency_inactive', 'activate currency %s in Odoo' % m['currency'])
    missing = unrated(currency, company, m['date'])
    if missing:
        return answer(item, 'refused', 'currency_rate_missing', missing)
    if not item['use']['accounts'].get('fees'):
        return answer(item, 'retry', 'account_missing', 'company %s has no account for fees' % company.id)
    row = found.get('partner_stripe')
    item['partner'] = env['res.partner'].browse(row[1])
    payable_of(item['partner'], company)
    row = found.get('tax_fees_%s' % company.id)
    item['tax'] = env['account.tax'].browse(row[1] if row else []).exists()
    item['total'] = 0.0
    for line in m['lines']:
        amount = signed(line['amount'], currency)
        if amount is None:
            return answer(item, 'refused', 'amount_not_representable', 'currency %s cannot hold %s exactly' % (m['currency'], line['amount']))
        item['lines'].append(dict(line, money=amount))
        item['total'] = currency.round(item['total'] + amount)
    return item


def bill_of(item):
    row = found.get(item['m']['bill'] + '__record') or external([item['m']['bill'] + '__record']).get(item['m']['bill'] + '__record')
    return env['account.move'].browse(row[1] if row else []).exists()


def charges(item, sign):
    # The bill's lines: where Odoo computes the tax of the fees, Stripe's own is left to it.
    taxes = item['tax'] if item['taxed'] else env['account.tax']
    got = []
    for line in item['lines']:
        if not taxes or not line['tax']:
            got.append(Command.create({
                'name': line['label'], 'quantity': 1, 'price_unit': sign * line['money'], 'account_id': item['use']['accounts']['fees'],
                'tax_ids': [Command.set(taxes.ids)]}))
    return got


def even(item, bill):
    # Stripe rounds its tax at each fee and Odoo at the bill: half a unit for each fee goes to the tax line.
    sign = -1 if bill.move_type == 'in_refund' else 1
    off = item['currency'].round(sign * item['total'] - bill.amount_total)
    taxes = bill.line_ids.filtered('tax_line_id')
    if item['currency'].is_zero(off) or len(taxes) != 1 or abs(off) > item['currency'].rounding * item['m']['fees'] / 2:
        return
    bill.write({'line_ids': [Command.update(taxes.id, {'amount_currency': taxes.amount_currency + sign * off})]})


def agrees(item, bill):
    sign = -1 if bill.move_type == 'in_refund' else 1
    return not item['currency'].compare_amounts(sign * bill.amount_total, item['total'])


def write_lines(item, bill):
    sign = -1 if bill.move_type == 'in_refund' else 1
    bill.write({'invoice_line_ids': [Command.clear()] + charges(item, sign)})
    check(item, bill)


def check(item, bill):
    if item['tax'] and item['taxed']:
        even(item, bill)
    if not agrees(item, bill):
        raise UserError('quittance: fee_tax_differs' if item['tax'] and item['taxed'] else 'quittance: amount_not_representable')
    check_values(bill.line_ids.filtered('balance'), item['company'], [item['m']['date'], bill.invoice_date, bill.date])


def draft(items):
    item = items[0]
    m = item['m']
    here = env(context=dict(env.context, allowed_company_ids=[item['company'].id] + (companies - item['company']).ids))
    kind = 'in_refund' if item['total'] < 0 else 'in_invoice'
    bill = here['account.move'].create({
        'move_type': kind, 'company_id': item['company'].id, 'partner_id': item['partner'].id, 'currency_id': item['currency'].id,
        'invoice_date': m['date'], 'date': m['date'], 'invoice_payment_term_id': False, 'invoice_date_due': m['date'], 'ref': m['ref'],
        'invoice_line_ids': charges(item, -1 if kind == 'in_refund' else 1)})
    check(item, bill)
    item['move'] = bill.with_env(env)
    tie([(m['bill'] + '__record', 'account.move', bill.id), (m['bill'] + '__' + m['state'], 'account.move', bill.id)])


def renew(items):
    item = items[0]
    m = item['m']
    write_lines(item, item['move'])
    env.cr.execute("DELETE FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s AND name <> %s", [item['move'].id, m['bill'] + '__record'])
    tie([(m['bill'] + '__' + m['state'], 'account.move', item['move'].id)])


def tried(work, item):
    # With Odoo's tax; when that is not what Stripe kept, to the cent, with Stripe's own as a line.
    error = attempt(work, [item])
    if error and 'quittance: fee_tax_differs' in str(error):
        item['taxed'] = False
        item['flags'].append('fee_tax_differs')
        error = attempt(work, [item])
    if error:
        answer(item, 'refused', 'amount_not_representable' if 'quittance: amount_not_representable' in str(error) else code_of(error), str(error))
    return not error


def ask(items):
    item = items[0]
    user = item['move'].invoice_user_id or env.user
    item['move'].activity_schedule(
        'mail.mail_activity_data_todo', summary="Compare with Stripe's invoice and post", note=item['m']['ref'], user_id=user.id)


def say(item, text):
    if item['m'].get('note') and attempt(log, [(item['move'], text)]):
        item['flags'].append('not_noted')


def log(pairs):
    for record, text in pairs:
        record._message_log(body=text)


def finish(item, status):
    bill = item['move']
    if bill.state == 'posted' and str(bill.date) != item['m']['date']:
        item['flags'].append('date_moved')
    results[item['key']] = {
        'key': item['key'], 'status': status, 'amount': show(abs(bill.amount_total), bill.currency_id), 'currency': bill.currency_id.name,
        'party': 'same' if bill.commercial_partner_id == item['partner'].commercial_partner_id else 'other', 'model': 'account.move', 'id': bill.id, 'state': bill.state, 'date': str(bill.date),
        'name': bill.name if bill.state == 'posted' else bill.ref or '', 'intended': item['m']['date'], 'flags': item['flags'], 'invoices': []}


def gone(item):
    results[item['key']] = {'key': item['key'], 'status': 'gone', 'flags': [], 'invoices': []}


def make(item):
    # The draft bill.
    claim(item['key'], item['company'])
    if not tried(draft, item):
        return unclaim(item['key'])
    if attempt(ask, [item]):
        item['flags'].append('not_noted')
    finish(item, 'created')


def kept(item):
    # Open payable lines of the month's own entries, what was given back first; and those of the bill.
    names = []
    for one in item['m']['clears']:
        names.append('stripe:%s:%s:settled__record' % (item['m']['account'], one))
    table = external(names)
    ids = []
    for name in table:
        if table[name][0] == 'account.move':
            ids.append(table[name][1])
    payable = item['move'].line_ids.filtered(lambda line: line.account_id.account_type == 'liability_payable')
    account = payable.account_id[:1] or item['partner'].with_company(item['company']).property_account_payable_id
    lines = env['account.move.line'].search([
        ('move_id', 'in', ids), ('account_id', '=', account.id), ('currency_id', '=', item['currency'].id), ('parent_state', '=', 'posted'),
        ('reconciled', '=', False)], order='balance, id')
    left = env['account.move.line']
    for line in payable:
        if not line.reconciled and line.account_id == account:
            left |= line
    return lines, left


def both(lines):
    return len({line.balance > 0 for line in lines if line.balance}) == 2


def clear(item):
    # Matches the posted bill with what it clears; tells what is left open.
    m = item['m']
    bill = item['move'] = bill_of(item)
    if m['bill'] not in found and not bill:
        return answer(item, 'retry', 'entry_missing', 'no booking of %s yet' % m['bill'])
    if not bill:
        claim(item['key'], item['company'])
        return gone(item)
    if bill.state == 'draft':
        if m['bill'] + '__' + m['state'] not in external([m['bill'] + '__' + m['state']]):
            if not tried(renew, item):
                return
            say(item, 'Stripe fees: brought up to date, %s %s' % (show(item['total'], item['currency']), item['currency'].name))
        return answer(item, 'retry', 'bill_not_posted', 'the bill %s is a draft' % m['ref'])
    if bill.state == 'cancel':
        return answer(item, 'refused', 'bill_cancelled', 'the bill %s is cancelled' % m['ref'])
    claim(item['key'], item['company'])
    lines, payable = kept(item)
    chunk = lines[:MOST] | payable
    if both(chunk):
        if attempt(reconcile, [chunk]):
            item['flags'].append('not_reconciled')
        elif len(lines) > MOST:
            unclaim(item['key'])
            return answer(item, 'retry', 'bill_clearing', '%s lines are left' % (len(lines) - MOST))
    lines, payable = kept(item)
    left = sum((lines | payable).mapped('amount_residual_currency'))
    tie([(item['key'] + '__record', 'account.move', bill.id)])
    if lines or payable:
        item['flags'].append('bill_differs')
        say(item, 'Stripe fees: the bill differs from what Stripe kept, %s %s are open' % (show(abs(left), item['currency']), item['currency'].name))
    finish(item, 'created')


def replay(item):
    row = found.get(item['key'] + '__record')
    item['move'] = env['account.move'].browse(row[1] if row else []).exists()
    return finish(item, 'duplicate') if item['move'] else gone(item)


for m in movements:
    if m['key'] in results:
        continue
    why = refusal(m)
    item = answer({'key': m['key']}, 'refused', 'key_refused', why) if why else start(m)
    if item and m['key'] in found:
        replay(item)
    elif item:
        make(item) if m['clears'] is None else clear(item)
action = {'v': FORM, 'hash': QUITTANCE_HASH, 'results': told(movements), 'mark': next_mark(movements)}
