# record_entry: {'v': 3, 'movements': [...]} -> {'v': 3, 'hash', 'results': [...]}; docs/ODOO.md has the fields.
# One journal entry per key, of lines that name an account by its role: balance transactions, disputes. A
# movement without lines is a note.
wanted = setup_names()
for m in movements:
    wanted += [m['key'], m['key'] + '__record']
    for name in ('document', 'receipt'):
        if m.get(name):
            wanted += [m[name], m[name] + '__record']
    wanted += (m.get('close') or {}).get('after') or []
for company in companies.sudo().parent_ids:
    wanted += ['journal_stripe_%s_%s' % (company.id, (m.get('currency') or '').lower()) for m in movements]
found = external(wanted)
setups = set_ups()
names = {m.get('currency') for m in movements} | {line['currency'] for m in movements for line in m.get('lines') or []}
currencies = currencies_of([name for name in names if name])
OWN_FIELDS = {}


def blank_item(m, use, flags):
    return {'m': m, 'key': m['key'], 'use': use, 'flags': flags, 'company': use['company'], 'taxed': True,
            'journal': use['journal'], 'move': env['account.move'], 'turned': env['account.move'],
            'day': day_of(m['at'], use['zone']), 'lines': []}


def start(m):
    # The item of a new movement, or None when it is refused or must wait.
    key = m['key']
    if company_refused(m):
        return None
    item = blank_item(m, books_of(m), list(m.get('flags') or []))
    company = item['company']
    if m.get('currency') and m['currency'] != company.currency_id.name:
        name = 'journal_stripe_%s_%s' % (company.id, m['currency'].lower())
        item['journal'] = record_at('account.journal', found.get(name))
        if not item['journal']:
            return postpone(key, 'settlement_currency_missing', 'company %s has no Stripe journal in %s' % (
                company.id, m['currency']))
    receipt_of(item)
    if (m.get('say') or {}).get('on') == 'invoices' and not item['partner']:
        if not (m.get('lines') or m.get('close')) or m.get('receipt') not in found:
            return refuse(key, 'receipt_missing', 'no booking of %s' % m.get('receipt'))
        # A person deleted the receipt; the money moved all the same.
        item['partner'] = partner_of(item, 'unallocated')
        item['flags'].append('receipt_gone')
    for line in m.get('lines') or []:
        if not add_line(item, line):
            return None
    return complete(item)


def add_line(item, line):
    # Gives an item a line with its currency, amount and account; None when the movement is
    # refused or must wait for one.
    key = item['key']
    currency = currency_of(key, line['currency'], item['company'], item['day'])
    if not currency:
        return None
    amount = signed(line['amount'], currency)
    if amount is None:
        return refuse_amount(key, line['amount'], currency)
    account = account_of(item, line['role'])
    if not account:
        return postpone_for(item, line['role'])
    item['lines'].append(dict(line, money=amount, currency=currency, account=account))
    return item


def postpone_for(item, role):
    postpone(item['key'], 'account_missing', 'company %s has no account for %s' % (item['company'].id, role))


def complete(item):
    # The item, when it has all that its entries want; else None, and it is refused or must wait.
    m = item['m']
    currency = item['lines'][-1]['currency'] if item['lines'] else None
    rest = sum([line['money'] for line in item['lines']])
    if currency and not mixed(item) and not currency.is_zero(rest):
        return refuse(item['key'], 'entry_unbalanced', 'the lines leave %s %s' % (show(rest, currency), currency.name))
    for role in m.get('close') and ('disputed', m['close']['role']) or ():
        if not account_of(item, role):
            return postpone_for(item, role)
    if mixed(item) and not account_of(item, 'conversion'):
        return postpone_for(item, 'conversion')
    if (m.get('say') or {}).get('on') == 'entry' and not m.get('lines') and not item['about']:
        return postpone(item['key'], 'entry_missing', 'no booking of %s yet' % m.get('receipt'))
    return item


