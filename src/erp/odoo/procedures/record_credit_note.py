# record_credit_note: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# The credit note of a refund: for what of the refund's debit is still open, of the invoices that its receipt had paid,
# split in proportion over lines and taxes, exact to the unit, and reconciled with that debit and nothing else.


def refund_key(m):
    return m['key'].rsplit(':', 1)[0] + ':succeeded'


found = external(setup_names()
    + [name + end for m in movements for name in (m['key'], m['receipt'], refund_key(m)) for end in ('', '__record')])
setups = set_ups()
OWN_FIELDS = {'notes': []}
MOVES = env['account.move']


def record_of(key):
    # What a key's booking made; None when there is none, empty when it is gone.
    row = record_row(key)
    return env[row[0]].browse(row[1]).exists() if row else None


def start(m):
    # The item of a new movement, or None when it is refused.
    item = {'m': m, 'key': m['key'], 'flags': list(m.get('flags') or []), 'refund': record_of(refund_key(m)),
        'notes': MOVES, 'moves': MOVES}
    refund = item['refund']
    if refund is None:
        return postpone(m['key'], 'refund_not_booked', 'the refund %s is not booked' % m['refund'])
    item['company'] = refund.sudo().company_id
    if refund and item['company'] not in companies:
        return refuse(m['key'], 'wrong_company',
            'the refund belongs to company %s, where the user may not work' % item['company'].id)
    if not refund or refund.move_id.state != 'posted':
        return refuse(m['key'], 'refund_undone', 'somebody took the booking of the refund %s away' % m['refund'])
    item['use'] = setups[item['company'].id]
    if not item['use']:
        not_configured(item['company'].id)
    item['day'] = day_of(m['at'], item['use']['zone'])
    return item


def mixed(move):
    # An early-payment discount whose tax Odoo counts on the discounted base from the start:
    # the credit note keeps the term.
    return (move.invoice_payment_term_id.early_discount
        and move.invoice_payment_term_id.early_pay_discount_computation == 'mixed')


def head_of(item, move):
    reason = item['m'].get('reason')
    head = {'invoice_date': item['day'], 'date': item['day'],
        'ref': '%s: %s' % (item['m']['memo'], reason) if reason else item['m']['memo'], 'invoice_origin': move.name,
        'invoice_payment_term_id': move.invoice_payment_term_id.id if mixed(move) else False,
        'invoice_date_due': item['day'], 'payment_reference': False}
    if 'invoice_currency_rate' in move._fields:
        head['invoice_currency_rate'] = move.invoice_currency_rate
    return head


def line_of(one, price, move):
    # Amounts that the decimals of prices cannot say stand at a tenth or a hundredth of a piece.
    digits = env['decimal.precision'].precision_get('Product Price')
    quantity = 1.0
    while move.currency_id.decimal_places > digits:
        quantity /= 10
        digits += 1
    if one['fixed'] and one['left']:
        quantity = (round(one['quantity'] * price / one['left'],
            env['decimal.precision'].precision_get('Product Unit of Measure')) or 1.0)
    line = one['line']
    return {'name': one['name'], 'quantity': quantity, 'price_unit': worth(price, move.currency_id) / quantity,
        'discount': 0, 'account_id': line.account_id.id, 'tax_ids': [Command.set(one['taxes'].ids)],
        'product_id': line.product_id.id, 'analytic_distribution': line.analytic_distribution or False}


def copied(item, plan, _amount):
    # The whole invoice, with all its lines as they are.
    move = plan['move']
    note = move.with_company(move.company_id)._reverse_moves([head_of(item, move)], cancel=False)
    return note, plan['taxes']


