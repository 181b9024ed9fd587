"""Objects of pydantic models from values that the engine itself has made, without validating them.

The engine publishes hundreds of thousands of events a minute; `model_construct` would cost more than
deciding them. Tests hold every published event against the full model.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)


def trusted(model: type[_Model], values: dict[str, Any]) -> _Model:
    """A model object that holds `values`, which must be all its fields, in their order."""
    made = object.__new__(model)
    put = object.__setattr__
    put(made, "__dict__", values)
    put(made, "__pydantic_fields_set__", model.__pydantic_fields__.keys())
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made
