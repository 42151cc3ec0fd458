# show_alerts: {'v': 3, 'at', 'company': id or None, 'livemode', 'user': login or None, 'alerts': [{'id', 'summary',
# 'what', 'todo'}], 'over': [id]} -> {'v', 'hash', 'found', 'alerts': [{'id', 'status'}]}; docs/ODOO.md has the
# fields. What wants a person is an activity of a user on the Stripe journal: one for each alert, written anew while
# it lasts, done when it is over. An Invoicing user may not write journals, hence the sudo; nothing but such
# activities can be made by it.
opened = q.get('alerts') or []
over = q.get('over') or []


def alert_name(home, alert):
    return 'alert_%s_%s' % (home.id, alert)


def escaped(text):
    for mark, word in (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;'), ('"', '&quot;'), ("'", '&#39;')):
        text = text.replace(mark, word)
    return text


def standing_activity(use, row):
    # None when a person has done or deleted it; one that is done may be kept, archived. Never one of another record.
    activity = record_at('mail.activity', row).sudo()
    ours = (activity and activity.active and activity.res_model == 'account.journal'
        and activity.res_id == use['journal'].id)
    return activity if ours else None


def assignee(use):
    # Whoever is named, else whoever made the journal; None when nobody of the company is that.
    if q.get('user'):
        user = env['res.users'].sudo().search([('login', '=', q['user'])], limit=1)
    else:
        user = use['journal'].sudo().create_uid
    return user if user.active and not user.share and use['company'] in user.company_ids else None


def show_one(use, alert, row, user):
    texts = {'summary': alert['summary'], 'note': escaped(alert['what'] + ' ' + alert['todo'])}
    activity = standing_activity(use, row)
    if activity:
        activity.write(texts)
        return 'updated'
    activity = use['journal'].sudo().with_context(mail_activity_quick_update=True).activity_schedule(
        'mail.mail_activity_data_todo', date_deadline=day_of(q['at'], use['zone']), user_id=user.id, **texts)
    # A twin at the same moment fails here, is run again and finds it.
    tie([(alert_name(use['company'], alert['id']), 'mail.activity', activity.id)])
    return 'opened'


def close_one(use, alert, row):
    activity = standing_activity(use, row)
    if activity:
        activity.action_feedback(feedback='This is over.')
    unclaim(alert_name(use['company'], alert))
    return 'closed' if activity else 'gone'


def show_all():
    found = external(setup_names())
    company = env['res.company'].browse(q.get('company') or env.company.id)
    home = home_of(found, company) if company in companies else None
    row = found.get('journal_stripe_%s' % home.id) if home else None
    journal = record_at('account.journal', row).sudo()
    if not journal:
        not_configured(company.id)
    # A fault of the books is among what there is to show: only whose they are must be right.
    use = dict(stripe_of(home), journal=journal, zone=zone_of(home))
    held(use, q.get('account'), q.get('livemode'))
    names = []
    for alert in opened:
        names.append(alert_name(use['company'], alert['id']))
    for alert in over:
        names.append(alert_name(use['company'], alert))
    rows = external(names)
    user = assignee(use)
    told = []
    for alert in opened:
        told.append({'id': alert['id'],
            'status': show_one(use, alert, rows.get(alert_name(use['company'], alert['id'])), user or env.user)})
    for alert in over:
        told.append({'id': alert, 'status': close_one(use, alert, rows.get(alert_name(use['company'], alert)))})
    return {'v': FORM, 'hash': QUITTANCE_HASH, 'found': bool(user), 'alerts': told}


action = show_all() if opened or over else {'v': FORM, 'hash': QUITTANCE_HASH}
