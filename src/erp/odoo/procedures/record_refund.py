# record_refund: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# Money that goes back to the payer: Dr the account where the receipt's credit stands / Cr Stripe clearing; a refund that
# failed is the opposite. Credit notes are record_credit_note's.
movements = q.get('movements') or []
REFUND, FAILED, REVERSED = 'refunded', 'refund_failed', 'reversed'


def refund_key(m):
    # Of a refund that failed: the key of the refund.
    return m['key'].rsplit(':', 1)[0] + ':succeeded'


found = external(
    setup_names() + [name + end for m in movements for name in (m['key'], m['receipt'], refund_key(m)) for end in ('', '__record')]
    + ['cus:' + m['customer'] for m in movements if m.get('customer')])
setups = {company.id: configured(found, company) for company in companies}
currencies = {c.name: c for c in env['res.currency'].search([('name', 'in', [m['currency'] for m in movements])])}
results = {}


def refuse(key, code, detail):
    results[key] = {'key': key, 'status': 'refused', 'code': code, 'detail': detail[:200], 'flags': [], 'invoices': []}


def payment_of(name):
    # The payment that a key's booking made; found again in each savepoint, since it may be this call's own.
    row = found.get(name + '__record') or external([name + '__record']).get(name + '__record')
    return env['account.payment'].browse(row[1] if row and row[0] == 'account.payment' else []).exists()


def start(m):
    # The item of a new movement, or None when it is refused.
    item = {'m': m, 'key': m['key'], 'flags': list(m.get('flags') or []), 'receipt': payment_of(m['receipt']), 'moves': env['account.move']}
    known = found.get(m['receipt']) or found.get(m['receipt'] + '__record')
    if m.get('company') and m['company'] not in companies.ids:
        return refuse(m['key'], 'wrong_company', 'the user may not work in company %s' % m['company'])
    if not known:
        item['receipt'] = by_reference(m)
        if not item['receipt']:
            return refuse(m['key'], 'refund_receipt_unknown', 'no booking of %s, and no payment in Odoo names %s' % (m['receipt'], m['payment']))
        item['flags'].append('receipt_by_reference')
    item['company'] = item['receipt'].sudo().company_id or books_of(m)['company']
    if item['company'] not in companies:
        return refuse(m['key'], 'wrong_company', 'the receipt belongs to company %s, where the user may not work' % item['company'].id)
    item['use'] = setups[item['company'].id]
    if not item['use']:
        not_configured(item['company'].id)
    item['day'] = day_of(m['at'], item['use']['zone'])
    if not item['receipt']:
        item['flags'].append('receipt_gone')
    elif not standing(item['receipt']):
        item['flags'].append('receipt_draft' if item['receipt'].state == 'draft' else 'receipt_cancelled')
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


def stands(payment):
    # The line of a payment where the customer's money stands: receivable, or the account of advances.
    return receivable(payment.move_id) if payment and standing(payment) else env['account.move.line']


def side(item, direction):
    # The method line of the journal that moves the clearing account.
    return clearing_way(item['use']['journal'], item['use']['clearing'], direction)


def holder(item):
    # Whose money it is and on which account: as the receipt has it, else the known customer's, else nobody's.
    receipt = item['receipt']
    line = stands(receipt)[:1]
    if receipt:
        return receipt.partner_id, line.account_id or receipt.destination_account_id
    row = found.get('cus:%s' % item['m'].get('customer')) or found.get('partner_unallocated')
    partner = env['res.partner'].browse(row[1] if row else []).exists()
    if not partner:
        raise UserError('quittance:not_configured:partner_unallocated')
    advances = env['account.account'].browse(item['use']['accounts'].get('advances') or [])
    return partner, advances or partner.with_company(item['company']).property_account_receivable_id


def move_money(item, direction, partner, account, more):
    # A posted payment of the item's amount; its line on the customer's account.
    here = env(context=dict(env.context, allowed_company_ids=[item['company'].id] + (companies - item['company']).ids, skip_invoice_sync=True))
    vals = {
        'payment_type': direction, 'partner_type': 'customer', 'partner_id': partner.id, 'amount': item['amount'],
        'currency_id': item['currency'].id, 'date': item['day'], 'journal_id': item['use']['journal'].id, 'company_id': item['company'].id,
        'payment_method_line_id': side(item, direction).id, MEMO: item['m']['memo'], 'destination_account_id': account.id}
    if more:
        vals['write_off_line_vals'] = more
    payment = here['account.payment'].create(vals)
    payment.action_post()
    if payment.move_id.state != 'posted':
        raise UserError('payment %s made no posted entry' % payment.name)
    moved = payment.move_id.line_ids.filtered_domain([('account_id', '=', item['use']['clearing'].id)])
    check_values(moved if more else payment.move_id.line_ids, item['company'], [item['day'], payment.move_id.date])
    if payment.name != payment.move_id.name:
        # 18 may take the number before the entry has it, and keeps `/`.
        payment.write({'name': payment.move_id.name})
    item['payment'] = payment
    item['move'] = env['account.move'].browse(payment.move_id.id)
    return receivable(payment.move_id)


