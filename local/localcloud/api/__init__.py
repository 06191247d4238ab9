"""The API as clients meet it: calls parsed and verified, actions done, answers rendered."""
