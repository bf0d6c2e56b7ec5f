"""The HTTP door: one file per subject, schemas on top, routes below; here is the explicit list of them."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
