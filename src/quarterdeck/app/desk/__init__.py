"""The inquiry desk: who asked, who answers, who is told in the end."""