def divided(item, plan, amount):
    # A part of it: one line for each of its lines. What Odoo made of it may differ from what was foreseen by a unit or
    # two; a line without taxes takes that, else the largest.
    move = plan['move']
    prices = split(plan, amount)
    used = []
    lines = []
    for at, one in enumerate(plan['parts']):
        if prices[at]:
            used.append(at)
            lines.append(Command.create(line_of(one, prices[at], move)))
    note = MOVES.with_company(move.company_id).create(dict(head_of(item, move),
        move_type='out_refund', partner_id=move.partner_id.id, currency_id=move.currency_id.id,
        journal_id=move.journal_id.id, company_id=move.company_id.id, fiscal_position_id=move.fiscal_position_id.id,
        invoice_user_id=move.invoice_user_id.id, partner_shipping_id=move.partner_shipping_id.id,
        invoice_cash_rounding_id=False, invoice_line_ids=lines))
    for turn in range(9):
        own = taxes_of(note)
        need = amount - units(note.amount_untaxed, move.currency_id)
        want = spread(bounds(plan, rest_of(plan, prices)[1], own), own, need)
        if amount == plan['total']:
            want = kept(plan['taxes'], own)
            item['off'] = sum(want.values()) != sum(plan['taxes'].values())
        gap = need - sum(want.values())
        if not gap:
            return note, want
        last = max(ranked(plan, prices, used))
        if turn == 8 or not last[0]:
            break
        prices[last[3]] += gap
        line = note.invoice_line_ids.sorted('id')[used.index(last[3])]
        price = line_of(plan['parts'][last[3]], prices[last[3]], move)['price_unit']
        note.write({'invoice_line_ids': [Command.update(line.id, {'price_unit': price})]})
    # Taxes by the piece, or a few cents with several taxes: the last units stand on a line of
    # their own, and a person looks.
    item['off'] = True
    note.write({'invoice_line_ids': [Command.create({
        'name': 'Rounding', 'quantity': 1.0, 'price_unit': worth(gap, move.currency_id),
        'account_id': plan['parts'][used[0]]['line'].account_id.id, 'tax_ids': [Command.clear()]})]})
    return note, want


def kept(taxes, own):
    # Those of the taxes that have a tax line.
    got = {}
    for key in taxes:
        if own.get(key):
            got[key] = taxes[key]
    return got


def ranked(plan, prices, used):
    got = []
    for at in used:
        got.append((not plan['parts'][at]['fixed'], not plan['parts'][at]['taxes'], abs(prices[at]), at))
    return got


def draft_note(item, plan, amount):
    # A draft of exactly this amount (units): of a whole invoice as Odoo reverses it, where that
    # is it; else of lines of ours.
    move = plan['move']
    whole = amount == units(move.amount_total, move.currency_id) and not plan['earlier'] and not plan['discounted']
    made = []
    error = None
    for way in ([copied] if whole else []) + [divided]:
        error = attempt(draft_by, [item, plan, amount, way, made])
        if not error:
            return made[0]
        if not str(error).startswith(DIFFERS):
            break
        item['odd'] = True
    raise error


def draft_by(args):
    # Its taxes are within a unit of Odoo's own.
    item, plan, amount, way, made = args
    note, want = way(item, plan, amount)
    own = taxes_of(note)
    for key in sorted(set(own) | set(want)):
        change = want.get(key, 0) - own.get(key, 0)
        if change:
            set_tax(note, key, change)
        if abs(change) > 1:
            item['off'] = True
    differ(units(note.amount_total, note.currency_id) != amount, 'it would be %s' % note.amount_total)
    carry_rate(note, plan, amount == plan['total'])
    check_note(plan, note, amount)
    made.append(note)


DIFFERS = 'quittance_refused:credit_note_differs'


def differ(wrong, why):
    if wrong:
        raise UserError('%s: %s' % (DIFFERS, why))


def add_within(bounds, key, amount):
    least, most = bounds.get(key, (0, 0))
    bounds[key] = (least + min(amount, 0), most + max(amount, 0))