def ours(row):
    # The record of an external id, where it is still there and in a company of the user: one of another would be
    # refused in the midst of a list.
    record = env[row[0]].browse(row[1]).exists() if row else None
    return record if record and record.sudo().company_id.id in companies.ids else None


def receipt_of(item):
    # Whose money it is about: partner, receivable account and invoices of an earlier booking. What was paid before the
    # cut-over has none; then the invoices that the movement itself names.
    item['partner'] = env['res.partner']
    item['receivable'] = None
    item['invoices'] = env['account.move']
    item['about'] = None
    row = found.get((item['m'].get('receipt') or '') + '__record')
    record = ours(row)
    if (item['m'].get('say') or {}).get('on') == 'invoices' and item['m'].get('receipt') not in found:
        record = by_reference(item['m'])
        if record:
            item['flags'].append('receipt_by_reference')
    if record and record._name == 'account.payment':
        item['about'] = record
        item['partner'] = record.partner_id
        item['receivable'] = record.destination_account_id.id
        item['invoices'] = receivable(record.move_id).matched_debit_ids.debit_move_id.move_id.sorted('id')
    elif record:
        item['about'] = record
        item['partner'] = record.partner_id or record.line_ids.partner_id[:1]
    elif item['m'].get('match'):
        match = item['m']['match']
        table = look_up([one[0] for one in match.get('numbers') or []], match.get('references') or [])
        ids = []
        for number in meant(match.get('numbers'), table):
            for company in table[number]:
                ids += table[number][company]
        rows = documents(ids + (match.get('ids') or []))
        mine = []
        for move in rows:
            if (is_same(match, move, rows[move]) if move in (match.get('ids') or [])
                    else is_described(match, rows[move])):
                mine.append(move)
        item['invoices'] = env['account.move'].search([('id', 'in', mine)], order='id')
    found_here = env['account.move']
    for move in item['invoices']:
        if move.move_type == 'out_invoice' and item['company'].id in chain(move.company_id).ids:
            found_here |= move
    item['invoices'] = found_here
    item['partner'] = item['partner'] or found_here[:1].commercial_partner_id
    advances = item['use']['accounts'].get('advances')
    if not item['receivable'] or item['receivable'] == advances:
        item['receivable'] = receivable(found_here[:1]).account_id[:1].id


def account_of(item, role):
    # Id of the account, or None.
    if role == 'balance':
        return item['journal'].default_account_id.id
    if role == 'receivable':
        return item['receivable'] or item['partner'].with_company(item['company']).property_account_receivable_id.id
    if role == 'payable':
        return payable_of(partner_of(item, 'stripe'), item['company']).id
    if role == 'losses' and 'losses' not in item['use']['accounts']:
        role = 'fees'
    return item['use']['accounts'].get(role)


def partner_of(item, who):
    if who == 'payer':
        return item['partner'] or env['res.partner']
    return record_at('res.partner', found.get('partner_%s' % who))


def tax_of(item):
    # The purchase tax that Stripe's fees carry in this company.
    return record_at('account.tax', found.get('tax_fees_%s' % item['company'].id) if item['taxed'] else None)


def spread(item, line):
    # A loss, by the shares of its invoices and their taxes: (label, account, amount). What rounding leaves is untaxed.
    left = line['money']
    parts = []
    paid = {}
    for move in item['invoices']:
        paid[move.id] = 0.0
        for partial in receivable(move).matched_credit_ids:
            if item['about'] and partial.credit_move_id.move_id == item['about'].move_id:
                paid[move.id] += partial.amount
    whole = sum(paid.values())
    for move in item['invoices']:
        share = paid[move.id] / whole if whole else 1.0 / len(item['invoices'])
        for taxed in move.line_ids:
            if taxed.tax_line_id and move.amount_total:
                amount = line['currency'].round(-line['money'] * share * taxed.amount_currency / move.amount_total)
                left -= amount
                parts.append(('%s, %s' % (taxed.name, move.name), taxed.account_id.id, amount))
    return [(line['label'], line['account'], line['currency'].round(left))] + parts


