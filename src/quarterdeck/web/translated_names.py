"""Names in the languages of the public page, typed one a line."""

from __future__ import annotations

from django import forms

from quarterdeck.channels.status_site.phrases import LANGUAGES


def names_field() -> forms.CharField:
    """Names by language, one a line."""
    languages = ", ".join(LANGUAGES)
    return forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), label="Name in other languages",
        help_text=f"One a line, as in de: Kasse. Languages: {languages}.",
    )  # fmt: skip


def named_in_languages(typed: str) -> dict[str, str]:
    pairs = [one.partition(":") for one in typed.splitlines() if one.strip()]
    strange = [language for language, colon, _ in pairs if not colon]
    if strange:
        raise forms.ValidationError(f"{strange[0][:40]!r} has no colon. Write each line as in de: Kasse.")
    return {language.strip(): name.strip() for language, _, name in pairs}
