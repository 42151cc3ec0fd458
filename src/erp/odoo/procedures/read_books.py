# read_books: what the books say of Stripe's movements; reads only.
# {'v', 'account': 'acct_…', 'livemode', 'company': id or nothing, 'keys': [[key, instant in UTC], ...], 'at':
# day or nothing, 'since': day or nothing, 'totals': whether they are wanted, 'after': key or nothing, 'most':
# the longest list} -> {'v', 'hash', 'company', 'zone', 'today', 'book_from', 'entries', 'totals', 'strays'};
# without an account only the hash. Sums over thousands of lines are SQL, which no record rule guards: the
# companies are held to the user's here.
FOR_EVER = '9999-12-31'
at = q.get('at') or FOR_EVER
most = q.get('most') or 500


def rows(sql, values):
    env.cr.execute(sql, values)
    return env.cr.fetchall()


def holder(company):
    # The company that has the Stripe journal: this one, or the nearest above it.
    for one in chain(company):
        if external(['journal_stripe_%s' % one.id]):
            return one
    return env['res.company']


def balance_accounts():
    # {account: (its currency, whether that is the company's own)} of the Stripe journals, one a settlement currency.
    got = {}
    for code in ['own'] + sorted(codes):
        at_journal = found.get('journal_stripe_%s' % home.id if code == 'own'
            else 'journal_stripe_%s_%s' % (home.id, code))
        account = (env['account.journal'].sudo().browse(at_journal[1]).exists().default_account_id if at_journal
            else None)
        if account and account.id in got:
            raise UserError('quittance:balance_account_shared: %s is the balance account of two settlement currencies'
                % account.display_name)
        if account:
            got[account.id] = ((home.currency_id.id, True) if code == 'own'
                else (codes[code], codes[code] == home.currency_id.id))
    return got


def summed(currency, amount, value):
    return {'currency': names[currency], 'amount': show(float(amount or 0), currencies[currency]),
        'value': show(float(value or 0), home.currency_id)}


def dated(move, got):
    # A move's number, state and date beside what is known of it.
    return dict(got, id=move[0], name='' if move[1] in (None, '/') else move[1], state=move[2], date=str(move[3]))


def moves(ids):
    got = {}
    for move in rows('SELECT id, name, state, date FROM account_move WHERE id IN %s AND company_id IN %s',
            [tuple(ids) or (0,), family]):
        got[move[0]] = move
    return got


def of_moves(ids):
    # {move: [its sums on the balance accounts]}, posted or not.
    got = {}
    for move, currency, amount, value in rows('SELECT l.move_id, a.currency, sum(' + AMOUNT + '), sum(l.balance) FROM '
            + BALANCE + ' WHERE l.move_id IN %s AND l.company_id IN %s GROUP BY 1, 2 ORDER BY 1, 2',
            [tuple(ids) or (0,), family]):
        got.setdefault(move, []).append(summed(currency, amount, value))
    return got


def entries(asked):
    # What became of each key: in the order asked, with the day that the company's zone makes of its instant.
    keys = []
    instants = set()
    for key, instant in asked:
        keys += [key, key + '__record']
        instants.add(instant)
    there = external(keys)
    records = {'account.move': [], 'account.payment': []}
    for key, _instant in asked:
        model, record = there.get(key + '__record') or (None, None)
        records.setdefault(model, []).append(record)
    booked = {'account.move': moves(records['account.move']), 'account.payment': {}}
    for payment in env['account.payment'].sudo().search([('id', 'in', records['account.payment']),
            ('company_id', 'in', family)]):
        booked['account.payment'][payment.id] = (payment.id, payment.name, payment.state, payment.date)
    sums = of_moves(records['account.move'])
    days = dict(
        rows("SELECT t, ((t::timestamp AT TIME ZONE 'UTC') AT TIME ZONE %s)::date::text FROM unnest(%s::text[]) t",
        [zone, list(instants)]))
    got = []
    for key, instant in asked:
        model, record = there.get(key + '__record') or (None, None)
        one = {'key': key, 'claim': key in there, 'intended': days.get(instant), 'model': model, 'id': record,
            'name': None, 'state': None, 'date': None, 'sums': sums.get(record, []) if model == 'account.move' else []}
        move = booked.get(model, {}).get(record)
        got.append(dated(move, one) if move else one)
    return got


def lines():
    # The posted lines of the balance accounts up to the day; `key` is that of a balance transaction's entry.
    return """WITH b AS (SELECT l.id, l.move_id, l.payment_id, l.name, l.date, a.currency, %s AS amount,
            l.balance AS value, (SELECT min(d.name) FROM ir_model_data d WHERE d.module = 'quittance'
                AND d.model = 'account.move' AND d.res_id = l.move_id AND right(d.name, 16) = ':settled__record') AS key
        FROM %s WHERE l.company_id IN %%s AND l.parent_state = 'posted' AND l.date <= %%s) """ % (AMOUNT, BALANCE)


