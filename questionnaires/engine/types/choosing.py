"""What the choices share: options found by key or words, their control, their translation."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from questionnaires.engine.answer_error import AnswerError
from questionnaires.engine.definition import Option
from questionnaires.engine.sentences import Sentence as _
from questionnaires.engine.translation import QuestionTexts
from questionnaires.engine.types.field_spec import FieldChoice

KeyedText = tuple[str, str]


def find_key(pairs: Sequence[KeyedText], written: str) -> str:
    """Return the key that `written` names: a key, or an option's words in any case.

    Raises AnswerError that lists what can be chosen.
    """
    for key, _text in pairs:
        if key == written:
            return key
    folded = " ".join(written.split()).casefold()
    keys = [
        key for key, text in pairs if folded in (key.casefold(), " ".join(text.split()).casefold())
    ]
    if len(keys) == 1:
        return keys[0]
    known = " · ".join(text for _key, text in pairs)
    raise AnswerError(
        _(
            "“%(written)s” is none of the options. Choose one of these: %(known)s.",
            written=written if len(written) <= 80 else written[:79] + "…",
            known=known if len(known) <= 400 else known[:399] + "…",
        )
    )


def cell_name(pairs: Sequence[KeyedText], key: str) -> str:
    """Return the words of an option for a cell; its key where the words name it not alone."""
    text = dict(pairs)[key]
    try:
        return text if text == text.strip() and find_key(pairs, text) == key else key
    except AnswerError:
        return key


def pairs_of(options: Sequence[Option]) -> list[KeyedText]:
    """Return key and words of each option."""
    return [(option.key, option.text) for option in options]


def field_choices(options: Sequence[Option]) -> tuple[FieldChoice, ...]:
    """Return options as a form shows them."""
    return tuple(
        FieldChoice(
            key=option.key,
            text=option.text,
            hint=option.hint,
            alone=option.exclusive,
            warns=option.risky or option.gate,
        )
        for option in options
    )


def translated_options(
    options: Sequence[Option], texts: QuestionTexts, missing: list[str]
) -> tuple[Option, ...]:
    """Return options in another language; adds the names of missing texts."""
    made = []
    for option in options:
        own = texts.options.get(option.key)
        text = own.text if own else None
        hint = own.hint if own else None
        if text is None:
            missing.append(f"options.{option.key}.text")
        if hint is None and option.hint is not None:
            missing.append(f"options.{option.key}.hint")
        made.append(
            dataclasses.replace(
                option,
                text=text or option.text,
                hint=(hint or option.hint) if option.hint is not None else None,
            )
        )
    return tuple(made)
