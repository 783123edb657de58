"""The kinds of value (值): day, quantity, choice, people, id number; pure, and below every other room."""