def check_note(plan, note, amount):
    # That the draft is what was asked for, whatever Odoo's methods made of it: the invoice's customer, company and
    # currency; the refund's amount; on each account and of each tax the invoice's sign and no more than it has;
    # valued by the invoice's rate.
    move = plan['move']
    own = move.company_id.currency_id
    differ(note.move_type != 'out_refund' or note.state != 'draft', 'it is no draft of a credit note')
    differ(note.currency_id != move.currency_id, 'it is in %s' % note.currency_id.name)
    differ(note.company_id != move.company_id or note.commercial_partner_id != move.commercial_partner_id,
        'it is of others')
    due = receivable(note)
    differ(units(sum(due.mapped('amount_currency')), note.currency_id) != -amount, 'its receivable is another')
    slack = 10 + 2 * len(note.line_ids)
    within = {}
    for one in plan['parts']:
        add_within(within, ('account', one['line'].account_id.id),
            one['price'] if abs(one['price']) > abs(one['left']) else one['left'])
    whole = taxes_of(move)
    for key in whole:
        add_within(within, key, whole[key])
    got = taxes_of(note)
    for line in note.line_ids:
        if line.display_type in ('product', 'rounding'):
            key = ('account', line.account_id.id)
            got[key] = got.get(key, 0) + units(line.amount_currency, note.currency_id)
    for key in got:
        least, most = within.get(key, (0, 0))
        differ(not least - slack <= got[key] <= most + slack, 'a line of it is of another sign or size')
    last = amount == plan['total'] and plan['earlier']
    rate = sum(receivable(move).mapped('balance')) / sum(receivable(move).mapped('amount_currency'))
    for line in note.line_ids:
        if line.currency_id == own:
            differ(own.compare_amounts(line.balance, line.amount_currency), 'a line of it has another value')
        elif line.currency_id == note.currency_id:
            differ(line.balance * line.amount_currency < 0, 'a line of it has another value')
            differ(not last and abs(line.balance - line.amount_currency * rate) > own.rounding * slack
                + abs(line.balance) * 1e-9, 'a line of it has another value')
        else:
            differ(line.balance or line.amount_currency, 'a line of it is in another currency')


def set_tax(note, key, change):
    # Moves one tax by some units, as a person does it in the list of journal items.
    for line in note.line_ids:
        if line.tax_repartition_line_id and line.display_type == 'tax' and tax_key(line.tax_repartition_line_id) == key:
            amount = line.amount_currency + worth(change, note.currency_id)
            balance = (note.company_id.currency_id.round(line.balance * amount / line.amount_currency)
                if line.amount_currency else amount / (line.currency_rate or 1))
            note.with_context(check_move_validity=False).write(
                {'line_ids': [Command.update(line.id, {'amount_currency': amount, 'balance': balance})]})
            return


def carry_rate(note, plan, last):
    # In the company's currency the credit note has the invoice's rate; the last one what the others left.
    move = plan['move']
    own = move.company_id.currency_id
    if move.currency_id == own:
        return
    due = receivable(move)
    total = sum(due.mapped('balance'))
    rate = total / sum(due.mapped('amount_currency'))
    for earlier in plan['earlier'] if last else MOVES:
        total += sum(receivable(earlier).mapped('balance'))
    credit = receivable(note)
    balances = {}
    for line in note.line_ids - credit:
        if line.display_type in ('product', 'tax', 'rounding', 'epd'):
            balances[line] = own.round(line.amount_currency * rate)
    whole = total if last and not plan['discounted'] else own.round(-sum(credit.mapped('amount_currency')) * rate)
    big = max(balances, key=spoken)
    balances[big] += own.round(whole - sum(balances.values()))
    left = own.round(-whole)
    for line in credit[1:]:
        balances[line] = own.round(line.amount_currency * rate)
        left -= balances[line]
    balances[credit[0]] = own.round(left)
    note.with_context(skip_invoice_sync=True, check_move_validity=False).write(
        {'line_ids': updates(balances)})


def spoken(line):
    return (line.display_type == 'product', abs(line.amount_currency))


def updates(balances):
    got = []
    for line in balances:
        if line.balance != balances[line]:
            got.append(Command.update(line.id, {'balance': balances[line]}))
    return got


def notes_of(item):
    # The credit notes of this receipt's refunds.
    return gathered(item['m']['receipt'] + '__note').sorted('id').filtered(lambda note: note.state != 'cancel')


