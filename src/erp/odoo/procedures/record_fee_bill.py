# record_fee_bill: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# What Stripe kept in a month as a draft bill of the supplier. A movement that clears brings the draft up to date, and
# once a person has posted it, matches it with the payable lines of the month's entries.
MOST = 200  # lines matched in one call
wanted = setup_names()
for m in movements:
    wanted += [m['key'], m['key'] + '__record', m['bill'], m['bill'] + '__record', m['bill'] + '__' + m['state']]
found = external(wanted)
setups = set_ups()
currencies = currencies_of([m['currency'] for m in movements])
OWN_FIELDS = {}


def start(m):
    # The item of a movement, or None when it is refused or must wait.
    key = m['key']
    item = {'m': m, 'key': key, 'flags': list(m.get('flags') or []), 'lines': [], 'taxed': True}
    if company_refused(m):
        return None
    item['use'] = books_of(m)
    company = item['company'] = item['use']['company']
    currency = item['currency'] = currency_of(key, m['currency'], company, m['date'])
    if not currency:
        return None
    if not item['use']['accounts'].get('fees'):
        return postpone(key, 'account_missing', 'company %s has no account for fees' % company.id)
    item['partner'] = env['res.partner'].browse(found['partner_stripe'][1])
    payable_of(item['partner'], company)
    item['tax'] = record_at('account.tax', found.get('tax_fees_%s' % company.id))
    item['total'] = 0.0
    for line in m['lines']:
        amount = signed(line['amount'], currency)
        if amount is None:
            return refuse_amount(key, line['amount'], currency)
        item['lines'].append(dict(line, money=amount))
        item['total'] = currency.round(item['total'] + amount)
    return item


def bill_of(item):
    return record_at('account.move', record_row(item['m']['bill']))


def charges(item, sign):
    # The bill's lines: where Odoo computes the tax of the fees, Stripe's own is left to it.
    taxes = item['tax'] if item['taxed'] else env['account.tax']
    got = []
    for line in item['lines']:
        if not taxes or not line['tax']:
            got.append(Command.create({'name': line['label'], 'quantity': 1, 'price_unit': sign * line['money'],
                'account_id': item['use']['accounts']['fees'], 'tax_ids': [Command.set(taxes.ids)]}))
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
        raise UserError('quittance: fee_tax_differs' if item['tax'] and item['taxed']
            else 'quittance: amount_not_representable')
    check_values(bill.line_ids.filtered('balance'), item['company'], [item['m']['date'], bill.invoice_date, bill.date])


def draft(items):
    item = items[0]
    m = item['m']
    kind = 'in_refund' if item['total'] < 0 else 'in_invoice'
    bill = env_of(item['company'])['account.move'].create({
        'move_type': kind, 'company_id': item['company'].id, 'partner_id': item['partner'].id,
        'currency_id': item['currency'].id, 'invoice_date': m['date'], 'date': m['date'],
        'invoice_payment_term_id': False, 'invoice_date_due': m['date'], 'ref': m['ref'],
        'invoice_line_ids': charges(item, -1 if kind == 'in_refund' else 1)})
    check(item, bill)
    item['move'] = bill.with_env(env)
    tie([(m['bill'] + '__record', 'account.move', bill.id), (m['bill'] + '__' + m['state'], 'account.move', bill.id)])


def renew(items):
    item = items[0]
    m = item['m']
    write_lines(item, item['move'])
    env.cr.execute(
        "DELETE FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s"
        " AND name <> %s", [item['move'].id, m['bill'] + '__record'])
    tie([(m['bill'] + '__' + m['state'], 'account.move', item['move'].id)])


def booked(work, item):
    # Whether Odoo took it, with its own tax or with Stripe's; else it is refused.
    error = attempt_twice(work, item, without_tax)
    if error:
        other = 'quittance: amount_not_representable' in str(error)
        refuse(item['key'], 'amount_not_representable' if other else code_of(error), str(error))
    return not error


