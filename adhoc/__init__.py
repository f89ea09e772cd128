"""Bending a case: insert, skip, revisit and undo steps of a drawn process, so that the case stays on its ways.

from caseloom.adhoc import Revisit

engine.do(case.id, Revisit("check_plot", reason="wrong plot"), by="ada")
"""

from __future__ import annotations

from caseloom.adhoc.approval import Approve, Reject, RequestApproval
from caseloom.adhoc.decision import Decide
from caseloom.adhoc.insert import Insert
from caseloom.adhoc.items import AddItem, RemoveItem
from caseloom.adhoc.jump import JumpTo
from caseloom.adhoc.moving import Move, Replace, Swap
from caseloom.adhoc.options import Anchor, Change, Options, Request, Target, options
from caseloom.adhoc.orders import Order, RemoveDirective, Standing, orders
from caseloom.adhoc.plan import Edit, Plan, Remove, Replan
from caseloom.adhoc.planned import CasePlan, PlanTask, plans
from caseloom.adhoc.reopen import Reopen
from caseloom.adhoc.revisit import Revisit
from caseloom.adhoc.skip import Skip
from caseloom.adhoc.sooner import Repeat, StartNow
from caseloom.adhoc.undo import Undo
from caseloom.adhoc.waits import AddWait, ReleaseWait
from caseloom.engine.tray import Dismiss, Reapply

__all__ = [
    "AddItem",
    "AddWait",
    "Anchor",
    "Approve",
    "CasePlan",
    "Change",
    "Decide",
    "Dismiss",
    "Edit",
    "Insert",
    "JumpTo",
    "Move",
    "Options",
    "Order",
    "Plan",
    "PlanTask",
    "Reapply",
    "Reject",
    "ReleaseWait",
    "Remove",
    "RemoveDirective",
    "RemoveItem",
    "Reopen",
    "Repeat",
    "Replace",
    "Replan",
    "Request",
    "RequestApproval",
    "Revisit",
    "Skip",
    "Standing",
    "StartNow",
    "Swap",
    "Target",
    "Undo",
    "options",
    "orders",
    "plans",
]