def parts(openings):
    # Whose the balance accounts' lines are: of which Stripe account, the opening's, or foreign.
    got = []
    for currency, whose, count, amount, value, moved, moved_value in rows(
            lines() + """SELECT currency, CASE WHEN move_id IN %s THEN 'opening' WHEN key IS NULL THEN 'foreign'
                ELSE split_part(key, ':', 2) END, count(DISTINCT move_id), sum(amount), sum(value),
            sum(amount) FILTER (WHERE date >= %s), sum(value) FILTER (WHERE date >= %s)
            FROM b GROUP BY 1, 2 ORDER BY 1, 2""", [family, at, openings, since, since]):
        got.append({'whose': whose, 'moves': count, 'sum': summed(currency, amount, value),
            'moved': summed(currency, moved, moved_value)})
    return got


def foreign(openings):
    # Moves there that are neither a balance transaction's entry nor the opening, the newest first; with the
    # key of another booking of ours.
    got = []
    for one in rows(
            lines() + """SELECT m.id, m.name, m.state, m.date, b.currency, sum(b.amount), sum(b.value), m.ref,
            min(p.name), min(b.name), array_agg(b.id ORDER BY b.id),
            (SELECT min(d.name) FROM ir_model_data d
            WHERE d.module = 'quittance' AND right(d.name, 8) = '__record' AND (
                (d.model = 'account.move' AND d.res_id = m.id)
                OR (d.model = 'account.payment' AND d.res_id = min(b.payment_id))))
            FROM b JOIN account_move m ON m.id = b.move_id
            LEFT JOIN res_users u ON u.id = m.create_uid LEFT JOIN res_partner p ON p.id = u.partner_id
            WHERE b.key IS NULL AND m.id NOT IN %s GROUP BY m.id, m.name, m.state, m.date, m.ref, b.currency
            ORDER BY m.date DESC, m.id DESC LIMIT %s""",
            [family, at, openings, most]):
        got.append(dated(one, {'sum': summed(one[4], one[5], one[6]), 'ref': one[7] or '', 'by': one[8] or '',
            'label': one[9] or '', 'lines': one[10], 'key': plain_key(one[11])}))
    return got


def plain_key(name):
    return name[:-8] if name else None


def residual():
    # SQL of what is open of a line in its currency and in value, and the joins it needs. On a past day what was
    # reconciled after it is open still.
    if at == FOR_EVER:
        return 'l.amount_residual_currency', 'l.amount_residual', ''
    joins = ''
    for side in ('debit', 'credit'):
        joins += """ LEFT JOIN LATERAL (SELECT sum(p.amount) AS value, sum(p.%s_amount_currency) AS amount
            FROM account_partial_reconcile p
            WHERE p.%s_move_id = l.id AND p.max_date <= '%s') %s ON true""" % (side, side, day, side)
    return ('l.amount_currency - COALESCE(debit.amount, 0) + COALESCE(credit.amount, 0)',
            'l.balance - COALESCE(debit.value, 0) + COALESCE(credit.value, 0)', joins)


def open_items(account):
    # The open lines of an account, the oldest first, and all of them by day.
    amount, value, joins = residual()
    of = """FROM account_move_line l%s WHERE l.account_id = %%s AND l.company_id IN %%s
        AND l.parent_state = 'posted' AND l.date <= %%s AND (%s != 0 OR %s != 0)""" % (joins, amount, value)
    got = []
    for one in rows(
            """SELECT x.move, m.name, m.state, x.date, x.currency, x.amount, x.value, x.line, p.name, x.label, (
                SELECT min(d.name) FROM ir_model_data d
                WHERE d.module = 'quittance' AND right(d.name, 8) = '__record' AND (
                    (d.model = 'account.move' AND d.res_id = x.move)
                    OR (d.model = 'account.payment' AND d.res_id = x.payment)))
            FROM (SELECT l.move_id AS move, l.date, l.currency_id AS currency, %s AS amount, %s AS value, l.id AS line,
                l.name AS label, l.payment_id AS payment, l.partner_id AS partner %s
                ORDER BY l.date, l.id LIMIT %%s) x
            JOIN account_move m ON m.id = x.move LEFT JOIN res_partner p ON p.id = x.partner
            ORDER BY x.date, x.line""" % (amount, value, of), [account.id, family, at, most]):
        got.append(dated(one, {'sum': summed(one[4], one[5], one[6]), 'line': one[7], 'partner': one[8] or '',
            'label': one[9] or '', 'key': plain_key(one[10])}))
    days = []
    for one in rows('SELECT l.date, count(*), sum(%s) %s GROUP BY 1 ORDER BY 1' % (value, of),
            [account.id, family, at]):
        days.append({'date': str(one[0]), 'count': one[1], 'value': show(float(one[2]), home.currency_id)})
    return got, days