def settle(item, lines):
    # Reconciles what of these lines is open and of one account. What Odoo will not reconcile keeps no money out of the books.
    lines = lines.filtered(lambda line: not line.reconciled and line.parent_state == 'posted')
    lines = lines.filtered_domain([('account_id', '=', lines[:1].account_id.id)])
    if len(lines) > 1 and any(line.balance > 0 for line in lines) and any(line.balance < 0 for line in lines):
        if attempt(reconcile, [lines.with_context(skip_invoice_sync=True)]) and 'not_reconciled' not in item['flags']:
            item['flags'].append('not_reconciled')


def paid_by(line):
    # The invoices that a receipt's credit paid.
    moves = line.matched_debit_ids.debit_move_id.move_id.filtered(lambda move: move.move_type == 'out_invoice')
    return moves.sorted(lambda move: (move.invoice_date_due or move.date, move.id))


def give_back(item):
    # The receipt's free credit goes first; what the refund takes beyond it waits for a credit note.
    partner, account = holder(item)
    credit = stands(item['receipt'])
    item['moves'] = paid_by(credit)
    debit = move_money(item, 'outbound', partner, account, None)
    settle(item, debit + credit)
    if not debit.reconciled:
        item['flags'].append('credit_note_due' if item['moves'] else 'unallocated')


def came_to_nothing(item):
    # The refund's debit is met by the money that came back; what it had taken is free or owed again.
    refund = payment_of(refund_key(item['m']))
    debit = stands(refund)
    if not debit:
        item['flags'].append('refund_gone' if not refund else 'refund_cancelled')
    partner, account = (refund.partner_id, debit[:1].account_id or refund.destination_account_id) if refund else holder(item)
    met = debit.matched_credit_ids.credit_move_id.move_id
    item['moves'] = paid_by(stands(item['receipt']))
    if debit:
        debit.remove_move_reconcile()
    settle(item, move_money(item, 'inbound', partner, account, None) + debit)
    if met.filtered(lambda move: move.move_type == 'out_refund'):
        item['flags'].append('credit_note_open')
    if not debit:
        item['flags'].append('unallocated')


def mirrored(lines):
    return [{'name': line.name, 'account_id': line.account_id.id, 'partner_id': line.partner_id.id, 'currency_id': line.currency_id.id,
             'amount_currency': -line.amount_currency, 'balance': -line.balance, 'tax_ids': [Command.set(line.tax_ids.ids)],
             'tax_tag_ids': [Command.set(line.tax_tag_ids.ids)], 'tax_repartition_line_id': line.tax_repartition_line_id.id,
             'tax_base_amount': -line.tax_base_amount, 'group_tax_id': line.group_tax_id.id,
             'analytic_distribution': line.analytic_distribution} for line in lines]


def take_back(item):
    # The receipt was no money: it is met by its opposite, an early-payment discount that it took included, and what it had
    # paid is due again. Where only a part is taken back, the rest goes to the oldest due again.
    partner, account = holder(item)
    receipt = item['receipt']
    credit = stands(receipt)
    item['moves'] = paid_by(credit)
    whole = credit and receipt.currency_id == item['currency'] and not item['currency'].compare_amounts(item['amount'], receipt.amount)
    more = (receipt.move_id.line_ids - credit).filtered_domain([('account_id', '!=', receipt.outstanding_account_id.id)]) if credit else None
    others = credit.matched_debit_ids.debit_move_id.filtered_domain([('move_id', 'not in', item['moves'].ids)])
    if credit:
        credit.remove_move_reconcile()
    settle(item, move_money(item, 'outbound', partner, account, mirrored(more) if whole and more else None) + credit)
    if more and not whole:
        item['flags'].append('discount_kept')
    # Not the exchange entries, which the reconciliation took back with it.
    others = others.exists().filtered(lambda line: not line.reconciled)
    if others:
        item['flags'].append('refunds_open')
        settle(item, credit + others)
    for line in receivable(item['moves'].filtered(lambda move: move.state == 'posted')).sorted(lambda line: (line.date_maturity or line.date, line.id)):
        settle(item, credit + line)
    if not credit:
        item['flags'].append('unallocated')


