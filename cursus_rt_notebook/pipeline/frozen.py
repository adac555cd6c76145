"""What every part of a pipeline is: a frozen model that knows all its fields."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A part of a pipeline. It never changes; another is made of it instead."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def altered(self, **changes: Any) -> Self:
        """The same with other values for some of its fields."""
        # model_copy would copy what was derived from the old ones, too.
        return type(self)(**{name: getattr(self, name) for name in type(self).model_fields} | changes)
