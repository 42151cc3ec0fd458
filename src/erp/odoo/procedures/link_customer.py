# link_customer: {'v': 3, 'company': id or nothing, 'livemode', 'links': [{'partner', 'account', 'customer'}]} -> {'v',
# 'hash', 'links': [{'partner', 'status'}]}. Writes Stripe's customer id into one field of the contact, and ties it to
# the contact as record_payment looks for it. Contacts are not an Invoicing user's to write: hence sudo, for this field
# of contacts of the user's companies alone.
FIELD = 'x_quittance_customer'
marked = FIELD in env['res.partner']._fields


def link(one, use):
    if not is_id(one['account'], 'acct_') or not is_id(one['customer'], 'cus_'):
        return 'refused'
    held(use, one['account'], q.get('livemode'))
    partner = env['res.partner'].sudo().browse(one['partner']).exists()
    if not partner:
        return 'gone'
    if partner.company_id and partner.company_id not in companies:
        return 'gone'
    tie([('cus:%s:%s' % (one['account'], one['customer']), 'res.partner', partner.id)])
    if not marked:
        return 'no_field'
    if partner[FIELD] != one['customer']:
        partner.write({FIELD: one['customer']})
    return 'written'


def link_all():
    found = external(setup_names())
    company = env['res.company'].browse(q.get('company') or env.company.id)
    home = home_of(found, company) if company in companies else None
    if not home:
        not_configured(company.id)
    told = []
    for one in sorted(q['links'], key=lambda one: one['partner']):
        told.append({'partner': one['partner'], 'status': link(one, stripe_of(home))})
    return told


action = {'v': FORM, 'hash': QUITTANCE_HASH, 'links': link_all() if q.get('links') else []}
