# check: {'key': first characters of the API key} -> what doctor and the connection probe want to know; reads only, no totals
# over tables.
env.cr.execute("SELECT latest_version FROM ir_module_module WHERE name = 'base'")
version = '.'.join((env.cr.fetchone()[0] or '').split('.')[:2])
found = external(setup_names())
problems = []
ready = []
books = configured(found, env.company)
for company in companies:
    if configured(found, company):
        ready.append(company.id)
    elif found.get('journal_stripe_%s' % company.id) or found.get('account_clearing_%s' % company.id):
        problems.append('clearing_not_on_payment_method:%s' % company.id)
if not ready:
    problems.append('not_configured')
if 'partner_unallocated' not in found or not env['res.partner'].browse(found['partner_unallocated'][1]).exists():
    problems.append('partner_unallocated_missing')
# Accounts that entries of some kind would want; without one only these entries wait.
missing = []
for role in ROLES:
    if books and role not in ('advances', 'losses') and role not in books['accounts']:
        missing.append('%s_%s' % (role, books['company'].id))
# When the user's key ends that begins so: Odoo itself finds a key by its beginning. Keys of 17 never end.
key = None
if q.get('key'):
    if 'expiration_date' in env['res.users.apikeys']._fields:
        env.cr.execute('SELECT EXTRACT(EPOCH FROM expiration_date)::bigint FROM res_users_apikeys WHERE user_id = %s AND index = %s ORDER BY 1', [env.uid, q['key']])
    else:
        env.cr.execute('SELECT NULL FROM res_users_apikeys WHERE user_id = %s AND index = %s', [env.uid, q['key']])
    row = env.cr.fetchone()
    key = {'known': bool(row), 'ends': row[0] if row else None}
action = {
    'v': FORM, 'hash': QUITTANCE_HASH, 'version': version, 'db': env.cr.dbname, 'company': env.company.id, 'companies': sorted(ready),
    'journal': books['journal'].id if books else None, 'clearing': books['clearing'].id if books else None,
    'zone': books['zone'] if books else None, 'missing': missing, 'problems': problems, 'key': key,
}
