"""Who may write, what may be caught, how SQL is put together, and how rarely a test patches."""

from __future__ import annotations

import ast
import re

from support.source import (
    LIFELINE,
    PRODUCT,
    ROOT,
    calls,
    chain,
    files,
    modules,
    nodes,
    place,
    short,
    text,
)

WRITERS = (PRODUCT / "store", PRODUCT / "app")
WRITES_ANYWHERE = {f"{a}{name}" for a in ("", "a") for name in ("save", "bulk_create", "bulk_update")}
WRITES_ANYWHERE |= {f"{a}{name}_or_create" for a in ("", "a") for name in ("get", "update")}
WRITES_ON_QUERIES = {f"{a}{name}" for a in ("", "a") for name in ("create", "update", "delete")}
QUERIES = {"objects", "all", "filter", "exclude", "using", "select_for_update"}
# Modules outside the writers that call something of these names which is no table of ours.
NOT_OURS = {
    "src/quarterdeck/web/sessions.py": "Django's table of sessions, behind Django's own interface",
    "src/quarterdeck/channels/status_site/preview.py": "a picture, into memory",
}

CATCHERS = {
    "src/quarterdeck/engine/loop.py",
    "src/quarterdeck/boot/supervise.py",
    # Whatever a body meets on its way to the disk, whoever sent it is answered.
    "src/quarterdeck/store/journal.py",
}
BROAD = {"Exception", "BaseException"}

RUNS_SQL = {"execute", "executemany", "executescript", "raw", "RawSQL"}
SQL_WRITE = re.compile(
    r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|REPLACE\s+INTO)\b", re.I
)
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")

PATCH = re.compile(r"(?:(?<![\w.])|\bmock\.)patch(?:\.(?:object|dict|multiple))?\(|\bmonkeypatch\.set\w+\(")
PATCHES_PER_HUNDRED = 5


def outside_the_writers():
    return (p for p in modules(PRODUCT) if not any(p.is_relative_to(writer) for writer in WRITERS))


def writes(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    name, behind = call.func.attr, set(chain(call.func)[1:])
    bare_delete = name == "delete" and not call.args and not call.keywords
    return name in WRITES_ANYWHERE or bare_delete or (name in WRITES_ON_QUERIES and bool(behind & QUERIES))


def test_only_the_application_and_the_store_write_tables():
    found = [
        f"{place(path, call)} {ast.unparse(call.func)}"
        for path in outside_the_writers()
        if short(path) not in NOT_OURS
        for call in calls(path)
        if writes(call)
    ]
    assert not found, "changes of state are functions of quarterdeck.app"


def test_no_sql_that_writes_stands_outside_the_application_and_the_store():
    found = [
        place(path, node)
        for path in outside_the_writers()
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_WRITE.match(node.value)
    ]
    assert not found


def named_constant(node: ast.expr) -> bool:
    """A module's constant, such as a list of columns or the placeholder of a database."""
    if isinstance(node, ast.Attribute):
        return bool(CONSTANT.fullmatch(node.attr))
    return isinstance(node, ast.Name) and bool(CONSTANT.fullmatch(node.id))


def put_together(node: ast.expr) -> bool:
    """Whether a text is made from something that is neither literal nor a module's constant."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(v, ast.FormattedValue) and not named_constant(v.value) for v in node.values)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mod):
            return True
        return put_together(node.left) or put_together(node.right)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


def test_no_value_is_put_into_sql_as_text():
    found = [
        f"{place(path, call)} {ast.unparse(call.args[0])[:80]}"
        for path in modules(PRODUCT, LIFELINE)
        for call in calls(path)
        if chain(call.func)[:1]
        and chain(call.func)[0] in RUNS_SQL
        and call.args
        and put_together(call.args[0])
    ]
    assert not found, "pass values as parameters; only a module's CONSTANT may be part of the text"


def swallows_all(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything and does not raise it again as its last act."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in BROAD for kind in kinds)


def test_only_the_loops_that_must_go_on_catch_everything():
    found = [
        place(path, node)
        for path in modules(PRODUCT, LIFELINE)
        if short(path) not in CATCHERS
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and swallows_all(node)
    ]
    assert not found


def test_tests_patch_at_most_five_times_a_hundred():
    sources = [p for p in modules(ROOT / "tests") if not p.is_relative_to(ROOT / "tests" / "rules")]
    patches = {short(p): len(PATCH.findall(text(p))) for p in sources}
    tests = sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for path in files(".py")
        if path.is_relative_to(ROOT / "tests")
        for node in nodes(path)
    )
    allowed = max(PATCHES_PER_HUNDRED, tests * PATCHES_PER_HUNDRED // 100)
    used = {name: count for name, count in patches.items() if count}
    assert sum(used.values()) <= allowed, f"{used}: pass a fake instead"
