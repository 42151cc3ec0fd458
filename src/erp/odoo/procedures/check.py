# check: {'v': 3, 'key': first characters of the API key, 'company': id or nothing, 'account', 'livemode'} -> what
# doctor and the connection probe want to know; reads only, no totals over tables.
env.cr.execute("SELECT latest_version FROM ir_module_module WHERE name = 'base'")
version = '.'.join((env.cr.fetchone()[0] or '').split('.')[:2])
found = external(setup_names())
problems = []
ready = []
own = env['res.company'].browse(q['company']) if q.get('company') in companies.ids else env.company
books = configured(found, own)
for company in companies:
    if configured(found, company):
        ready.append(company.id)
    elif company.id in FAULTS:
        problems.append(FAULTS[company.id])
    elif found.get('journal_stripe_%s' % company.id) or found.get('account_clearing_%s' % company.id):
        problems.append('clearing_not_on_payment_method:%s' % company.id)
if not ready and not problems:
    problems.append('not_configured')
if not record_at('res.partner', found.get('partner_unallocated')):
    problems.append('partner_unallocated_missing')
if books:
    try:
        # Set-up and doctor may not know the mode.
        held(books, q.get('account'), books['mode'] == 'live' if q.get('livemode') is None else q['livemode'])
    except UserError as error:
        problems.append(str(error).replace('quittance:', '').replace('not_configured:', ''))
# Accounts that entries of some kind would want; without one only these entries wait.
missing = []
for role in ROLES:
    if books and role not in ('advances', 'losses') and role not in books['accounts']:
        missing.append('%s_%s' % (role, books['company'].id))
# Procedures that others may call than the members of the one group.
env.cr.execute(
    "SELECT name, res_id FROM ir_model_data WHERE module = 'quittance' AND model = 'ir.actions.server'"
    " AND name LIKE 'proc!_%%' ESCAPE '!' ORDER BY name")
opened = []
groups = 'group_ids' if 'group_ids' in env['ir.actions.server']._fields else 'groups_id'
for name, action_id in env.cr.fetchall():
    if env['ir.actions.server'].sudo().browse(action_id).exists()[groups] != env.ref('quittance.group_worker').sudo():
        opened.append(name)
# When the user's key ends that begins so: Odoo itself finds a key by its beginning. Keys of 17 never end.
key = None
if q.get('key'):
    if 'expiration_date' in env['res.users.apikeys']._fields:
        env.cr.execute(
            'SELECT EXTRACT(EPOCH FROM expiration_date)::bigint FROM res_users_apikeys'
            ' WHERE user_id = %s AND index = %s ORDER BY 1', [env.uid, q['key']])
    else:
        env.cr.execute('SELECT NULL FROM res_users_apikeys WHERE user_id = %s AND index = %s', [env.uid, q['key']])
    row = env.cr.fetchone()
    key = {'known': bool(row), 'ends': row[0] if row else None}
action = {
    'v': FORM, 'hash': QUITTANCE_HASH, 'version': version, 'db': env.cr.dbname, 'company': env.company.id,
    'companies': sorted(ready), 'journal': books['journal'].id if books else None,
    'clearing': books['clearing'].id if books else None, 'zone': books['zone'] if books else None, 'missing': missing,
    'problems': problems, 'key': key, 'opened': opened,
    'stripe': {'mode': books['mode'], 'accounts': books['owners']} if books else None,
}
