"""How long texts are, measured by PostgreSQL."""

from __future__ import annotations

from django.db.models import Func, IntegerField


class Octets(Func):
    """Bytes of a text, which PostgreSQL knows without unpacking it.

    A Han character has three, and takes about as long to read as three letters.
    """

    function = "octet_length"
    output_field = IntegerField()


class Words(Func):
    """Words of a text, which are what white space separates: a language that writes without it has hardly any."""

    template = "cardinality(array_remove(string_to_array(translate(%(expressions)s, E' \\n\\r\\t', '    '), ' '), ''))"
    output_field = IntegerField()
