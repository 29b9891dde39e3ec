"""Whether somebody else than the insurer runs this service.

Readers must be told when an insurer shows the reviews of its own products, and search engines must
then be told nothing. So in doubt an insurer counts as the operator: a name that merely contains the
other's is taken for the same house, and the setting ``OPERATOR_INSURERS`` names those that no name
gives away.
"""

from __future__ import annotations

import unicodedata

from .services.catalogue import Product
from .state import State


def is_independent(state: State, product: Product) -> bool:
    """Whether the insurer of ``product`` has no hand in running this page."""
    if product.insurer in state.settings.operator_insurers:
        return False
    operator, insurer = _plain(state.operator), _plain(product.insurer_name)
    return operator not in insurer and insurer not in operator


def independent_operator(state: State, product: Product) -> str | None:
    """The name of who runs the service on behalf of the insurer; ``None`` when it does itself."""
    return state.operator if is_independent(state, product) else None


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
