# `env`: who works, in which companies, with which context; its cursor.


class Savepoint:
    __slots__ = ('mark',)

    def __init__(self):
        self.mark = host('savepoint')

    def close(self, rollback):
        if rollback:
            host('rollback', self.mark)


class Cursor:
    __slots__ = ('rows', 'dbname')

    def __init__(self, dbname):
        self.rows = []
        self.dbname = dbname

    def execute(self, sql, values=()):
        self.rows = [tuple(row) for row in host('sql', ' '.join(sql.split()), list(values))]

    def fetchone(self):
        return self.rows.pop(0) if self.rows else None

    def fetchall(self):
        rows = self.rows
        self.rows = []
        return rows

    def savepoint(self):
        return Savepoint()


class Env:
    __slots__ = ('uid', 'su', 'context', 'cr', 'allowed', 'version')

    def __init__(self, uid, su, context, cr, version):
        self.uid = uid
        self.su = su
        self.context = context
        self.cr = cr
        self.version = version
        self.allowed = context.get('allowed_company_ids') or host('companies', uid)

    def __call__(self, context=None, su=None):
        su = self.su if su is None else su
        return Env(self.uid, su, self.context if context is None else context, self.cr, self.version)

    def __getitem__(self, name):
        return Records(self, name, ())

    @property
    def who(self):
        return [self.su, list(self.allowed)]

    @property
    def user(self):
        return Records(self(su=True), 'res.users', (self.uid,))

    @property
    def company(self):
        return Records(self, 'res.company', tuple(self.allowed[:1]))

    @property
    def companies(self):
        return Records(self, 'res.company', tuple(self.allowed))

    def ref(self, name):
        model, record = host('xid', name)
        return Records(self, model, (record,))


class Command:
    @staticmethod
    def create(vals):
        return (0, 0, vals)

    @staticmethod
    def update(record, vals):
        return (1, record, vals)

    @staticmethod
    def link(record):
        return (4, record, 0)

    @staticmethod
    def clear():
        return (5, 0, 0)

    @staticmethod
    def set(ids):
        return (6, 0, list(ids))
