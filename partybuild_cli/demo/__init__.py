"""The demo (演示): sample ledgers of an invented hospital, and the main job done with them in a folder of its own."""
