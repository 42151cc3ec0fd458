# How money is split over an invoice, for record_credit_note: set-up puts this text between the head and that procedure.
# All amounts are whole units of the invoice's currency.


def units(amount, currency):
    return int(round(currency.round(amount) / currency.rounding))


def worth(count, currency):
    return currency.round(count * currency.rounding)


def portion(count, of, whole):
    # count * of / whole, to the nearest.
    return (2 * count * of + whole) // (2 * whole)


def tax_key(repartition):
    # A tax and which of its repartition lines; the same for an invoice's and for its credit note's.
    of = (repartition.tax_id.refund_repartition_line_ids if repartition.document_type == 'refund'
        else repartition.tax_id.invoice_repartition_line_ids)
    return (repartition.tax_id.id, of.filtered(lambda line: line.repartition_type == 'tax').ids.index(repartition.id))


def taxes_of(move):
    # {tax key: units} of a document.
    got = {}
    for line in move.line_ids:
        if line.tax_repartition_line_id and line.display_type == 'tax':
            key = tax_key(line.tax_repartition_line_id)
            sign = -1 if move.move_type == 'out_invoice' else 1
            got[key] = got.get(key, 0) + sign * units(line.amount_currency, move.currency_id)
    return got


def part(line, price):
    return {
        'line': line, 'price': price, 'left': price, 'taxes': line.tax_ids, 'seen': {}, 'name': line.name or '',
        'quantity': line.quantity if line.display_type == 'product' else 1.0,
        'fixed': any(tax.amount_type == 'fixed' for tax in line.tax_ids.flatten_taxes_hierarchy()),
        'key': (line.product_id.id, line.account_id.id, tuple(line.tax_ids.ids), str(line.analytic_distribution or ''),
                line.name or '')}


def price_of(line):
    # In units, with the taxes that the price includes: of the whole prices near the line's that which has its base.
    inside = any(tax.price_include for tax in line.tax_ids.flatten_taxes_hierarchy())
    if not inside:
        return units(line.price_subtotal, line.currency_id)
    price = units(line.price_unit * line.quantity * (1 - line.discount / 100.0), line.currency_id)
    for near in (price, price + 1, price - 1):
        base, taxes = counted(line.tax_ids, near, 1.0, 0, line)
        total = base + sum(whole(taxes, line.currency_id).values())
        if [base, total] == [units(line.price_subtotal, line.currency_id), units(line.price_total, line.currency_id)]:
            return near
    return price


def discounts(move):
    # The lines by which its payments took an early-payment discount, taxes aside.
    account = move.company_id.account_journal_early_pay_discount_loss_account_id
    paid = receivable(move).matched_credit_ids.credit_move_id.move_id
    return (paid.line_ids.filtered_domain([('account_id', '=', account.id), ('tax_line_id', '=', False)]) if account
        else env['account.move.line'])


def parts_of(move):
    # The lines to be credited, the price of each after its discount, with the taxes that are included in it.
    parts = []
    for line in move.line_ids.sorted(lambda line: (line.sequence, line.id)):
        if line.display_type == 'product':
            parts.append(part(line, price_of(line)))
        elif line.display_type == 'rounding':
            parts.append(dict(part(line, -units(line.amount_currency, move.currency_id)), taxes=env['account.tax']))
    for line in discounts(move):
        parts.append(part(line, -units(line.amount_currency, move.currency_id)))
    return parts


def earlier_notes(move):
    return env['account.move'].search([('reversed_entry_id', '=', move.id), ('move_type', '=', 'out_refund'),
        ('state', '!=', 'cancel')], order='id')


def plan_of(move):
    # What is left to credit of an invoice: its parts, taxes and total, less the credit notes that there are.
    plan = {'move': move, 'parts': parts_of(move), 'taxes': taxes_of(move),
        'total': units(move.amount_total, move.currency_id), 'earlier': earlier_notes(move)}
    lines = discounts(move)
    for line in lines.move_id.line_ids:
        if line.tax_repartition_line_id:
            key = tax_key(line.tax_repartition_line_id)
            plan['taxes'][key] = plan['taxes'].get(key, 0) - units(line.amount_currency, move.currency_id)
            plan['total'] -= units(line.amount_currency, move.currency_id)
    plan['total'] -= units(sum(lines.mapped('amount_currency')), move.currency_id)
    plan['discounted'] = bool(lines)
    term = move.invoice_payment_term_id
    plan['less'] = (term.discount_percentage if term.early_discount and term.early_pay_discount_computation == 'mixed'
        else 0)
    for note in plan['earlier']:
        plan['total'] -= units(note.amount_total, move.currency_id)
        credited = taxes_of(note)
        for key in credited:
            plan['taxes'][key] = plan['taxes'].get(key, 0) - credited[key]
        taken = set()
        for line in note.invoice_line_ids:
            if line.display_type == 'product':
                take(plan['parts'], part(line, price_of(line)), taken)
    return plan


def take(parts, credited, taken):
    # Of the first part of the same kind that this note has not met yet; else of all with the same
    # taxes, else of all, by size.
    for at, one in enumerate(parts):
        if at not in taken and one['key'] == credited['key']:
            taken.add(at)
            one['left'] -= credited['price']
            one['quantity'] -= credited['quantity'] if one['fixed'] else 0
            return
    alike = []
    for one in parts:
        if one['taxes'] == credited['taxes']:
            alike.append(one)
    alike = alike if sum([one['left'] for one in alike]) else parts
    whole = sum([one['left'] for one in alike])
    rest = credited['price']
    for one in alike:
        share = rest if one is alike[-1] else portion(credited['price'], one['left'], whole) if whole else 0
        one['left'] -= share
        rest -= share


