//! All suites in one binary, so that the platform is linked once.
