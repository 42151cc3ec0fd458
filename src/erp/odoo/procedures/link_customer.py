# link_customer: {'v': 2, 'links': [{'partner', 'account', 'customer'}]} -> {'v': FORM, 'hash', 'links': [{'partner', 'status'}]}
# Writes Stripe's customer id into one field of the contact, and ties it to the contact as record_payment looks for it.
# Contacts are not an Invoicing user's to write: hence sudo, for this field alone.
FIELD = 'x_quittance_customer'
marked = FIELD in env['res.partner']._fields


def is_id(text, prefix):
    # An id of Stripe's, which is all that may be written here.
    rest = text[len(prefix):]
    return text.startswith(prefix) and len(text) < 256 and rest.isascii() and rest.replace('_', '').isalnum()


def link(one):
    if not is_id(one['account'], 'acct_') or not is_id(one['customer'], 'cus_'):
        return 'refused'
    partner = env['res.partner'].sudo().browse(one['partner']).exists()
    if not partner:
        return 'gone'
    tie([('cus:%s:%s' % (one['account'], one['customer']), 'res.partner', partner.id)])
    if not marked:
        return 'no_field'
    if partner[FIELD] != one['customer']:
        partner.write({FIELD: one['customer']})
    return 'written'


links = sorted(q.get('links') or [], key=lambda one: one['partner'])
action = {'v': FORM, 'hash': QUITTANCE_HASH, 'links': [{'partner': one['partner'], 'status': link(one)} for one in links]}
