"""Presentation: cards, forms, templates, translations and assets.

Nothing here knows a database, a request or a framework. Views fill *cards* (frozen dataclasses) and
hand them to :class:`~insurance_reviews.widgets.render.Renderer`; what each template takes is listed
in ``templates/README.md``.
"""
