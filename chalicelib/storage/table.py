"""Reading and writing the one table: single items, batches, list pages, and the conditional transaction.

All functions raise the family of `faults.py`. Reads are eventually consistent unless `consistent` is asked for: every
write is conditional on what was read, so a stale read costs a retry, never a wrong result.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import msgspec
from pynamodb.connection import Connection
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, InvalidInput, TooLarge
from chalicelib.model.page import Page
from chalicelib.storage.faults import translated
from chalicelib.storage.keys import Key
from chalicelib.storage.tables import Row

Value = TypeVar("Value", bound=msgspec.Struct)
SomeRow = TypeVar("SomeRow", bound=Row)
Item = TypeVar("Item")

ABSENT = Row.pk.does_not_exist()
PRESENT = Row.pk.exists()

SETS = ("archived_inbox_ids", "drafting", "participants")  # stored as sets, so that additions need no read
WIDE_PAGE = 200  # rows a request, once some of a list turned out to be hidden from the caller
MAX_REQUESTS = 20  # of one page
MOST_READS = 100  # of one BatchGetItem, as DynamoDB has it
MOST_WRITES = 100  # of one transaction, as DynamoDB has it


def to_row(row_type: type[SomeRow], key: Key, value: msgspec.Struct, **indexed: str | None) -> SomeRow:
    """A value of `model/` as its row at `key`, with the index keys given by name."""
    attributes = row_type.get_attributes()
    fields = {name: found for name, found in msgspec.to_builtins(value).items() if name in attributes}
    for name in SETS:
        if isinstance(fields.get(name), list):
            fields[name] = set(fields[name])
    present = {name: found for name, found in {**fields, **indexed}.items() if found is not None and found != set()}
    return row_type(key.pk, key.sk, **present)


def to_value(value_type: type[Value], row: Row, **extra: object) -> Value:
    """A row as its value of `model/`; unknown attributes are left out, absent ones take the type's default."""
    names, defaults = value_type.__struct_fields__, value_type.__struct_defaults__
    required = names[: len(names) - len(defaults)]
    fields: dict[str, Any] = {}
    for name in names:
        found = getattr(row, name, None)
        if found is not None:
            fields[name] = sorted(found) if isinstance(found, set) else found
        elif name in required:
            fields[name] = [] if name in SETS else None  # DynamoDB has no empty sets
    return msgspec.convert({**fields, **extra}, value_type)


def get(row_type: type[SomeRow], key: Key, *, consistent: bool = False) -> SomeRow | None:
    """One item, or None."""
    with translated(f"read {row_type.__name__}"):
        try:
            return row_type.get(key.pk, key.sk, consistent_read=consistent)
        except row_type.DoesNotExist:
            waiting = _waiting(key)
            return waiting if isinstance(waiting, row_type) else None


def get_many(keys: Iterable[Key], *, consistent: bool = False) -> dict[Key, Row]:
    """Up to 100 items of any kind in one request; absent ones are absent from the answer.

    Inside `together` they are as they will be where one is put or deleted.
    """
    wanted = [tuple(key) for key in dict.fromkeys(keys)]
    if not wanted:
        return {}
    with translated("read items"):
        found = {row.key: row for row in Row.batch_get(wanted, consistent_read=consistent)}
    gathered = _gathered.get()
    for gone, _ in gathered._deletes if gathered is not None else ():
        found.pop(gone.key, None)
    return {key: row for pk, sk in wanted if (row := _waiting(key := Key(pk, sk))) is not None} | found


def _waiting(key: Key) -> Row | None:
    """The row that `together` is about to put there."""
    gathered = _gathered.get()
    return gathered._put_at(key) if gathered is not None else None


def query_all(row_type: type[SomeRow], pk: str, prefix: str, *, consistent: bool = False) -> list[SomeRow]:
    """All items of a partition whose sort key begins with `prefix`: for partitions that settings keep small."""
    with translated(f"list {row_type.__name__}"):
        condition = Row.sk.startswith(prefix) if prefix else None
        return list(row_type.query(pk, condition, consistent_read=consistent))


def delete_rows(gone: Iterable[Key]) -> None:
    """Delete rows in batches, present or not; whatever else happens at the same time."""
    with translated("delete rows"), Row.batch_write() as batch:
        for key in dict.fromkeys(gone):
            batch.delete(Row(key.pk, key.sk))