def owed_still(item):
    # Those whose refund failed: the payer has the credit note and not the money, which this refund may be.
    got = MOVES
    for note in notes_of(item):
        if note.state == 'draft' or note.amount_residual > 0:
            env.cr.execute(
                "SELECT name FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s"
                " AND name LIKE '%%:credit\\_note\\_\\_note%%'", [note.id])
            for row in env.cr.fetchall():
                failed = row[0].rsplit(':', 1)[0] + ':failed'
                if failed in external([failed]):
                    got |= note
    return got


def pay_owed(item, debit):
    for note in owed_still(item):
        if item['open'] <= item['asked'] or debit.reconciled:
            return
        item['flags'].append('credit_note_found')
        if note.state == 'draft':
            ask(item, note, 'its first refund failed')
            item['asked'] += units(note.amount_total, note.currency_id)
        reconcile_open(debit + receivable(note))
        item['notes'] |= note
        item['moves'] |= note.reversed_entry_id
        item['open'] = units(sum(debit.mapped('amount_residual_currency')), item['refund'].currency_id)


def shares(item):
    # [(invoice, units of its currency)], the newest due first: what the receipt paid on each,
    # less its earlier credit notes.
    refund = item['refund']
    receipt = record_of(item['m']['receipt'])
    if receipt is None:
        receipt = by_reference(item['m'])
    rest = item['open'] - item['asked']
    got = []
    if not receipt or rest <= 0:
        return got
    partials = receivable(receipt.move_id).matched_debit_ids
    moves = partials.debit_move_id.move_id.filtered(lambda move: move.move_type == 'out_invoice')
    item['moves'] = moves
    notes = notes_of(item)
    for move in moves.sorted(lambda move: (move.invoice_date_due or move.date, move.id), reverse=True):
        own = paid = 0
        for partial in partials:
            if partial.debit_move_id.move_id == move:
                own += units(partial.debit_amount_currency, move.currency_id)
                paid += units(partial.credit_amount_currency, refund.currency_id)
        if not paid:
            continue
        back = sum(notes.filtered_domain([('reversed_entry_id', '=', move.id)]).mapped('amount_total'))
        left = own - units(back, move.currency_id)
        part_paid = min(rest, portion(paid, left, own))
        if part_paid > 0:
            got.append((move, left if part_paid * own >= left * paid else portion(part_paid, own, paid)))
            rest -= part_paid
    item['short'] = rest
    return got


def by_hand(item, move, amount):
    # A credit note that a person made for this: open, of the invoice, of the same amount or with
    # the refund in its reference.
    for note in earlier_notes(move):
        env.cr.execute(
            "SELECT 1 FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s",
            [note.id])
        if env.cr.fetchone():
            continue
        names = ' '.join([note.ref or '', note.payment_reference or '', note.narration or ''])
        if ((note.state == 'draft' or note.amount_residual > 0)
                and (units(note.amount_total, note.currency_id) == amount or item['m']['refund'] in names)):
            return note


def electronic(move):
    # Whether an electronic invoice may hang on it; any sign counts.
    seen = move.sudo()
    for name in move._fields:
        words = name.split('_')
        if (('edi' in words or 'peppol' in words or 'cfdi' in words or 'einvoice' in name) and name not in QUIET
                and seen[name]):
            return True
    return 'edi_format_ids' in move.journal_id._fields and bool(seen.journal_id['edi_format_ids'])


QUIET = ('edi_show_cancel_button', 'edi_show_abandon_cancel_button', 'edi_show_force_cancel_button',
    'edi_blocking_level', 'edi_error_count', 'edi_web_services_to_process')


