# odoo.exceptions, and what the database raises.


class UserError(Exception):
    pass


class AccessError(UserError):
    pass


class MissingError(UserError):
    pass


class ValidationError(UserError):
    pass


class SerializationFailure(Exception):
    pass


class HostError(Exception):
    # Another error of the simulated Odoo: its name and message.
    pass


ERRORS = {
    'odoo.exceptions.UserError': UserError, 'odoo.exceptions.AccessError': AccessError,
    'odoo.exceptions.MissingError': MissingError, 'odoo.exceptions.ValidationError': ValidationError,
    'psycopg2.errors.SerializationFailure': SerializationFailure, 'builtins.ValueError': ValueError,
    'builtins.TypeError': TypeError, 'builtins.KeyError': KeyError, 'builtins.AttributeError': AttributeError}


def host(operation, *arguments):
    # What the engine does; its error becomes the exception of that name.
    got = simulated(operation, arguments)
    if got.__class__ is Failure:
        raise exception(got.name, got.message)
    return got


class Failure:
    __slots__ = ('name', 'message')

    def __init__(self, name, message):
        self.name = name
        self.message = message


def exception(name, message):
    return ERRORS.get(name, HostError)(message)