class Index(msgspec.Struct, frozen=True):
    """One of the table's orders: an index and the names of its keys, or the table's own order (no index)."""

    index: Any
    pk: str
    sk: str

    def query(self, partition: str, **options: Any) -> Any:
        """PynamoDB's result iterator over `partition`."""
        return self.index.query(partition, **options) if self.index else Row.query(partition, **options)


TABLE = Index(None, "pk", "sk")
BY_LIST = Index(Row.by_list, "list_pk", "list_sk")
BY_PERSON = Index(Row.by_person, "person_pk", "person_sk")
BY_CONTACT = Index(Row.by_contact, "contact_pk", "contact_sk")


def page(
    order: Index,
    partitions: Sequence[str],
    *,
    limit: int,
    cursor: str | None,
    read: Callable[[Any], Item | None],
    newest_first: bool = True,
    prefix: str | None = None,
    look: Callable[[Sequence[Any]], None] | None = None,
) -> Page[Item]:
    """A full page over `partitions`, which are lists that follow one another (years, newest first).

    `read` turns a row into an item, or None to leave it out (what the caller may not see); `look` is told before which
    rows come, to read at once what `read` needs of all of them. One request when the page
    fits the first partition and nothing is left out; after `MAX_REQUESTS` the page ends where they got to, so that a
    list of little but hidden items cannot hold a request for ever. `cursor` is what an earlier page gave; any other
    raises `InvalidInput`.
    """
    items: list[Item] = []
    start, after = _read_cursor(cursor, order, partitions)
    requests, left_out, last = 0, 0, None
    for number in range(start, len(partitions)):
        while True:
            if requests == MAX_REQUESTS and last is not None:
                return Page(tuple(items), cursor_after(order, *last))
            size = limit + 1 - len(items) if not left_out else max(limit + 1, WIDE_PAGE)
            rows, after = _query(order, partitions[number], size, after, newest_first, prefix)
            requests += bool(rows)
            if look is not None and rows:
                look(rows)
            for row in rows:
                item = read(row)
                if item is not None and len(items) == limit and last is not None:
                    return Page(tuple(items), cursor_after(order, *last))
                if item is None:
                    left_out += 1
                else:
                    items.append(item)
                last = partitions[number], row
            if after is None:
                break
    return Page(tuple(items), None)


def cursor_after(order: Index, partition: str, row: Row) -> str:
    """The cursor of the page that begins after this row of the list `partition`."""
    position = {name: getattr(row, name) for name in dict.fromkeys((order.sk, "pk", "sk"))}
    told = msgspec.json.encode([hashlib.sha256(partition.encode()).hexdigest()[:12], position])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _query(
    order: Index, partition: str, size: int, after: Any, newest_first: bool, prefix: str | None
) -> tuple[list[Any], Any]:
    """Up to `size` rows in one request, and where the next one begins (None: nowhere)."""
    condition = getattr(Row, order.sk).startswith(prefix) if prefix else None
    with translated("list items"):
        found = order.query(
            partition,
            range_key_condition=condition,
            limit=size,
            page_size=size,
            last_evaluated_key=after,
            scan_index_forward=not newest_first,
        )
        return list(found), found.last_evaluated_key


def _read_cursor(
    cursor: str | None, order: Index, partitions: Sequence[str]
) -> tuple[int, dict[str, dict[str, str]] | None]:
    """Where a page begins: (number of the partition, DynamoDB's start key or None)."""
    if cursor is None:
        return 0, None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told = base64.b64decode(padded, altchars=b"-_", validate=True)
        mark, position = msgspec.json.decode(told, type=tuple[str, dict[str, str]])
        number = [hashlib.sha256(each.encode()).hexdigest()[:12] for each in partitions].index(mark)
        if set(position) != {order.sk, "pk", "sk"}:
            raise ValueError("the cursor is of another list")
    except ValueError as error:  # msgspec's and base64's errors are ValueErrors
        raise InvalidInput("The cursor is not one that this list gave.", pointer="/cursor") from error
    return number, {name: {"S": value} for name, value in {**position, order.pk: partitions[number]}.items()}