WORK = {REFUND: give_back, FAILED: came_to_nothing, REVERSED: take_back}


def book(items):
    for item in items:
        WORK[item['m']['kind']](item)
        if item['payment'].state == 'in_process':
            item['payment'].action_validate()
        tie([(item['key'] + '__record', 'account.payment', item['payment'].id)])
        say(item)


def say(item):
    # Notes for readers: on the first invoice and on the payment.
    m = item['m']
    if not m.get('note'):
        return
    what = {REFUND: 'refunded', FAILED: 'refund came back', REVERSED: 'taken back: the payment failed after all'}[m['kind']]
    text = 'Stripe %s: %s %s %s as %s' % (m.get('refund') or m['payment'], m['amount'], m['currency'], what, item['payment'].name)
    if m.get('reason'):
        text = '%s (%s)' % (text, m['reason'])
    for move in item['moves'][:1]:
        move._message_log(body=text)
    ids = [('refund', m.get('refund')), ('PaymentIntent' if m['payment'].startswith('pi_') else 'charge', m['payment']), ('charge', m.get('charge'))]
    item['payment']._message_log(body='Stripe ' + ', '.join(['%s %s' % one for one in ids if one[1]]))


def tell(payment, moves):
    line = receivable(payment.move_id)
    return {'model': 'account.payment', 'id': payment.id, 'name': payment.name or '', 'state': payment.state,
            'amount': show(payment.amount, payment.currency_id), 'currency': payment.currency_id.name,
            'date': str(payment.move_id.date or payment.date), 'open': show(abs(sum(line.mapped('amount_residual_currency'))), payment.currency_id),
            'invoices': [tell_invoice(move) for move in moves]}


def finish(item):
    payment = item['payment']
    if [payment.date, payment.move_id.date] != [item['day']] * 2:
        item['flags'].append('date_moved')
    results[item['key']] = dict(tell(payment, item['moves']), key=item['key'], status='created', intended=str(item['day']), flags=item['flags'])


def party(m, payment):
    # Whether it is of the receipt's customer; None where one of them is gone or nobody's yet.
    receipt = payment_of(m['receipt']).sudo()
    row = found.get('partner_unallocated')
    if not receipt or row and row[1] in (receipt | payment).partner_id.ids:
        return None
    return 'same' if receipt.partner_id.commercial_partner_id == payment.partner_id.commercial_partner_id else 'other'


def replay(m):
    # The key is taken: what became of its booking, for whoever asks to compare. What could not be reconciled then is tried again.
    payment = payment_of(m['key']).sudo()
    got = {'key': m['key'], 'status': 'gone', 'flags': [], 'invoices': []}
    if payment:
        use = setups.get(payment.company_id.id)
        if use:
            match_lines(settlements([{'key': m['key'], 'move': env['account.move'].browse(payment.move_id.id), 'use': use, 'flags': got['flags']}]))
        got.update(tell(payment, paid_by(stands(payment_of(m['receipt']).sudo()))))
        got.update({'status': 'duplicate', 'intended': str(day_of(m['at'], use['zone'])) if use else None,
                    'amount': moved(payment, 'inbound' if m['kind'] == FAILED else 'outbound'), 'party': party(m, payment)})
        if payment.state in ('cancel', 'canceled', 'rejected', 'draft'):
            got['flags'].append('payment_draft' if payment.state == 'draft' else 'payment_cancelled')
    results[m['key']] = got


items = []
for m in movements:
    if m['key'] not in results:
        results[m['key']] = None
        why = refusal(m)
        if why:
            refuse(m['key'], 'key_refused', why)
        else:
            items.append(replay(m) if m['key'] in found else start(m))
items = sorted([item for item in items if item], key=lambda item: (item['company'].id, item['m']['receipt'], item['m']['kind'] == FAILED, item['key']))
for item in items:
    claim(item['key'], item['company'])
locked = tuple({item['receipt'].move_id.id for item in items if item['receipt'].move_id})
if locked:
    env.cr.execute('SELECT id FROM account_move WHERE id IN %s ORDER BY id FOR UPDATE', [locked])
for item in items:
    error = attempt(book, [item])
    if error and str(error).startswith('quittance:'):
        raise error
    if error:
        unclaim(item['key'])
        refuse(item['key'], code_of(error), str(error))
items = [item for item in items if not results[item['key']]]
match_lines(settlements(items))
for item in items:
    finish(item)
action = {'v': FORM, 'hash': QUITTANCE_HASH, 'results': told(movements), 'mark': next_mark(movements)}
