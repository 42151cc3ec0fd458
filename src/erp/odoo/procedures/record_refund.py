# record_refund: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# Money that goes back to the payer: Dr the account where the receipt's credit stands / Cr Stripe clearing; a refund
# that failed is the opposite. Credit notes are record_credit_note's.
REFUND, FAILED, REVERSED = 'refunded', 'refund_failed', 'reversed'


def refund_key(m):
    # Of a refund that failed: the key of the refund.
    return m['key'].rsplit(':', 1)[0] + ':succeeded'


found = external(
    setup_names() + ['cus:' + m['customer'] for m in movements if m.get('customer')]
    + [name + end for m in movements for name in (m['key'], m['receipt'], refund_key(m)) for end in ('', '__record')])
setups = set_ups()
currencies = currencies_of([m['currency'] for m in movements])
OWN_FIELDS = {}


def payment_of(key):
    # The payment that a key's booking made.
    return record_at('account.payment', record_row(key))


def start(m):
    # The item of a new movement, or None when it is refused.
    item = {'m': m, 'key': m['key'], 'flags': list(m.get('flags') or []), 'receipt': payment_of(m['receipt']),
        'moves': env['account.move']}
    known = found.get(m['receipt']) or found.get(m['receipt'] + '__record')
    if company_refused(m):
        return None
    if not known:
        item['receipt'] = by_reference(m)
        if not item['receipt']:
            return refuse(m['key'], 'refund_receipt_unknown',
                'no booking of %s, and no payment in Odoo names %s' % (m['receipt'], m['payment']))
        item['flags'].append('receipt_by_reference')
    item['company'] = item['receipt'].sudo().company_id or books_of(m)['company']
    if item['company'] not in companies:
        return refuse(m['key'], 'wrong_company',
            'the receipt belongs to company %s, where the user may not work' % item['company'].id)
    item['use'] = setups[item['company'].id]
    if not item['use']:
        not_configured(item['company'].id)
    item['day'] = day_of(m['at'], item['use']['zone'])
    if not item['receipt']:
        item['flags'].append('receipt_gone')
    elif not standing(item['receipt']):
        item['flags'].append('receipt_draft' if item['receipt'].state == 'draft' else 'receipt_cancelled')
    return item if set_amount(item) else None


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
    partner = partner_at(found.get('cus:%s' % item['m'].get('customer')) or found.get('partner_unallocated'))
    advances = env['account.account'].browse(item['use']['accounts'].get('advances') or [])
    return partner, advances or partner.with_company(item['company']).property_account_receivable_id


def move_money(item, direction, partner, account, more):
    # A posted payment of the item's amount; its line on the customer's account.
    item['partner'] = partner
    vals = dict(payment_vals(item, direction, side(item, direction)), destination_account_id=account.id)
    if more:
        vals['write_off_line_vals'] = more
    payment = env_of(item['company'], skip_invoice_sync=True)['account.payment'].create(vals)
    payment.action_post()
    check_payment(item, payment, more)
    if payment.name != payment.move_id.name:
        # 18 may take the number before the entry has it, and keeps `/`.
        payment.write({'name': payment.move_id.name})
    item['payment'] = payment
    item['move'] = env['account.move'].browse(payment.move_id.id)
    return receivable(payment.move_id)


def reconcile_open(item, lines):
    # Reconciles what of these lines is open and of one account. What Odoo will not reconcile keeps no money out of the
    # books.
    lines = open_of_one_account(lines)
    if len(lines) > 1 and any(line.balance > 0 for line in lines) and any(line.balance < 0 for line in lines):
        plan = [lines.with_context(skip_invoice_sync=True)]
        if attempt(reconcile, plan) and 'not_reconciled' not in item['flags']:
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
    reconcile_open(item, debit + credit)
    if not debit.reconciled:
        item['flags'].append('credit_note_due' if item['moves'] else 'unallocated')


def came_to_nothing(item):
    # The refund's debit is met by the money that came back; what it had taken is free or owed again.
    refund = payment_of(refund_key(item['m']))
    debit = stands(refund)
    if not debit:
        item['flags'].append('refund_gone' if not refund else 'refund_cancelled')
    partner, account = ((refund.partner_id, debit[:1].account_id or refund.destination_account_id) if refund
        else holder(item))
    met = debit.matched_credit_ids.credit_move_id.move_id
    item['moves'] = paid_by(stands(item['receipt']))
    if debit:
        debit.remove_move_reconcile()
    reconcile_open(item, move_money(item, 'inbound', partner, account, None) + debit)
    if met.filtered(lambda move: move.move_type == 'out_refund'):
        item['flags'].append('credit_note_open')
    if not debit:
        item['flags'].append('unallocated')


def mirrored(lines):
    return [{'name': line.name, 'account_id': line.account_id.id, 'partner_id': line.partner_id.id,
        'currency_id': line.currency_id.id, 'amount_currency': -line.amount_currency, 'balance': -line.balance,
        'tax_ids': [Command.set(line.tax_ids.ids)], 'tax_tag_ids': [Command.set(line.tax_tag_ids.ids)],
        'tax_repartition_line_id': line.tax_repartition_line_id.id, 'tax_base_amount': -line.tax_base_amount,
        'group_tax_id': line.group_tax_id.id, 'analytic_distribution': line.analytic_distribution} for line in lines]


