/**
 * How long an answer may take beyond the budget of what fails, in milliseconds. Coarse on purpose: a busy machine must
 * not fail a test, and where a budget is not held the wait is far longer (the SDKs' own time limits) or has no end.
 * Exact times are tested with a fake clock.
 */
export const GRACE_MS = 5_000;