def obstacle(item, plan, amount):
    # Why the credit note stays a draft, or None.
    move = plan['move']
    if item['m'].get('mode') == 'draft':
        return 'drafts are asked for'
    if item.get('off'):
        return 'its taxes had to be moved by more than a unit'
    if item.get('odd'):
        return 'Odoo reversed the invoice otherwise'
    if electronic(move):
        return 'the invoice is an electronic one'
    lines = move.line_ids
    if (lines.filtered(lambda line: line.display_type == 'cogs') or 'stock_move_id' in lines._fields
            and lines['stock_move_id']):
        return 'the invoice values stock'
    if ('sale_line_ids' in lines._fields and lines['sale_line_ids'] or 'pos_order_ids' in move._fields
            and move['pos_order_ids']):
        return 'the invoice belongs to an order'
    kinds = set()
    for one in plan['parts']:
        kinds.add(tuple(one['taxes'].ids))
    full = (amount == units(move.amount_total, move.currency_id) or plan['discounted'] and amount == plan['total']
        and not plan['earlier'])
    if not full and (len(kinds) > 1 or len(plan['taxes']) > 1):
        return 'only a part of an invoice of several taxes is refunded'


def reconcile_open(lines):
    # What of these lines is open and of one account.
    lines = open_of_one_account(lines)
    if len({line.balance > 0 for line in lines}) == 2:
        lines.with_context(skip_invoice_sync=True).reconcile()


def post(note, move):
    # Without the original while it is posted: 17 and 18 would match it with what is still open there.
    note.write({'reversed_entry_id': False})
    note.action_post()
    note.write({'reversed_entry_id': move.id})
    if note.state != 'posted':
        raise UserError('the credit note %s was not posted' % note.name)


def ask(item, note, why):
    # A draft waits for a person.
    who = note.invoice_user_id
    if not who or not who.has_group('account.group_account_invoice'):
        who = env.user
    note.activity_schedule('mail.mail_activity_data_todo', date_deadline=item['day'], user_id=who.id,
        summary='Credit note of Stripe refund %s' % item['m']['refund'],
        note='Check and post this credit note (%s), then match it with the refund %s.' % (why, item['refund'].name))
    item['flags'].append('credit_note_draft')


def book(items):
    for item in items:
        debit = receivable(item['refund'].move_id)
        item['open'] = units(sum(debit.mapped('amount_residual_currency')), item['refund'].currency_id)
        item['asked'] = 0
        if item['m'].get('mode') == 'none':
            item['flags'].append('credit_note_none')
        else:
            credit(item, debit)
        remember(item)
        log_notes(item)


def credit(item, debit):
    due = item['open'] > 0
    pay_owed(item, debit)
    for move, amount in shares(item):
        note = checked_note(item, move, amount)
        if note:
            reconcile_open(debit + receivable(note))
            item['notes'] |= note
    if due and not item['notes'] and 'credit_note_refused' not in item['flags']:
        raise UserError('quittance_refused:%s'
            % ('credited_already' if item['moves'] and notes_of(item) else 'credit_note_without_invoice'))
    if item.get('short') and 'credit_note_short' not in item['flags']:
        item['flags'].append('credit_note_short')
    if due and not debit.reconciled and not {'credit_note_draft', 'credit_note_short'} & set(item['flags']):
        item['flags'].append('refund_open')
    if not due:
        item['flags'].append('credit_note_not_needed')


def checked_note(item, move, amount):
    # What is no credit note of this amount is none at all: the refund stays open on the customer's
    # account, and a person looks.
    flags = list(item['flags'])
    got = []
    error = attempt(add_note, [item, move, amount, got])
    if error and not str(error).startswith(DIFFERS):
        raise error
    if error:
        item['flags'] = flags + ([] if 'credit_note_refused' in flags else ['credit_note_refused'])
    return None if error else got[0]


def add_note(args):
    item, move, amount, got = args
    got.append(note_of(item, move, amount))


def note_of(item, move, amount):
    # The credit note of one invoice: a person's, or a new one.
    note = by_hand(item, move, amount)
    if note:
        item['flags'].append('credit_note_found')
        if note.state == 'draft':
            ask(item, note, 'somebody made it')
        return note
    plan = plan_of(move)
    if plan['total'] < amount:
        item['flags'].append('credit_note_short')
        amount = plan['total']
    if amount <= 0:
        return None
    item['off'] = item['odd'] = False
    note = draft_note(item, plan, amount)
    why = obstacle(item, plan, amount)
    if why:
        note.write({'reversed_entry_id': move.id})
        ask(item, note, why)
    else:
        post(note, move)
        differ(units(note.amount_total, note.currency_id) != amount, 'posted it is %s' % note.amount_total)
    return note


