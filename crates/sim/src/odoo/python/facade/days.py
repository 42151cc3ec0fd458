# `datetime` and `timezone` as safe_eval gives them: a day and an instant are their ISO texts, the zones are the
# simulator's.


class Day:
    # datetime.date
    __slots__ = ('text',)

    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text

    def __repr__(self):
        return 'datetime.date(%s)' % self.text

    def __hash__(self):
        return hash(self.text)

    def __eq__(self, other):
        return isinstance(other, Day) and self.text == other.text

    def __lt__(self, other):
        return self.text < other.text

    def __le__(self, other):
        return self.text <= other.text

    def __gt__(self, other):
        return self.text > other.text

    def __ge__(self, other):
        return self.text >= other.text


Day.max = Day('9999-12-31')


class Instant:
    # datetime.datetime, naive or in a zone
    __slots__ = ('text', 'zone')

    def __init__(self, text, zone=None):
        self.text = text
        self.zone = zone

    @staticmethod
    def strptime(text, form):
        return Instant(host('strptime', text, form))

    @staticmethod
    def now(zone=None):
        return Instant(host('now'), zone)

    def replace(self, microsecond=0, tzinfo=None):
        return Instant(self.text, tzinfo)

    def astimezone(self, zone):
        return Instant(self.text, zone)

    def date(self):
        name = self.zone.name if self.zone else 'UTC'
        return Day(host('day', self.text, name))

    def __str__(self):
        return self.text


class Zone:
    __slots__ = ('name',)

    def __init__(self, name):
        self.name = name

    def localize(self, instant):
        return Instant(instant.text, self)


def timezone(name):
    if not host('zone', name):
        raise KeyError(name)
    return Zone(name)


class datetime:
    # The module.
    date = Day
    datetime = Instant

    class timezone:
        utc = Zone('UTC')
