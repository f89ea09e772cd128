"""Decisions: DMN models, read, compiled and taken. Needs no database.

from caseloom.engine.decisions import read_model

model = read_model(open("discount.dmn", "rb").read())
outcome = model.decide("Discount", {"customer": "gold", "amount": 120})
outcome.value, outcome.reasons, outcome.explanation
"""

from __future__ import annotations

from caseloom.engine.decisions.compiled import DecisionModel
from caseloom.engine.decisions.deciding import Outcome
from caseloom.engine.decisions.loading import decide, findings, read_model, read_models

__all__ = ["DecisionModel", "Outcome", "decide", "findings", "read_model", "read_models"]
