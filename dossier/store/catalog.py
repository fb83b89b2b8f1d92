"""Records, fields, limits and SQL of every table. Generated from `dossier.model` by `python -m dossier.model.generate`."""

from __future__ import annotations

from typing import Any

from dossier.store.record import Field, Record, Table


class Account(Record):
    """A client company with its profile (A1)."""

    __slots__ = (
        'address',
        'aliases',
        'business_model',
        'cadence_days',
        'country',
        'created_on',
        'credit',
        'demand',
        'financial_strength',
        'growth_areas',
        'industry',
        'industry_position',
        'influence',
        'language',
        'mails',
        'market',
        'name',
        'note',
        'phones',
        'status',
        'strengths',
        'tags',
        'tier',
        'weak_points',
        'website',
        'willingness',
    )
    table = Table(
        1,
        'account',
        (
            Field('name', 'line', 'plain', True, None),
            Field('aliases', 'lines', 'plain', True, None),
            Field('tier', 'choice', 'plain', True, 'standard', choices=('key', 'strategic', 'standard', 'prospect')),
            Field('status', 'choice', 'plain', True, 'active', choices=('active', 'dormant', 'former')),
            Field('tags', 'lines', 'plain', True, None),
            Field('mails', 'lines', 'plain', True, None),
            Field('phones', 'lines', 'plain', True, None),
            Field('created_on', 'day', 'plain', True, None),
            Field('cadence_days', 'int', 'agenda', False, None, low=1, high=3650),
            Field('industry', 'line', 'dossier', False, None),
            Field('country', 'line', 'dossier', False, None),
            Field('language', 'line', 'dossier', False, None),
            Field('website', 'line', 'dossier', False, None),
            Field('address', 'text', 'dossier', False, None),
            Field('industry_position', 'text', 'dossier', False, None),
            Field('influence', 'text', 'dossier', False, None),
            Field('business_model', 'text', 'dossier', False, None),
            Field('financial_strength', 'text', 'dossier', False, None),
            Field('credit', 'text', 'dossier', False, None),
            Field('willingness', 'text', 'dossier', False, None),
            Field('demand', 'text', 'dossier', False, None),
            Field('strengths', 'text', 'dossier', False, None),
            Field('weak_points', 'text', 'dossier', False, None),
            Field('growth_areas', 'text', 'dossier', False, None),
            Field('market', 'text', 'dossier', False, None),
            Field('note', 'text', 'dossier', False, None),
        ),
        ('name', 'aliases', 'mails', 'phones'),
        (
            "CREATE TABLE account ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL CHECK (name <> ''), aliases TEXT NOT NULL, tier TEXT NOT NULL CHECK (tier IN ('key', 'strategic', 'standard', 'prospect')), status TEXT NOT NULL CHECK (status IN ('active', 'dormant', 'former')), tags TEXT NOT NULL, mails TEXT NOT NULL, phones TEXT NOT NULL, created_on TEXT NOT NULL, folded TEXT NOT NULL, agenda BLOB NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL )",
            'CREATE INDEX account_folded ON account (folded)',
        ),
    )

    def __init__(
        self,
        *,
        name: str,
        created_on: str,
        aliases: list[str] | None = None,
        tier: str = 'standard',
        status: str = 'active',
        tags: list[str] | None = None,
        mails: list[str] | None = None,
        phones: list[str] | None = None,
        cadence_days: int | None = None,
        industry: str | None = None,
        country: str | None = None,
        language: str | None = None,
        website: str | None = None,
        address: str | None = None,
        industry_position: str | None = None,
        influence: str | None = None,
        business_model: str | None = None,
        financial_strength: str | None = None,
        credit: str | None = None,
        willingness: str | None = None,
        demand: str | None = None,
        strengths: str | None = None,
        weak_points: str | None = None,
        growth_areas: str | None = None,
        market: str | None = None,
        note: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.name: str = name
        self.aliases: list[str] = aliases or []
        self.tier: str = tier
        self.status: str = status
        self.tags: list[str] = tags or []
        self.mails: list[str] = mails or []
        self.phones: list[str] = phones or []
        self.created_on: str = created_on
        self.cadence_days: int | None = cadence_days
        self.industry: str | None = industry
        self.country: str | None = country
        self.language: str | None = language
        self.website: str | None = website
        self.address: str | None = address
        self.industry_position: str | None = industry_position
        self.influence: str | None = influence
        self.business_model: str | None = business_model
        self.financial_strength: str | None = financial_strength
        self.credit: str | None = credit
        self.willingness: str | None = willingness
        self.demand: str | None = demand
        self.strengths: str | None = strengths
        self.weak_points: str | None = weak_points
        self.growth_areas: str | None = growth_areas
        self.market: str | None = market
        self.note: str | None = note

class Person(Record):
    """Someone at an account (A2, A3, A4)."""

    __slots__ = (
        'account_id',
        'address_as',
        'aliases',
        'birthday',
        'created_on',
        'department',
        'family_name',
        'gender',
        'given_name',
        'language',
        'mails',
        'marked',
        'name',
        'note',
        'phones',
        'position',
        'private_address',
        'private_mails',
        'private_phones',
        'role',
        'tags',
        'title',
    )
    table = Table(
        2,
        'person',
        (
            Field('account_id', 'int', 'plain', True, None, references='account', on_delete='cascade'),
            Field('name', 'line', 'plain', True, None),
            Field('family_name', 'line', 'plain', False, None),
            Field('given_name', 'line', 'plain', False, None),
            Field('aliases', 'lines', 'plain', True, None),
            Field('position', 'line', 'plain', False, None),
            Field('department', 'line', 'plain', False, None),
            Field('role', 'choice', 'plain', False, None, choices=('sponsor', 'decision-maker', 'champion', 'influencer', 'technical', 'financial', 'hr', 'user', 'gatekeeper', 'blocker')),
            Field('mails', 'lines', 'plain', True, None),
            Field('phones', 'lines', 'plain', True, None),
            Field('tags', 'lines', 'plain', True, None),
            Field('created_on', 'day', 'plain', True, None),
            Field('birthday', 'partial', 'agenda', False, None),
            Field('marked', 'bool', 'agenda', True, False),
            Field('address_as', 'line', 'dossier', False, None),
            Field('title', 'line', 'dossier', False, None),
            Field('gender', 'choice', 'dossier', False, None, choices=('f', 'm')),
            Field('language', 'line', 'dossier', False, None),
            Field('private_mails', 'lines', 'dossier', True, None),
            Field('private_phones', 'lines', 'dossier', True, None),
            Field('private_address', 'text', 'dossier', False, None),
            Field('note', 'text', 'dossier', False, None),
        ),
        ('name', 'aliases', 'mails', 'phones'),
        (
            "CREATE TABLE person ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, account_id INTEGER NOT NULL, name TEXT NOT NULL CHECK (name <> ''), family_name TEXT CHECK (family_name <> ''), given_name TEXT CHECK (given_name <> ''), aliases TEXT NOT NULL, position TEXT CHECK (position <> ''), department TEXT CHECK (department <> ''), role TEXT CHECK (role IN ('sponsor', 'decision-maker', 'champion', 'influencer', 'technical', 'financial', 'hr', 'user', 'gatekeeper', 'blocker')), mails TEXT NOT NULL, phones TEXT NOT NULL, tags TEXT NOT NULL, created_on TEXT NOT NULL, folded TEXT NOT NULL, agenda BLOB NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED )",
            'CREATE INDEX person_account_id ON person (account_id)',
            'CREATE INDEX person_folded ON person (folded)',
        ),
    )

    def __init__(
        self,
        *,
        account_id: int,
        name: str,
        created_on: str,
        family_name: str | None = None,
        given_name: str | None = None,
        aliases: list[str] | None = None,
        position: str | None = None,
        department: str | None = None,
        role: str | None = None,
        mails: list[str] | None = None,
        phones: list[str] | None = None,
        tags: list[str] | None = None,
        birthday: str | None = None,
        marked: bool = False,
        address_as: str | None = None,
        title: str | None = None,
        gender: str | None = None,
        language: str | None = None,
        private_mails: list[str] | None = None,
        private_phones: list[str] | None = None,
        private_address: str | None = None,
        note: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.account_id: int = account_id
        self.name: str = name
        self.family_name: str | None = family_name
        self.given_name: str | None = given_name
        self.aliases: list[str] = aliases or []
        self.position: str | None = position
        self.department: str | None = department
        self.role: str | None = role
        self.mails: list[str] = mails or []
        self.phones: list[str] = phones or []
        self.tags: list[str] = tags or []
        self.created_on: str = created_on
        self.birthday: str | None = birthday
        self.marked: bool = marked
        self.address_as: str | None = address_as
        self.title: str | None = title
        self.gender: str | None = gender
        self.language: str | None = language
        self.private_mails: list[str] = private_mails or []
        self.private_phones: list[str] = private_phones or []
        self.private_address: str | None = private_address
        self.note: str | None = note

class Fact(Record):
    """One thing known about a person or an account, with its source and date (A3)."""

    __slots__ = (
        'account_id',
        'confirmed_on',
        'kind',
        'learned_on',
        'person_id',
        'source',
        'text',
    )
    table = Table(
        3,
        'fact',
        (
            Field('account_id', 'int', 'plain', True, None, references='account', on_delete='cascade'),
            Field('person_id', 'int', 'plain', False, None, references='person', on_delete='cascade'),
            Field('kind', 'choice', 'dossier', True, 'other', choices=('interest', 'family', 'value', 'personality', 'preference', 'decision', 'career', 'health', 'business', 'other')),
            Field('text', 'text', 'dossier', True, None),
            Field('source', 'line', 'dossier', False, None),
            Field('learned_on', 'day', 'dossier', True, None),
            Field('confirmed_on', 'day', 'dossier', True, None),
        ),
        (),
        (
            'CREATE TABLE fact ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, account_id INTEGER NOT NULL, person_id INTEGER, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX fact_account_id ON fact (account_id)',
            'CREATE INDEX fact_person_id ON fact (person_id)',
        ),
    )

    def __init__(
        self,
        *,
        account_id: int,
        text: str | None,
        learned_on: str | None,
        confirmed_on: str | None,
        person_id: int | None = None,
        kind: str = 'other',
        source: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.account_id: int = account_id
        self.person_id: int | None = person_id
        self.kind: str = kind
        self.text: str | None = text
        self.source: str | None = source
        self.learned_on: str | None = learned_on
        self.confirmed_on: str | None = confirmed_on

class Relative(Record):
    """A family member of a person (A3)."""

    __slots__ = (
        'birthday',
        'name',
        'note',
        'person_id',
        'relation',
    )
    table = Table(
        4,
        'relative',
        (
            Field('person_id', 'int', 'plain', True, None, references='person', on_delete='cascade'),
            Field('name', 'line', 'agenda', True, None),
            Field('relation', 'line', 'agenda', True, None),
            Field('birthday', 'partial', 'agenda', False, None),
            Field('note', 'text', 'dossier', False, None),
        ),
        (),
        (
            'CREATE TABLE relative ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, person_id INTEGER NOT NULL, agenda BLOB NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX relative_person_id ON relative (person_id)',
        ),
    )

    def __init__(
        self,
        *,
        person_id: int,
        name: str | None,
        relation: str | None,
        birthday: str | None = None,
        note: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.person_id: int = person_id
        self.name: str | None = name
        self.relation: str | None = relation
        self.birthday: str | None = birthday
        self.note: str | None = note

class Occasion(Record):
    """A date to remember, of an account or of one of its people (A3, B5)."""

    __slots__ = (
        'account_id',
        'date',
        'kind',
        'lead_days',
        'note',
        'person_id',
        'title',
    )
    table = Table(
        5,
        'occasion',
        (
            Field('account_id', 'int', 'plain', True, None, references='account', on_delete='cascade'),
            Field('person_id', 'int', 'plain', False, None, references='person', on_delete='cascade'),
            Field('kind', 'choice', 'agenda', True, 'other', choices=('anniversary', 'nameday', 'holiday', 'founding', 'jubilee', 'other')),
            Field('date', 'partial', 'agenda', True, None),
            Field('title', 'line', 'agenda', False, None),
            Field('lead_days', 'int', 'agenda', False, None, low=0, high=365),
            Field('note', 'text', 'dossier', False, None),
        ),
        (),
        (
            'CREATE TABLE occasion ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, account_id INTEGER NOT NULL, person_id INTEGER, agenda BLOB NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX occasion_account_id ON occasion (account_id)',
            'CREATE INDEX occasion_person_id ON occasion (person_id)',
        ),
    )

    def __init__(
        self,
        *,
        account_id: int,
        date: str | None,
        person_id: int | None = None,
        kind: str = 'other',
        title: str | None = None,
        lead_days: int | None = None,
        note: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.account_id: int = account_id
        self.person_id: int | None = person_id
        self.kind: str = kind
        self.date: str | None = date
        self.title: str | None = title
        self.lead_days: int | None = lead_days
        self.note: str | None = note

class Interaction(Record):
    """A call, meeting, visit, mail … with an account (B1)."""

    __slots__ = (
        'account_id',
        'at',
        'channel',
        'direction',
        'initiative',
        'note',
        'outcome',
        'subject',
    )
    table = Table(
        6,
        'interaction',
        (
            Field('account_id', 'int', 'plain', True, None, references='account', on_delete='cascade'),
            Field('at', 'day', 'plain', True, None),
            Field('channel', 'choice', 'dossier', True, 'call', choices=('call', 'meeting', 'visit', 'mail', 'message', 'event', 'letter')),
            Field('direction', 'choice', 'dossier', True, 'out', choices=('in', 'out')),
            Field('initiative', 'choice', 'dossier', False, None, choices=('us', 'them')),
            Field('subject', 'line', 'dossier', False, None),
            Field('outcome', 'text', 'dossier', False, None),
            Field('note', 'text', 'dossier', False, None),
        ),
        (),
        (
            'CREATE TABLE interaction ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, account_id INTEGER NOT NULL, at TEXT NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX interaction_account_id_at ON interaction (account_id, at)',
        ),
    )

    def __init__(
        self,
        *,
        account_id: int,
        at: str,
        channel: str = 'call',
        direction: str = 'out',
        initiative: str | None = None,
        subject: str | None = None,
        outcome: str | None = None,
        note: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.account_id: int = account_id
        self.at: str = at
        self.channel: str = channel
        self.direction: str = direction
        self.initiative: str | None = initiative
        self.subject: str | None = subject
        self.outcome: str | None = outcome
        self.note: str | None = note

class Participant(Record):
    """A person's part in an interaction (B1)."""

    __slots__ = (
        'interaction_id',
        'person_id',
    )
    table = Table(
        7,
        'participant',
        (
            Field('interaction_id', 'int', 'plain', True, None, references='interaction', on_delete='cascade'),
            Field('person_id', 'int', 'plain', True, None, references='person', on_delete='cascade'),
        ),
        (),
        (
            'CREATE TABLE participant ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, interaction_id INTEGER NOT NULL, person_id INTEGER NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(interaction_id) REFERENCES interaction (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX participant_interaction_id ON participant (interaction_id)',
            'CREATE INDEX participant_person_id ON participant (person_id)',
        ),
    )

    def __init__(
        self,
        *,
        interaction_id: int,
        person_id: int,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.interaction_id: int = interaction_id
        self.person_id: int = person_id

class Promise(Record):
    """A word given: ours to them, or theirs to us (B2)."""

    __slots__ = (
        'account_id',
        'by',
        'detail',
        'due_on',
        'interaction_id',
        'made_on',
        'person_id',
        'settled_on',
        'state',
        'title',
        'told_for',
    )
    table = Table(
        8,
        'promise',
        (
            Field('account_id', 'int', 'plain', True, None, references='account', on_delete='cascade'),
            Field('person_id', 'int', 'plain', False, None, references='person', on_delete='clear'),
            Field('interaction_id', 'int', 'plain', False, None, references='interaction', on_delete='clear'),
            Field('by', 'choice', 'plain', True, 'us', choices=('us', 'them')),
            Field('made_on', 'day', 'plain', True, None),
            Field('due_on', 'day', 'plain', True, None),
            Field('state', 'choice', 'plain', True, 'open', choices=('open', 'kept', 'withdrawn')),
            Field('settled_on', 'day', 'plain', False, None),
            Field('told_for', 'day', 'plain', False, None),
            Field('title', 'line', 'agenda', True, None),
            Field('detail', 'text', 'dossier', False, None),
        ),
        (),
        (
            'CREATE TABLE promise ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, account_id INTEGER NOT NULL, person_id INTEGER, interaction_id INTEGER, "by" TEXT NOT NULL CHECK (by IN (\'us\', \'them\')), made_on TEXT NOT NULL, due_on TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN (\'open\', \'kept\', \'withdrawn\')), settled_on TEXT, told_for TEXT, agenda BLOB NOT NULL, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(interaction_id) REFERENCES interaction (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX promise_account_id ON promise (account_id)',
            'CREATE INDEX promise_person_id ON promise (person_id)',
            'CREATE INDEX promise_state_due_on ON promise (state, due_on)',
        ),
    )

    def __init__(
        self,
        *,
        account_id: int,
        made_on: str,
        due_on: str,
        title: str | None,
        person_id: int | None = None,
        interaction_id: int | None = None,
        by: str = 'us',
        state: str = 'open',
        settled_on: str | None = None,
        told_for: str | None = None,
        detail: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.account_id: int = account_id
        self.person_id: int | None = person_id
        self.interaction_id: int | None = interaction_id
        self.by: str = by
        self.made_on: str = made_on
        self.due_on: str = due_on
        self.state: str = state
        self.settled_on: str | None = settled_on
        self.told_for: str | None = told_for
        self.title: str | None = title
        self.detail: str | None = detail

class PromiseMove(Record):
    """One recorded renegotiation of a promise; never overwritten (B2)."""

    __slots__ = (
        'apology',
        'because',
        'channel',
        'from_on',
        'interaction_id',
        'moved_on',
        'promise_id',
        'to_on',
        'told_on',
        'told_person_id',
    )
    table = Table(
        9,
        'promise_move',
        (
            Field('promise_id', 'int', 'plain', True, None, references='promise', on_delete='cascade'),
            Field('from_on', 'day', 'plain', True, None),
            Field('to_on', 'day', 'plain', True, None),
            Field('moved_on', 'day', 'plain', True, None),
            Field('told_on', 'day', 'plain', False, None),
            Field('told_person_id', 'int', 'plain', False, None, references='person', on_delete='clear'),
            Field('interaction_id', 'int', 'plain', False, None, references='interaction', on_delete='clear'),
            Field('because', 'text', 'dossier', True, None),
            Field('apology', 'text', 'dossier', False, None),
            Field('channel', 'choice', 'dossier', False, None, choices=('call', 'meeting', 'visit', 'mail', 'message', 'event', 'letter')),
        ),
        (),
        (
            'CREATE TABLE promise_move ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, promise_id INTEGER NOT NULL, from_on TEXT NOT NULL, to_on TEXT NOT NULL, moved_on TEXT NOT NULL, told_on TEXT, told_person_id INTEGER, interaction_id INTEGER, dossier BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(promise_id) REFERENCES promise (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(told_person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(interaction_id) REFERENCES interaction (id) DEFERRABLE INITIALLY DEFERRED )',
            'CREATE INDEX promise_move_promise_id ON promise_move (promise_id)',
        ),
    )

    def __init__(
        self,
        *,
        promise_id: int,
        from_on: str,
        to_on: str,
        moved_on: str,
        because: str | None,
        told_on: str | None = None,
        told_person_id: int | None = None,
        interaction_id: int | None = None,
        apology: str | None = None,
        channel: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.promise_id: int = promise_id
        self.from_on: str = from_on
        self.to_on: str = to_on
        self.moved_on: str = moved_on
        self.told_on: str | None = told_on
        self.told_person_id: int | None = told_person_id
        self.interaction_id: int | None = interaction_id
        self.because: str | None = because
        self.apology: str | None = apology
        self.channel: str | None = channel

class Step(Record):
    """The next step agreed or intended with an account (B1)."""

    __slots__ = (
        'account_id',
        'created_on',
        'done_on',
        'due_on',
        'interaction_id',
        'person_id',
        'state',
        'title',
    )
    table = Table(
        10,
        'step',
        (
            Field('account_id', 'int', 'plain', True, None, references='account', on_delete='cascade'),
            Field('person_id', 'int', 'plain', False, None, references='person', on_delete='clear'),
            Field('interaction_id', 'int', 'plain', False, None, references='interaction', on_delete='clear'),
            Field('created_on', 'day', 'plain', True, None),
            Field('due_on', 'day', 'plain', True, None),
            Field('state', 'choice', 'plain', True, 'open', choices=('open', 'done', 'dropped')),
            Field('done_on', 'day', 'plain', False, None),
            Field('title', 'line', 'agenda', True, None),
        ),
        (),
        (
            "CREATE TABLE step ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, account_id INTEGER NOT NULL, person_id INTEGER, interaction_id INTEGER, created_on TEXT NOT NULL, due_on TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped')), done_on TEXT, agenda BLOB NOT NULL, seal BLOB NOT NULL, FOREIGN KEY(account_id) REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(person_id) REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY(interaction_id) REFERENCES interaction (id) DEFERRABLE INITIALLY DEFERRED )",
            'CREATE INDEX step_account_id ON step (account_id)',
            'CREATE INDEX step_state_due_on ON step (state, due_on)',
        ),
    )

    def __init__(
        self,
        *,
        account_id: int,
        created_on: str,
        due_on: str,
        title: str | None,
        person_id: int | None = None,
        interaction_id: int | None = None,
        state: str = 'open',
        done_on: str | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.account_id: int = account_id
        self.person_id: int | None = person_id
        self.interaction_id: int | None = interaction_id
        self.created_on: str = created_on
        self.due_on: str = due_on
        self.state: str = state
        self.done_on: str | None = done_on
        self.title: str | None = title

class Change(Record):
    """One transaction: what a command did, row by row, with the values before and after (C2)."""

    __slots__ = (
        'at',
        'command',
        'rows',
        'summary',
        'undoes',
        'undone_by',
    )
    table = Table(
        11,
        'change',
        (
            Field('at', 'line', 'plain', True, None),
            Field('command', 'line', 'plain', True, None),
            Field('undoes', 'int', 'dossier', False, None),
            Field('undone_by', 'int', 'dossier', False, None),
            Field('summary', 'line', 'dossier', False, None),
            Field('rows', 'json', 'dossier', True, None),
        ),
        (),
        (
            "CREATE TABLE change ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, uid BLOB NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL CHECK (at <> ''), command TEXT NOT NULL CHECK (command <> ''), dossier BLOB NOT NULL, seal BLOB NOT NULL )",
        ),
    )

    def __init__(
        self,
        *,
        at: str,
        command: str,
        undoes: int | None = None,
        undone_by: int | None = None,
        summary: str | None = None,
        rows: list[dict[str, Any]] | None = None,
    ) -> None:
        self.id = 0
        self.uid = b""
        self.version = 0
        self.locked = frozenset()
        self.at: str = at
        self.command: str = command
        self.undoes: int | None = undoes
        self.undone_by: int | None = undone_by
        self.summary: str | None = summary
        self.rows: list[dict[str, Any]] = rows or []


RECORDS: tuple[type[Record], ...] = (Account, Person, Fact, Relative, Occasion, Interaction, Participant, Promise, PromiseMove, Step, Change)
"""Every record class, parents before children."""