def take_back(item):
    # The receipt was no money: it is met by its opposite, an early-payment discount that it took included, and what it
    # had paid is due again. Where only a part is taken back, the rest goes to the oldest due again.
    partner, account = holder(item)
    receipt = item['receipt']
    credit = stands(receipt)
    item['moves'] = paid_by(credit)
    whole = (credit and receipt.currency_id == item['currency']
        and not item['currency'].compare_amounts(item['amount'], receipt.amount))
    more = None
    if credit:
        more = (receipt.move_id.line_ids - credit).filtered_domain(
            [('account_id', '!=', receipt.outstanding_account_id.id)])
    others = credit.matched_debit_ids.debit_move_id.filtered_domain([('move_id', 'not in', item['moves'].ids)])
    if credit:
        credit.remove_move_reconcile()
    reconcile_open(item,
        move_money(item, 'outbound', partner, account, mirrored(more) if whole and more else None) + credit)
    if more and not whole:
        item['flags'].append('discount_kept')
    # Not the exchange entries, which the reconciliation took back with it.
    others = others.exists().filtered(lambda line: not line.reconciled)
    if others:
        item['flags'].append('refunds_open')
        reconcile_open(item, credit + others)
    for line in receivable(item['moves'].filtered(lambda move: move.state == 'posted')).sorted(
            lambda line: (line.date_maturity or line.date, line.id)):
        reconcile_open(item, credit + line)
    if not credit:
        item['flags'].append('unallocated')


BOOKINGS = {REFUND: give_back, FAILED: came_to_nothing, REVERSED: take_back}


def book(items):
    for item in items:
        BOOKINGS[item['m']['kind']](item)
        if item['payment'].state == 'in_process':
            item['payment'].action_validate()
        tie([(item['key'] + '__record', 'account.payment', item['payment'].id)])
        log_notes(item)


def log_notes(item):
    # Notes for readers: on the first invoice and on the payment.
    m = item['m']
    if not m.get('note'):
        return
    what = {REFUND: 'refunded', FAILED: 'refund came back',
        REVERSED: 'taken back: the payment failed after all'}[m['kind']]
    text = 'Stripe %s: %s %s %s as %s' % (m.get('refund') or m['payment'], m['amount'], m['currency'], what,
        item['payment'].name)
    if m.get('reason'):
        text = '%s (%s)' % (text, m['reason'])
    for move in item['moves'][:1]:
        move._message_log(body=text)
    ids = [('refund', m.get('refund')), ('PaymentIntent' if m['payment'].startswith('pi_') else 'charge', m['payment']),
        ('charge', m.get('charge'))]
    item['payment']._message_log(body='Stripe ' + ', '.join(['%s %s' % one for one in ids if one[1]]))


def payment_summary(payment, moves):
    line = receivable(payment.move_id)
    return {'model': 'account.payment', 'id': payment.id,
        'name': payment.name or '', 'state': payment.state, 'amount': show(payment.amount, payment.currency_id),
        'currency': payment.currency_id.name, 'date': str(payment.move_id.date or payment.date),
        'open': show(abs(sum(line.mapped('amount_residual_currency'))), payment.currency_id),
        'invoices': [tell_invoice(move) for move in moves]}


def finish(item):
    flag_moved_date(item)
    results[item['key']] = dict(
        payment_summary(item['payment'], item['moves']), key=item['key'], status='created', intended=str(item['day']),
        flags=item['flags'])


def party(m, payment):
    # Whether it is of the receipt's customer; None where one of them is gone or nobody's yet.
    receipt = payment_of(m['receipt']).sudo()
    row = found.get('partner_unallocated')
    if not receipt or row and row[1] in (receipt | payment).partner_id.ids:
        return None
    return 'same' if receipt.partner_id.commercial_partner_id == payment.partner_id.commercial_partner_id else 'other'


def replay(m):
    # The key is taken: what became of its booking, for whoever asks to compare. What could not be
    # reconciled then is tried again.
    payment = payment_of(m['key']).sudo()
    got = gone(m['key'])
    if payment:
        use = setups.get(payment.company_id.id)
        if use:
            reconcile_again(m['key'], payment, use, got['flags'])
        direction = 'inbound' if m['kind'] == FAILED else 'outbound'
        got.update(payment_summary(payment, paid_by(stands(payment_of(m['receipt']).sudo()))))
        got.update({'status': 'duplicate', 'intended': intended_day(m, use), 'amount': moved(payment, direction),
                    'party': party(m, payment)})
        flag_undone(payment, got['flags'])


def order(item):
    # A receipt's refunds before those of them that failed.
    return item['company'].id, item['m']['receipt'], item['m']['kind'] == FAILED, item['key']


items = sorted([item for item in map(item_of, movements) if item], key=order)
claim_all(items)
lock({item['receipt'].move_id.id for item in items if item['receipt'].move_id})
for item in items:
    error = attempt(book, [item])
    if error:
        raise_fault(error)
        release(item, error)
items = unrefused(items)
reconcile_pairs(pairs_of(items))
for item in items:
    finish(item)
action = answer()
