"""Texts of strangers as harmless HTML: Markdown, code, mathematics, and every hidden character made visible."""

from webapp.rendering.cached import rendered
from webapp.rendering.page import VERSION, render

__all__ = ["VERSION", "render", "rendered"]