def schedule_review(items):
    item = items[0]
    user = item['move'].invoice_user_id or env.user
    item['move'].activity_schedule('mail.mail_activity_data_todo', summary="Compare with Stripe's invoice and post",
        note=item['m']['ref'], user_id=user.id)


def log_note(item, text):
    if item['m'].get('note') and attempt(log, [(item['move'], text)]):
        item['flags'].append('not_noted')


def log(pairs):
    for record, text in pairs:
        record._message_log(body=text)


def finish(item, status):
    bill = item['move']
    if bill.state == 'posted' and str(bill.date) != item['m']['date']:
        item['flags'].append('date_moved')
    same = bill.commercial_partner_id == item['partner'].commercial_partner_id
    results[item['key']] = {
        'key': item['key'], 'status': status, 'amount': show(abs(bill.amount_total), bill.currency_id),
        'currency': bill.currency_id.name, 'party': 'same' if same else 'other', 'model': 'account.move', 'id': bill.id,
        'state': bill.state, 'date': str(bill.date), 'name': bill.name if bill.state == 'posted' else bill.ref or '',
        'intended': item['m']['date'], 'flags': item['flags'], 'invoices': []}


def make(item):
    # The draft bill.
    claim(item['key'], item['company'])
    if not booked(draft, item):
        return unclaim(item['key'])
    if attempt(schedule_review, [item]):
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
    lines = env['account.move.line'].search([('move_id', 'in', ids), ('account_id', '=', account.id),
        ('currency_id', '=', item['currency'].id), ('parent_state', '=', 'posted'), ('reconciled', '=', False)],
        order='balance, id')
    left = env['account.move.line']
    for line in payable:
        if not line.reconciled and line.account_id == account:
            left |= line
    return lines, left


def both(lines):
    return len({line.balance > 0 for line in lines if line.balance}) == 2


def renew_draft(item):
    # Brings the draft up to date, once for each state; then it is a person's to post.
    m = item['m']
    name = m['bill'] + '__' + m['state']
    if name not in external([name]):
        if not booked(renew, item):
            return
        total = show(item['total'], item['currency'])
        log_note(item, 'Stripe fees: brought up to date, %s %s' % (total, item['currency'].name))
    postpone(item['key'], 'bill_not_posted', 'the bill %s is a draft' % m['ref'])


def clear(item):
    # Reconciles the posted bill with what it clears.
    m = item['m']
    bill = item['move'] = bill_of(item)
    if m['bill'] not in found and not bill:
        return postpone(item['key'], 'entry_missing', 'no booking of %s yet' % m['bill'])
    if not bill:
        claim(item['key'], item['company'])
        return gone(item['key'])
    if bill.state == 'draft':
        return renew_draft(item)
    if bill.state == 'cancel':
        return refuse(item['key'], 'bill_cancelled', 'the bill %s is cancelled' % m['ref'])
    claim(item['key'], item['company'])
    lines, payable = kept(item)
    chunk = lines[:MOST] | payable
    if both(chunk):
        if attempt(reconcile, [chunk]):
            item['flags'].append('not_reconciled')
        elif len(lines) > MOST:
            unclaim(item['key'])
            return postpone(item['key'], 'bill_clearing', '%s lines are left' % (len(lines) - MOST))
    tie_cleared(item)
    finish(item, 'created')


def tie_cleared(item):
    # What is left open of the bill and of what it clears is said on it.
    lines, payable = kept(item)
    left = sum((lines | payable).mapped('amount_residual_currency'))
    tie([(item['key'] + '__record', 'account.move', item['move'].id)])
    if lines or payable:
        item['flags'].append('bill_differs')
        log_note(item, 'Stripe fees: the bill differs from what Stripe kept, %s %s are open' % (
            show(abs(left), item['currency']), item['currency'].name))


def replay(m):
    item = start(m)
    if item:
        item['move'] = record_at('account.move', found.get(item['key'] + '__record'))
        finish(item, 'duplicate') if item['move'] else gone(item['key'])


for m in movements:
    item = item_of(m)
    if item:
        make(item) if m['clears'] is None else clear(item)
action = answer()
