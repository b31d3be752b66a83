"""Status pages: components, posts, versions, languages, readers, publishing and its targets."""