def line_of(role, label, account, currency, amount, balance):
    return {'role': role, 'taxed': False, 'tax': False, 'vals': {'name': label, 'account_id': account,
        'currency_id': currency.id, 'amount_currency': amount, 'balance': balance, 'tax_ids': []}}


def lines_of(item):
    # The entry's lines, in company currency by Odoo's rate of the day.
    own = item['company'].currency_id
    got = []
    for line in item['lines']:
        currency = line['currency']
        for label, account, amount in spread(item,
                line) if line.get('split') else [(line['label'], line['account'], line['money'])]:
            balance = currency._convert(amount, own, item['company'], item['day'])
            made = line_of(line['role'], label, account, currency, amount, balance)
            made.update({'taxed': bool(line.get('taxed')), 'tax': bool(line.get('tax'))})
            made['vals'].update({'partner_id': partner_of(item, line.get('partner')).id, 'date_maturity': item['day']})
            got.append(made)
    return got


def mixed(item):
    # Whether Stripe exchanged money in it.
    return len({line['currency'].id for line in item['lines']}) > 1


def rest_of(item, got):
    # Evens out the values in company currency. Of money in one currency that is rounding, which goes to the
    # line of the role `rest`; between two currencies it is the difference between Stripe's rate and Odoo's,
    # which has a line of its own.
    own = item['company'].currency_id
    rest = -own.round(sum([line['vals']['balance'] for line in got]))
    if own.is_zero(rest):
        return
    if mixed(item):
        account = account_of(item, 'conversion')
        got.append(line_of('conversion', 'Conversion difference of %s' % item['m'].get('ref'), account, own, rest,
            rest))
        return
    takes = got[-1]
    for line in got:
        if line['role'] == item['m'].get('rest'):
            takes = line
    takes['vals']['balance'] = own.round(takes['vals']['balance'] + rest)


def mirrored(move):
    # The lines of an earlier entry with their signs turned.
    got = []
    for line in move.line_ids:
        got.append(line_of(None, line.name, line.account_id.id, line.currency_id, -line.amount_currency, -line.balance))
        got[-1]['vals'].update({'partner_id': line.partner_id.id, 'date_maturity': line.date_maturity})
    return got


def compose(item):
    # The lines that are created: where Odoo computes the tax of the fees, Stripe's own is left to it.
    if item['turned']:
        return mirrored(item['turned'])
    got = lines_of(item)
    rest_of(item, got)
    item['tax'] = tax_of(item) if any([line['taxed'] for line in got]) else env['account.tax']
    if item['tax']:
        got = [line for line in got if not line['tax']]
    return got


def apply_tax(item, move, got):
    # Odoo's own tax lines, by its tax; they must be what Stripe's fee_details say, to the cent. What rates leave in
    # company currency goes where the rest goes.
    own = item['company'].currency_id
    lines = move.line_ids.sorted('id')
    fees = env['account.move.line']
    for line, wish in zip(lines, got):
        if wish['taxed']:
            fees |= line
    lines.browse(fees.ids).with_context(skip_invoice_sync=False).write({'tax_ids': [Command.set(item['tax'].ids)]})
    made = move.line_ids - lines
    taxes = made.filtered('tax_line_id')
    said = sum([line['money'] for line in item['lines'] if line.get('tax')])
    currency = fees[:1].currency_id
    if currency.compare_amounts(sum(taxes.mapped('amount_currency')), said):
        raise UserError('quittance: fee_tax_differs')
    (made - taxes).unlink()
    rest = -own.round(sum(move.line_ids.mapped('balance')))
    if not own.is_zero(rest):
        for line, wish in zip(lines, got):
            if wish['role'] == ('conversion' if mixed(item) else item['m'].get('rest')):
                vals = {'balance': own.round(line.balance + rest)}
                if line.currency_id == own:
                    vals['amount_currency'] = vals['balance']
                line.write(vals)


def closings(item):
    # Of the entries of its dispute those that closing it has made.
    return gathered(item['m']['dispute'] + '__r')


