# assign_receipt: {'v': 3, 'key', 'company', 'livemode', 'invoice': number, or id as digits, 'note': bool} -> {'v',
# 'hash', 'results': [one]}; docs/ODOO.md has the fields. An operator gives a receipt its invoice: what is free of the
# one is reconciled with what is open of the other. Nothing else is booked, and a receipt that stood on the partner for
# unallocated money becomes the invoice's partner's.
key = q.get('key') or ''
wanted = (q.get('invoice') or '').strip()
found = external(setup_names() + [key, key + '__record'])
setups = set_ups() if key else {}


def refused(code, detail):
    return {'status': 'refused', 'code': code, 'detail': detail[:200], 'invoices': []}


def receipt():
    return record_at('account.payment', found.get(key + '__record')).sudo()


def invoices_of(text):
    # Those of the user's companies that a number or an id means.
    if text.isdigit():
        which = ('id', '=', int(text[:9]) if len(text) < 10 else 0)
    else:
        which = ('name', '=', text)
    return env['account.move'].search([which, ('move_type', '=', 'out_invoice'), ('company_id', 'in', companies.ids)],
        limit=2)


def free(payment):
    return -sum(receivable(payment.move_id).mapped('amount_residual_currency'))


def open_of(move):
    return receivable(move).filtered(lambda line: not line.reconciled)


def hand_over(payment, partner):
    # Where a period is closed the lines keep their partner; the reconciliation stands all the same.
    unknown = found.get('partner_unallocated')
    if unknown and payment.partner_id.id == unknown[1] and partner != payment.partner_id:
        attempt(give_partner, [payment, partner])


def give_partner(pair):
    pair[0].move_id.line_ids.write({'partner_id': pair[1].id})
    # 17 learns it from its lines. Later versions do not, and writing the field there makes the entry anew
    # and the payment unpaid again.
    pair[0].flush_recordset()
    env.cr.execute('UPDATE account_payment SET partner_id = %s WHERE id = %s', [pair[1].id, pair[0].id])
    pair[0].invalidate_recordset(['partner_id'])


def assign():
    why = refusal(q)
    if why:
        return refused('key_refused', why)
    payment = receipt()
    if key not in found:
        return refused('receipt_missing', 'no receipt has the key %s' % key)
    if not payment or not standing(payment):
        return refused('payment_gone', 'a person deleted, cancelled or reset the receipt')
    if payment.company_id not in companies:
        return refused('wrong_company', 'the user may not work in company %s' % payment.company_id.id)
    payment = env['account.payment'].browse(payment.id)
    before = free(payment)
    if payment.currency_id.is_zero(before):
        return dict(told_of(payment, 0.0), status='already')
    moves = invoices_of(wanted) if wanted else env['account.move']
    if len(moves) != 1:
        return refused('invoice_missing',
            '%s of a customer is called so' % ('more than one invoice' if moves else 'no invoice'))
    lock((payment.move_id.id, moves.id))
    if moves.state != 'posted':
        return refused('invoice_not_posted', 'the invoice is %s' % moves.state)
    credit, debit = open_of(payment.move_id), open_of(moves)
    if not debit:
        return refused('invoice_paid', 'nothing is open of the invoice')
    same = debit.filtered_domain([('account_id', '=', credit[:1].account_id.id)])
    if not same:
        return refused('account_differs',
            'the receipt and the invoice stand on different accounts: transfer it by hand')
    hand_over(payment, moves.commercial_partner_id)
    error = attempt(reconcile, [credit + same])
    if error:
        return refused('not_reconciled', str(error))
    if q.get('note'):
        moves._message_log(body='Stripe receipt %s was allocated to this invoice by hand' % payment.name)
    return dict(told_of(payment, before - free(payment)), status='allocated')


def told_of(payment, amount):
    paid = receivable(payment.move_id).matched_debit_ids.debit_move_id.move_id
    got = []
    for move in paid.sorted('id'):
        if move.move_type == 'out_invoice':
            got.append(tell_invoice(move))
    return {'allocated': show(amount, payment.currency_id), 'free': show(free(payment), payment.currency_id),
            'currency': payment.currency_id.name, 'partner': payment.partner_id.name or '',
            'lines': sorted(payment.move_id.line_ids.partner_id.mapped('name')), 'invoices': got}


action = {'v': FORM, 'hash': QUITTANCE_HASH}
if key:
    action.update(results=[assign()])
