for record in self:
    # Only the dialog asks for it: an export or a read of all fields must not make access tokens.
    link = quittance_link(record) if self.env.context.get('quittance_frame') else None
    record['x_quittance_frame'] = (page.replace('QUITTANCE_LINK', link.replace('&', '&amp;')) if link
        else '<!doctype html>')
