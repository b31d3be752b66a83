"""Keeping the installation itself: backups' marks, retention, holds, moves, removals."""
