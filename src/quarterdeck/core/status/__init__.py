"""What a status page shows, folded from posts and component states."""
