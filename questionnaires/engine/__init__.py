"""The questionnaire as a document, its answers, its path and its score: pure rules, no database."""
