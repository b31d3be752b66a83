"""Status pages of other products as their interfaces answer, one small document each."""

from __future__ import annotations

from typing import Any


def statuspage() -> dict[str, Any]:
    """API v1: a group, three components, an incident that is over with affected components, one planned work."""
    return {
        "page": {"id": "p1", "name": "Acme Status", "time_zone": "Europe/Berlin"},
        "component_groups": [{"id": "g1", "name": "Shop", "components": ["c1", "c2"]}],
        "components": [
            {"id": "g1", "name": "Shop", "group": True, "status": "operational", "position": 1},
            {"id": "c1", "name": "Checkout", "group_id": "g1", "status": "operational", "position": 1, "description": "Cards"},
            {"id": "c2", "name": "Search", "group_id": "g1", "status": "degraded_performance", "position": 2},
            {"id": "c3", "name": "API", "group_id": None, "status": "operational", "position": 3},
            {"id": "c4", "name": "Odd", "status": "on_fire", "position": 4},
        ],
        "incidents": [
            {
                "id": "i1", "name": "Checkout is slow", "impact": "major", "started_at": "2026-05-02T09:55:00.000Z",
                "incident_updates": [
                    {"id": "u2", "status": "resolved", "body": "It is over.", "display_at": "2026-05-02T11:00:00.000Z",
                     "affected_components": [{"code": "c1", "name": "Checkout", "old_status": "partial_outage", "new_status": "operational"}]},
                    {"id": "u1", "status": "investigating", "body": "<b>We</b> look.", "display_at": "2026-05-02T10:00:00.000Z",
                     "affected_components": [{"code": "c1", "name": "Checkout", "old_status": "operational", "new_status": "partial_outage"}]},
                ],
            },
            {
                "id": "m1", "name": "Larger database", "impact": "maintenance",
                "scheduled_for": "2026-12-01T01:00:00Z", "scheduled_until": "2026-12-01T03:00:00Z",
                "incident_updates": [{"id": "u3", "status": "scheduled", "body": "Two hours.", "created_at": "2026-05-03T10:00:00Z"}],
            },
            {"id": "i2", "name": "Nothing said", "incident_updates": []},
        ],
        "subscribers": [
            {"mode": "email", "email": "a@example.com", "components": ["c1"]},
            {"mode": "email", "email": "b@example.com", "quarantined_at": "2026-01-01T00:00:00Z"},
            {"mode": "sms", "phone_number": "5550100"},
            {"mode": "slack"},
        ],
    }  # fmt: skip


def cachet() -> dict[str, Any]:
    return {
        "components": {"meta": {}, "data": [
            {"id": 1, "name": "API", "status": "1", "group_id": 3, "enabled": True, "description": ""},
            {"id": 2, "name": "Old", "status": 4, "group_id": 0, "enabled": False},
        ]},
        "groups": {"data": [{"id": 3, "name": "Core"}]},
        "incidents": {"data": [
            {"id": 9, "name": "API is down", "status": 4, "message": "We look.", "visible": 1, "component_id": 1,
             "component_status": 4, "occurred_at": "2026-04-01 08:00:00", "created_at": "2026-04-01 08:05:00",
             "updates": [{"id": 1, "status": 4, "message": "Fixed.", "created_at": "2026-04-01 09:00:00"}]},
            {"id": 10, "name": "Hidden", "status": 1, "message": "", "visible": 0, "created_at": "2026-04-01 08:00:00"},
        ]},
        "schedules": {"data": [
            {"id": 2, "name": "Move", "status": 2, "message": "We move.", "scheduled_at": "2026-03-01 01:00:00",
             "completed_at": "2026-03-01 02:00:00", "created_at": "2026-02-20 10:00:00"},
        ]},
        "subscribers": {"data": [
            {"email": "a@example.com", "verified_at": "2026-01-01 00:00:00"}, {"email": "n@example.com", "verified_at": None},
        ]},
    }  # fmt: skip


def instatus() -> dict[str, Any]:
    return {
        "components": [
            {"id": "grp", "name": "Shop", "status": "OPERATIONAL", "groupId": None},
            {"id": "a", "name": "Checkout", "status": "PARTIALOUTAGE", "groupId": "grp", "order": 2},
            {"id": "z", "name": "Gone", "status": "OPERATIONAL", "archivedAt": "2026-01-01T00:00:00Z"},
        ],
        "incidents": [
            {"id": "i", "name": "Checkout fails", "status": "RESOLVED", "started": "2026-06-01T10:00:00.000Z",
             "components": [{"id": "a", "status": "MAJOROUTAGE"}],
             "updates": [
                 {"id": "u1", "message": "We look.", "status": "INVESTIGATING", "started": "2026-06-01T10:05:00.000Z"},
                 {"id": "u2", "message": "", "messageHtml": "<p>Over.</p>", "status": "RESOLVED", "started": "2026-06-01T11:00:00.000Z"},
             ]},
        ],
        "maintenances": [
            {"id": "m", "name": "Move", "status": "NOTSTARTEDYET", "start": "2026-12-24T01:00:00.000Z", "duration": 90,
             "updates": [{"id": "mu", "message": "We move.", "status": "NOTSTARTEDYET", "started": "2026-06-02T10:00:00.000Z"}]},
        ],
        "subscribers": [
            {"id": "s1", "email": "a@example.com", "confirmed": True, "all": False, "components": ["a"]},
            {"id": "s2", "email": "u@example.com", "confirmed": False}, {"id": "s3", "confirmed": True},
        ],
    }  # fmt: skip


def kuma() -> dict[str, Any]:
    return {
        "config": {"slug": "acme", "title": "Acme"},
        "incidents": [
            {"id": 4, "title": "Slow", "content": "We look.", "active": True, "createdDate": "2026-06-03 10:00:00", "lastUpdatedDate": None},
        ],
        "publicGroupList": [
            {"id": 1, "name": "Shop", "monitorList": [{"id": 7, "name": "Checkout", "type": "http"}]},
            {"id": 2, "name": "All", "monitorList": [{"id": 7, "name": "Checkout", "type": "http"}, {"id": 8, "name": "API"}]},
        ],
        "maintenanceList": [
            {"id": 5, "title": "Move", "description": "We move.", "strategy": "single", "status": "scheduled",
             "timeslotList": [{"startDate": "2026-12-24 01:00:00", "endDate": "2026-12-24 02:00:00"}]},
            {"id": 6, "title": "Never", "status": "scheduled", "timeslotList": []},
        ],
    }  # fmt: skip


DOCUMENTS = {"statuspage": statuspage, "cachet": cachet, "instatus": instatus, "kuma": kuma}