def role(name, account):
    sums = []
    for currency, amount, value, moved, moved_value in rows(
            """SELECT currency_id, sum(amount_currency), sum(balance),
            sum(amount_currency) FILTER (WHERE date >= %s), sum(balance) FILTER (WHERE date >= %s)
            FROM account_move_line WHERE account_id = %s AND company_id IN %s AND parent_state = 'posted' AND date <= %s
            GROUP BY 1 ORDER BY 1""",
            [since, since, account.id, family, at]):
        sums.append({'sum': summed(currency, amount, value), 'moved': summed(currency, moved, moved_value)})
    got, days = open_items(account) if account.reconcile else ([], [])
    return {'role': name, 'id': account.id, 'code': account.code or '', 'name': account.name,
        'reconcile': account.reconcile, 'sums': sums, 'open': got, 'days': days}


def totals():
    ids = []
    openings = []
    for code in sorted(codes):
        at_move = found.get('opening_%s_%s' % (home.id, code))
        if at_move:
            ids.append(at_move[1])
            own = of_moves([at_move[1]]).get(at_move[1], [])
            for move in moves([at_move[1]]).values():
                openings.append(dated(move, {'currency': names[codes[code]], 'sums': own}))
    balance = []
    roles = []
    for account in env['account.account'].sudo().with_company(home).browse(list(accounts)):
        balance.append({'currency': names[accounts[account.id][0]], 'id': account.id, 'code': account.code or '',
            'name': account.name})
    for name in ROLES:
        at_account = found.get('account_%s_%s' % (name, home.id))
        ids_of = [at_account[1]] if at_account else []
        for account in env['account.account'].sudo().with_company(home).browse(ids_of).exists():
            roles.append(role(name, account))
    return {'balance': balance, 'parts': parts(tuple(ids) or (0,)), 'openings': openings,
        'foreign': foreign(tuple(ids) or (0,)), 'roles': roles}


def strays(key):
    # The next entries of this Stripe account's balance transactions in the order of their keys, for those that were not
    # asked for.
    head = 'stripe:%s:' % q['account']
    got = []
    for one in rows("""SELECT m.id, m.name, m.state, m.date, d.name FROM ir_model_data d
            JOIN account_move m ON m.id = d.res_id AND m.company_id IN %s
            WHERE d.module = 'quittance' AND d.model = 'account.move' AND left(d.name, %s) = %s
                AND right(d.name, 16) = ':settled__record' AND d.name > %s
            ORDER BY d.name LIMIT %s""", [family, len(head), head, key, most]):
        got.append(dated(one, {'key': plain_key(one[4])}))
    sums = of_moves([one['id'] for one in got])
    for one in got:
        one.update(sums=sums.get(one['id'], []))
    return got


action = {'v': FORM, 'hash': QUITTANCE_HASH}
if q.get('account'):
    home = holder(env['res.company'].sudo().browse(q.get('company') or env.company.id).exists())
    if home not in companies:
        raise UserError('quittance:not_configured:journal_stripe: no company of this user has the Stripe journal')
    held(stripe_of(home), q['account'], q.get('livemode'))
    family = tuple(env['res.company'].sudo().with_context(active_test=False).search([('id', 'child_of', home.id)]).ids)
    currencies = {}
    names = {}
    codes = {}
    for currency in env['res.currency'].sudo().with_context(active_test=False).search([]):
        currencies[currency.id] = currency
        names[currency.id] = currency.name
        codes[currency.name.lower()] = currency.id
    found = external(['journal_stripe_%s' % home.id] + ['journal_stripe_%s_%s' % (home.id, code) for code in codes]
        + ['opening_%s_%s' % (home.id, code) for code in codes] + ['account_%s_%s' % (name, home.id) for name in ROLES])
    accounts = balance_accounts()
    BALANCE = 'account_move_line l JOIN (VALUES %s) AS a(id, currency, own) ON a.id = l.account_id' % ', '.join(
        ['(%s, %s, %s)' % (one, accounts[one][0], accounts[one][1]) for one in accounts] or ['(0, 0, true)'])
    # In the account's own currency; a line in yet another currency has only company value there.
    AMOUNT = 'CASE WHEN a.own THEN l.balance WHEN l.currency_id = a.currency THEN l.amount_currency ELSE 0 END'
    stored = env['ir.config_parameter'].sudo().get_param
    zone = zone_of(home)
    day = str(datetime.datetime.strptime(at, '%Y-%m-%d').date())
    since = q.get('since') or '0001-01-01'
    today = rows('SELECT (now() AT TIME ZONE %s)::date::text', [zone])[0][0]
    action.update(company={'id': home.id, 'name': home.name, 'currency': home.currency_id.name}, zone=zone, today=today,
                  book_from=stored('quittance.book_from') or None, entries=entries(q.get('keys') or []))
    if q.get('totals'):
        action.update(totals=totals())
    if q.get('after') is not None:
        action.update(strays=strays(q['after']))
