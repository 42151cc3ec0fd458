def quittance_link(move):
    # The pay page of one invoice, None where there is nothing to pay. One function without helpers: Odoo runs the
    # code of a computed field in a place where functions do not see each other.
    settings = move.env['ir.config_parameter'].sudo()
    origin = (settings.get_param('quittance.pay_url') or '').strip().rstrip('/')
    if not (origin + ':').startswith(('https://', 'http://127.0.0.1:', 'http://localhost:')):
        return None
    for char in origin:
        if not char.isalnum() and char not in ':/.-_[]':
            return None
    if move.move_type != 'out_invoice' or move.state != 'posted' or move.amount_residual <= 0:
        return None
    link = '%s/pay/%s' % (origin, move.id)
    mark = '?'
    lang = (move.env.lang or '')[:2]
    for name, text in [
        ('access_token', move._portal_ensure_token()),
        ('db', settings.get_param('database.uuid') or ''),
        ('lang', lang if lang in ('en', 'fr', 'de', 'es') else ''),
    ]:
        quoted = ''
        for byte in text.encode():
            char = chr(byte)
            plain = byte < 128 and (char.isalnum() or char in '-._~')
            quoted += char if plain else '%%%02X' % byte
        if quoted:
            link += '%s%s=%s' % (mark, name, quoted)
            mark = '&'
    return link


