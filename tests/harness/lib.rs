//! Starts the real platform for the suites: server, databases, browser; and gives them actors.
