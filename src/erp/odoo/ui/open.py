# The button "Pay with Stripe" on a customer invoice: opens its pay page in the way that quittance.odoo_ui names.
lang = (env.context.get('lang') or env.user.lang or 'en')[:2]
texts = {
    'en': {
        'title': "Pay %s",
        'paid': "The payment is in the books.",
        'waiting': "The payment succeeded. It will be in the books in a moment.",
        'tab': "Open the pay page in a new tab",
        'off': "Paying by Stripe is switched off in this database."
               " An administrator switches it on with 'quittance odoo-ui'.",
        'nothing': "This can only be paid as a posted customer invoice with an amount due.",
        'group': "Only users of Invoicing may open the pay page.",
    },
    'fr': {
        'title': "Payer %s",
        'paid': "Le paiement est comptabilisé.",
        'waiting': "Le paiement a réussi. Il sera comptabilisé dans un instant.",
        'tab': "Ouvrir la page de paiement dans un nouvel onglet",
        'off': "Le paiement par Stripe est désactivé dans cette base."
               " Un administrateur l'active avec 'quittance odoo-ui'.",
        'nothing': "Seule une facture client comptabilisée avec un montant dû peut être payée.",
        'group': "Seuls les utilisateurs de la facturation peuvent ouvrir la page de paiement.",
    },
    'de': {
        'title': "%s bezahlen",
        'paid': "Die Zahlung ist gebucht.",
        'waiting': "Die Zahlung war erfolgreich. Sie wird gleich gebucht.",
        'tab': "Die Zahlungsseite in einem neuen Tab öffnen",
        'off': "Zahlen mit Stripe ist in dieser Datenbank abgeschaltet."
               " Ein Administrator schaltet es mit 'quittance odoo-ui' ein.",
        'nothing': "Nur eine gebuchte Kundenrechnung mit offenem Betrag kann bezahlt werden.",
        'group': "Nur Benutzer der Rechnungsstellung dürfen die Zahlungsseite öffnen.",
    },
    'es': {
        'title': "Pagar %s",
        'paid': "El pago está contabilizado.",
        'waiting': "El pago se ha realizado. Se contabilizará en un momento.",
        'tab': "Abrir la página de pago en una pestaña nueva",
        'off': "El pago con Stripe está desactivado en esta base de datos."
               " Un administrador lo activa con 'quittance odoo-ui'.",
        'nothing': "Solo se puede pagar una factura de cliente publicada con un importe pendiente.",
        'group': "Solo los usuarios de facturación pueden abrir la página de pago.",
    },
}
say = texts.get(lang) or texts['en']
if not env.user.has_group('account.group_account_invoice'):
    raise UserError(say['group'])
mode = env['ir.config_parameter'].sudo().get_param('quittance.odoo_ui')
if mode not in ('asset', 'frame', 'tab'):
    raise UserError(say['off'])
link = quittance_link(record) if record and len(record) == 1 else None
if not link:
    raise UserError(say['nothing'])
title = say['title'] % record.name
if mode == 'asset':
    action = {
        'type': 'ir.actions.client',
        'tag': 'quittance_pay',
        'name': title,
        'params': {
            'url': link,
            'title': title,
            'paid_message': say['paid'],
            'waiting_message': say['waiting'],
            'tab_label': say['tab'],
        },
    }
elif mode == 'frame':
    action = {
        'type': 'ir.actions.act_window',
        'name': title,
        'res_model': 'account.move',
        'res_id': record.id,
        'view_mode': 'form',
        'views': [[env.ref('quittance.ui_frame').id, 'form']],
        'target': 'new',
        'context': {'quittance_frame': True, 'dialog_size': 'medium'},
    }
else:
    action = {'type': 'ir.actions.act_url', 'url': link, 'target': 'new'}