def lines_in(moves, account, state):
    got = env['account.move.line']
    for line in moves.line_ids:
        if line.account_id.id == account and line.parent_state == state:
            got |= line
    return got


def sums_of(lines, field):
    # {currency: sum of a field}
    got = {}
    for line in lines:
        got[line.currency_id] = line.currency_id.round(got.get(line.currency_id, 0.0) + line[field])
    return got


def same(one, other):
    # Whether two sums by currency are opposite.
    for currency in set(one) | set(other):
        if not currency.is_zero(one.get(currency, 0.0) + other.get(currency, 0.0)):
            return False
    return True


def entered(keys):
    # Whether all of them are booked: before this call, or by now.
    now = external([key + '__record' for key in keys])
    for key in keys:
        if key not in found and key + '__record' not in now:
            return False
    return True


def cancel(moves):
    moves.button_cancel()


def close(item):
    # The items of what closing the dispute asks for now. All that its balance transactions have left on the
    # disputed account goes where lost money goes, once all of them are booked; where money is still to come back,
    # what went there before returns.
    m = item['m']
    how = m.get('close')
    if not how or how['all'] and not entered(how.get('after') or []):
        return []
    disputed = account_of(item, 'disputed')
    made = closings(item)
    if how['all']:
        left = sums_of(lines_in(gathered(m['dispute'] + '__e'), disputed, 'posted'), 'amount_residual_currency')
    else:
        left = sums_of(lines_in(made, disputed, 'posted'), 'amount_currency')
    proposed = lines_in(made, disputed, 'draft')
    if proposed and how['draft'] and same(left, sums_of(proposed, 'amount_currency')):
        return []
    # A draft of another amount is no proposal any more; a new one takes its place.
    if proposed and attempt(cancel, proposed.move_id):
        item['flags'].append('entry_draft')
    got = []
    for currency in left:
        amount = left[currency]
        if not currency.is_zero(amount):
            rest = dict(item, turned=opposite(made, disputed, currency, amount), move=env['account.move'], lines=[])
            rest['m'] = {'ref': m['ref'], 'rest': 'disputed', 'dispute': m['dispute'], 'receipt': m.get('receipt'),
                'draft': how['draft'], 'closing': True}
            for role, money in ((how['role'], amount), ('disputed', -amount)):
                rest['lines'].append({'role': role, 'money': money, 'currency': currency, 'account': account_of(item,
                    role), 'partner': 'payer', 'label': how['label'], 'split': how['split'] and role == how['role']})
            rest['m']['lines'] = rest['lines']
            got.append(rest)
    return got


def opposite(made, disputed, currency, amount):
    # The last of these entries that is taken back as a whole by one of this amount.
    got = env['account.move']
    count = 0
    for move in made:
        stands = sums_of(lines_in(move, disputed, 'posted'), 'amount_currency').get(currency, 0.0)
        if not currency.is_zero(stands):
            if not currency.compare_amounts(stands, amount):
                got = move
                count += 1
            elif not currency.compare_amounts(stands, -amount):
                count -= 1
    return got if count > 0 else env['account.move']


def book(items):
    # The entries, and what closes the disputes that they are about.
    for item in items:
        item['move'] = env['account.move']
    enter([item for item in items if item['lines']])
    for item in items:
        item['closed'] = close(item)
        enter(item['closed'])
        if item['closed'] and not item['move']:
            item['move'] = item['closed'][0]['move']
            tie([(item['key'] + '__record', 'account.move', item['move'].id)])


def close_again(items):
    for item in items:
        item['closed'] = close(item)
        enter(item['closed'])


