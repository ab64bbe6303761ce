"""Entry for production servers: `gunicorn wsgi:application`."""

from __future__ import annotations

from app.db.schema import check_schema
from app.factory import create_app
from config import load_settings

application = create_app(load_settings())
check_schema(application.database)
