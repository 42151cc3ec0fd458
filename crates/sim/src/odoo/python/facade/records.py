# Recordsets: ids of one model, in an environment. What a model does by itself is the engine's (`host`).


KINDS = {}  # {(version, model): {field: (kind, relation) or None}}; what somebody added (x_…) is looked up each time


def kind_of(env, model, name):
    known = KINDS.get((env.version, model))
    if known is None:
        known = KINDS[(env.version, model)] = {}
    if name in known:
        return known[name]
    kind = host('field', model, name)
    if kind is not None:
        kind = tuple(kind)
    if not name.startswith('x_'):
        known[name] = kind
    return kind


class Fields:
    __slots__ = ('env', 'model')

    def __init__(self, env, model):
        self.env = env
        self.model = model

    def __contains__(self, name):
        return kind_of(self.env, self.model, name) is not None

    def __iter__(self):
        return iter(host('fields', self.model))


def html(text):
    # As Odoo's sanitizer leaves a text without tags.
    if not text or text.startswith('<'):
        return text
    return '<p>%s</p>' % text.replace('&quot;', '"').replace('&#39;', "'")


def plain(value):
    # As the engine takes it: records as ids, days as texts.
    if isinstance(value, Records):
        return list(value._ids)
    if isinstance(value, (Day, Instant)):
        return value.text
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value]
    return value


class Records(Recordset):
    __slots__ = ()

    # As a set in order

    __iter__ = Recordset.each
    __len__ = Recordset.count
    __bool__ = Recordset.any
    __eq__ = Recordset.same
    __hash__ = Recordset.hashed
    __repr__ = Recordset.title_of
    __contains__ = Recordset.has
    __or__ = Recordset.union
    __and__ = Recordset.both
    __add__ = Recordset.more
    __sub__ = Recordset.less

    @property
    def _fields(self):
        return Fields(self.env, self._name)

    def __getitem__(self, name):
        if isinstance(name, str):
            return self.id if name == 'id' else self.field(name)
        return self.pick(self._ids[name] if isinstance(name, slice) else (self._ids[name],))

    # Environments

    def with_env(self, env):
        return Records(env, self._name, self._ids)

    def sudo(self):
        return self if self.env.su else Records(self.env(su=True), self._name, self._ids)

    def with_context(self, *whole, **more):
        return Records(self.env(context=dict(whole[0] if whole else self.env.context, **more)), self._name, self._ids)

    def with_company(self, company):
        if not company:
            return self
        first = company.id if isinstance(company, Records) else company
        rest = [one for one in self.env.allowed if one != first]
        return self.with_context(allowed_company_ids=[first] + rest)

    def browse(self, ids=()):
        if not ids:
            ids = ()
        elif isinstance(ids, int):
            ids = (ids,)
        return Records(self.env, self._name, tuple(ids))

    # Queries

    def of(self, ids):
        # Others of the same model, in the same environment.
        return Records(self.env, self._name, tuple(ids))

    def exists(self):
        return self.of(host('exists', self._name, list(self._ids))) if self._ids else self

    def search(self, domain, limit=None, order=''):
        active = self.env.context.get('active_test', True)
        found = host('search', self.env.who, self._name, plain(domain), limit or 0, order, active)
        return self.of(dict.fromkeys(found))

    def filtered(self, wanted):
        if isinstance(wanted, str):
            return self.of([one._ids[0] for one in self if one.mapped(wanted)])
        return self.of([one._ids[0] for one in self if wanted(one)])

    def filtered_domain(self, domain):
        return self.of(host('filtered_domain', self._name, list(self._ids), plain(domain))) if self._ids else self

    def mapped(self, path):
        got = self
        for name in path.split('.'):
            if not isinstance(got, Records):
                raise ValueError(path)
            kind = kind_of(got.env, got._name, name)
            if kind is None:
                raise KeyError(name)
            got = got.field(name) if kind[0] in ('one', 'many') else [one.field(name) for one in got]
        return got

    def sorted(self, key=None, reverse=False):
        if key is None:
            return self.search([('id', 'in', list(self._ids))])
        if isinstance(key, str):
            name = key
            key = lambda one: one[name]
        return self.of([one._ids[0] for one in sorted(self, key=key, reverse=reverse)])

    # Changes

    def create(self, vals):
        many = isinstance(vals, list)
        valid = self.env.context.get('check_move_validity', True)
        return self.of(host('create', self.env.who, self._name, plain(vals if many else [vals]), valid))

    def write(self, vals):
        if self._name == 'mail.activity' and vals.get('note'):
            vals = dict(vals, note=html(vals['note']))
        alone = self.env.context.get('skip_invoice_sync', False)
        host('write', self.env.who, self._name, list(self._ids), plain(vals), alone)
        return True

    def unlink(self):
        host('unlink', self.env.who, self._name, list(self._ids))
        return True

    def flush_recordset(self, names=None):
        pass

    def invalidate_recordset(self, names=None):
        pass

    def call(self, method, *arguments):
        return host('call', self.env.who, self._name, method, list(self._ids), plain(arguments))

    def has_group(self, name):
        return self.call('has_group', name)

    def get_param(self, name, default=False):
        return self.call('get_param', name) or default

    def precision_get(self, name):
        return 2

    # mail.thread

    def _message_log(self, body=''):
        self.call('message_log', body)

    def _message_log_batch(self, bodies):
        for one in self:
            one._message_log(body=bodies[one._ids[0]])

    def activity_schedule(self, kind, date_deadline=None, summary='', note='', user_id=None):
        made = self.call('activity_schedule', summary, html(note), date_deadline, user_id)
        return Records(self.env, 'mail.activity', (made,))

    def action_feedback(self, feedback=''):
        self.call('action_feedback', feedback)

    # account.payment, account.move, account.move.line

    def action_post(self):
        self.call('action_post')

    def action_validate(self):
        self.call('action_validate')

    def _post(self, soft=True):
        self.call('action_post')
        return self

    def button_cancel(self):
        self.call('button_cancel')

    def _reconcile_plan(self, plan):
        host('reconcile', plain(plan))

    @property
    def reconcile(self):
        # A method of journal items, and a field of accounts.
        if self._name == 'account.move.line':
            return lambda: host('reconcile', [list(self._ids)])
        return self['reconcile']

    def remove_move_reconcile(self):
        self.call('remove_move_reconcile')

    def _reverse_moves(self, heads, cancel=False):
        return self.of(self.call('reverse', heads))

    def _is_eligible_for_early_payment_discount(self, currency, day):
        return self.call('eligible', currency.id, day)

    def _get_invoice_counterpart_amls_for_early_payment_discount(self, lines, open_balance):
        return lines[0]['aml'].call('early_discount', open_balance)

    # res.currency

    def round(self, amount):
        return host('round', self.id, amount)

    def is_zero(self, amount):
        return self.round(amount) == 0

    def compare_amounts(self, one, other):
        one, other = self.round(one), self.round(other)
        return 0 if self.round(one - other) == 0 else -1 if one < other else 1

    def _convert(self, amount, currency, company, day):
        return host('convert', self.id, amount, currency.id, company.id, str(day))

    # account.tax

    def flatten_taxes_hierarchy(self):
        return self.of(self.call('flatten')) if self._ids else self

    def compute_all(self, price, currency=None, quantity=1.0, product=None, partner=None, is_refund=False):
        return self.call('compute_all', price, currency.id, quantity, is_refund)


def environment(given):
    context = {name: value for name, value in given['context'].items()}
    return Env(given['uid'], False, context, Cursor(given['db']), given['version'])
