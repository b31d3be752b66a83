"""Who is on call: schedules, swaps, cover, absences, calendars, handoff, fairness, pay."""