def enter(items):
    if not items:
        return
    here = env_of(items[0]['company'], skip_invoice_sync=True)
    vals = []
    composed = []
    for item in items:
        got = compose(item)
        composed.append(got)
        vals.append({'move_type': 'entry', 'journal_id': item['journal'].id,
            'company_id': item['company'].id, 'date': item['day'], 'ref': item['m'].get('ref'),
            'line_ids': [Command.create(line['vals']) for line in got]})
    moves = here['account.move'].with_context(check_move_validity=False).create(vals)
    post = here['account.move']
    for item, move, got in zip(items, moves, composed):
        item['move'] = move.with_env(env)
        if item.get('tax'):
            apply_tax(item, move, got)
        if not item['turned']:
            check_values(move.line_ids, item['company'], [item['day']])
        if not item['m'].get('draft'):
            post |= move
    here['account.move'].browse(post.ids)._post(soft=False)
    tie([(item['key'] + '__record', 'account.move', item['move'].id) for item in items if not item['m'].get('closing')])
    for item in items:
        if item['m'].get('document'):
            add_to(item['m']['document'] + '__t', item['move'])
        if item['m'].get('dispute'):
            add_to(item['m']['dispute'] + '__e', item['move'])
        if item['m'].get('closing'):
            add_to(item['m']['dispute'] + '__r', item['move'])


def reconcile_items(items):
    # Reconciles what belongs together.
    pairs = pairs_of(items)
    for item in items:
        for lines in document_lines(item) + dispute_lines(item) + turned_lines(item):
            pairs.append((item, lines))
    reconcile_pairs(pairs)


def document_lines(item):
    # The open lines of a document and its balance transactions, on clearing and on transit.
    key = item['m'].get('document')
    got = []
    if key:
        document, others = moves_of(key), gathered(key + '__t')
        for role in ('clearing', 'transit'):
            lines = unmatched(document | others, item['use']['accounts'].get(role))
            # A debit that never paid came to the balance and went again, and nothing else will come.
            if document or even(lines):
                got.append(lines)
    return got


def dispute_lines(item):
    # Those of the entries of one dispute, and of money that was lost.
    m = item['m']
    got = []
    disputed = item['use']['accounts'].get('disputed')
    if m.get('dispute') and disputed:
        got.append(unmatched(gathered(m['dispute'] + '__e'), disputed))
    if 'receivable' in [line['role'] for line in m.get('lines') or []]:
        # What of the lost money was the payer's free credit is none any more.
        lost = receivable(item['move'])
        got.append(unmatched(closings(item) | moves_of(m.get('receipt')), lost[:1].account_id.id))
    return got


def turned_lines(item):
    # Those of an entry and the one that it takes back.
    got = []
    if item['turned']:
        for account in item['turned'].line_ids.account_id:
            if account.reconcile and account.id != item['use']['accounts'].get('disputed'):
                got.append(unmatched(item['turned'] | item['move'], account.id))
    return got


def even(lines):
    return len(lines.currency_id) == 1 and lines.currency_id.is_zero(sum(lines.mapped('amount_currency')))


def moves_of(key):
    # The journal entry of an earlier booking; empty when there is none.
    row = record_row(key) if key else None
    record = ours(row)
    return record.move_id if record and row[0] == 'account.payment' else record or env['account.move']


def targets(item):
    # Where notes and activities go.
    if (item['m'].get('say') or {}).get('on') == 'entry':
        return item['move'] or item['about'] or env['account.move']
    return item['invoices'] or item['about'] or item['move']


def announce(items):
    for item in items:
        say = item['m'].get('say') or {}
        if not say or not targets(item):
            continue
        if say.get('text') and item['m'].get('note'):
            for record in targets(item):
                record._message_log(body=say['text'])
        if say.get('done'):
            env['mail.activity'].search([('res_model', '=', targets(item)._name), ('res_id', 'in', targets(item).ids),
                ('summary', 'like', say['done'])]).action_feedback(feedback=say.get('text') or '')
        if say.get('activity'):
            todo = say['activity']
            for record in targets(item)[:1]:
                user = 'invoice_user_id' in record._fields and record.invoice_user_id or env.user
                record.with_context(mail_activity_quick_update=True).activity_schedule('mail.mail_activity_data_todo',
                    date_deadline=day_of(todo['deadline'], item['use']['zone']) if todo.get('deadline') else None,
                    summary=todo['summary'], note=say.get('text') or '', user_id=user.id)


