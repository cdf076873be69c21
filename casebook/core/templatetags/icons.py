"""`{% icon "key" %}`: a drawing beside words, never instead of them. Read once; the files never change at work."""

from functools import cache

from django import template
from django.template import loader
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """The drawing `parts/icons/<name>.svg` as markup; raises TemplateDoesNotExist for one that is not there."""
    return _drawing(name)


@cache
def _drawing(name: str) -> SafeString:
    return mark_safe(loader.render_to_string(f"parts/icons/{name}.svg").strip())  # noqa: S308 (our own files)
