"""Sentences for people that can be said in another language later.

The engine knows no request and so no reader's language. It raises and returns English texts
that remember their pattern and values; a page translates them with `spoken(gettext)`.
Modules import it as `_`, by which the catalogue's collector finds the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Sentence(str):
    """An English text made from a pattern with %(name)s places.

    `template` is what a catalogue holds, `values` fills its places.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Sentence:
        """Fill the pattern; without values a percent sign in it is plain text."""
        sentence = super().__new__(cls, template % values if values else template)
        sentence.template = template
        sentence.values = values
        return sentence

    def spoken(self, gettext: Callable[[str], str]) -> str:
        """Return the text in the language of `gettext`."""
        template = gettext(self.template)
        return template % self.values if self.values else template
