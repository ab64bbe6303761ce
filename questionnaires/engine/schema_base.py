"""What all schemas of the document share: strict keys, frozen results, defaults left out."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, post_dump, post_load, validates_schema

from questionnaires.engine.fields import DocumentField, JsonSchema
from questionnaires.engine.limits import ERRORS_SHOWN
from questionnaires.engine.sentences import Sentence as _

T = TypeVar("T")
NOT_KEYS = _("Write keys with values here.")


class DocumentSchema(Schema):
    """Reads keys into the frozen class `made` and writes it back without what is default.

    The defaults are those of the class. A key that nobody knows is refused with the key that
    may have been meant.
    """

    made: ClassVar[Any]
    error_messages = {"type": NOT_KEYS}  # noqa: RUF012  marshmallow copies it

    class Meta:
        """Unknown keys are named by `refuse_unknown_keys`, in better words."""

        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_unknown_keys(self, _data: Any, original: Any, **_options: Any) -> None:
        """Name every key that the document may not have here."""
        if not isinstance(original, dict):
            return
        known = document_keys(self)
        problems: dict[str, list[str]] = {}
        for key in original:
            if key in known:
                continue
            if len(problems) > ERRORS_SHOWN:
                break
            near = difflib.get_close_matches(str(key)[:60], known, n=1)
            problems[key] = [
                _("There is no such key here. Did you mean “%(near)s”?", near=near[0])
                if near
                else _("There is no such key here: take it out.")
            ]
        if problems:
            raise ValidationError(problems)

    @post_load
    def make(self, data: dict[str, Any], **_options: Any) -> Any:
        """Return the frozen object."""
        return self.made(**data)

    @post_dump(pass_original=True)
    def leave_out_defaults(
        self, data: dict[str, Any], original: Any, **_options: Any
    ) -> dict[str, Any]:
        """Drop what equals the default of the class."""
        defaults = defaults_of(self.made)
        for name, field in self.fields.items():
            attribute = field.attribute or name
            # An empty list that is needed is said, although a draft begins with it.
            if field.required:
                continue
            if attribute in defaults and getattr(original, attribute) == defaults[attribute]:
                data.pop(field.data_key or name, None)
        return data

    @classmethod
    def json_schema(cls) -> JsonSchema:
        """Return the JSON Schema of one object; parts are references into $defs."""
        schema = shared(cls)
        defaults = defaults_of(cls.made)
        properties: JsonSchema = {}
        required = []
        for name, field in schema.fields.items():
            assert isinstance(field, DocumentField)
            key = field.data_key or name
            properties[key] = field.json_schema()
            if field.required:
                required.append(key)
            elif isinstance(default := defaults.get(field.attribute or name), bool | int | str):
                properties[key] = {**properties[key], "default": default}
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


def refuse_same_keys(*names: str) -> Callable[..., None]:
    """Return a check for a schema: things in the lists `names` are found by key, so each once."""

    def check(_schema: Schema, data: dict[str, Any], **_options: Any) -> None:
        errors: dict[str, dict[int, dict[str, list[str]]]] = {}
        for name in names:
            seen: set[str] = set()
            for place, thing in enumerate(data.get(name, ())):
                if thing.key in seen:
                    sentence = _(
                        "“%(key)s” stands here a second time: choose another key.", key=thing.key
                    )
                    errors.setdefault(name, {})[place] = {"key": [sentence]}
                seen.add(thing.key)
        if errors:
            raise ValidationError(errors)

    return validates_schema(check, skip_on_field_errors=False)


@cache
def shared(schema: type[DocumentSchema]) -> DocumentSchema:
    """Return the one instance of a schema; schemas keep no state."""
    return schema()


@cache
def defaults_of(made: Any) -> Mapping[str, Any]:
    """Return the default of each field of a frozen class that has one."""
    found = {}
    for field in dataclasses.fields(made):
        if field.default is not dataclasses.MISSING:
            found[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = field.default_factory()
    return found


def document_keys(schema: Schema) -> list[str]:
    """Return the keys that an object of this schema may have."""
    return [field.data_key or name for name, field in schema.fields.items()]


class Part(DocumentField[T], Generic[T]):
    """An object of its own schema inside another."""

    def __init__(self, schema: type[DocumentSchema], **options: Any) -> None:
        """`schema` reads and writes the object."""
        super().__init__(**options)
        self.schema = schema

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> T:
        made: T = shared(self.schema).load(value)
        return made

    def _serialize(self, value: T | None, *_rest: Any, **_more: Any) -> dict[str, Any] | None:
        return None if value is None else shared(self.schema).dump(value)

    def json_schema(self) -> JsonSchema:
        """Return a reference to the schema's entry in $defs."""
        return {"$ref": f"#/$defs/{self.schema.made.__name__}"}
