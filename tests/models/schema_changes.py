"""What changed between two JSON Schemas of one version that is not additive (docs/evolution.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_STRUCTURE = {"properties", "required", "items", "anyOf", "$defs"}
_REMARKS = {"title", "description", "examples"}


def breaking(old: Schema, new: Schema, *, published: bool) -> list[str]:
    """Each change that breaks somebody, with the place where it is.

    Args:
        old, new: schemas of the same version.
        published: True for what Dripline publishes, whose fields keep their types: a narrower one breaks
            the reading of what lies there, a wider one breaks readers. Fields of the input may widen.
    """
    return list(_changes(_inlined(old, old), _inlined(new, new), old["title"], published=published))


def _inlined(value: Any, root: Schema) -> Any:  # noqa: ANN401 - any JSON
    """A schema with its references replaced by what they point to, without remarks."""
    if isinstance(value, list):
        return [_inlined(each, root) for each in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(root["$defs"][value["$ref"].removeprefix("#/$defs/")], root)
    found = {}
    for name, part in value.items():
        if name == "properties":
            found[name] = {each: _inlined(its, root) for each, its in part.items()}
        elif name not in _REMARKS:
            found[name] = _inlined(part, root)
    return found


def _changes(old: Schema, new: Schema, where: str, *, published: bool) -> Iterator[str]:
    before, after = _alternatives(old), _alternatives(new)
    if len(before) == len(after) == 1:
        yield from _of_one(before.popitem()[1], after.popitem()[1], where, published=published)
        return
    if old.get("default") != new.get("default"):
        yield f"{where}: default was {old.get('default')}, is {new.get('default')}"
    for kind, schema in before.items():
        if kind in after:
            yield from _of_one(schema, after[kind], where, published=published)
        else:
            yield f"{where}: no longer takes {kind}"
    if published:
        yield from (f"{where}: now takes {kind}" for kind in after if kind not in before)


def _alternatives(schema: Schema) -> dict[str, Schema]:
    """The schemas of which a value must fit one, by the types they take, which differ."""
    if "anyOf" in schema:
        found = [each for one in schema["anyOf"] for each in _alternatives(one).items()]
        assert len(dict(found)) == len(found), f"two alternatives of one type: {schema}"
        return dict(found)
    types = schema.get("type", "anything")
    if isinstance(types, list):
        return {each: schema | {"type": each} for each in types}
    return {types: schema}


def _of_one(old: Schema, new: Schema, where: str, *, published: bool) -> Iterator[str]:
    for keyword in sorted((old.keys() | new.keys()) - _STRUCTURE):
        before, after = old.get(keyword), new.get(keyword)
        if before != after and (published or not _wider(keyword, before, after)):
            yield f"{where}: {keyword} was {before}, is {after}"
    if "items" in old or "items" in new:
        yield from _changes(old.get("items", {}), new.get("items", {}), f"{where}[]", published=published)
    had, has = old.get("properties", {}), new.get("properties", {})
    for name, schema in had.items():
        if name in has:
            yield from _changes(schema, has[name], f"{where}.{name}", published=published)
        else:
            yield f"{where}.{name}: removed"
    must, must_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(must_now - must):
        yield f"{where}.{name}: now required"
    for name in sorted(must - must_now if published else ()):
        yield f"{where}.{name}: no longer required"


def _wider(keyword: str, before: Any, after: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a keyword of the input allows all that it allowed."""
    if keyword == "default" or before is None:
        return False
    if after is None:
        return True
    if keyword in {"minimum", "exclusiveMinimum", "minLength", "minItems"}:
        return bool(after <= before)
    if keyword in {"maximum", "exclusiveMaximum", "maxLength", "maxItems"}:
        return bool(after >= before)
    if keyword == "enum":
        return set(after) >= set(before)
    return (keyword, before, after) == ("type", "integer", "number")
