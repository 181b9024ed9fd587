"""Laws of the fingerprint: what a policy decides counts, how its files are laid out does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from policy.document import Exemption, Policy, Source
from policy.fingerprint import fingerprint
from policy.load import load_policy
from tests.policy.policy_folder import CODES, DRUGS, SUPPLIES, TOML, small, write
from tests.support import built_in_policy

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def test_the_order_of_rows_and_keys_does_not_count(tmp_path: Path) -> None:
    """Tables in another order and a policy file laid out otherwise are the same policy."""
    files = dict(small())
    for name in (CODES, SUPPLIES, DRUGS):
        header, *rows = files[name].splitlines()
        files[name] = "\r\n".join([header, *reversed(rows)]) + "\r\n"
    files[TOML] = files[TOML].replace("[policy]\n", "# a remark\n\n[policy]\n")
    files[TOML] = files[TOML].replace('["C9", "J", ', '["J", "C9", ')
    modifiers = '[modifiers]\ndiscarded = ["JW"]\nsecond = ["SH"]\nthird = ["SJ"]\n'
    files[TOML] = files[TOML].replace(modifiers, "") + modifiers
    original = load_policy(write(tmp_path / "a", small()))
    assert load_policy(write(tmp_path / "b", files)).fingerprint == original.fingerprint
    assert load_policy(write(tmp_path / "a", small())).fingerprint == original.fingerprint


def parts(value: object, kinds: set[type]) -> Iterator[DataclassInstance]:
    """Every object of a policy's own classes inside a policy, one of each class."""
    if is_dataclass(value) and not isinstance(value, type) and type(value) not in kinds:
        kinds.add(type(value))
        yield value
        for one in fields(value):
            yield from parts(getattr(value, one.name), kinds)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from parts(inner, kinds)
    elif isinstance(value, tuple):
        for inner in value:
            yield from parts(inner, kinds)


def changed(value: object, target: object, name: str, new: object) -> object:
    """A value with one field of one object inside it replaced."""
    if is_dataclass(value) and not isinstance(value, type):
        if value is target:
            return replace(value, **{name: new})
        inner = {one.name: changed(getattr(value, one.name), target, name, new) for one in fields(value)}
        return replace(value, **inner)
    if isinstance(value, dict):
        return {key: changed(inner, target, name, new) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(changed(inner, target, name, new) for inner in value)
    return value


def other(value: object) -> object:
    """Another value of the same kind."""
    if value is None or isinstance(value, str):
        return f"{value}x"
    if isinstance(value, int):
        return value + 1
    if isinstance(value, frozenset):
        return value | {"x"}
    if isinstance(value, dict):
        return value | {"x": next(iter(value.values()), 1)}
    if isinstance(value, tuple):
        return (*value, "x")
    assert is_dataclass(value)
    assert not isinstance(value, type)
    name = "citation" if isinstance(value, Source) else fields(value)[0].name
    return replace(value, **{name: other(getattr(value, name))})


def test_every_field_counts_in_the_fingerprint(tmp_path: Path) -> None:
    """A change of any field of any object changes the fingerprint, file names and rows alone excepted."""
    policy = replace(load_policy(write(tmp_path, small())), exemptions=(Exemption(rule="noc_per_diem"),))
    codes = {
        code: role
        for code, role in policy.versions[0].roles.codes.items()
        if code in {"S9325", "99601", "J1642"}
    }
    version = policy.versions[0]
    version = replace(version, roles=replace(version.roles, codes=codes))
    policy = replace(policy, versions=(version,))
    before = fingerprint(policy)
    for part in list(parts(policy, set())):
        for one in fields(part):
            new = changed(policy, part, one.name, other(getattr(part, one.name)))
            assert isinstance(new, Policy)
            ignored = one.name == "fingerprint" or (isinstance(part, Source) and one.name != "citation")
            assert (fingerprint(new) == before) is ignored, (type(part).__name__, one.name)


def test_the_order_of_exemptions_does_not_count() -> None:
    """Exemptions are a set: their order leaves the fingerprint alone, their content does not."""
    one, two = Exemption(rule="noc_per_diem"), Exemption(plan_id="A", first=1)
    assert _with(one, two) == _with(two, one) != _with(one)


def test_the_order_of_the_drug_rules_counts() -> None:
    """The order in which unpaired dates are shared out decides, so it counts."""
    policy = built_in_policy()
    (version,) = policy.versions
    order = replace(version.drug_rules, order=version.drug_rules.order[::-1])
    assert fingerprint(replace(policy, versions=(replace(version, drug_rules=order),))) != policy.fingerprint


def _with(*exemptions: Exemption) -> str:
    return fingerprint(Policy("P", (), 1, 1, 1, 1, exemptions))


def test_the_fingerprint_is_sha256_in_hex() -> None:
    """The policy bears its own fingerprint, and the same one whenever it is read."""
    policy = load_policy()
    assert policy.fingerprint == fingerprint(policy) == built_in_policy().fingerprint
    assert len(policy.fingerprint) == 64
    assert set(policy.fingerprint) <= set("0123456789abcdef")
