"""What the documentation is made with: pages from declarations, console blocks that are run, pictures of the screen."""