def remember(item):
    first = item['notes'][:1] or item['refund']
    rows = [(item['key'] + '__record', first._name if item['notes'] else 'account.payment', first.id)]
    count = max(numbered(item['m']['receipt'] + '__note'), default=0)
    for note in item['notes']:
        count += 1
        rows.append(('%s__note%d' % (item['m']['receipt'], count), 'account.move', note.id))
        rows.append(('%s__note%d' % (item['key'], len(rows) // 2), 'account.move', note.id))
    tie(rows)


def log_notes(item):
    if not item['m'].get('note'):
        return
    for note in item['notes']:
        if note.reversed_entry_id:
            note.reversed_entry_id._message_log(body='Stripe refund %s: credit note %s of %s %s' % (item['m']['refund'],
                note.name if note.state == 'posted' else 'in draft', show(note.amount_total, note.currency_id),
                note.currency_id.name))


def note_summary(note):
    return dict(tell_invoice(note), total=show(note.amount_total, note.currency_id),
        tax=show(note.amount_tax, note.currency_id), of=note.reversed_entry_id.id)


def summary(item):
    first = item['notes'][:1] or item['refund']
    debit = receivable(item['refund'].move_id)
    return {'key': item['key'], 'model': first._name, 'id': first.id, 'name': first.name or '',
        'state': first.state if item['notes'] else None, 'date': str(first.date), 'intended': str(item['day']),
        'open': show(sum(debit.mapped('amount_residual_currency')), item['refund'].currency_id),
        'flags': item['flags'], 'notes': [note_summary(note) for note in item['notes']],
        'invoices': [tell_invoice(move) for move in item['moves']]}


def finish(item):
    for note in item['notes']:
        if (note.state == 'posted' and note.date != item['day'] and 'credit_note_found' not in item['flags']
                and 'date_moved' not in item['flags']):
            item['flags'].append('date_moved')
    results[item['key']] = dict(summary(item), status='created')


def replay(m):
    # The key is taken: what became of its credit notes, and of which refund they are.
    record = record_of(m['key'])
    got = gone(m['key'])
    refund = record_of(refund_key(m))
    if record and refund:
        notes = gathered(m['key'] + '__note').sorted('id')
        use = setups.get(refund.sudo().company_id.id)
        item = {'m': m, 'key': m['key'], 'refund': refund, 'notes': notes, 'moves': notes.reversed_entry_id,
            'flags': [], 'day': day_of(m['at'], use['zone'] if use else 'UTC')}
        if any(note.state == 'draft' for note in notes):
            item['flags'].append('credit_note_draft')
        if any(note.state == 'cancel' for note in notes):
            item['flags'].append('credit_note_cancelled')
        got = dict(summary(item), status='duplicate')
        if refund._name == 'account.payment':
            got.update(amount=moved(refund, 'outbound'), currency=refund.currency_id.name)
    results[m['key']] = got


def refuse_booking(item, error):
    # Takes the claim back.
    raise_fault(error)
    release(item, error)
    refund = item['m']['refund']
    if str(error) == 'quittance_refused:credited_already':
        # By an earlier refund: should that have failed, it is heard of soon.
        postpone(item['key'], 'credit_note_without_invoice', 'all that the receipt of %s paid is credited' % refund)
    elif str(error) == 'quittance_refused:credit_note_without_invoice':
        refuse(item['key'], 'credit_note_without_invoice', 'no invoice stands against the refund %s' % refund)


items = sorted(
    [item for item in map(item_of, movements) if item],
    key=lambda item: (item['company'].id, item['m']['receipt'], item['key']))
claim_all(items)
lock({item['refund'].move_id.id for item in items})
for item in items:
    error = attempt(book, [item])
    if error:
        refuse_booking(item, error)
    else:
        finish(item)
action = answer()
