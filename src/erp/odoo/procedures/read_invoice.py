# read_invoice: {'v': 3, 'invoices': [ids], 'company': id or nothing, 'livemode', 'date': day or nothing} -> {'v',
# 'hash', 'uuid', 'invoices': [...]}; reads only. Ids that do not exist, that are no customer invoices, or that the user
# may not read are left out, and with a company also those whose books are another's.
found = external(setup_names())
home = home_of(found, env['res.company'].browse(q['company']) if q.get('company') in companies.ids else env.company)
if home and q.get('invoices'):
    held(stripe_of(home), q.get('account'), q.get('livemode'))
now = str(datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0, tzinfo=None))
today = q.get('date') or str(day_of(now, zone_of(home) if home else 'UTC'))
day = datetime.datetime.strptime(today, '%Y-%m-%d').date()
marked = 'x_quittance_customer' in env['res.partner']._fields


def asked(move):
    # What Odoo asks for on this day, the most fitting first: (kind, amount, last day). Money goes to the oldest
    # instalment first, so the next one is asked for only when none is overdue.
    currency = move.currency_id
    due = {}
    for line in receivable(move):
        if not line.reconciled:
            until = str(line.date_maturity or line.date)
            due[until] = due.get(until, 0.0) + line.amount_residual_currency
    got = []
    if len(due) > 1:
        late = 0.0
        for until in sorted(due):
            if until < today:
                late += due[until]
            elif not late and not got:
                got.append(('next', due[until], until))
        if late:
            got = [('overdue', late, None)]
    line = discount_line(move, currency, day)
    if line:
        got.append(('discounted', line.discount_amount_currency, str(line.discount_date)))
    told = []
    for kind, amount, until in got:
        if 0 < currency.round(amount) < move.amount_residual:
            told.append({'kind': kind, 'amount': show(amount, currency), 'until': until})
    return told + [{'kind': 'residual', 'amount': show(move.amount_residual, currency), 'until': None}]


def ours(move):
    return bool(home) and home.id in chain(move.company_id).ids


def invoice_data(move, created):
    currency = move.currency_id
    partner = move.partner_id
    commercial = move.commercial_partner_id or partner
    # What is paid on an invoice of other books would be credit in these.
    payable = move.state == 'posted' and ours(move)
    return {
        'id': move.id, 'number': move.name if move.name and move.name != '/' else '', 'payable': payable,
        'token': move.access_token or None, 'currency': currency.name, 'created': created,
        'total': show(move.amount_total, currency), 'residual': show(move.amount_residual, currency),
        'amounts': asked(move) if payable and move.amount_residual > 0 else [],
        'date': str(move.invoice_date) if move.invoice_date else None,
        'due': str(move.invoice_date_due) if move.invoice_date_due else None,
        'company': {'id': move.company_id.id, 'name': move.company_id.name},
        'payer': {
            'partner': partner.id or 0, 'commercial': commercial.id or 0,
            'name': partner.name or commercial.name or '',
            'email': partner.email_normalized or commercial.email_normalized or None, 'lang': partner.lang or None,
            'firm': {'name': commercial.name or partner.name or '', 'email': commercial.email_normalized or None},
            'customer': commercial['x_quittance_customer'] or None if marked else None},
        'payments': receivable(move).matched_credit_ids.credit_move_id.payment_id.ids}


env.cr.execute("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")
uuid = env.cr.fetchone()
# The search obeys the user's rules; what it found is then read without them, because a rule of its term, company or
# contact would fail the whole list.
moves = env['account.move'].search(
    [('id', 'in', q.get('invoices') or []), ('move_type', '=', 'out_invoice')], order='id').sudo()
rows = documents(moves.ids) if moves else {}
action = {
    'v': FORM, 'hash': QUITTANCE_HASH, 'uuid': uuid[0] if uuid else '',
    'owners': stripe_of(home)['owners'] if home else [],
    'invoices': [invoice_data(move, rows[move.id][3]) for move in moves if ours(move) or not q.get('company')]}