def record_summary(record):
    return {'model': record._name, 'id': record.id, 'name': record.name or '', 'state': record.state,
            'date': str(record.date)}


def finish(item):
    record = item['move'] or targets(item)[:1]
    got = {'key': item['key'], 'status': 'created', 'model': None, 'id': None, 'name': None, 'date': None}
    if record:
        got.update(record_summary(record))
    if item['move'] and item['move'].date != item['day']:
        item['flags'].append('date_moved')
    if not item['move']:
        tie([(item['key'] + '__record', record._name, record.id)] if record else [])
    got.update({'intended': str(item['day']), 'flags': item['flags'],
        'invoices': [tell_invoice(move) for move in item['invoices']]})
    results[item['key']] = got


def stands(m, record):
    # What an entry has now on the accounts by which it is known, by role and currency: the Stripe
    # balance, and what it settles.
    use = setups.get(m.get('company') or env.company.id)
    row = found.get('journal_stripe_%s_%s' % (use['company'].id, (m.get('currency') or '').lower())) if use else None
    journal = env['account.journal'].browse(row[1]) if row else use['journal'] if use else env['account.journal']
    accounts = {'balance': journal.sudo().default_account_id.id}
    for role in ('clearing', 'disputed'):
        accounts[role] = use['accounts'].get(role) if use else None
    got = []
    for role in accounts:
        sums = {}
        for line in record.line_ids:
            if line.account_id.id == accounts[role]:
                sums[line.currency_id] = sums.get(line.currency_id, 0.0) + line.amount_currency
        for currency in sums:
            got.append({'role': role, 'amount': show(sums[currency], currency), 'currency': currency.name})
    return got


def replay(m):
    # The key is taken: what became of its booking. What could not be reconciled then is tried again, and a dispute that
    # was closed meanwhile is closed with it.
    row = found.get(m['key'] + '__record')
    record = env[row[0]].sudo().browse(row[1]).exists() if row else None
    got = gone(m['key'])
    if record:
        use = setups.get(m.get('company') or env.company.id)
        # What closed nothing made no entry: its id is of an invoice or a payment.
        made = row[0] == 'account.move' and record.move_type == 'entry'
        closes = m.get('close') and (not made or record.state == 'posted')
        if use and (made and m.get('lines') or closes) and record.company_id.id in companies.ids:
            reconcile_anew(m, use, env['account.move'].browse(record.id if made else []), closes, got['flags'])
        got.update(record_summary(record))
        got.update({'status': 'duplicate', 'intended': intended_day(m, use)})
        got.update({'lines': stands(m, record) if made else [] if m.get('lines') else None})
        proposed = not m.get('lines') and (m.get('close') or {}).get('draft')
        if made and (m.get('lines') or m.get('close')) and record.state != 'posted' and not proposed:
            got['flags'].append('entry_draft' if record.state == 'draft' else 'entry_cancelled')


def reconcile_anew(m, use, move, closes, flags):
    item = dict(blank_item(m, use, flags), move=move)
    if closes:
        receipt_of(item)
        item['partner'] = item['partner'] or partner_of(item, 'unallocated')
        if attempt(close_again, [item]):
            flags.append('not_reconciled')
    reconcile_items([item] + (item.get('closed') or []))


items = sorted([item for item in map(item_of, movements) if item], key=lambda item: (item['company'].id, item['key']))
claim_all(items)
with_entries = [item for item in items if item['lines'] or item['m'].get('close')]
for group in grouped(with_entries, lambda item: item['company'].id):
    book_group(group, without_tax)
items = unrefused(items)
entries = [item for item in items if item['move']]
for item in items:
    entries += item.get('closed') or []
reconcile_items(entries)
for item in items:
    # A note is no reason to undo a booking.
    if attempt(announce, [item]):
        item['flags'].append('not_noted')
    finish(item)
action = answer()