def counted(taxes, price, quantity, less, line):
    # Base and taxes ({key: units, exact where the whole document is rounded}) of a price, as Odoo computes
    # them; `less` percent of it are not taxed. Where lines are rounded, base and included taxes make the price:
    # Odoo 19 rounds neither here.
    currency = line.currency_id
    each = line.company_id.tax_calculation_rounding_method == 'round_per_line'
    got = {}
    inside = 0
    computed = taxes.compute_all(
        worth(price, currency) * (1 - less / 100.0) / quantity, currency=currency, quantity=quantity,
        product=line.product_id, partner=line.move_id.partner_id, is_refund=True)
    for tax in computed['taxes']:
        key = tax_key(env['account.tax.repartition.line'].browse(tax['tax_repartition_line_id']))
        amount = units(tax['amount'], currency) if each else tax['amount'] / currency.rounding
        got[key] = got.get(key, 0) + amount
        inside += amount if tax['price_include'] else 0
    if less:
        return price, got
    return price - inside if each else units(computed['total_excluded'], currency), got


def taxed(one, price, less):
    # Base and taxes of one part at a price.
    if price not in one['seen']:
        quantity = one['quantity'] * price / one['left'] if one['fixed'] and one['left'] else 1.0
        one['seen'][price] = (counted(one['taxes'], price, quantity, less, one['line']) if one['taxes'] and price
            else (price, {}))
    return one['seen'][price]


def whole(exact, currency):
    got = {}
    for key in exact:
        got[key] = units(exact[key] * currency.rounding, currency)
    return got


def computed(parts, prices, move, less):
    # Base and taxes of all parts together, in whole units.
    base = 0
    exact = {}
    for one, price in zip(parts, prices):
        some = taxed(one, price, less)
        base += some[0]
        for key in some[1]:
            exact[key] = exact.get(key, 0) + some[1][key]
    return base, whole(exact, move.currency_id)


def rest_of(plan, prices):
    # What is left after these prices, as Odoo would compute it: base and taxes.
    rest = []
    for one, price in zip(plan['parts'], prices):
        rest.append(one['left'] - price)
    return computed(plan['parts'], rest, plan['move'], plan['less'])


def bounds(plan, after, own):
    # {key: (least, most, strain)} of each tax: at most a unit from Odoo's own, now and for what is left afterwards;
    # `strain` says by how much that cannot be. Where Odoo counts none there is no tax line to move.
    got = {}
    for key in set(own) | set(plan['taxes']) | set(after):
        now = own.get(key, 0)
        then = after.get(key, 0)
        left = plan['taxes'].get(key, 0) - then
        least = max(now - 1 if now else 0, left - 1 if then else left)
        most = min(now + 1 if now else 0, left + 1 if then else left)
        if least <= most:
            got[key] = (least, most, 0)
        elif not now:
            got[key] = (0, 0, least - most)
        else:
            got[key] = (now, now + 1, least - most) if left > now else (now - 1, now, least - most)
    return got


def miss(plan, prices, amount):
    # How far these prices are from a credit note of this amount; 0 when there is one, and one of the rest.
    base, own = computed(plan['parts'], prices, plan['move'], plan['less'])
    after = rest_of(plan, prices)
    within = bounds(plan, after[1], own)
    least = most = strain = 0
    for key in within:
        least += within[key][0]
        most += within[key][1]
        strain += within[key][2]
    total = plan['total'] - sum(plan['taxes'].values())
    return strain + 3 * max(0, least - (amount - base), (amount - base) - most) + abs(base + after[0] - total)


def split(plan, amount):
    # The price of each part for a credit note of this amount.
    if amount == plan['total']:
        return [one['left'] for one in plan['parts']]
    prices = []
    order = []
    for at, one in enumerate(plan['parts']):
        prices.append(one['left'] * amount // plan['total'])
        order.append((-(one['left'] * amount % plan['total']), at))
    short = portion(sum([one['left'] for one in plan['parts']]), amount, plan['total']) - sum(prices)
    for place in sorted(order)[:short]:
        prices[place[1]] += 1
    best = miss(plan, prices, amount)
    while best:
        choice = None
        for move in moves_of(len(prices)):
            apply(prices, move, 1)
            now = miss(plan, prices, amount)
            apply(prices, move, -1)
            if now < best:
                best = now
                choice = move
        if not choice:
            break
        apply(prices, choice, 1)
    return prices


def moves_of(count):
    # What may be tried: some units more or less of one price, or some from one to another: [(place, units), …].
    got = []
    for shift in (1, -1, 2, -2, 3, -3, 5, -5, 8, -8):
        for at in range(count):
            got.append([(at, shift)])
            for other in range(count if count <= 12 else 0):
                if other != at:
                    got.append([(at, shift), (other, -shift)])
    return got


def apply(prices, move, sign):
    for at, shift in move:
        prices[at] += sign * shift


def spread(within, own, need):
    # The tax amounts: Odoo's own, moved within their bounds until they make the sum that is needed.
    got = {}
    for key in within:
        got[key] = min(max(own.get(key, 0), within[key][0]), within[key][1])
    for key in sorted(within):
        step = need - sum(got.values())
        got[key] = min(max(got[key] + step, within[key][0]), within[key][1])
    return got
