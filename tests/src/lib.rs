//! hachi-tests