class Transaction:
    """Writes that happen together or not at all, each on its condition (TransactWriteItems, at most 100)."""

    def __init__(self) -> None:
        self._puts: list[tuple[Row, Condition | None]] = []
        self._updates: list[tuple[Row, list[Action], Condition | None]] = []
        self._checks: list[tuple[Key, Condition]] = []
        self._deletes: list[tuple[Row, Condition | None]] = []

    def put(self, row: Row, condition: Condition | None = ABSENT) -> None:
        """Write a whole row; by default only where none is."""
        self._puts.append((row, condition))

    def update(self, row_type: type[Row], key: Key, actions: list[Action], condition: Condition = PRESENT) -> None:
        """Change single attributes of a row that is there."""
        self._updates.append((row_type(key.pk, key.sk), actions, condition))

    def check(self, key: Key, condition: Condition) -> None:
        """Write nothing, but fail unless the condition holds."""
        self._checks.append((key, condition))

    def delete(self, row_type: type[Row], key: Key, condition: Condition | None = None) -> None:
        """Remove a row."""
        self._deletes.append((row_type(key.pk, key.sk), condition))

    def __len__(self) -> int:
        return len(self._puts) + len(self._updates) + len(self._checks) + len(self._deletes)

    def commit(self, what: str, token: str | None = None) -> None:
        """Send it, or let it wait for the others of `together`.

        `token` makes a repeat of the very same request harmless for ten minutes.

        Raises `LostRace` when a condition does not hold or another transaction holds one of the items.
        """
        gathered = _gathered.get()
        if gathered is not None:
            gathered._take(self)
            return
        with translated(what), TransactWrite(connection=_connection(), client_request_token=token) as transaction:
            for row, condition in self._puts:
                transaction.save(row, condition)
            for row, actions, condition in self._updates:
                transaction.update(row, actions, condition)
            for key, condition in self._checks:
                transaction.condition_check(Row, key.pk, key.sk, condition)
            for row, condition in self._deletes:
                transaction.delete(row, condition)

    def _take(self, other: Transaction) -> None:
        """Add another's writes. `Conflict` when both are about one item: a transaction touches each once.

        The very same update of both is made once.
        """
        for (key, condition), mine in [(each, dict(self._checks).get(each[0])) for each in other._checks]:
            if mine is None:
                self._checks.append((key, condition))
            elif str(mine) != str(condition):
                self._checks = [(each, has & condition if each == key else has) for each, has in self._checks]
        updated = {row.key: _told(actions, only_if) for row, actions, only_if in self._updates}
        other._updates = [each for each in other._updates if updated.get(each[0].key) != _told(*each[1:])]
        taken = self._written()
        if taken & other._written() or {key for key, _ in self._checks} & (taken | other._written()):
            raise Conflict(
                "Two of the changes depend on each other, such as a name that one gives up and another takes. Make "
                "them one after the other.",
                code="changes_depend",
            )
        self._puts += other._puts
        self._updates += other._updates
        self._deletes += other._deletes

    def _written(self) -> set[Key]:
        rows = [row for row, _ in self._puts] + [row for row, _, _ in self._updates] + [row for row, _ in self._deletes]
        return {row.key for row in rows}

    def _put_at(self, key: Key) -> Row | None:
        return next((row for row, _ in self._puts if row.key == key), None)


@contextmanager
def together(what: str, *, send: bool = True) -> Iterator[None]:
    """Let every `Transaction` that is committed inside wait, and send all of them as one at the end: all or nothing.

    Where nothing is stored yet, `get` and `get_many` read the rows that wait to be put, and `get_many` reads none that
    wait to be deleted. Without `send` nothing is written: a trial. `TooLarge` when they are more than one transaction
    takes; `LostRace` as of `Transaction.commit`.
    """
    all_of_them = Transaction()
    token = _gathered.set(all_of_them)
    try:
        yield
    finally:
        _gathered.reset(token)
    if len(all_of_them) > MOST_WRITES:
        raise TooLarge(
            f"The changes are {len(all_of_them)} writes, and at most {MOST_WRITES} are made in one piece (a change is "
            "two: itself, and the audit log). Make them in several steps."
        )
    if send and len(all_of_them):
        all_of_them.commit(what)


def _told(actions: list[Action], condition: Condition | None) -> tuple[str, ...]:
    """What an update says, to compare it."""
    return (*map(str, actions), str(condition))


_gathered: ContextVar[Transaction | None] = ContextVar("gathered", default=None)


def _connection() -> Connection:
    return Row._get_connection().connection
