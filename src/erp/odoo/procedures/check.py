# check: {} -> what doctor and the connection probe want to know; reads only, no totals over tables.
env.cr.execute("SELECT latest_version FROM ir_module_module WHERE name = 'base'")
version = '.'.join((env.cr.fetchone()[0] or '').split('.')[:2])
found = external(setup_names())
problems = []
ready = []
first = None
for company in companies:
    got = configured(found, company)
    if got:
        ready.append(company.id)
        first = first or got
        if company == env.company:
            first = got
    elif found.get('journal_stripe_%s' % company.id) or found.get('account_clearing_%s' % company.id):
        problems.append('clearing_not_on_payment_method:%s' % company.id)
if not ready:
    problems.append('not_configured')
if 'partner_unallocated' not in found or not env['res.partner'].browse(found['partner_unallocated'][1]).exists():
    problems.append('partner_unallocated_missing')
action = {
    'v': 1, 'hash': QUITTANCE_HASH, 'version': version, 'db': env.cr.dbname, 'company': env.company.id, 'companies': sorted(ready),
    'journal': first['journal'].id if first else None, 'clearing': first['clearing'].id if first else None, 'problems': problems,
}
