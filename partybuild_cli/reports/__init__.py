"""What the branch says about itself (报表): figures, pages for readers, the quarterly folder."""
