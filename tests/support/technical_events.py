"""Every event of the technical work once, in an order that could happen."""

from __future__ import annotations

from quarterdeck.core.incidents import Event
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import technical as te
from support.incident_case import START

_PLAN = ("Roll back", "Deploy v41", "high", "Deploy v42 again", "fix", "ben", 10)
TECHNICAL_STORY: list[Event] = [
    ev.HypothesisStated("hy-2", "The pool is too small", "ben"),
    te.EvidenceAdded(
        "ev-1", "hy-2", "for", "Waits grow", "https://graphs.example/1", "", "The pool is too small"
    ),
    te.HypothesisPassed("hy-2", "cho", "The pool is too small"),
    te.FindingReported("e-f1", "fi-1", "The pool waits 4 s", "high", "Log of the pool", "", "hy-2", "ben"),
    te.RemediationProposed("re-1", *_PLAN),
    te.RemediationChanged("re-1", *_PLAN),
    te.RemediationApproved("re-1", "Roll back", "d-9"),
    te.RemediationStarted("re-1", "Roll back"),
    te.RemediationPassed("re-1", "cho", "Roll back"),
    te.RemediationEnded("re-1", "rolled_back", "It made things worse", "Roll back"),
    te.RemediationProposed("re-2", *_PLAN),
    te.RemediationRefused("re-2", "Roll back", "Too late", "d-10"),
    te.RunbookStepRecorded("rs-1", "Pool", "Restart it", "failed", "It hangs", "w-1", "Network"),
    te.TechnicalChannelSet("https://chat.example/tech"),
    ev.TaskGiven("t-9", "Look at the pool", "ben", 10),
    te.TaskSaid("tw-1", "t-9", "Which pool?", True, "Look at the pool"),
    te.ChoiceOpened("ch-1", "Roll back or forward?", ("back", "forward"), ("low", "high"), ("", "Fixed")),
    te.ChoiceSettled("ch-1", "decided", "back", "d-11", "Roll back or forward?"),
    te.PollOpened("po-1", "Fail over to Paris", START, 5),
    te.ObjectionRaised("po-1", "Paris is at its limit", "Fail over to Paris"),
    te.PollClosed("po-1", "stopped", "Fail over to Paris"),
    ev.DecisionMade("d-12", "Fail over?", (), "go ahead", kind="act", by="ben"),
    te.StoodDown("It is late"),
    te.StoodTo("It is early"),
    te.RelapseSeen("al-9", "shop", "disk full again"),
]
