"""People, teams, logins, and what they have learnt."""
