"""People's texts in templates: `{{ text|markdown }}`."""

from __future__ import annotations

from django import template

from webapp import rendering

register = template.Library()
register.filter("markdown", rendering.render)
